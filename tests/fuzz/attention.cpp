#include <cmath>
#include <limits>
#include <vector>

#include "../cpp/explain_support.hpp"
#include "fuzz.hpp"

namespace limelight::fuzz {
namespace {

/// Sizes around those of tiles and blocks, with little enough work in all to be done thousands of times a
/// minute.
reference::Case choose_shape(Choices& choices) {
  int64_t room = int64_t{1} << 17;
  const auto size = [&](int64_t most) {
    const int64_t n = 1 + choices.below(std::min(most, room));
    room = std::max<int64_t>(1, room / n);
    return n;
  };
  reference::Case c;
  c.kv_len = size(135) - 1;
  c.q_len = size(69) - 1;
  c.head_dim = size(40);
  c.value_dim = size(40);
  c.batch = size(3);
  c.kv_heads = size(3);
  c.q_heads = c.kv_heads * size(4);
  return c;
}

void choose_numbers(Choices& choices, reference::Case& c) {
  reference::Random random(choices.raw<uint32_t>());
  const auto numbers = [&](int64_t heads, int64_t length, int64_t dim) {
    return random.numbers(c.batch * heads * length * dim, choices.one_of({1.0f, 0.0f, 0x1p-30f, 4.0f}));
  };
  c.q = numbers(c.q_heads, c.q_len, c.head_dim);
  c.k = numbers(c.kv_heads, c.kv_len, c.head_dim);
  c.v = numbers(c.kv_heads, c.kv_len, c.value_dim);
}

/// Any of the forms that a case can be dressed in, a bit each, with random numbers; new ones come by
/// themselves.
void choose_options(Choices& choices, reference::Case& c) {
  if (choices.flag()) c.scale = choices.one_of({0.0, 1.0, -0.625, 0x1p-20, 2.0});
  unsigned forms = choices.raw<uint16_t>() & support::kEveryForm;
  if (c.kv_len == 0) forms &= ~(support::kBias | support::kMask);  // they have a column at least
  c = support::dressed(c, forms, choices.raw<uint32_t>());
  if (choices.flag() && c.causal && c.past_lens.empty()) c.past_len = choices.below(140);
}

/// NaN where nobody may look: in keys and values that are padding. A pin looks all the same.
void poison_padding(reference::Case& c) {
  if (c.key_lengths.empty() || !c.edges.empty()) return;
  for (int64_t row = 0; row < c.batch * c.kv_heads * c.kv_len; row++) {
    if (row % c.kv_len < c.key_lengths[static_cast<std::size_t>(row / (c.kv_heads * c.kv_len))]) continue;
    std::fill_n(c.k.begin() + row * c.head_dim, c.head_dim, std::nanf(""));
    std::fill_n(c.v.begin() + row * c.value_dim, c.value_dim, std::nanf(""));
  }
}

/// Some rows alone are what they are among all, and the others stay untouched.
void check_rows(Choices& choices, const reference::Case& c, const support::Result& whole) {
  if (c.q_len == 0) return;
  const int64_t first = choices.below(c.q_len), count = choices.below(c.q_len - first + 1);
  const support::Result some = support::run(c, {first, count});
  for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row++) {
    const bool inside = row % c.q_len >= first && row % c.q_len < first + count;
    const auto lse = static_cast<std::size_t>(row);
    REQUIRE((inside ? some.lse[lse] == whole.lse[lse] : std::isnan(some.lse[lse])));
    for (int64_t d = 0; d < c.value_dim; d++) {
      const auto i = static_cast<std::size_t>(row * c.value_dim + d);
      REQUIRE((inside ? some.out[i] == whole.out[i] : std::isnan(some.out[i])));
    }
  }
}

void check_stages(Choices& choices, const reference::Case& c, const reference::Answer& expected,
                  const std::vector<float>& lse) {
  if (c.q_len == 0 || c.kv_len == 0) return;
  Rectangle rectangle{.batch = choices.below(c.batch), .head = choices.below(c.q_heads)};
  rectangle.first_row = choices.below(c.q_len);
  rectangle.rows = c.q_len - rectangle.first_row - choices.below(c.q_len - rectangle.first_row);
  rectangle.first_col = choices.below(c.kv_len);
  rectangle.cols = c.kv_len - rectangle.first_col - choices.below(c.kv_len - rectangle.first_col);
  for (const Stage stage : support::kStages) {
    const std::vector<float> actual = support::cells(c, lse, rectangle, stage);
    support::Worst worst;
    for (int64_t i = 0; i < rectangle.rows * rectangle.cols; i++) {
      const int64_t row = rectangle.first_row + i / rectangle.cols,
                    col = rectangle.first_col + i % rectangle.cols;
      const int64_t cell = ((rectangle.batch * c.q_heads + rectangle.head) * c.q_len + row) * c.kv_len + col;
      const double value = support::stage_of(expected, stage)[static_cast<std::size_t>(cell)];
      const float got = actual[static_cast<std::size_t>(i)];
      if (std::isnan(value)) continue;  // dot and scaled of a key that is NaN
      if (std::isinf(value) || value == 0.0) {
        REQUIRE(got == static_cast<float>(value));
      } else {
        worst.see(std::abs(got - value), support::bound(c, expected, rectangle.head, cell, stage));
      }
    }
    CHECK(worst.ratio() <= 1.0);
  }
}

}  // namespace

/// attend() on one of the kernel tables of this processor, whole and in part, and explain() at every stage,
/// within the bounds that the tests hold them to.
void attention(Bytes input) {
  Choices choices(input);
  const kernels::Table& usual = kernels::table();
  const auto tables = kernels::tables();
  kernels::use_table(*tables[static_cast<std::size_t>(choices.below(static_cast<int64_t>(tables.size())))]);
  reference::Case c = choose_shape(choices);
  choose_numbers(choices, c);
  Choices rows(
      Bytes(input).last(std::min<std::size_t>(input.size(), 8)));  // from the end: options go on in front
  choose_options(choices, c);
  poison_padding(c);

  const reference::Answer expected = reference::attention(c);
  const support::Result actual = support::run(c);
  support::Ratios ratios;
  support::compare(c, expected, actual, ratios);
  check_rows(choices, c, actual);
  check_stages(choices, c, expected, actual.lse);
  kernels::use_table(usual);
}

}  // namespace limelight::fuzz
