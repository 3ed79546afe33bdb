// Runs attend() on a reference::Case: exact-size heap blocks throughout, so that a sanitizer sees any step
// beyond them.
#pragma once

#include <doctest/doctest.h>

#include <bit>
#include <cstring>
#include <memory>
#include <string>

#include "kernels/kernels.hpp"
#include "limelight/explain.hpp"
#include "limelight/memory.hpp"
#include "reference.hpp"

namespace support {

/// A heap block of exactly n floats with NaN in it: redzones on both sides under asan, and nothing useful
/// when unwritten.
class Block {
 public:
  explicit Block(std::size_t n) : size_(n), data_(new float[n]) {
    std::fill_n(data_.get(), n, std::nanf(""));
  }
  explicit Block(const std::vector<float>& from) : Block(from.size()) {
    std::copy(from.begin(), from.end(), data());
  }
  float* data() { return data_.get(); }
  std::span<float> span() { return {data_.get(), size_}; }
  std::vector<float> copy() const { return {data_.get(), data_.get() + size_}; }
  std::size_t size() const { return size_; }
  float& operator[](std::size_t i) { return data_[i]; }

 private:
  std::size_t size_;
  std::unique_ptr<float[]> data_;
};

/// They point into the case and to these edges.
struct Options : limelight::AttentionOptions {
  std::vector<limelight::AttentionEdge> those;
};
inline Options options_of(const reference::Case& c) {
  Options options;
  if (c.scale) options.scale = static_cast<float>(*c.scale);
  options.causal = c.causal;
  options.past_len = c.past_len;
  options.key_lengths = c.key_lengths;
  options.temperature = c.temperature;
  options.gate = c.gate;
  options.past_lens = c.past_lens;
  options.alibi_slopes = c.alibi_slopes;
  options.sinks = c.sinks;
  options.relative_bias = c.relative_bias;
  if (c.softcap) options.softcap = static_cast<float>(*c.softcap);
  options.left_window = c.left_window;
  options.right_window = c.right_window;
  if (!c.bias.empty())
    options.bias = limelight::HeadsView<const float>::heads_first(c.bias.data(), c.batch, c.q_heads, c.q_len,
                                                                  c.bias_columns);
  if (!c.mask.empty())
    options.mask = limelight::HeadsView<const uint8_t>::heads_first(c.mask.data(), c.batch, c.q_heads,
                                                                    c.q_len, c.mask_columns);
  for (const reference::Case::Edge& edge : c.edges)
    options.those.push_back({edge.batch, edge.head, edge.row, edge.key, edge.weight});
  options.edges = options.those;
  return options;
}

inline limelight::AttentionInputs inputs_of(const reference::Case& c) {
  using View = limelight::HeadsView<const float>;
  return {View::heads_first(c.q.data(), c.batch, c.q_heads, c.q_len, c.head_dim),
          View::heads_first(c.k.data(), c.batch, c.kv_heads, c.kv_len, c.head_dim),
          View::heads_first(c.v.data(), c.batch, c.kv_heads, c.kv_len, c.value_dim)};
}

struct Result {
  std::vector<float> out, lse;
};

inline Result run(const reference::Case& c, limelight::RowRange rows = {},
                  limelight::ThreadPool* pool = nullptr) {
  Block q(c.q), k(c.k), v(c.v);
  Block out(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len * c.value_dim));
  Block lse(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len));
  limelight::AttentionInputs in = inputs_of(c);
  in.q.data = q.data();
  in.k.data = k.data();
  in.v.data = v.data();
  const Options options = options_of(c);
  Block workspace(limelight::attend_workspace(in, options, pool ? pool->threads() : 1));
  const limelight::Status status = limelight::attend(
      in, options,
      limelight::HeadsView<float>::heads_first(out.data(), c.batch, c.q_heads, c.q_len, c.value_dim),
      lse.span(), workspace.span(), rows, pool);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  return {out.copy(), lse.copy()};
}

/// A case of random numbers; the seed is its shape's own.
inline reference::Case random_case(int64_t batch, int64_t q_heads, int64_t kv_heads, int64_t q_len,
                                   int64_t kv_len, int64_t head_dim, int64_t value_dim, uint64_t seed = 1) {
  reference::Case c;
  c.batch = batch;
  c.q_heads = q_heads;
  c.kv_heads = kv_heads;
  c.q_len = q_len;
  c.kv_len = kv_len;
  c.head_dim = head_dim;
  c.value_dim = value_dim;
  reference::Random random(seed * 7919 +
                           static_cast<uint64_t>(q_len * 31 + kv_len * 17 + head_dim * 5 + value_dim));
  c.q = random.numbers(batch * q_heads * q_len * head_dim, 2.0f);
  c.k = random.numbers(batch * kv_heads * kv_len * head_dim, 2.0f);
  c.v = random.numbers(batch * kv_heads * kv_len * value_dim);
  return c;
}

