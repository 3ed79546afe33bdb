#include "base/format.hpp"

#include <doctest/doctest.h>

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#include "limelight/status.hpp"

namespace limelight::test {
namespace {

template <class... Values>
std::string formatted(const char* format, Values... values) {
  return Status::error(StatusCode::invalid_value, format, values...).message;
}

template <class... Values>
std::string printed(const char* format, Values... values) {
  char text[252];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

#define CHECK_AS_PRINTF(...) CHECK(formatted(__VA_ARGS__) == printed(__VA_ARGS__))

TEST_CASE("messages read as printf would write them") {
  CHECK_AS_PRINTF("%s has [%lld, +%lld) of %zu, 100%%", "rectangle", -3LL, 12LL, std::size_t{77});
  CHECK_AS_PRINTF("%.3s|%.*s|%.9s|%s", "abcdef", 2, "xyz", "short", "");
  CHECK_AS_PRINTF("%d %d %d", 0, INT32_MIN, INT32_MAX);
  CHECK_AS_PRINTF("%lld %lld %llu %zu", INT64_C(0) + INT64_MIN, static_cast<long long>(INT64_MAX),
                  static_cast<unsigned long long>(UINT64_MAX), SIZE_MAX);
  CHECK_AS_PRINTF("%.0f %.0f %.0f", 0.0, 4294967296.0, 9007199254740992.0);
}

TEST_CASE("numbers have six significant digits, as printf's %g has them") {
  for (const double value : {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             0.1,
                             0.5,
                             192.5,
                             -192.0,
                             1e-5,
                             1e-4,
                             0.00012345678,
                             12345.65,
                             99999.94,
                             99999.96,
                             999999.4,
                             999999.6,
                             1e6,
                             123456.5,
                             123457.5,
                             1e20,
                             6.02214076e23,
                             -1.6e-19,
                             1e100,
                             3.4028234e38,
                             1.17549435e-38,
                             DBL_MAX,
                             DBL_MIN,
                             4.9e-324,
                             HUGE_VAL,
                             -HUGE_VAL,
                             65504.0,
                             1.0 / 3.0,
                             2.0 / 3.0,
                             static_cast<double>(0.3f)}) {
    CHECK_AS_PRINTF("%g", value);
  }
  for (int exponent = -300; exponent <= 300; ++exponent) {
    const double value = 1.2345678 * std::pow(10.0, exponent);
    CHECK_AS_PRINTF("%g", value);
  }
  CHECK(formatted("%g", std::nan("")) == "nan");
}

TEST_CASE("a text that is too long is cut, and always ends") {
  const std::string long_text(1000, 'x');
  CHECK_AS_PRINTF("<%s>", long_text.c_str());
  CHECK_AS_PRINTF("%s%lld", std::string(249, 'y').c_str(), 1234567LL);
}

}  // namespace
}  // namespace limelight::test
