// What must hold whatever the numbers are.
#include "attention_support.hpp"

using namespace limelight;
using support::Block;
using support::random_case;
using support::run;
using support::same_bits;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// The rows [first, first + count) of every head as one list.
std::vector<float> rows_of(const reference::Case& c, const std::vector<float>& all, int64_t dim,
                           int64_t first, int64_t count) {
  std::vector<float> picked;
  for (int64_t bh = 0; bh < c.batch * c.q_heads; bh++) {
    const auto begin = all.begin() + (bh * c.q_len + first) * dim;
    picked.insert(picked.end(), begin, begin + count * dim);
  }
  return picked;
}

}  // namespace

TEST_CASE("values of one give ones, whatever the weights are") {
  support::on_every_architecture([](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(2, 2, 1, 45, 131, 16, 9);
      c.causal = causal;
      std::fill(c.v.begin(), c.v.end(), 1.0f);
      for (float value : run(c).out) CHECK(std::abs(value - 1.0f) <= 131 * reference::kEpsilon);
    }
  });
}

TEST_CASE("adding a constant to every score of a row changes nothing but the log-sum-exp") {
  // A further dimension, the same in every key, adds q's number there to all scores of the row.
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case plain = random_case(1, 1, 1, 20, 100, 8, 8);
    plain.scale = 0.25;
    reference::Case shifted = plain;
    shifted.head_dim = 9;
    shifted.q.clear();
    shifted.k.clear();
    for (int64_t i = 0; i < 20; i++) {
      shifted.q.insert(shifted.q.end(), plain.q.begin() + i * 8, plain.q.begin() + (i + 1) * 8);
      shifted.q.push_back(4.0f * static_cast<float>(i - 10));
    }
    for (int64_t j = 0; j < 100; j++) {
      shifted.k.insert(shifted.k.end(), plain.k.begin() + j * 8, plain.k.begin() + (j + 1) * 8);
      shifted.k.push_back(1.0f);
    }
    const support::Result a = run(plain), b = run(shifted);
    for (std::size_t o = 0; o < a.out.size(); o++) CHECK(std::abs(a.out[o] - b.out[o]) <= 1e-5);
    for (int64_t i = 0; i < 20; i++) CHECK(b.lse[i] - a.lse[i] == doctest::Approx(i - 10).epsilon(1e-5));
  });
}

TEST_CASE("permuting keys together with their values changes nothing") {
  support::on_every_architecture([](const kernels::Table&) {
    const reference::Case c = random_case(1, 1, 1, 20, 131, 16, 12);
    reference::Case permuted = c;
    for (int64_t j = 0; j < c.kv_len; j++) {
      const int64_t to = (j * 50 + 7) % c.kv_len;
      std::copy_n(c.k.begin() + j * 16, 16, permuted.k.begin() + to * 16);
      std::copy_n(c.v.begin() + j * 12, 12, permuted.v.begin() + to * 12);
    }
    const support::Result a = run(c), b = run(permuted);
    for (std::size_t o = 0; o < a.out.size(); o++) CHECK(std::abs(a.out[o] - b.out[o]) <= 1e-5);
    for (std::size_t i = 0; i < a.lse.size(); i++) CHECK(std::abs(a.lse[i] - b.lse[i]) <= 1e-5);
  });
}

TEST_CASE("one key gives its value exactly, and its score as log-sum-exp") {
  support::on_every_architecture([](const kernels::Table&) {
    const reference::Case c = random_case(1, 2, 2, 5, 1, 16, 13);
    const reference::Answer expected = reference::attention(c);
    const support::Result actual = run(c);
    for (int64_t row = 0; row < 10; row++) {
      for (int64_t d = 0; d < 13; d++) CHECK(actual.out[row * 13 + d] == c.v[row / 5 * 13 + d]);
      CHECK(actual.lse[row] == doctest::Approx(expected.scaled[row]).epsilon(1e-5));
    }
  });
}

TEST_CASE("a scale of zero looks at everything alike") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case c = random_case(1, 1, 1, 30, 128, 8, 4);
    c.scale = 0.0;
    c.causal = true;
    const support::Result actual = run(c);
    for (int64_t i = 0; i < 30; i++) {
      for (int64_t d = 0; d < 4; d++) {
        double mean = 0;
        for (int64_t j = 0; j <= i + 98; j++) mean += c.v[j * 4 + d] / static_cast<double>(i + 99);
        CHECK(std::abs(actual.out[i * 4 + d] - mean) <= 128 * reference::kEpsilon);
      }
      CHECK(actual.lse[i] == doctest::Approx(std::log(static_cast<double>(i + 99))).epsilon(1e-6));
    }
  });
}

