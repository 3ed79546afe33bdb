#include <bit>
#include <cmath>

#include "checkpoint.hpp"
#include "limelight/safetensors.hpp"

namespace limelight::test {
namespace {

/// What 16 bits with `exponent_bits` of exponent mean, from the definition of IEC 60559.
double meaning(uint32_t bits, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits, bias = (1 << (exponent_bits - 1)) - 1;
  const double sign = bits & 0x8000 ? -1 : 1;
  const int exponent = static_cast<int>(bits >> fraction_bits & ((1u << exponent_bits) - 1));
  const double fraction = std::ldexp(static_cast<double>(bits & ((1u << fraction_bits) - 1)), -fraction_bits);
  if (exponent == (1 << exponent_bits) - 1) return fraction == 0 ? sign * INFINITY : NAN;
  return sign * (exponent == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, exponent - bias));
}

TEST_CASE("every f16 and every bf16 number decodes to exactly what its bits mean") {
  for (const auto& [dtype, exponent_bits] : {std::pair{Dtype::f16, 5}, std::pair{Dtype::bf16, 8}}) {
    std::vector<uint16_t> raw(65536);
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<uint16_t>(i);
    std::vector<float> values(raw.size());
    CHECK_OK(decode(dtype, std::as_bytes(std::span(raw)), values));
    int wrong = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const double expected = meaning(static_cast<uint32_t>(i), exponent_bits),
                   value = static_cast<double>(values[i]);
      if (std::isnan(expected)) {
        wrong += !std::isnan(value);
      } else {
        wrong += value != expected || std::signbit(value) != std::signbit(expected);
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("bytes decode wherever they lie in memory") {
  const std::vector<float> values = {1.5f, -0.25f, 0, 1e-20f, -3e38f};
  for (std::size_t shift = 0; shift < 4; ++shift) {
    std::vector<std::byte> raw(values.size() * 4 + shift);
    std::memcpy(raw.data() + shift, values.data(), values.size() * 4);
    std::vector<float> decoded(values.size());
    CHECK_OK(decode(Dtype::f32, std::span(raw).subspan(shift), decoded));
    CHECK(same_bits(values, decoded));
  }
  CHECK_OK(decode(Dtype::f32, {}, {}));
}

TEST_CASE("decoding refuses lengths that do not fit and types that are no floats") {
  std::vector<std::byte> raw(8);
  std::vector<float> values(2);
  CHECK_REFUSED(decode(Dtype::f16, raw, values), invalid_shape, "8 bytes");
  CHECK_REFUSED(decode(Dtype::f32, std::span(raw).first(7), values), invalid_shape, "7 bytes");
  CHECK_REFUSED(decode(Dtype::f32, std::span(raw).first(4), values), invalid_shape, "4 bytes");
  CHECK_REFUSED(decode(Dtype::i8, raw, values), invalid_option, "F32, F16 and BF16");
  CHECK_REFUSED(decode(Dtype::other, raw, values), invalid_option, "F32, F16 and BF16");
}

}  // namespace
}  // namespace limelight::test