/// Runs a piece of a test once on every kernel table that this processor can run.
template <class F>
void on_every_architecture(F&& body) {
  const limelight::kernels::Table& usual = limelight::kernels::table();
  for (const limelight::kernels::Table* table : limelight::kernels::tables()) {
    CAPTURE(std::string(table->arch));
    limelight::kernels::use_table(*table);
    body(*table);
  }
  limelight::kernels::use_table(usual);
}

/// Ways to hide, move and weigh that a case can be given.
enum Form : unsigned {
  kSoftcap = 1,
  kLeft = 2,
  kRight = 4,
  kCausal = 8,
  kPasts = 16,
  kLengths = 32,
  kBias = 64,
  kMask = 128,
  kAlibi = 256,
  kRelative = 512,
  kSinks = 1024,
  kEdges = 2048,
  kTemperature = 4096,
  kEveryForm = 8191
};

/// The case with random numbers for these forms.
inline reference::Case dressed(reference::Case c, unsigned forms, uint64_t seed = 1) {
  reference::Random random(seed);
  const auto each = [&](int64_t n, float low, float high) {
    std::vector<float> numbers = random.numbers(n);
    for (float& x : numbers) x = low + (x + 1) / 2 * (high - low);
    return numbers;
  };
  const auto some_columns = [&] { return std::max<int64_t>(1, c.kv_len - random.below(3)); };
  const int64_t rows = c.batch * c.q_heads * c.q_len;
  c.causal = c.causal || (forms & kCausal);
  if (forms & kSoftcap) c.softcap = static_cast<double>(each(1, 0.5f, 30.0f)[0]);
  if (forms & kLeft) c.left_window = random.below(c.kv_len + 2);
  if (forms & kRight) c.right_window = random.below(c.kv_len + 2);
  const bool counts = c.causal || (forms & (kLeft | kRight | kAlibi | kRelative));
  if ((forms & kPasts) && counts) {
    for (int64_t b = 0; b < c.batch; b++)
      c.past_lens.push_back(static_cast<int32_t>(random.below(2 * c.kv_len + 1) - c.kv_len / 2));
  }
  if (forms & kLengths) {
    for (int64_t b = 0; b < c.batch; b++)
      c.key_lengths.push_back(static_cast<int32_t>(random.below(c.kv_len + 1)));
  }
  if (forms & kBias) {
    c.bias_columns = some_columns();
    c.bias = each(rows * c.bias_columns, -3.0f, 3.0f);
    for (float& x : c.bias) x = random.below(7) == 0 ? -std::numeric_limits<float>::infinity() : x;
  }
  if (forms & kMask) {
    c.mask_columns = some_columns();
    for (int64_t i = 0; i < rows * c.mask_columns; i++) c.mask.push_back(random.below(4) != 0);
  }
  if (forms & kAlibi) c.alibi_slopes = each(c.q_heads, -0.1f, 0.5f);
  if (forms & kRelative) c.relative_bias = each(c.q_heads * (2 * random.below(9) + 1), -2.0f, 2.0f);
  if (forms & kSinks) c.sinks = each(c.q_heads, -3.0f, 3.0f);
  if (forms & kTemperature) {
    c.temperature = each(c.q_heads, 0.5f, 2.0f);
    c.gate = each(c.q_heads, -1.0f, 2.0f);
  }
  if (forms & kEdges) {
    // No cell twice: even rows for every head, odd ones for one head of one batch.
    for (int32_t row = 0; row < c.q_len; row += 1 + static_cast<int32_t>(random.below(3))) {
      for (int32_t key = static_cast<int32_t>(random.below(3)), n = 0; key < c.kv_len && n < 4; n++) {
        const bool every = row % 2 == 0;
        reference::Case::Edge edge = {every ? -1 : static_cast<int32_t>(random.below(c.batch)),
                                      every ? -1 : static_cast<int32_t>(random.below(c.q_heads)),
                                      row,
                                      key,
                                      {}};
        if (random.below(2)) edge.weight = each(1, 0.0f, 0.25f)[0];
        c.edges.push_back(edge);
        key += 1 + static_cast<int32_t>(random.below(c.kv_len));
      }
    }
  }
  return c;
}

/// How far soft cap and bias of a cell are from nothing: their roundings come to an eps or two of that.
inline double added(const reference::Case& c, const reference::Answer& expected, int64_t row, int64_t j) {
  const int64_t cell = row * c.kv_len + j;
  const double sink =
      c.sinks.empty() ? 0.0 : std::abs(static_cast<double>(c.sinks[row / c.q_len % c.q_heads]));
  return sink + expected.absolute_bias[cell] + (c.softcap ? std::abs(expected.capped[cell]) : 0.0);
}