TEST_CASE("future keys never change a bit of a causal row") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case c = random_case(1, 4, 2, 70, 135, 12, 10);
    c.causal = true;
    const support::Result before = run(c);
    for (int64_t row : {0, 1, 3, 31, 33, 68}) {
      for (float poison : {5.0f, kNaN, kInf, -kInf}) {
        CAPTURE(row);
        CAPTURE(poison);
        reference::Case changed = c;
        for (int64_t head = 0; head < 2; head++) {
          for (int64_t j = row + 65 + 1; j < c.kv_len; j++) {
            std::fill_n(changed.k.begin() + (head * c.kv_len + j) * 12, 12, poison);
            std::fill_n(changed.v.begin() + (head * c.kv_len + j) * 10, 10, poison);
          }
        }
        const support::Result after = run(changed);
        CHECK(same_bits(rows_of(c, before.out, 10, 0, row + 1), rows_of(c, after.out, 10, 0, row + 1)));
        CHECK(same_bits(rows_of(c, before.lse, 1, 0, row + 1), rows_of(c, after.lse, 1, 0, row + 1)));
      }
    }
  });
}

TEST_CASE("padding keys never change a bit, whatever they hold and however many they are") {
  support::on_every_architecture([](const kernels::Table&) {
    for (int32_t length : {0, 1, 5, 63, 64, 100}) {
      for (int64_t q_len : {1, 20}) {
        CAPTURE(length);
        CAPTURE(q_len);
        reference::Case c = random_case(1, 2, 1, q_len, 131, 12, 10);
        c.key_lengths = {length};
        const support::Result before = run(c);
        reference::Case poisoned = c;
        std::fill(poisoned.k.begin() + length * 12, poisoned.k.end(), kNaN);
        std::fill(poisoned.v.begin() + length * 10, poisoned.v.end(), kInf);
        const support::Result after = run(poisoned);
        CHECK(same_bits(before.out, after.out));
        CHECK(same_bits(before.lse, after.lse));
        if (length > 0) {
          reference::Case without = c;
          without.key_lengths.clear();
          without.kv_len = length;
          without.k.resize(length * 12);
          without.v.resize(length * 10);
          CHECK(same_bits(before.out, run(without).out));
        }
      }
    }
  });
}

TEST_CASE("a visible NaN is not hidden, and stays in the rows that see it") {
  support::on_every_architecture([](const kernels::Table&) {
    for (int64_t poisoned_key : {0, 10, 69}) {
      reference::Case c = random_case(1, 1, 1, 70, 70, 8, 8);
      c.causal = true;
      c.k[poisoned_key * 8 + 3] = kNaN;
      const support::Result result = run(c);
      for (int64_t row = 0; row < 70; row++) {
        for (int64_t d = 0; d < 8; d++) CHECK(std::isnan(result.out[row * 8 + d]) == (row >= poisoned_key));
        CHECK(std::isnan(result.lse[row]) == (row >= poisoned_key));
      }
    }
  });
}

TEST_CASE("a row with nothing to see gives zeros and a log-sum-exp of -inf") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case no_keys = random_case(2, 2, 1, 5, 7, 4, 9);
    no_keys.key_lengths = {0, 0};
    reference::Case empty = random_case(1, 1, 1, 3, 0, 4, 4);
    empty.k = {1.0f};
    empty.v = {1.0f};
    reference::Case minus_infinity = random_case(1, 1, 1, 3, 5, 1, 4);
    minus_infinity.q = {1.0f, 1.0f, 1.0f};
    std::fill(minus_infinity.k.begin(), minus_infinity.k.end(), -kInf);
    for (const reference::Case& c : {no_keys, empty, minus_infinity}) {
      const support::Result result = run(c);
      for (float value : result.out) CHECK(value == 0.0f);
      for (float value : result.lse) CHECK(value == -kInf);
    }
  });
}

TEST_CASE("no queries at all are answered with nothing") {
  reference::Case c = random_case(1, 1, 1, 0, 5, 4, 4);
  const support::Result result = run(c);
  CHECK(result.out.empty());
  CHECK(result.lse.empty());
}

TEST_CASE("slices of rows equal the full run bit for bit and leave other rows untouched") {
  support::on_every_architecture([](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(2, 4, 2, 100, 150, 12, 10);
      c.causal = causal;
      c.key_lengths = {150, 77};
      c.gate = {1.0f, 0.5f, 2.0f, -1.0f};
      const support::Result whole = run(c);
      for (const RowRange& range : {RowRange{0, 1}, {0, 100}, {1, 2}, {3, 7}, {31, 33}, {64, 36}, {99, 1}}) {
        const int64_t first = range.first, count = range.count;
        CAPTURE(causal);
        CAPTURE(first);
        CAPTURE(count);
        const support::Result slice = run(c, {first, count});
        CHECK(same_bits(rows_of(c, slice.out, 10, first, count), rows_of(c, whole.out, 10, first, count)));
        CHECK(same_bits(rows_of(c, slice.lse, 1, first, count), rows_of(c, whole.lse, 1, first, count)));
        for (float value : rows_of(c, slice.out, 10, 0, first)) CHECK(std::isnan(value));
        for (float value : rows_of(c, slice.lse, 1, first + count, 100 - first - count))
          CHECK(std::isnan(value));
      }
    }
  });
}

