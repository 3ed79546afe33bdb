// IEEE 754 binary16 ("half", f16), by its bits: for queries, keys and values that come as f16, and results
// that are to be such. attend() computes in f32; a KeyValueCache can keep f16.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <span>

namespace limelight {

/// The same number, exactly; infinities and NaN stay such.
inline float f16_to_f32(uint16_t h) {
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000u) << 16, magnitude = h & 0x7fffu;
  if (magnitude >= 0x7c00u) return std::bit_cast<float>(sign | 0x7f800000u | ((magnitude & 0x3ffu) << 13));
  if (magnitude < 0x0400u) {  // subnormal: magnitude * 2^-24, exact in f32
    const float value = static_cast<float>(magnitude) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

/// The nearest f16, ties to even; what is finite but beyond the largest becomes an infinity, a NaN stays one.
inline uint16_t f32_to_f16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value), magnitude = bits & 0x7fffffffu;
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000u);
  if (magnitude > 0x7f800000u) return sign | 0x7e00u;
  if (magnitude >= 0x477ff000u) return sign | 0x7c00u;  // 65520, half way beyond the largest, and above
  if (magnitude < 0x38800000u) {
    // Below 2^-14 the spacing is 2^-24, as it is for floats in [1/2, 1): the sum rounds as wanted.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000u));
  }
  const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1u);
  return static_cast<uint16_t>(sign | ((rounded - (112u << 23)) >> 13));
}

/// to[i] = from[i], as many as both have. May not overlap.
inline void widen(std::span<const uint16_t> from, std::span<float> to) {
  std::transform(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(std::min(from.size(), to.size())),
                 to.begin(), f16_to_f32);
}
inline void narrow(std::span<const float> from, std::span<uint16_t> to) {
  std::transform(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(std::min(from.size(), to.size())),
                 to.begin(), f32_to_f16);
}

}  // namespace limelight
