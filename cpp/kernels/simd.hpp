// The one place for what xsimd does not offer, or does slowly: fused multiply-add on WebAssembly,
// four-by-four transposes, sixteen lanes from two panels, pieces of a batch at the end of a buffer. Only
// arch_*.cpp include this. Everything is templated over the architecture, so that no two of those files ever
// share a symbol.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <xsimd/xsimd.hpp>

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#define LIMELIGHT_INLINE inline __attribute__((always_inline))
#define LIMELIGHT_INLINE_LAMBDA __attribute__((always_inline))

namespace limelight::kernels {

template <class A>
using Batch = xsimd::batch<float, A>;

template <class A>
inline constexpr int64_t kLanes = static_cast<int64_t>(Batch<A>::size);

#if defined(__wasm_relaxed_simd__)
inline constexpr bool kRelaxed = true;
#else
inline constexpr bool kRelaxed = false;
#endif

/// Whether madd() rounds once. Relaxed WebAssembly may round once or twice, as its host likes.
template <class A>
inline constexpr bool kFused =
    kRelaxed || !(std::is_same_v<A, xsimd::sse2> || std::is_same_v<A, xsimd::wasm>);

/// f(0), f(1), ... f(N - 1) with constant indices: an unrolled loop whatever the compiler thinks of it.
template <int N, class F>
LIMELIGHT_INLINE void unroll(F&& f) {
  [&]<int... i>(std::integer_sequence<int, i...>) LIMELIGHT_INLINE_LAMBDA {
    (f(std::integral_constant<int, i>{}), ...);
  }(std::make_integer_sequence<int, N>{});
}

/// a * b + c, fused where the architecture can.
template <class A>
LIMELIGHT_INLINE Batch<A> madd(Batch<A> a, Batch<A> b, Batch<A> c) {
#if defined(__wasm_relaxed_simd__)
  return Batch<A>(wasm_f32x4_relaxed_madd(a, b, c));
#else
  if constexpr (kFused<A>) {
    return xsimd::fma(a, b, c);
  } else {
    return a * b + c;
  }
#endif
}

/// value, or zero in lanes where x < bound. NaN in x keeps value.
template <class A>
LIMELIGHT_INLINE Batch<A> zero_below(Batch<A> value, Batch<A> x, float bound) {
#if defined(__wasm_simd128__)
  return Batch<A>(wasm_v128_andnot(value, wasm_f32x4_lt(x, Batch<A>(bound))));
#else
  return xsimd::select(x < Batch<A>(bound), Batch<A>(0.0f), value);
#endif
}

/// Sixteen lanes, eight from each of two panels; narrower architectures read `low` alone.
template <class A>
LIMELIGHT_INLINE Batch<A> load_columns(const float* low, [[maybe_unused]] const float* high) {
#if defined(__AVX512F__)
  if constexpr (kLanes<A> == 16) {
    return Batch<A>(
        _mm512_castpd_ps(_mm512_insertf64x4(_mm512_castps_pd(_mm512_castps256_ps512(_mm256_loadu_ps(low))),
                                            _mm256_castps_pd(_mm256_loadu_ps(high)), 1)));
  }
#endif
  return Batch<A>::load_unaligned(low);
}

/// The first `count` < kLanes floats at `from`, the other lanes `fill`. Reads nothing beyond them.
template <class A>
LIMELIGHT_INLINE Batch<A> load_part(const float* from, int64_t count, float fill) {
  alignas(64) float lanes[kLanes<A>];
  for (int64_t i = 0; i < kLanes<A>; i++) lanes[i] = i < count ? from[i] : fill;
  return Batch<A>::load_aligned(lanes);
}

template <class A>
LIMELIGHT_INLINE void store_part(float* to, int64_t count, Batch<A> value) {
  alignas(64) float lanes[kLanes<A>];
  value.store_aligned(lanes);
  for (int64_t i = 0; i < count; i++) to[i] = lanes[i];
}

/// N batches that go through the same steps side by side: independent chains that hide each other's latency,
/// and share the constants (which WebAssembly engines make anew at every use).
template <class A, int N>
struct Vectors {
  Batch<A> part[N];