TEST_CASE("a causal prefix equals the same rows of a longer run bit for bit, one row at a time as well") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case whole = random_case(1, 2, 2, 140, 140, 16, 24);
    whole.causal = true;
    const support::Result full = run(whole);
    for (int64_t length : {1, 2, 17, 64, 65, 139}) {
      CAPTURE(length);
      reference::Case prefix = whole;
      prefix.q_len = prefix.kv_len = length;
      const auto cut = [&](const std::vector<float>& from, int64_t dim) {
        std::vector<float> kept;
        for (int64_t h = 0; h < 2; h++) {
          kept.insert(kept.end(), from.begin() + h * 140 * dim, from.begin() + (h * 140 + length) * dim);
        }
        return kept;
      };
      prefix.q = cut(whole.q, 16);
      prefix.k = cut(whole.k, 16);
      prefix.v = cut(whole.v, 24);
      CHECK(same_bits(run(prefix).out, cut(full.out, 24)));

      // Decoding: the last row alone against everything before it.
      reference::Case step = prefix;
      step.q_len = 1;
      step.q = rows_of(prefix, prefix.q, 16, length - 1, 1);
      CHECK(same_bits(run(step).out, rows_of(whole, full.out, 24, length - 1, 1)));
      CHECK(same_bits(run(step).lse, rows_of(whole, full.lse, 1, length - 1, 1)));
    }
  });
}

TEST_CASE("both layouts, and any other strides, give the same bits") {
  support::on_every_architecture([](const kernels::Table&) {
    const int64_t batch = 2, q_heads = 4, kv_heads = 2, q_len = 19, kv_len = 70, head_dim = 6, value_dim = 11;
    reference::Case c = random_case(batch, q_heads, kv_heads, q_len, kv_len, head_dim, value_dim);
    const support::Result expected = run(c);
    for (int64_t gap : {0, 3}) {
      CAPTURE(gap);
      // [batch, seq, heads * dim], each row `gap` numbers apart from the next.
      const auto spread = [&](const std::vector<float>& from, int64_t heads, int64_t seq, int64_t dim) {
        Block to(static_cast<std::size_t>(batch * seq * (heads * dim + gap)));
        for (int64_t b = 0; b < batch; b++) {
          for (int64_t h = 0; h < heads; h++) {
            for (int64_t s = 0; s < seq; s++) {
              std::copy_n(from.begin() + ((b * heads + h) * seq + s) * dim, dim,
                          to.data() + (b * seq + s) * (heads * dim + gap) + h * dim);
            }
          }
        }
        return to;
      };
      Block q = spread(c.q, q_heads, q_len, head_dim), k = spread(c.k, kv_heads, kv_len, head_dim),
            v = spread(c.v, kv_heads, kv_len, value_dim);
      Block out(static_cast<std::size_t>(batch * q_len * (q_heads * value_dim + gap)));
      const auto view = [&](const float* data, int64_t heads, int64_t seq, int64_t dim) {
        const int64_t row = heads * dim + gap;
        return HeadsView<const float>{data, batch, heads, seq, dim, seq * row, dim, row};
      };
      const AttentionInputs in = {view(q.data(), q_heads, q_len, head_dim),
                                  view(k.data(), kv_heads, kv_len, head_dim),
                                  view(v.data(), kv_heads, kv_len, value_dim)};
      Block workspace(attend_workspace(in, {}));
      const int64_t row = q_heads * value_dim + gap;
      const HeadsView<float> to = {out.data(), batch, q_heads, q_len, value_dim, q_len * row, value_dim, row};
      REQUIRE(attend(in, {}, to, {}, workspace.span()).ok());
      std::vector<float> actual;
      for (int64_t b = 0; b < batch; b++) {
        for (int64_t h = 0; h < q_heads; h++) {
          for (int64_t s = 0; s < q_len; s++)
            actual.insert(actual.end(), to.row(b, h, s), to.row(b, h, s) + value_dim);
        }
      }
      CHECK(same_bits(actual, expected.out));
      for (int64_t s = 0; s < batch * q_len; s++) {
        for (int64_t i = 0; i < gap; i++) CHECK(std::isnan(out.data()[s * row + q_heads * value_dim + i]));
      }
    }
  });
}

TEST_CASE("a stride of zero repeats a row") {
  const reference::Case c = random_case(1, 1, 1, 4, 1, 6, 5);
  AttentionInputs in = support::inputs_of(c);
  in.k.seq = in.v.seq = 9;
  in.k.seq_stride = in.v.seq_stride = 0;
  Block out(20), workspace(attend_workspace(in, {}));
  REQUIRE(attend(in, {}, HeadsView<float>::heads_first(out.data(), 1, 1, 4, 5), {}, workspace.span()).ok());
  for (int64_t o = 0; o < 20; o++) CHECK(out[o] == doctest::Approx(c.v[o % 5]).epsilon(1e-6));
}
