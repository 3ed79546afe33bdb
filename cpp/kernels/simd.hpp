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

/// The larger of x and bound. NaN in x stays.
template <class A>
LIMELIGHT_INLINE Batch<A> at_least(Batch<A> x, float bound) {
#if defined(__wasm_simd128__)
  return Batch<A>(wasm_f32x4_pmax(x, Batch<A>(bound)));
#else
  return xsimd::max(Batch<A>(bound), x);  // on x86 the second where either is NaN
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

/// A finite f16 as f32, exactly. Shifted into place, its exponent is 112 too small, which a product with
/// 2^112 mends for normal and subnormal numbers alike. Infinities and NaN come out as finite numbers: who
/// packs weights refuses them. Eight f16 become 8 / kLanes batches; on sixteen lanes `high` holds the other
/// eight.
template <class A, int N>
LIMELIGHT_INLINE void widen(const uint16_t* low, [[maybe_unused]] const uint16_t* high, Batch<A> (&wide)[N]) {
#if defined(__wasm_simd128__)
  const v128_t halves = wasm_v128_load(low), zero = wasm_i32x4_const_splat(0);
  const auto one = [](v128_t upper) LIMELIGHT_INLINE_LAMBDA {
    const v128_t bits = wasm_v128_and(wasm_i32x4_shr(upper, 3), wasm_u32x4_const_splat(0x8fffe000));
    return Batch<A>(wasm_f32x4_mul(bits, wasm_f32x4_const_splat(0x1p112f)));
  };
  wide[0] = one(wasm_i16x8_shuffle(zero, halves, 0, 8, 1, 9, 2, 10, 3, 11));
  wide[1] = one(wasm_i16x8_shuffle(zero, halves, 4, 12, 5, 13, 6, 14, 7, 15));
#elif defined(__AVX512F__)
  wide[0] =
      Batch<A>(_mm512_cvtph_ps(_mm256_set_m128i(_mm_loadu_si128(reinterpret_cast<const __m128i*>(high)),
                                                _mm_loadu_si128(reinterpret_cast<const __m128i*>(low)))));
#elif defined(__F16C__)
  wide[0] = Batch<A>(_mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))));
#elif defined(__SSE2__)
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(low)), zero = _mm_setzero_si128();
  const auto one = [](__m128i upper) LIMELIGHT_INLINE_LAMBDA {
    const __m128i bits =
        _mm_and_si128(_mm_srai_epi32(upper, 3), _mm_set1_epi32(static_cast<int32_t>(0x8fffe000)));
    return Batch<A>(_mm_mul_ps(_mm_castsi128_ps(bits), _mm_set1_ps(0x1p112f)));
  };
  wide[0] = one(_mm_unpacklo_epi16(zero, halves));
  wide[1] = one(_mm_unpackhi_epi16(zero, halves));
#else
  const float16x8_t halves = vreinterpretq_f16_u16(vld1q_u16(low));
  wide[0] = Batch<A>(vcvt_f32_f16(vget_low_f16(halves)));
  wide[1] = Batch<A>(vcvt_high_f32_f16(halves));
#endif
}

/// Eight int8 as f32, likewise.
template <class A, int N>
LIMELIGHT_INLINE void widen(const int8_t* low, [[maybe_unused]] const int8_t* high, Batch<A> (&wide)[N]) {
#if defined(__wasm_simd128__)
  const v128_t words = wasm_i16x8_load8x8(low);
  wide[0] = Batch<A>(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_low_i16x8(words)));
  wide[1] = Batch<A>(wasm_f32x4_convert_i32x4(wasm_i32x4_extend_high_i16x8(words)));
#elif defined(__AVX512F__)
  const __m128i bytes = _mm_unpacklo_epi64(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(low)),
                                           _mm_loadl_epi64(reinterpret_cast<const __m128i*>(high)));
  wide[0] = Batch<A>(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)));
#elif defined(__AVX2__)
  wide[0] = Batch<A>(
      _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(low)))));
#elif defined(__SSE2__)
  const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(low)), zero = _mm_setzero_si128();
  const __m128i words = _mm_unpacklo_epi8(zero, bytes);  // the byte in the upper half: times 2^8
  wide[0] = Batch<A>(_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpacklo_epi16(zero, words), 24)));
  wide[1] = Batch<A>(_mm_cvtepi32_ps(_mm_srai_epi32(_mm_unpackhi_epi16(zero, words), 24)));
#else
  const int16x8_t words = vmovl_s8(vld1_s8(low));
  wide[0] = Batch<A>(vcvtq_f32_s32(vmovl_s16(vget_low_s16(words))));
  wide[1] = Batch<A>(vcvtq_f32_s32(vmovl_high_s16(words)));
#endif
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
  for (int64_t i = 0; i < kLanes<A>; i++) {
    if (i < count) to[i] = lanes[i];
  }
}

/// What is left of a row, which is rare: as a function of its own, it is in a module once and not in every
/// kernel, where it would be unrolled besides.
[[gnu::noinline]] inline void copy_part(const float* from, int64_t count, int64_t width, float fill,
                                        float* to) {
  for (int64_t i = 0; i < width; i++) to[i] = i < count ? from[i] : fill;
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
    copy_part(from, count, N * kLanes<A>, fill, piece);
    return load(piece);
  }
  LIMELIGHT_INLINE void store_part(float* to, int64_t count) const {
    if (count >= N * kLanes<A>) return store(to);
    float piece[N * kLanes<A>];
    store(piece);
    copy_part(piece, count, count, 0.0f, to);
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
  static LIMELIGHT_INLINE Quad add(Quad a, Quad b) { return {wasm_f32x4_add(a.lanes, b.lanes)}; }
  static LIMELIGHT_INLINE Quad max(Quad a, Quad b) { return {wasm_f32x4_pmax(a.lanes, b.lanes)}; }
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
  static LIMELIGHT_INLINE Quad add(Quad a, Quad b) { return {_mm_add_ps(a.lanes, b.lanes)}; }
  static LIMELIGHT_INLINE Quad max(Quad a, Quad b) { return {_mm_max_ps(a.lanes, b.lanes)}; }
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
  static LIMELIGHT_INLINE Quad add(Quad a, Quad b) { return {vaddq_f32(a.lanes, b.lanes)}; }
  static LIMELIGHT_INLINE Quad max(Quad a, Quad b) { return {vmaxq_f32(a.lanes, b.lanes)}; }
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

/// A batch as four lanes: its upper half joined to its lower one by `join`, until four are left.
template <class A, class Join>
LIMELIGHT_INLINE Quad<A> fold(Batch<A> value, Join&& join) {
  if constexpr (kLanes<A> == 4) {
    return {value};
  } else {
    alignas(64) float lanes[kLanes<A>];
    value.store_aligned(lanes);
    const auto four = [&](int i) LIMELIGHT_INLINE_LAMBDA { return Quad<A>::load(lanes + 4 * i); };
    if constexpr (kLanes<A> == 8) {
      return join(four(0), four(1));
    } else {
      static_assert(kLanes<A> == 16);
      return join(join(four(0), four(2)), join(four(1), four(3)));
    }
  }
}
template <class A>
LIMELIGHT_INLINE Quad<A> fold_sum(Batch<A> value) {
  return fold<A>(value, Quad<A>::add);
}
template <class A>
LIMELIGHT_INLINE Quad<A> fold_max(Batch<A> value) {
  return fold<A>(value, Quad<A>::max);
}

}  // namespace limelight::kernels
