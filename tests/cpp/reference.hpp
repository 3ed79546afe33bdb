// The oracle: attention and the row functions in scalar float64, written from the formulas and sharing no
// code with cpp/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

namespace reference {

inline constexpr double kEpsilon = 0x1p-24;  // half the distance from 1 to the next float: one rounding
inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Case {
  int64_t batch = 1, q_heads = 1, kv_heads = 1, q_len = 1, kv_len = 1, head_dim = 1, value_dim = 1;
  /// Contiguous [batch, heads, seq, dim].
  std::vector<float> q, k, v;
  std::optional<double> scale;
  bool causal = false;
  std::optional<int64_t> past_len;
  std::vector<int32_t> key_lengths, past_lens;
  std::vector<float> temperature, gate, alibi_slopes, sinks;
  std::optional<double> softcap;
  std::optional<int64_t> left_window, right_window;
  /// [batch, q_heads, q_len, columns] where not empty.
  std::vector<float> bias;
  std::vector<uint8_t> mask;
  int64_t bias_columns = 0, mask_columns = 0;
  std::vector<float> relative_bias;  // [q_heads, odd]
  struct Edge {
    int32_t batch, head, row, key;  // -1: every
    std::optional<float> weight;
  };
  std::vector<Edge> edges;
};

struct Answer {
  /// [batch, q_heads, q_len, value_dim] and [batch, q_heads, q_len].
  std::vector<double> out, lse;
  /// [batch, q_heads, q_len, kv_len].
  std::vector<double> dot, scaled, capped, masked, weight;
  /// What rounding errors are measured against: sum_d |q_d k_d| and the sum of |biases| for a cell, |gate|
  /// sum_j weight_j |v_j| for an output.
  std::vector<double> absolute_dot, absolute_bias, absolute_out;
};

/// What is added to the score of a cell; -infinity where the key is hidden. `absolute`, if given, grows by
/// the parts without their signs.
inline double bias_of(const Case& c, int64_t b, int64_t h, int64_t i, int64_t j, double* absolute = nullptr) {
  int64_t past = c.past_len.value_or(c.kv_len > c.q_len ? c.kv_len - c.q_len : 0);
  if (!c.past_lens.empty()) past = c.past_lens[b];
  const int64_t position = i + past;
  bool hidden = !c.key_lengths.empty() && j >= c.key_lengths[b];
  hidden = hidden || (c.causal && j > position);
  hidden = hidden || (c.left_window && j < position - *c.left_window);
  hidden = hidden || (c.right_window && j > position + *c.right_window);
  const int64_t row = (b * c.q_heads + h) * c.q_len + i;
  double bias = 0;
  const auto add = [&](double part) {
    bias += part;
    if (absolute) *absolute += std::abs(part);
  };
  if (!c.bias.empty()) {
    hidden = hidden || j >= c.bias_columns;
    if (!hidden) add(static_cast<double>(c.bias[row * c.bias_columns + j]));
  }
  if (!c.mask.empty()) {
    hidden = hidden || j >= c.mask_columns;
    hidden = hidden || c.mask[row * c.mask_columns + j] == 0;
  }
  if (!c.alibi_slopes.empty()) add(-c.alibi_slopes[h] * static_cast<double>(std::abs(position - j)));
  if (!c.relative_bias.empty()) {
    const int64_t width = static_cast<int64_t>(c.relative_bias.size()) / c.q_heads, far = (width - 1) / 2;
    add(static_cast<double>(c.relative_bias[h * width + std::clamp(j - position, -far, far) + far]));
  }
  for (const Case::Edge& edge : c.edges) {
    if ((edge.batch < 0 || edge.batch == b) && (edge.head < 0 || edge.head == h) && edge.row == i &&
        edge.key == j)
      hidden = true;
  }
  return hidden ? -kInfinity : bias;
}

inline Answer attention(const Case& c) {
  Answer a;
  const double scale = c.scale.value_or(1.0 / std::sqrt(static_cast<double>(c.head_dim)));
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t h = 0; h < c.q_heads; h++) {
      const int64_t g = h * c.kv_heads / c.q_heads;
      const double temperature = c.temperature.empty() ? 1.0 : c.temperature[h];
      const double gate = c.gate.empty() ? 1.0 : c.gate[h];
      const double sink = c.sinks.empty() ? -kInfinity : static_cast<double>(c.sinks[h]);
      for (int64_t i = 0; i < c.q_len; i++) {
        const float* q = &c.q[((b * c.q_heads + h) * c.q_len + i) * c.head_dim];
        std::vector<double> masked(c.kv_len);
        double maximum = sink;
        for (int64_t j = 0; j < c.kv_len; j++) {
          const float* k = &c.k[((b * c.kv_heads + g) * c.kv_len + j) * c.head_dim];
          double dot = 0, absolute = 0;
          for (int64_t d = 0; d < c.head_dim; d++) {
            dot += static_cast<double>(q[d]) * k[d];
            absolute += std::abs(static_cast<double>(q[d]) * k[d]);
          }
          const double scaled = dot * scale / temperature;
          const double capped = c.softcap ? *c.softcap * std::tanh(scaled / *c.softcap) : scaled;
          double absolute_bias = 0;
          const double bias = bias_of(c, b, h, i, j, &absolute_bias);
          masked[j] = bias == -kInfinity ? bias : capped + bias;
          if (masked[j] > maximum) maximum = masked[j];
          a.dot.push_back(dot);
          a.absolute_dot.push_back(absolute);
          a.absolute_bias.push_back(bias == -kInfinity ? 0.0 : absolute_bias);
          a.scaled.push_back(scaled);
          a.capped.push_back(capped);
        }
        double total = sink == -kInfinity ? 0.0 : std::exp(sink - maximum);
        for (double score : masked) total += score == -kInfinity ? 0.0 : std::exp(score - maximum);
        const double lse = total == 0 ? -kInfinity : maximum + std::log(total);
        a.lse.push_back(lse);
        const auto pinned = [&](int64_t j) -> const Case::Edge* {
          for (const Case::Edge& edge : c.edges) {
            if (edge.weight && (edge.batch < 0 || edge.batch == b) && (edge.head < 0 || edge.head == h) &&
                edge.row == i && edge.key == j)
              return &edge;
          }
          return nullptr;
        };
        double rest = 1;
        for (int64_t j = 0; j < c.kv_len && !c.edges.empty(); j++)
          rest -= pinned(j) ? static_cast<double>(*pinned(j)->weight) : 0.0;
        std::vector<double> out(c.value_dim), absolute(c.value_dim);
        for (int64_t j = 0; j < c.kv_len; j++) {
          const Case::Edge* pin = c.edges.empty() ? nullptr : pinned(j);
          double weight = masked[j] == -kInfinity ? 0.0 : rest * std::exp(masked[j] - lse);
          if (pin) weight = static_cast<double>(*pin->weight);
          a.masked.push_back(masked[j]);
          a.weight.push_back(weight);
          if (masked[j] == -kInfinity && !pin) continue;
          for (int64_t d = 0; d < c.value_dim; d++) {
            const double v = c.v[((b * c.kv_heads + g) * c.kv_len + j) * c.value_dim + d];
            out[d] += gate * weight * v;
            absolute[d] += std::abs(gate * weight * v);
          }
        }
        a.out.insert(a.out.end(), out.begin(), out.end());
        a.absolute_out.insert(a.absolute_out.end(), absolute.begin(), absolute.end());
      }
    }
  }
  return a;
}

