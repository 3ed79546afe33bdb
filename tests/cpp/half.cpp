// f16 by its bits.
#include "limelight/half.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace limelight;

TEST_CASE("every f16 is the f32 that its bits say, and comes back as it was") {
  std::vector<uint16_t> halves(0x10000), back(halves.size(), 1);
  for (std::size_t i = 0; i < halves.size(); i++) halves[i] = static_cast<uint16_t>(i);
  std::vector<float> wide(halves.size());
  widen(halves, wide);
  narrow(wide, back);
  bool right = true;
  for (std::size_t i = 0; i < halves.size(); i++) {
    const int exponent = static_cast<int>(i >> 10 & 31), mantissa = static_cast<int>(i & 0x3ff);
    const double sign = i & 0x8000 ? -1.0 : 1.0;
    if (exponent == 31 && mantissa != 0) {
      right = right && std::isnan(wide[i]) && std::isnan(f16_to_f32(back[i]));
      continue;
    }
    const double expected = exponent == 31  ? sign * std::numeric_limits<double>::infinity()
                            : exponent == 0 ? sign * std::ldexp(mantissa, -24)
                                            : sign * std::ldexp(1024 + mantissa, exponent - 25);
    right = right && static_cast<double>(wide[i]) == expected &&
            std::signbit(wide[i]) == std::signbit(expected) && back[i] == halves[i];
  }
  CHECK(right);
}

TEST_CASE("narrowing rounds to the nearest f16, ties to even, and beyond the largest to infinity") {
  const std::vector<float> from = {1.0f + 0x1p-11f, 1.0f + 0x3p-11f, 65519.0f,  65520.0f,
                                   -1e30f,          0x1p-25f,        0x1.8p-25f};
  std::vector<uint16_t> to(from.size());
  narrow(from, to);
  CHECK(to == std::vector<uint16_t>{0x3c00, 0x3c02, 0x7bff, 0x7c00, 0xfc00, 0x0000, 0x0001});
}

TEST_CASE("of two lengths the shorter is converted") {
  std::vector<float> two = {7.0f, 7.0f, 7.0f};
  widen(std::vector<uint16_t>{0x3c00, 0xc000}, two);
  CHECK(two == std::vector<float>{1.0f, -2.0f, 7.0f});
  std::vector<uint16_t> one = {5};
  narrow(two, one);
  CHECK(one == std::vector<uint16_t>{0x3c00});
}
