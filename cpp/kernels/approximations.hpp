// exp and the normal tail as polynomials; fit.mjs derives the coefficients and prints their errors.
#pragma once

#include "kernels/simd.hpp"

namespace limelight::kernels {

/// exp(x) for x <= 0 within 1.5 ulp; 0 below ln(2^-126), where results would be subnormal; NaN stays NaN.
/// x = n ln2 + r: the sum with 1.5 * 2^23 + 127 rounds x / ln2 to an integer in the low bits, and a shift
/// makes 2^n of it, so there is no conversion between float and integer (slow on WebAssembly).
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> exp_negative(const Vectors<A, N>& x) {
  using V = Vectors<A, N>;
  const V magic(0x1.8000fep23f);
  const V shifted = madd(x, V(0x1.715476p+0f), magic);
  const V power = V::make([&](auto i) LIMELIGHT_INLINE_LAMBDA {
    return xsimd::bitwise_cast<float>(xsimd::bitwise_cast<int32_t>(shifted.part[i]) << 23);
  });
  const V n = shifted - magic;
  // ln2 in two parts; the first has 9 trailing zero bits, so n times it is exact.
  V r = madd(n, V(-0x1.62e400p-1f), x);
  r = madd(n, V(-0x1.7f7d1cp-20f), r);
  V p(0.00138436526f);
  p = madd(p, r, V(0.00837415550f));
  p = madd(p, r, V(0.0416680016f));
  p = madd(p, r, V(0.166664317f));
  p = madd(p, r, V(0.499999940f));
  p = madd(p, r, V(1.0f));
  const V result = madd(power * r, p, power);
  // Last, so that -inf (whose r is NaN) gives 0.
  return V::make(
      [&](auto i) LIMELIGHT_INLINE_LAMBDA { return zero_below<A>(result.part[i], x.part[i], -87.3365402f); });
}

/// 2^x for x <= 0 within 1.5 ulp down to 2^-126, then with the spacing of subnormal numbers; 0 below -126.5;
/// NaN stays NaN. Like exp_negative, but x - n is exact, so that three multiply-adds become additions, which
/// have units of their own beside the multipliers: what the softmax of attention uses.
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> exp2_negative(const Vectors<A, N>& any) {
  using V = Vectors<A, N>;
  const V magic(0x1.8000fep23f);
  // From here on, down to -inf, n is -127 and the power's bits are those of zero.
  const V x = V::make([&](auto i) LIMELIGHT_INLINE_LAMBDA { return at_least<A>(any.part[i], -127.0f); });
  const V shifted = x + magic;
  const V power = V::make([&](auto i) LIMELIGHT_INLINE_LAMBDA {
    return xsimd::bitwise_cast<float>(xsimd::bitwise_cast<int32_t>(shifted.part[i]) << 23);
  });
  const V r = x - (shifted - magic);
  V p(0.000153533620f);
  p = madd(p, r, V(0.00133988750f));
  p = madd(p, r, V(0.00961843692f));
  p = madd(p, r, V(0.0555033237f));
  p = madd(p, r, V(0.240226477f));
  p = madd(p, r, V(0.693147182f));
  return madd(power * r, p, power);
}

/// tanh(x) within 3 ulp: x + x^3 p(x^2) up to 0.625, where 1 - e^(-2x) would cancel, (1 - e^(-2x)) / (1 +
/// e^(-2x)) beyond. NaN stays NaN.
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> tanh(const Vectors<A, N>& x) {
  using V = Vectors<A, N>;
  const V a = abs(x), u = x * x;
  V p(-0.00570498640f);
  p = madd(p, u, V(0.0206390861f));
  p = madd(p, u, V(-0.0537397154f));
  p = madd(p, u, V(0.133314416f));
  p = madd(p, u, V(-0.333332807f));
  const V near = madd(x * u, p, x);
  const V e = exp_negative(-(a + a));
  const V far = (V(1.0f) - e) / (V(1.0f) + e);
  return V::make([&](auto i) LIMELIGHT_INLINE_LAMBDA {
    const Batch<A> signed_far = xsimd::select(x.part[i] < Batch<A>(0.0f), -far.part[i], far.part[i]);
    return xsimd::select(a.part[i] < Batch<A>(0.625f), near.part[i], signed_far);
  });
}

/// 1 - Phi(a) for 0 <= a <= 6, Phi the distribution function of the standard normal: absolute error at most
/// 1e-7.
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> normal_tail(const Vectors<A, N>& a) {
  using V = Vectors<A, N>;
  V q(9.57198040e-7f);
  q = madd(q, a, V(-0.0000158096464f));
  q = madd(q, a, V(0.0000780743067f));
  q = madd(q, a, V(0.000207840814f));
  q = madd(q, a, V(-0.00502875913f));
  q = madd(q, a, V(0.0364688002f));
  q = madd(q, a, V(0.318275422f));
  q = madd(q, a, V(0.797887862f));
  q = madd(q, a, V(0.693147123f));
  return exp_negative(-q);
}

/// x Phi(x) = max(x, 0) - |x| (1 - Phi(|x|)): no cancellation on either side. |error| <= 2e-7 |x|.
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> gelu_erf(const Vectors<A, N>& x) {
  // Beyond 6 the second term is below 6e-9 either way; bounded, it stays finite for every x.
  const Vectors<A, N> a = min(abs(x), 6.0f);
  return max(x, 0.0f) - a * normal_tail(a);
}

/// x / (1 + exp(-u)), where u has the sign of x. With e = exp(-|u|) this is x / (1 + e) on the right and x e
/// / (1 + e) on the left, so exp never sees a positive number.
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> times_logistic(const Vectors<A, N>& x, const Vectors<A, N>& u) {
  using V = Vectors<A, N>;
  const V e = exp_negative(-abs(u));
  return madd(min(x, 0.0f), e, max(x, 0.0f)) / (V(1.0f) + e);
}

/// x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3), which equals 0.5 x (1 + tanh u).
template <class A, int N>
LIMELIGHT_INLINE Vectors<A, N> gelu_tanh(const Vectors<A, N>& x) {
  using V = Vectors<A, N>;
  return times_logistic(x, x * madd(x * x, V(0.0713548162726f), V(1.59576912160573f)));
}

}  // namespace limelight::kernels
