// Kernels that go over one row of numbers: exp, softmax, layer norm, GELU, sums.
#pragma once

#include <cfloat>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/approximations.hpp"

namespace limelight::kernels {

/// How many vectors a row kernel takes through its polynomials side by side; tried 1, 2 and 4.
inline constexpr int kSideBySide = 2;

/// f(x, i) on every element, i its place, in place or elsewhere; the last piece goes through the same f on
/// padded vectors.
template <class A, class F>
LIMELIGHT_INLINE void map(const float* x, int64_t n, float* y, F&& f) {
  using V = Vectors<A, kSideBySide>;
  constexpr int64_t kStep = kSideBySide * kLanes<A>;
  int64_t i = 0;
  for (; i + kStep <= n; i += kStep) f(V::load(x + i), i).store(y + i);
  if (i < n) f(V::load_part(x + i, n - i, 0.0f), i).store_part(y + i, n - i);
}

template <class A>
void exp(const float* x, int64_t n, float* y) {
  map<A>(x, n, y, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return exp_negative(v); });
}

template <class A>
void weigh(float* x, int64_t n, float factor, float lse) {
  const Vectors<A, kSideBySide> factors(factor), normalizers(lse);
  map<A>(x, n, x, [&](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA {
    return exp_negative(v * factors - normalizers);
  });
}

template <class A>
void exp2(const float* x, int64_t n, float* y) {
  map<A>(x, n, y, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return exp2_negative(v); });
}

template <class A>
void gelu_erf(float* x, int64_t n) {
  map<A>(x, n, x, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return gelu_erf(v); });
}

template <class A>
void gelu_tanh(float* x, int64_t n) {
  map<A>(x, n, x, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return gelu_tanh(v); });
}

template <class A>
void silu(float* x, int64_t n) {
  map<A>(x, n, x, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return times_logistic(v, v); });
}

template <class A>
void widen_f16(const uint16_t* x, int64_t n, float* y) {
  constexpr int kBatches = kLanes<A> >= 8 ? 1 : static_cast<int>(8 / kLanes<A>);
  constexpr int64_t kStep = kBatches * kLanes<A>;
  uint16_t last[kStep] = {};
  float wide_last[kStep];
  for (int64_t i = 0; i < n; i += kStep) {
    const bool whole = i + kStep <= n;
    if (!whole) std::memcpy(last, x + i, static_cast<std::size_t>(n - i) * sizeof(uint16_t));
    const uint16_t* from = whole ? x + i : last;
    float* to = whole ? y + i : wide_last;
    Batch<A> wide[kBatches];
    widen<A>(from, from + (kStep > 8 ? 8 : 0), wide);
    unroll<kBatches>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      // Without an instruction for it, what is not finite has come out as 2^16 (infinity) to below 2^17
      // (NaN).
      const Batch<A> value = wide[part], size = xsimd::abs(value);
      const Batch<A> special =
          xsimd::select(size > Batch<A>(0x1p16f), Batch<A>(NAN), value * Batch<A>(FLT_MAX));
      xsimd::select((size >= Batch<A>(0x1p16f)) & (size < Batch<A>(0x1p17f)), special, value)
          .store_unaligned(to + part * kLanes<A>);
    });
    if (!whole) std::memcpy(y + i, wide_last, static_cast<std::size_t>(n - i) * sizeof(float));
  }
}

template <class A>
void softcap(float* x, float cap, int64_t n) {
  using V = Vectors<A, kSideBySide>;
  const V caps(cap), shares(1.0f / cap);
  map<A>(x, n, x, [&](const V& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return caps * tanh(v * shares); });
}

template <class A>
bool finite(const float* x, int64_t ldx, int64_t rows, int64_t n) {
  using V = Vectors<A, kSideBySide>;
  V sums(0.0f);  // of zeros, or NaN
  for (int64_t r = 0; r < rows; r++, x += ldx) {
    for (int64_t i = 0; i < n; i += kSideBySide * kLanes<A>)
      sums = madd(V::load_part(x + i, n - i, 0.0f), V(0.0f), sums);
  }
  return sum_lanes<A>(sums.sum()) == 0.0f;
}

template <class A>
void multiply(float* x, float factor, int64_t n) {
  const Vectors<A, kSideBySide> factors(factor);
  map<A>(x, n, x, [&](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return v * factors; });
}