  Vectors() = default;
  LIMELIGHT_INLINE explicit Vectors(float x) {
    unroll<N>([&](auto i) LIMELIGHT_INLINE_LAMBDA { part[i] = Batch<A>(x); });
  }
  /// f(i) makes part i.
  template <class F>
  static LIMELIGHT_INLINE Vectors make(F&& f) {
    Vectors made;
    unroll<N>([&](auto i) LIMELIGHT_INLINE_LAMBDA { made.part[i] = f(i); });
    return made;
  }
  static LIMELIGHT_INLINE Vectors load(const float* from) {
    return make([&](auto i)
                    LIMELIGHT_INLINE_LAMBDA { return Batch<A>::load_unaligned(from + i * kLanes<A>); });
  }
  LIMELIGHT_INLINE void store(float* to) const {
    unroll<N>([&](auto i) LIMELIGHT_INLINE_LAMBDA { part[i].store_unaligned(to + i * kLanes<A>); });
  }
  /// The first `count` > 0 floats at `from`, or all where there are more; the other lanes are `fill`.
  static LIMELIGHT_INLINE Vectors load_part(const float* from, int64_t count, float fill) {
    if (count >= N * kLanes<A>) return load(from);
    float piece[N * kLanes<A>];
    for (int64_t i = 0; i < N * kLanes<A>; i++) piece[i] = i < count ? from[i] : fill;
    return load(piece);
  }
  LIMELIGHT_INLINE void store_part(float* to, int64_t count) const {
    if (count >= N * kLanes<A>) return store(to);
    float piece[N * kLanes<A>];
    store(piece);
    for (int64_t i = 0; i < count; i++) to[i] = piece[i];
  }
  /// One batch of the sums over the parts, by halves.
  LIMELIGHT_INLINE Batch<A> sum() const {
    if constexpr (N == 1) {
      return part[0];
    } else if constexpr (N == 2) {
      return part[0] + part[1];
    } else {
      static_assert(N == 4);
      return (part[0] + part[1]) + (part[2] + part[3]);
    }
  }
  friend LIMELIGHT_INLINE Vectors operator+(const Vectors& a, const Vectors& b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return a.part[i] + b.part[i]; });
  }
  friend LIMELIGHT_INLINE Vectors operator-(const Vectors& a, const Vectors& b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return a.part[i] - b.part[i]; });
  }
  friend LIMELIGHT_INLINE Vectors operator*(const Vectors& a, const Vectors& b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return a.part[i] * b.part[i]; });
  }
  friend LIMELIGHT_INLINE Vectors operator/(const Vectors& a, const Vectors& b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return a.part[i] / b.part[i]; });
  }
  friend LIMELIGHT_INLINE Vectors operator-(const Vectors& a) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return -a.part[i]; });
  }
  friend LIMELIGHT_INLINE Vectors abs(const Vectors& a) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return xsimd::abs(a.part[i]); });
  }
  friend LIMELIGHT_INLINE Vectors min(const Vectors& a, float b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return xsimd::min(a.part[i], Batch<A>(b)); });
  }
  friend LIMELIGHT_INLINE Vectors max(const Vectors& a, float b) {
    return make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return xsimd::max(a.part[i], Batch<A>(b)); });
  }
  friend LIMELIGHT_INLINE Vectors madd(const Vectors& a, const Vectors& b, const Vectors& c) {
    return make([&](auto i)
                    LIMELIGHT_INLINE_LAMBDA { return kernels::madd<A>(a.part[i], b.part[i], c.part[i]); });
  }
};

