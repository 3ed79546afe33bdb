// Exponential and logarithm in double precision: the C library's bring tables of kilobytes into the
// WebAssembly module.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace limelight {

/// e^x for x <= 0, to within 4e-16 of it; 0 below the smallest normal number, and for NaN.
inline double exponential(double x) {
  if (!(x > -708)) return 0;
  // e^x = 2^k e^r with |r| <= ln(2) / 2. ln(2) is taken off in two parts, k times the first of which is
  // exact.
  const double k = std::nearbyint(x * std::numbers::log2e);
  const double r = (x - k * 0x1.62e42fefa38p-1) - k * 0x1.ef35793c7673p-45;
  // Taylor's series; the first term left out, r^14 / 14!, is below 5e-18. Even and odd powers are two chains
  // that do not wait for each other.
  constexpr double kTerms[] = {1,
                               1,
                               1.0 / 2,
                               1.0 / 6,
                               1.0 / 24,
                               1.0 / 120,
                               1.0 / 720,
                               1.0 / 5040,
                               1.0 / 40320,
                               1.0 / 362880,
                               1.0 / 3628800,
                               1.0 / 39916800,
                               1.0 / 479001600,
                               1.0 / 6227020800};
  double even = 0, odd = 0;
  for (int n = 12; n >= 0; n -= 2) {
    even = even * (r * r) + kTerms[n];
    odd = odd * (r * r) + kTerms[n + 1];
  }
  return (even + r * odd) *
         std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(k) + 1023) << 52);
}

/// ln(x) for x >= 1 that a float holds: each step of Newton's method doubles the 7 digits of the float that
/// it starts from.
inline double logarithm(double x) {
  double y = static_cast<double>(std::log(static_cast<float>(x)));
  for (int step = 0; step < 2; step++) y += x * exponential(-y) - 1.0;
  return y;
}

}  // namespace limelight
