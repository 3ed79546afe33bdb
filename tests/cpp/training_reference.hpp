// The operations of training in scalar float64, forward only, written from the formulas and sharing no code
// with cpp/.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace training_reference {

using Vector = std::vector<double>;

/// y [rows, out] = x [rows, in] w [out, in]^T + b; w [in, out] where `turned`; b may be empty.
inline Vector linear(const Vector& x, const Vector& w, const Vector& b, int64_t rows, int64_t in, int64_t out,
                     bool turned = false) {
  Vector y;
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t o = 0; o < out; o++) {
      double sum = b.empty() ? 0.0 : b[o];
      for (int64_t i = 0; i < in; i++) sum += x[r * in + i] * (turned ? w[i * out + o] : w[o * in + i]);
      y.push_back(sum);
    }
  }
  return y;
}

struct ConvolutionSizes {
  int64_t batch, channels, height, width, kernel, stride, padding, out;
  int64_t out_height() const { return (height + 2 * padding - kernel) / stride + 1; }
  int64_t out_width() const { return (width + 2 * padding - kernel) / stride + 1; }
};
/// y [batch, out_height, out_width, out] of x [batch, channels, height, width] (or with the channels last)
/// and w [out, channels, kernel, kernel]; b may be empty.
inline Vector convolution(const Vector& x, const Vector& w, const Vector& b, const ConvolutionSizes& s,
                          bool channels_last = false) {
  Vector y;
  for (int64_t n = 0; n < s.batch; n++) {
    for (int64_t i = 0; i < s.out_height(); i++) {
      for (int64_t j = 0; j < s.out_width(); j++) {
        for (int64_t o = 0; o < s.out; o++) {
          double sum = b.empty() ? 0.0 : b[o];
          for (int64_t c = 0; c < s.channels; c++) {
            for (int64_t u = 0; u < s.kernel; u++) {
              for (int64_t v = 0; v < s.kernel; v++) {
                const int64_t row = i * s.stride - s.padding + u, column = j * s.stride - s.padding + v;
                if (row < 0 || row >= s.height || column < 0 || column >= s.width) continue;
                const int64_t at = channels_last ? ((n * s.height + row) * s.width + column) * s.channels + c
                                                 : ((n * s.channels + c) * s.height + row) * s.width + column;
                sum += x[at] * w[((o * s.channels + c) * s.kernel + u) * s.kernel + v];
              }
            }
          }
          y.push_back(sum);
        }
      }
    }
  }
  return y;
}

inline Vector add(const Vector& a, const Vector& b) {
  Vector y = a;
  for (std::size_t i = 0; i < y.size(); i++) y[i] += b[i];
  return y;
}

/// LayerNorm, or RMSNorm where `shift` is empty.
inline Vector normalize(const Vector& x, const Vector& gain, const Vector& shift, double epsilon) {
  const std::size_t n = gain.size();
  Vector y;
  for (std::size_t r = 0; r < x.size(); r += n) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < n && !shift.empty(); i++) mean += x[r + i] / static_cast<double>(n);
    for (std::size_t i = 0; i < n; i++) {
      square += (x[r + i] - mean) * (x[r + i] - mean) / static_cast<double>(n);
    }
    for (std::size_t i = 0; i < n; i++) {
      y.push_back((x[r + i] - mean) / std::sqrt(square + epsilon) * gain[i] + (shift.empty() ? 0 : shift[i]));
    }
  }
  return y;
}

template <class F>
Vector map(const Vector& x, F&& f) {
  Vector y;
  for (double number : x) y.push_back(f(number));
  return y;
}
inline double gelu_erf(double x) {
  return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}
inline double gelu_tanh(double x) {
  return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
}
inline double relu(double x) {
  return x > 0 ? x : 0;
}

inline Vector swiglu(const Vector& gate, const Vector& up) {
  Vector y;
  for (std::size_t i = 0; i < up.size(); i++) y.push_back(gate[i] / (1 + std::exp(-gate[i])) * up[i]);
  return y;
}

