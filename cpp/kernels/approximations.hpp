// exp and the normal tail as polynomials; fit.mjs derives the coefficients and prints their errors.
#pragma once

#include "kernels/simd.hpp"

namespace limelight::kernels {

/// exp(x) for x <= 0 within 2 ulp; 0 below ln(2^-126), where results would be subnormal; NaN stays NaN.
/// x = n ln2 + r: the sum with 1.5 * 2^23 + 127 rounds x / ln2 to an integer in the low bits, and a shift
/// makes 2^n of it, so there is no conversion between float and integer (slow on WebAssembly).
template <class A>
LIMELIGHT_INLINE Batch<A> exp_negative(Batch<A> x) {
  using B = Batch<A>;
  const B magic(0x1.8000fep23f);
  const B shifted = madd<A>(x, B(0x1.715476p+0f), magic);
  const B power = xsimd::bitwise_cast<float>(xsimd::bitwise_cast<int32_t>(shifted) << 23);
  const B n = shifted - magic;
  // ln2 in two parts; the first has 9 trailing zero bits, so n times it is exact.
  B r = madd<A>(n, B(-0x1.62e400p-1f), x);
  r = madd<A>(n, B(-0x1.7f7d1cp-20f), r);
  B p(0.00138436526f);
  p = madd<A>(p, r, B(0.00837415550f));
  p = madd<A>(p, r, B(0.0416680016f));
  p = madd<A>(p, r, B(0.166664317f));
  p = madd<A>(p, r, B(0.499999940f));
  p = madd<A>(p, r, B(1.0f));
  // Last, so that -inf (whose r is NaN) gives 0.
  return zero_below<A>(madd<A>(power * r, p, power), x, -87.3365402f);
}

/// 1 - Phi(a) for 0 <= a <= 6, Phi the distribution function of the standard normal: absolute error at most
/// 1e-7.
template <class A>
LIMELIGHT_INLINE Batch<A> normal_tail(Batch<A> a) {
  using B = Batch<A>;
  B q(9.57198040e-7f);
  q = madd<A>(q, a, B(-0.0000158096464f));
  q = madd<A>(q, a, B(0.0000780743067f));
  q = madd<A>(q, a, B(0.000207840814f));
  q = madd<A>(q, a, B(-0.00502875913f));
  q = madd<A>(q, a, B(0.0364688002f));
  q = madd<A>(q, a, B(0.318275422f));
  q = madd<A>(q, a, B(0.797887862f));
  q = madd<A>(q, a, B(0.693147123f));
  return exp_negative<A>(-q);
}

/// x Phi(x) = max(x, 0) - |x| (1 - Phi(|x|)): no cancellation on either side. |error| <= 2e-7 |x|.
template <class A>
LIMELIGHT_INLINE Batch<A> gelu_erf(Batch<A> x) {
  using B = Batch<A>;
  // Beyond 6 the second term is below 6e-9 either way; bounded, it stays finite for every x.
  const B a = xsimd::min(xsimd::abs(x), B(6.0f));
  return xsimd::max(x, B(0.0f)) - a * normal_tail<A>(a);
}

/// x / (1 + exp(-2u)), u = sqrt(2/pi) (x + 0.044715 x^3), which equals 0.5 x (1 + tanh u). With e =
/// exp(-2|u|) this is x / (1 + e) on the right and x e / (1 + e) on the left, so exp never sees a positive
/// number.
template <class A>
LIMELIGHT_INLINE Batch<A> gelu_tanh(Batch<A> x) {
  using B = Batch<A>;
  const B zero(0.0f);
  const B twice_u = x * madd<A>(x * x, B(0.0713548162726f), B(1.59576912160573f));
  const B e = exp_negative<A>(-xsimd::abs(twice_u));
  return madd<A>(xsimd::min(x, zero), e, xsimd::max(x, zero)) / (B(1.0f) + e);
}

}  // namespace limelight::kernels
