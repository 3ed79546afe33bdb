// Runs attend() on a reference::Case: exact-size heap blocks throughout, so that a sanitizer sees any step
// beyond them.
#pragma once

#include <doctest/doctest.h>

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

inline limelight::AttentionOptions options_of(const reference::Case& c) {
  limelight::AttentionOptions options;
  if (c.scale) options.scale = static_cast<float>(*c.scale);
  options.causal = c.causal;
  options.past_len = c.past_len;
  options.key_lengths = c.key_lengths;
  options.temperature = c.temperature;
  options.gate = c.gate;
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
  const limelight::AttentionOptions options = options_of(c);
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

/// Holds a result against the reference. The bound on an output number is c * n * eps * sum_j weight_j |v_j|
/// with eps = 2^-24, n = head_dim + kv_len and c = 1, made of two parts. Summing the values is a chain of
/// kv_len multiply-adds (rounded once or twice each): at most 2 kv_len eps sum p|v| in the worst case, far
/// less on average. A score s = factor * dot carries an absolute error of up to 2 head_dim eps |factor|
/// sum|q||k|, which the exponential turns into a relative error of the weight; so the bound is multiplied by
/// 1 + max |factor| sum|q||k| of the row. exp, scaling and the division add some eps: n + 8.
inline void compare(const reference::Case& c, const reference::Answer& expected, const Result& actual,
                    Ratios& ratios) {
  const double factor = std::abs(c.scale.value_or(1.0 / std::sqrt(static_cast<double>(c.head_dim))));
  for (int64_t row = 0; row < static_cast<int64_t>(expected.lse.size()); row++) {
    const int64_t head = row / c.q_len % c.q_heads;
    const double temperature = c.temperature.empty() ? 1.0 : c.temperature[head];
    double largest = 0;
    for (int64_t j = 0; j < c.kv_len; j++) {
      if (expected.weight[row * c.kv_len + j] > 0) {
        largest = std::max(largest, factor / temperature * expected.absolute_dot[row * c.kv_len + j]);
      }
    }
    const double n = static_cast<double>(c.head_dim + c.kv_len + 8);
    const double unit = n * reference::kEpsilon * (1 + largest);
    if (expected.lse[row] == -reference::kInfinity) {
      CHECK(actual.lse[row] == -reference::kInfinity);
    } else {
      ratios.lse.see(std::abs(actual.lse[row] - expected.lse[row]), unit * (1 + std::abs(expected.lse[row])));
    }
    for (int64_t d = 0; d < c.value_dim; d++) {
      const int64_t o = row * c.value_dim + d;
      ratios.out.see(std::abs(actual.out[o] - expected.out[o]), unit * expected.absolute_out[o]);
    }
  }
  CHECK(ratios.out.ratio() <= 1.0);
  CHECK(ratios.lse.ratio() <= 1.0);
}

inline void report(const std::string& what, const Ratios& ratios) {
  MESSAGE(what << ": largest |error| / bound is " << ratios.out.ratio() << " for outputs, "
               << ratios.lse.ratio() << " for log-sum-exps");
}

/// Equal bit for bit, where NaN equals NaN.
inline bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);  // no null for memcmp
}

inline void check_same(const Result& got, const Result& expected) {
  CHECK(same_bits(got.out, expected.out));
  CHECK(same_bits(got.lse, expected.lse));
}

}  // namespace support