inline std::vector<double> softmax(const std::vector<float>& x) {
  double maximum = -kInfinity, total = 0;
  for (float value : x) maximum = std::max(maximum, static_cast<double>(value));
  std::vector<double> y;
  for (float value : x) y.push_back(value == -kInfinity ? 0.0 : std::exp(value - maximum));
  for (double value : y) total += value;
  for (double& value : y) value = total == 0 ? 0.0 : value / total;
  return y;
}

inline std::vector<double> layer_norm(const std::vector<float>& x, const std::vector<float>& gain,
                                      const std::vector<float>& shift, double epsilon) {
  const double n = static_cast<double>(x.size());
  double mean = 0, variance = 0;
  for (float value : x) mean += value / n;
  for (float value : x) variance += (value - mean) * (value - mean) / n;
  std::vector<double> y;
  for (std::size_t i = 0; i < x.size(); i++)
    y.push_back((x[i] - mean) / std::sqrt(variance + epsilon) * gain[i] + shift[i]);
  return y;
}

inline double gelu_erf(double x) {
  return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
}

inline double gelu_tanh(double x) {
  const double pi = std::acos(-1.0);
  return 0.5 * x * (1.0 + std::tanh(std::sqrt(2.0 / pi) * (x + 0.044715 * x * x * x)));
}

/// splitmix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// Uniform in [-1, 1).
  float number() { return static_cast<float>(static_cast<double>(bits() >> 11) * 0x1p-52 - 1.0); }
  int64_t below(int64_t n) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(n)); }
  std::vector<float> numbers(int64_t n, float magnitude = 1.0f) {
    std::vector<float> values(static_cast<std::size_t>(n));
    for (float& value : values) value = magnitude * number();
    return values;
  }

 private:
  uint64_t state_;
};

}  // namespace reference
