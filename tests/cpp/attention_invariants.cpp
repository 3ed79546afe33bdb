// What must hold for any shape and any options together, drawn at random: each test has its own seeds.
#include "explain_support.hpp"

using namespace limelight;
using support::dressed;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr unsigned kPositions = support::kLeft | support::kRight | support::kCausal | support::kPasts |
                                support::kAlibi | support::kRelative;

/// Sizes at and around those of tiles and blocks, options of `forms` of which each is there half of the time.
reference::Case drawn(uint64_t seed, unsigned forms, int64_t kv_len = 0) {
  reference::Random random(seed * 104729);
  const auto one_of = [&](std::initializer_list<int64_t> sizes) {
    return sizes.begin()[random.below(static_cast<int64_t>(sizes.size()))];
  };
  const int64_t kv_heads = one_of({1, 1, 2, 3}), group = one_of({1, 2, 4});
  if (kv_len == 0) kv_len = one_of({1, 2, 7, 31, 63, 64, 65, 127, 130, 200});
  const int64_t q_len = one_of({1, 2, 3, 5, 15, 16, 17, 33, 66});
  reference::Case c =
      support::random_case(one_of({1, 2}), kv_heads * group, kv_heads, q_len, kv_len,
                           one_of({1, 2, 3, 8, 16, 17}), one_of({1, 2, 4, 5, 8, 9, 16, 17}), seed);
  return dressed(c, forms & static_cast<unsigned>(random.below(support::kEveryForm + 1)), seed);
}

template <class F>
void on_drawn(unsigned forms, F&& body, int64_t kv_len = 0) {
  support::on_every_architecture([&](const kernels::Table&) {
    for (uint64_t seed = 1; seed <= 100; seed++) {
      CAPTURE(seed);
      body(drawn(seed, forms, kv_len));
    }
  });
}

int64_t rows_of(const reference::Case& c) {
  return c.batch * c.q_heads * c.q_len;
}

/// Outputs of two ways to compute the same are as far apart as each of them may be from it.
void check_near(const reference::Case& a, const reference::Case& b) {
  const std::vector<double> bounds = support::out_bounds(a, reference::attention(a)),
                            others = support::out_bounds(b, reference::attention(b));
  const support::Result one = support::run(a), other = support::run(b);
  support::Worst worst;
  for (std::size_t o = 0; o < bounds.size(); o++)
    worst.see(std::abs(static_cast<double>(one.out[o]) - other.out[o]), bounds[o] + others[o]);
  CHECK(worst.ratio() <= 1.0);
}

/// The same case with a bias for every key: 0 where it had none, and what is too short ends in -infinity.
reference::Case with_bias(reference::Case c) {
  std::vector<float> bias;
  for (int64_t row = 0; row < rows_of(c); row++) {
    for (int64_t j = 0; j < c.kv_len; j++) {
      if (c.bias.empty()) bias.push_back(0.0f);
      if (!c.bias.empty()) bias.push_back(j < c.bias_columns ? c.bias[row * c.bias_columns + j] : -kInf);
    }
  }
  c.bias = bias;
  c.bias_columns = c.kv_len;
  return c;
}

/// Whether a key is hidden from a row, and not pinned there.
bool is_hidden(const reference::Case& c, int64_t row, int64_t key) {
  const int64_t i = row % c.q_len, h = row / c.q_len % c.q_heads, b = row / c.q_len / c.q_heads;
  for (const reference::Case::Edge& edge : c.edges) {
    if (edge.weight && edge.row == i && edge.key == key && (edge.head < 0 || edge.head == h) &&
        (edge.batch < 0 || edge.batch == b))
      return false;
  }
  return reference::bias_of(c, b, h, i, key) == -reference::kInfinity;
}

}  // namespace

TEST_CASE("values of one give the sum of a row's weights, in every column") {
  on_drawn(support::kEveryForm, [](reference::Case c) {
    std::fill(c.v.begin(), c.v.end(), 1.0f);
    const reference::Answer expected = reference::attention(c);
    const std::vector<double> bounds = support::out_bounds(c, expected);
    const support::Result result = support::run(c);
    support::Worst worst;
    bool alike = true;
    for (int64_t row = 0; row < rows_of(c); row++) {
      const int64_t i = row % c.q_len, h = row / c.q_len % c.q_heads, b = row / c.q_len / c.q_heads;
      const std::vector<float> weights = support::cells(
          c, result.lse, {.batch = b, .head = h, .first_row = i, .rows = 1, .cols = c.kv_len}, Stage::weight);
      double sum = 0, bound = 0;
      for (int64_t j = 0; j < c.kv_len; j++) {
        sum += static_cast<double>(weights[j]);
        bound += support::bound(c, expected, h, row * c.kv_len + j, Stage::weight);
      }
      const double gate = c.gate.empty() ? 1.0 : static_cast<double>(c.gate[h]);
      const float* out = &result.out[row * c.value_dim];
      worst.see(std::abs(static_cast<double>(out[0]) - gate * sum),
                bounds[row * c.value_dim] + std::abs(gate) * bound);
      for (int64_t d = 1; d < c.value_dim; d++)
        alike = alike && std::memcmp(&out[d], &out[0], sizeof(float)) == 0;
    }
    CHECK(worst.ratio() <= 1.0);
    CHECK(alike);
  });
}