/// Sum of the lanes, by halves: ((0+4)+(2+6))+..., the same tree on every architecture of one width.
template <class A>
LIMELIGHT_INLINE float sum_lanes(Batch<A> value) {
  alignas(64) float lanes[kLanes<A>];
  value.store_aligned(lanes);
  for (int64_t half = kLanes<A> / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; i++) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

template <class A>
LIMELIGHT_INLINE float max_lanes(Batch<A> value) {
  alignas(64) float lanes[kLanes<A>];
  value.store_aligned(lanes);
  for (int64_t half = kLanes<A> / 2; half > 0; half /= 2) {
    for (int64_t i = 0; i < half; i++) lanes[i] = lanes[i] < lanes[i + half] ? lanes[i + half] : lanes[i];
  }
  return lanes[0];
}

/// Four lanes on every architecture, for work on keys that lie unpacked in memory: four keys by four
/// dimensions.
template <class A>
struct Quad {
#if defined(__wasm_simd128__)
  v128_t lanes;
  static LIMELIGHT_INLINE Quad load(const float* p) { return {wasm_v128_load(p)}; }
  static LIMELIGHT_INLINE Quad splat(float x) { return {wasm_f32x4_splat(x)}; }
  LIMELIGHT_INLINE void store(float* p) const { wasm_v128_store(p, lanes); }
  static LIMELIGHT_INLINE Quad madd(Quad a, Quad b, Quad c) {
#if defined(__wasm_relaxed_simd__)
    return {wasm_f32x4_relaxed_madd(a.lanes, b.lanes, c.lanes)};
#else
    return {wasm_f32x4_add(wasm_f32x4_mul(a.lanes, b.lanes), c.lanes)};
#endif
  }
  static LIMELIGHT_INLINE void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
    const v128_t ab_low = wasm_i32x4_shuffle(a.lanes, b.lanes, 0, 4, 1, 5);
    const v128_t ab_high = wasm_i32x4_shuffle(a.lanes, b.lanes, 2, 6, 3, 7);
    const v128_t cd_low = wasm_i32x4_shuffle(c.lanes, d.lanes, 0, 4, 1, 5);
    const v128_t cd_high = wasm_i32x4_shuffle(c.lanes, d.lanes, 2, 6, 3, 7);
    a.lanes = wasm_i64x2_shuffle(ab_low, cd_low, 0, 2);
    b.lanes = wasm_i64x2_shuffle(ab_low, cd_low, 1, 3);
    c.lanes = wasm_i64x2_shuffle(ab_high, cd_high, 0, 2);
    d.lanes = wasm_i64x2_shuffle(ab_high, cd_high, 1, 3);
  }
#elif defined(__SSE2__)
  __m128 lanes;
  static LIMELIGHT_INLINE Quad load(const float* p) { return {_mm_loadu_ps(p)}; }
  static LIMELIGHT_INLINE Quad splat(float x) { return {_mm_set1_ps(x)}; }
  LIMELIGHT_INLINE void store(float* p) const { _mm_storeu_ps(p, lanes); }
  static LIMELIGHT_INLINE Quad madd(Quad a, Quad b, Quad c) {
#if defined(__FMA__)
    if constexpr (kFused<A>) return {_mm_fmadd_ps(a.lanes, b.lanes, c.lanes)};
#else
    static_assert(!kFused<A>, "compile with -mfma: the 128-bit parts must round as the wide ones do");
#endif
    return {_mm_add_ps(_mm_mul_ps(a.lanes, b.lanes), c.lanes)};
  }
  static LIMELIGHT_INLINE void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
    _MM_TRANSPOSE4_PS(a.lanes, b.lanes, c.lanes, d.lanes);
  }
#else
  float32x4_t lanes;
  static LIMELIGHT_INLINE Quad load(const float* p) { return {vld1q_f32(p)}; }
  static LIMELIGHT_INLINE Quad splat(float x) { return {vdupq_n_f32(x)}; }
  LIMELIGHT_INLINE void store(float* p) const { vst1q_f32(p, lanes); }
  static LIMELIGHT_INLINE Quad madd(Quad a, Quad b, Quad c) { return {vfmaq_f32(c.lanes, a.lanes, b.lanes)}; }
  static LIMELIGHT_INLINE void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
    const float32x4x2_t ab = vtrnq_f32(a.lanes, b.lanes);
    const float32x4x2_t cd = vtrnq_f32(c.lanes, d.lanes);
    a.lanes = vcombine_f32(vget_low_f32(ab.val[0]), vget_low_f32(cd.val[0]));
    b.lanes = vcombine_f32(vget_low_f32(ab.val[1]), vget_low_f32(cd.val[1]));
    c.lanes = vcombine_f32(vget_high_f32(ab.val[0]), vget_high_f32(cd.val[0]));
    d.lanes = vcombine_f32(vget_high_f32(ab.val[1]), vget_high_f32(cd.val[1]));
  }
#endif
};

}  // namespace limelight::kernels