template <class A>
void copy_rows(const float* from, int64_t ldf, int64_t rows, int64_t n, float* to, int64_t ldt,
               int64_t width) {
  for (int64_t r = 0; r < rows; r++, from += ldf, to += ldt) {
    map<A>(from, n, to, [](const auto& v, int64_t) LIMELIGHT_INLINE_LAMBDA { return v; });
    for (int64_t i = n; i < width; i++) to[i] = 0.0f;
  }
}

template <class A>
void multiply_by(float* x, const float* y, int64_t n) {
  using V = Vectors<A, kSideBySide>;
  map<A>(x, n, x,
         [&](const V& v, int64_t i) LIMELIGHT_INLINE_LAMBDA { return v * V::load_part(y + i, n - i, 0.0f); });
}

template <class A>
void add(float* x, const float* y, int64_t n) {
  using V = Vectors<A, kSideBySide>;
  map<A>(x, n, x,
         [&](const V& v, int64_t i) LIMELIGHT_INLINE_LAMBDA { return v + V::load_part(y + i, n - i, 0.0f); });
}

template <class A>
void softmax(float* x, int64_t n) {
  using B = Batch<A>;
  using V = Vectors<A, kSideBySide>;
  constexpr float kHidden = -std::numeric_limits<float>::infinity();
  constexpr int64_t kWidth = kLanes<A>;
  constexpr int64_t kStep = kSideBySide * kWidth;
  // A finite start: a row of only -inf keeps it, and exp(-inf - start) is 0.
  B largest(-FLT_MAX);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) largest = xsimd::max(largest, B::load_unaligned(x + i));
  if (i < n) largest = xsimd::max(largest, load_part<A>(x + i, n - i, kHidden));
  const V maximum(max_lanes<A>(largest));

  V sums(0.0f);
  for (i = 0; i < n; i += kStep) {
    const V weight = exp_negative(V::load_part(x + i, n - i, kHidden) - maximum);
    weight.store_part(x + i, n - i);
    sums = sums + weight;
  }
  const float total = sum_lanes<A>(sums.sum());
  if (total == 0.0f) return;
  const V divisor(total);
  map<A>(x, n, x, [&](const V& weight, int64_t) LIMELIGHT_INLINE_LAMBDA { return weight / divisor; });
}

template <class A>
void layer_norm(const float* x, int64_t n, const float* gain, const float* shift, float epsilon, float* y) {
  using V = Vectors<A, kSideBySide>;
  constexpr int64_t kStep = kSideBySide * kLanes<A>;
  V sums(0.0f);
  for (int64_t i = 0; i < n; i += kStep) sums = sums + V::load_part(x + i, n - i, 0.0f);
  const float mean = sum_lanes<A>(sums.sum()) / static_cast<float>(n);

  const V center(mean);
  V squares(0.0f);
  for (int64_t i = 0; i < n; i += kStep) {
    const V away = V::load_part(x + i, n - i, mean) - center;
    squares = madd(away, away, squares);
  }
  const float variance = sum_lanes<A>(squares.sum()) / static_cast<float>(n);

  const V scale(1.0f / std::sqrt(variance + epsilon));
  map<A>(x, n, y, [&](const V& v, int64_t i) LIMELIGHT_INLINE_LAMBDA {
    return madd((v - center) * scale, V::load_part(gain + i, n - i, 0.0f),
                V::load_part(shift + i, n - i, 0.0f));
  });
}

template <class A>
void rms_norm(const float* x, int64_t n, const float* gain, float epsilon, float* y) {
  using V = Vectors<A, kSideBySide>;
  V squares(0.0f);
  for (int64_t i = 0; i < n; i += kSideBySide * kLanes<A>) {
    const V part = V::load_part(x + i, n - i, 0.0f);
    squares = madd(part, part, squares);
  }
  const V scale(1.0f / std::sqrt(sum_lanes<A>(squares.sum()) / static_cast<float>(n) + epsilon));
  map<A>(x, n, y, [&](const V& v, int64_t i) LIMELIGHT_INLINE_LAMBDA {
    return v * scale * V::load_part(gain + i, n - i, 0.0f);
  });
}

template <class A>
float dot(const float* a, const float* b, int64_t n) {
  using V = Vectors<A, 4>;
  V sums(0.0f);
  for (int64_t i = 0; i < n; i += 4 * kLanes<A>) {
    sums = madd(V::load_part(a + i, n - i, 0.0f), V::load_part(b + i, n - i, 0.0f), sums);
  }
  return sum_lanes<A>(sums.sum());
}

}  // namespace limelight::kernels