TEST_CASE("a number that is added to all scores of a row moves its log-sum-exp and nothing else") {
  on_drawn(support::kEveryForm & ~support::kSinks, [](const reference::Case& c) {
    const reference::Case plain = with_bias(c);
    reference::Case shifted = plain;
    const auto shift = [](int64_t row) { return static_cast<float>(row % 9 - 4) * 1.25f; };
    for (int64_t i = 0; i < rows_of(c) * c.kv_len; i++) shifted.bias[i] += shift(i / c.kv_len);
    check_near(plain, shifted);
    const support::Result before = support::run(plain), after = support::run(shifted);
    const reference::Answer expected = reference::attention(shifted);
    support::Worst worst;
    for (int64_t row = 0; row < rows_of(c); row++) {
      if (before.lse[row] == -kInf) {
        CHECK(after.lse[row] == -kInf);
        continue;
      }
      const double moved = static_cast<double>(before.lse[row]) + static_cast<double>(shift(row));
      worst.see(std::abs(static_cast<double>(after.lse[row]) - moved),
                2 * support::unit_of(shifted, expected, row) * (1 + std::abs(moved) + 5));
    }
    CHECK(worst.ratio() <= 1.0);
  });
}

TEST_CASE("keys may come in any order, with their values, biases, masks and edges") {
  on_drawn(support::kEveryForm & ~kPositions & ~support::kLengths, [](const reference::Case& c) {
    reference::Case from = with_bias(c);
    if (!c.mask.empty()) {
      from.mask.clear();
      for (int64_t row = 0; row < rows_of(c); row++) {
        for (int64_t j = 0; j < c.kv_len; j++)
          from.mask.push_back(j < c.mask_columns ? c.mask[row * c.mask_columns + j] : 0);
      }
      from.mask_columns = c.kv_len;
    }
    std::vector<int64_t> place(static_cast<std::size_t>(c.kv_len));
    reference::Random random(static_cast<uint64_t>(c.kv_len));
    for (int64_t j = 0; j < c.kv_len; j++) {
      const int64_t other = random.below(j + 1);
      place[j] = place[other];
      place[other] = j;
    }
    reference::Case to = from;
    const auto move = [&](const auto& old, auto& made, int64_t heads, int64_t width) {
      for (int64_t head = 0; head < heads; head++) {
        for (int64_t j = 0; j < c.kv_len; j++)
          std::copy_n(old.begin() + (head * c.kv_len + j) * width, width,
                      made.begin() + (head * c.kv_len + place[j]) * width);
      }
    };
    move(from.k, to.k, c.batch * c.kv_heads, c.head_dim);
    move(from.v, to.v, c.batch * c.kv_heads, c.value_dim);
    move(from.bias, to.bias, rows_of(c), 1);
    if (!from.mask.empty()) move(from.mask, to.mask, rows_of(c), 1);
    for (reference::Case::Edge& edge : to.edges) edge.key = static_cast<int32_t>(place[edge.key]);
    std::stable_sort(to.edges.begin(), to.edges.end(), [](const auto& a, const auto& b) {
      return a.row != b.row ? a.row < b.row : a.key < b.key;
    });
    check_near(from, to);
  });
}

TEST_CASE("one key gives its value, times the gate, to those who see it, and zeros to the others") {
  constexpr unsigned forms = support::kEveryForm & ~support::kSinks & ~support::kEdges;
  on_drawn(
      forms,
      [](const reference::Case& c) {
        const support::Result result = support::run(c);
        bool exact = true;
        for (int64_t row = 0; row < rows_of(c); row++) {
          const int64_t h = row / c.q_len % c.q_heads, b = row / c.q_len / c.q_heads;
          const int64_t kv_head = b * c.kv_heads + h / (c.q_heads / c.kv_heads);
          for (int64_t d = 0; d < c.value_dim; d++) {
            const float value = c.v[kv_head * c.value_dim + d] * (c.gate.empty() ? 1.0f : c.gate[h]);
            exact = exact && result.out[row * c.value_dim + d] == (is_hidden(c, row, 0) ? 0.0f : value);
          }
        }
        CHECK(exact);
      },
      1);
}