/// One of q, k and v: rows of `width` numbers, heads from `column` on.
struct Part {
  const Vector& numbers;
  int64_t width, column;
  double at(int64_t row, int64_t head, int64_t dim, int64_t head_dim) const {
    return numbers[row * width + column + head * head_dim + dim];
  }
};
struct AttentionSizes {
  int64_t batch, heads, kv_heads, q_len, kv_len, head_dim;
  bool causal;
  std::vector<int64_t> key_lengths;
};
inline Vector attention(const Part& q, const Part& k, const Part& v, const AttentionSizes& s) {
  Vector y(static_cast<std::size_t>(s.batch * s.q_len * s.heads * s.head_dim), 0.0);
  for (int64_t b = 0; b < s.batch; b++) {
    const int64_t keys = s.key_lengths.empty() ? s.kv_len : s.key_lengths[b];
    for (int64_t h = 0; h < s.heads; h++) {
      const int64_t kv_head = h / (s.heads / s.kv_heads);
      for (int64_t i = 0; i < s.q_len; i++) {
        const int64_t end =
            s.causal ? std::min(keys, i + 1 + std::max<int64_t>(0, s.kv_len - s.q_len)) : keys;
        Vector weights;
        double total = 0;
        for (int64_t j = 0; j < end; j++) {
          double dot = 0;
          for (int64_t d = 0; d < s.head_dim; d++) {
            dot += q.at(b * s.q_len + i, h, d, s.head_dim) * k.at(b * s.kv_len + j, kv_head, d, s.head_dim);
          }
          weights.push_back(std::exp(dot / std::sqrt(static_cast<double>(s.head_dim))));
          total += weights.back();
        }
        for (int64_t j = 0; j < end; j++) {
          for (int64_t d = 0; d < s.head_dim; d++) {
            y[((b * s.q_len + i) * s.heads + h) * s.head_dim + d] +=
                weights[j] / total * v.at(b * s.kv_len + j, kv_head, d, s.head_dim);
          }
        }
      }
    }
  }
  return y;
}

/// Pairs (i, i + dim / 2), or neighbours, of every head turned by position * base^(-2 i / dim).
inline Vector rotary(const Vector& x, int64_t seq, int64_t heads, int64_t dim, double base, bool neighbours) {
  Vector y = x;
  for (std::size_t at = 0; at < x.size(); at += static_cast<std::size_t>(dim)) {
    const auto position = static_cast<double>(static_cast<int64_t>(at) / (heads * dim) % seq);
    for (int64_t i = 0; i < dim / 2; i++) {
      const double angle =
          position * std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(dim));
      const std::size_t a = at + static_cast<std::size_t>(neighbours ? 2 * i : i);
      const std::size_t b = neighbours ? a + 1 : a + static_cast<std::size_t>(dim / 2);
      y[a] = std::cos(angle) * x[a] - std::sin(angle) * x[b];
      y[b] = std::sin(angle) * x[a] + std::cos(angle) * x[b];
    }
  }
  return y;
}

inline Vector embedding(const Vector& table, const std::vector<int32_t>& ids, int64_t width) {
  Vector y;
  for (int32_t id : ids) y.insert(y.end(), table.begin() + id * width, table.begin() + (id + 1) * width);
  return y;
}

inline double cross_entropy(const Vector& logits, const std::vector<int32_t>& targets) {
  const std::size_t n = logits.size() / targets.size();
  double sum = 0, counted = 0;
  for (std::size_t r = 0; r < targets.size(); r++) {
    if (targets[r] < 0) continue;
    double total = 0;
    for (std::size_t i = 0; i < n; i++) total += std::exp(logits[r * n + i]);
    sum += std::log(total) - logits[r * n + static_cast<std::size_t>(targets[r])];
    counted++;
  }
  return counted > 0 ? sum / counted : 0.0;
}

inline double squared_error(const Vector& x, const Vector& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum / static_cast<double>(x.size());
}

}  // namespace training_reference
