// attend() and KeyValueCache where tiles, panels, blocks and chunks end: one short of them, at them and one
// past them. Rows go in tiles of 4, 6 or 8 and blocks of 48 or 64; columns in panels of 8 and groups of 32;
// keys in blocks of 64 and chunks of 512.
#include "cache_support.hpp"

using namespace limelight;
using support::Block;
using support::random_case;
using support::Ratios;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

constexpr int64_t kQueries[] = {1, 3, 4, 5, 6, 7, 8, 9, 47, 48, 49, 53, 95, 97};
constexpr int64_t kKeys[] = {1, 3, 5, 6, 7, 31, 32, 33, 63, 64, 65, 67, 127, 513};
constexpr int64_t kDims[] = {1, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64};

template <std::size_t N>
int64_t any_of(const int64_t (&numbers)[N], reference::Random& random) {
  return numbers[random.below(N)];
}

std::unique_ptr<KeyValueCache> filled(const reference::Case& c, reference::Random& random) {
  auto cache = support::cache_for(c);
  for (int64_t first = 0, count = 0; first < c.kv_len; first += count) {
    count = std::min(2 * random.below(40) + 1, c.kv_len - first);
    REQUIRE(support::append(*cache, c, first, count).ok());
  }
  return cache;
}

/// attend() against the formula, and a cache that came to hold the same tokens in odd pieces against
/// attend().
void compare(const reference::Case& c, reference::Random& random, Ratios& ratios) {
  CAPTURE(c.q_len);
  CAPTURE(c.kv_len);
  CAPTURE(c.head_dim);
  CAPTURE(c.value_dim);
  CAPTURE(c.causal);
  const reference::Answer expected = reference::attention(c);
  support::on_every_architecture([&](const kernels::Table&) {
    const support::Result actual = support::run(c);
    support::compare(c, expected, actual, ratios);
    support::check_same(support::run(*filled(c, random), c), actual);
  });
}

/// Keys and values from `first` on hold `poison`, in every batch and head.
void poison_from(reference::Case& c, int64_t first, float poison) {
  for (int64_t head = 0; head < c.batch * c.kv_heads; head++) {
    const int64_t begin = head * c.kv_len + first, end = (head + 1) * c.kv_len;
    std::fill(c.k.begin() + begin * c.head_dim, c.k.begin() + end * c.head_dim, poison);
    std::fill(c.v.begin() + begin * c.value_dim, c.v.begin() + end * c.value_dim, poison);
  }
}

/// The first `rows` rows of the only batch and head.
std::vector<float> first_rows(const std::vector<float>& all, int64_t dim, int64_t rows) {
  return {all.begin(), all.begin() + rows * dim};
}

/// Rows of a kernel's attention in the making: queries as pack_queries() made them, and the running numbers.
struct Rows {
  Block maximum, total, out;
  Rows(int64_t count, int64_t dim)
      : maximum(static_cast<std::size_t>(count)),
        total(static_cast<std::size_t>(count)),
        out(static_cast<std::size_t>(count * dim)) {
    std::fill_n(maximum.data(), count, -1.5f);
    std::fill_n(total.data(), count, 0.75f);
    std::fill_n(out.data(), count * dim, 0.375f);
  }
};

}  // namespace

TEST_CASE("attention equals the formula wherever tiles, blocks and chunks end") {
  Ratios ratios;
  reference::Random random(11);
  for (int64_t q_len : kQueries) {
    for (int64_t kv_len : kKeys) {
      for (bool causal : {false, true}) {
        reference::Case c = random_case(1, 1, 1, q_len, kv_len, any_of(kDims, random), any_of(kDims, random));
        c.causal = causal;
        compare(c, random, ratios);
      }
    }
  }
  support::report("edges", ratios);
}

TEST_CASE("key lengths end wherever they like, and what lies behind them is never multiplied") {
  Ratios ratios;
  reference::Random random(12);
  for (int64_t kv_len : kKeys) {
    for (int64_t length : kKeys) {
      if (length > kv_len) continue;
      for (bool causal : {false, true}) {
        reference::Case c = random_case(1, 2, 2, any_of(kQueries, random), kv_len, any_of(kDims, random),
                                        any_of(kDims, random));
        c.causal = causal;
        c.key_lengths = {static_cast<int32_t>(length)};
        poison_from(c, length, random.below(2) == 0 ? kNaN : -kInf);
        compare(c, random, ratios);
      }
    }
  }
  support::report("key lengths", ratios);
}