/// Keeps the largest of some error ratios, 1 being the bound; NaN counts as infinitely wrong.
class Worst {
 public:
  void see(double error, double bound) {
    const double ratio = error == 0.0 ? 0.0 : error / bound;
    if (!(ratio <= worst_)) worst_ = std::isnan(ratio) ? reference::kInfinity : ratio;
  }
  double ratio() const { return worst_; }

 private:
  double worst_ = 0.0;
};

/// Largest |error| / bound of outputs and of log-sum-exps.
struct Ratios {
  Worst out, lse;
};

/// The relative error that a row's weights may have: c n eps (1 + L) with eps = 2^-24, n = head_dim + kv_len
/// + 8 and c = 1, made of two parts. Summing the values is a chain of kv_len multiply-adds (rounded once or
/// twice each): at most 2 kv_len eps sum p|v| in the worst case, far less on average. A score s = factor *
/// dot carries an absolute error of up to 2 head_dim eps |factor| sum|q||k|, which the exponential turns into
/// a relative error of the weight; so L is the row's largest |factor| sum|q||k|. exp, scaling and the
/// division add some eps.
inline double unit_of(const reference::Case& c, const reference::Answer& expected, int64_t row) {
  const double factor = std::abs(c.scale.value_or(1.0 / std::sqrt(static_cast<double>(c.head_dim))));
  const double temperature = c.temperature.empty() ? 1.0 : c.temperature[row / c.q_len % c.q_heads];
  double largest = 0;
  for (int64_t j = 0; j < c.kv_len; j++) {
    if (expected.weight[row * c.kv_len + j] > 0) {
      largest = std::max(largest, factor / temperature * expected.absolute_dot[row * c.kv_len + j] +
                                      added(c, expected, row, j));
    }
  }
  return static_cast<double>(c.head_dim + c.kv_len + 8) * reference::kEpsilon * (1 + largest);
}

/// How far every output number may be from the reference. Weights that are 2^-126 of the row's largest score
/// (or its sink's) may be lost: kv_len of them, times a value each. A sum that becomes subnormal is rounded
/// to multiples of 2^-149 with every term.
inline std::vector<double> out_bounds(const reference::Case& c, const reference::Answer& expected) {
  double value = 0;
  for (float v : c.v) value = std::max(value, std::abs(static_cast<double>(v)));
  std::vector<double> bounds;
  for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row++) {
    const double gate =
        c.gate.empty() ? 1.0 : std::abs(static_cast<double>(c.gate[row / c.q_len % c.q_heads]));
    const double unit = unit_of(c, expected, row);
    for (int64_t d = 0; d < c.value_dim; d++)
      bounds.push_back(unit * expected.absolute_out[row * c.value_dim + d] +
                       static_cast<double>(c.kv_len) * 0x1p-126 * gate * value +
                       static_cast<double>(c.kv_len + 1) * 0x1p-149 * std::max(1.0, gate));
  }
  return bounds;
}

/// Holds a result against the reference.
inline void compare(const reference::Case& c, const reference::Answer& expected, const Result& actual,
                    Ratios& ratios) {
  for (int64_t row = 0; row < static_cast<int64_t>(expected.lse.size()); row++) {
    if (expected.lse[row] == -reference::kInfinity) {
      CHECK(actual.lse[row] == -reference::kInfinity);
    } else {
      ratios.lse.see(std::abs(actual.lse[row] - expected.lse[row]),
                     unit_of(c, expected, row) * (1 + std::abs(expected.lse[row])));
    }
  }
  const std::vector<double> bounds = out_bounds(c, expected);
  for (std::size_t o = 0; o < bounds.size(); o++)
    ratios.out.see(std::abs(actual.out[o] - expected.out[o]), bounds[o]);
  CHECK(ratios.out.ratio() <= 1.0);
  CHECK(ratios.lse.ratio() <= 1.0);
}

inline void report(const std::string& what, const Ratios& ratios) {
  MESSAGE(what << ": largest |error| / bound is " << ratios.out.ratio() << " for outputs, "
               << ratios.lse.ratio() << " for log-sum-exps");
}

/// Equal bit for bit, where NaN equals NaN: of several NaN, or of none, WebAssembly leaves open which bits
/// come out.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](float x, float y) {
    return std::bit_cast<uint32_t>(x) == std::bit_cast<uint32_t>(y) || (std::isnan(x) && std::isnan(y));
  });
}

inline void check_same(const Result& got, const Result& expected) {
  CHECK(same_bits(got.out, expected.out));
  CHECK(same_bits(got.lse, expected.lse));
}

}  // namespace support