TEST_CASE("whatever hides a key, nothing in it changes a bit of the row that does not see it") {
  on_drawn(support::kEveryForm, [](const reference::Case& c) {
    const support::Result before = support::run(c);
    reference::Random random(static_cast<uint64_t>(c.kv_len * 31 + c.q_len));
    for (const float poison : {std::nanf(""), kInf, -kInf, 1e30f}) {
      const int64_t row = random.below(rows_of(c));
      const int64_t h = row / c.q_len % c.q_heads, b = row / c.q_len / c.q_heads;
      const int64_t kv_head = b * c.kv_heads + h / (c.q_heads / c.kv_heads);
      reference::Case changed = c;
      for (int64_t j = 0; j < c.kv_len; j++) {
        if (!is_hidden(c, row, j)) continue;
        std::fill_n(changed.k.begin() + (kv_head * c.kv_len + j) * c.head_dim, c.head_dim, poison);
        std::fill_n(changed.v.begin() + (kv_head * c.kv_len + j) * c.value_dim, c.value_dim, poison);
      }
      const support::Result after = support::run(changed);
      CHECK(std::memcmp(&before.lse[row], &after.lse[row], sizeof(float)) == 0);
      CHECK(std::memcmp(&before.out[row * c.value_dim], &after.out[row * c.value_dim],
                        static_cast<std::size_t>(c.value_dim) * sizeof(float)) == 0);
    }
  });
}

TEST_CASE("windows that reach beyond everything are none, bit for bit") {
  on_drawn(support::kEveryForm & ~support::kLeft & ~support::kRight, [](const reference::Case& c) {
    const support::Result without = support::run(c);
    reference::Case wide = c;
    wide.left_window = c.q_len + 3 * c.kv_len;
    support::check_same(support::run(wide), without);
    wide.right_window = c.q_len + 3 * c.kv_len;
    support::check_same(support::run(wide), without);
    wide.left_window.reset();
    support::check_same(support::run(wide), without);
  });
}

TEST_CASE("a mask is a bias of 0 and -infinity, bit for bit") {
  on_drawn(support::kEveryForm & ~support::kMask, [](const reference::Case& c) {
    const reference::Case masked = dressed(c, support::kMask, 5);
    reference::Case biased = with_bias(c);
    for (int64_t i = 0; i < rows_of(c) * c.kv_len; i++) {
      const int64_t row = i / c.kv_len, j = i % c.kv_len;
      if (j >= masked.mask_columns || masked.mask[row * masked.mask_columns + j] == 0) biased.bias[i] = -kInf;
    }
    support::check_same(support::run(biased), support::run(masked));
  });
}

TEST_CASE("ALiBi is the bias of its distances") {
  on_drawn(support::kEveryForm & ~support::kAlibi, [](const reference::Case& c) {
    if (!c.past_lens.empty()) return;  // they would not count without it
    reference::Case sloped = dressed(c, support::kAlibi, 5), biased = with_bias(c);
    for (int64_t i = 0; i < rows_of(c) * c.kv_len; i++) {
      const int64_t row = i / c.kv_len, position = row % c.q_len + std::max<int64_t>(0, c.kv_len - c.q_len);
      biased.bias[i] -= sloped.alibi_slopes[row / c.q_len % c.q_heads] *
                        static_cast<float>(std::abs(position - i % c.kv_len));
    }
    check_near(sloped, biased);
  });
}

TEST_CASE("shared keys and values are the same ones for every head, bit for bit") {
  on_drawn(support::kEveryForm, [](const reference::Case& c) {
    reference::Case repeated = c;
    repeated.kv_heads = c.q_heads;
    const auto repeat = [&](const std::vector<float>& from, std::vector<float>& to, int64_t dim) {
      to.clear();
      for (int64_t head = 0; head < c.batch * c.q_heads; head++) {
        const auto first = from.begin() + head / (c.q_heads / c.kv_heads) * c.kv_len * dim;
        to.insert(to.end(), first, first + c.kv_len * dim);
      }
    };
    repeat(c.k, repeated.k, c.head_dim);
    repeat(c.v, repeated.v, c.value_dim);
    support::check_same(support::run(repeated), support::run(c));
  });
}

TEST_CASE("a pinned weight is what explain shows, and the share of its value in the output") {
  on_drawn(support::kEveryForm, [](const reference::Case& drawn_case) {
    reference::Case c = dressed(drawn_case, drawn_case.edges.empty() ? support::kEdges : 0u, 9);
    int looked_at = 0;
    for (const reference::Case::Edge& edge : c.edges) {
      if (!edge.weight || ++looked_at > 3) continue;
      const int64_t b = std::max(edge.batch, 0), h = std::max(edge.head, 0);
      const Rectangle cell = {
          .batch = b, .head = h, .first_row = edge.row, .rows = 1, .first_col = edge.key, .cols = 1};
      CHECK(support::cells(c, {}, cell, Stage::weight)[0] == *edge.weight);
      // The value of this key alone is not zero.
      std::fill(c.v.begin(), c.v.end(), 0.0f);
      const int64_t kv_head = b * c.kv_heads + h / (c.q_heads / c.kv_heads);
      std::fill_n(c.v.begin() + (kv_head * c.kv_len + edge.key) * c.value_dim, c.value_dim, 2.0f);
      const float gate = c.gate.empty() ? 1.0f : c.gate[h], share = 2.0f * *edge.weight * gate;
      const support::Result result = support::run(c);
      const float out = result.out[((b * c.q_heads + h) * c.q_len + edge.row) * c.value_dim];
      CHECK(std::abs(out - share) <= 4 * reference::kEpsilon * std::abs(share));
    }
  });
}