TEST_CASE("one, three, four and five query heads share their keys and values, in a cache and without") {
  Ratios ratios;
  reference::Random random(13);
  for (int64_t group : {1, 3, 4, 5}) {
    for (int64_t kv_len : kKeys) {
      for (int64_t q_len : {int64_t{1}, any_of(kQueries, random)}) {
        CAPTURE(group);
        reference::Case c =
            random_case(2, 2 * group, 2, q_len, kv_len, any_of(kDims, random), any_of(kDims, random));
        c.causal = random.below(2) == 0;
        c.key_lengths = {static_cast<int32_t>(random.below(kv_len + 1)), static_cast<int32_t>(kv_len)};
        compare(c, random, ratios);
      }
    }
  }
  support::report("groups", ratios);
}

TEST_CASE("NaN and infinities in keys and values on the diagonal change no bit of the rows before them") {
  reference::Random random(14);
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : {1, 4, 5, 7, 49, 97}) {
      for (int64_t past : {0, 1, 30, 61}) {
        reference::Case c = random_case(1, 1, 1, q_len, q_len + past + 1, 5, 11);
        c.causal = true;
        c.past_len = past;
        const support::Result before = support::run(c);
        for (int64_t row : {int64_t{0}, q_len - 1, random.below(q_len), random.below(q_len)}) {
          for (float poison : {kNaN, kInf, -kInf}) {
            CAPTURE(q_len);
            CAPTURE(past);
            CAPTURE(row);
            CAPTURE(poison);
            reference::Case changed = c;
            poison_from(changed, row + past + 1, poison);
            for (const support::Result& after :
                 {support::run(changed), support::run(*filled(changed, random), changed)}) {
              CHECK(support::same_bits(first_rows(after.out, 11, row + 1),
                                       first_rows(before.out, 11, row + 1)));
              CHECK(
                  support::same_bits(first_rows(after.lse, 1, row + 1), first_rows(before.lse, 1, row + 1)));
            }
          }
        }
      }
    }
  });
}

TEST_CASE("a batch that sees nothing leaves the batches beside it as they are") {
  support::on_every_architecture([](const kernels::Table&) {
    for (int64_t q_len : {1, 5, 49}) {
      reference::Case c = random_case(3, 2, 1, q_len, 65, 9, 7);
      c.key_lengths = {65, 65, 65};
      const support::Result all = support::run(c);
      c.key_lengths = {65, 0, 65};
      std::fill_n(c.k.begin() + 65 * 9, 65 * 9, kNaN);
      std::fill_n(c.v.begin() + 65 * 7, 65 * 7, kInf);
      support::Result expected = all;
      std::fill_n(expected.out.begin() + 2 * q_len * 7, 2 * q_len * 7, 0.0f);
      std::fill_n(expected.lse.begin() + 2 * q_len, 2 * q_len, -kInf);
      support::check_same(support::run(c), expected);
    }
  });
}

TEST_CASE("rows that see nothing of a block keep every bit, and rows beside them equal rows by themselves") {
  constexpr int64_t kDim = 7, kValueDim = 13;
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : {4, 5, 6, 8, 9, 17, 47, 48}) {
      for (int64_t keys : {1, 6, 33, 64}) {
        for (int64_t blind : {int64_t{1}, int64_t{3}, int64_t{4}, rows / 2, rows - 1, rows}) {
          CAPTURE(rows);
          CAPTURE(keys);
          CAPTURE(blind);
          const reference::Case c = random_case(1, 1, 1, rows, keys, kDim, kValueDim);
          Block q(c.q), k(c.k), v(c.v), scratch(kernels::kBlockScratch);
          Block packed(kernels::packed_queries(kDim));
          const auto attend_rows = [&](Rows& state, int64_t first, int64_t count) {
            kernels::AttentionBlock block{};
            table.pack_queries(q.data() + first * kDim, kDim, count, kDim, 0.25f, packed.data());
            block.q = packed.data();
            block.rows = count;
            block.head_dim = block.k_stride = kDim;
            block.value_dim = block.v_stride = block.out_stride = kValueDim;
            block.k = k.data();
            block.v = v.data();
            block.keys = keys;
            block.first_end = first + 1 - blind;
            block.end_step = 1;
            block.maximum = state.maximum.data() + first;
            block.total = state.total.data() + first;
            block.out = state.out.data() + first * kValueDim;
            block.scratch = scratch.data();
            table.attend_block(block);
          };
          const Rows before(rows, kValueDim);
          Rows together(rows, kValueDim), alone(rows, kValueDim);
          attend_rows(together, 0, rows);
          for (int64_t row = blind; row < rows; row++) attend_rows(alone, row, 1);
          CHECK(support::same_bits(together.maximum.copy(), alone.maximum.copy()));
          CHECK(support::same_bits(together.total.copy(), alone.total.copy()));
          CHECK(support::same_bits(together.out.copy(), alone.out.copy()));
          CHECK(support::same_bits(first_rows(together.out.copy(), kValueDim, blind),
                                   first_rows(before.out.copy(), kValueDim, blind)));
        }
      }
    }
  });
}
