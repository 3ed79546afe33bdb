#include "base/format.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace limelight {
namespace {

class Writer {
 public:
  Writer(char* to, std::size_t room) : at_(to), end_(to + room - 1) {}
  ~Writer() { *at_ = '\0'; }

  void put(char c) {
    if (at_ < end_) *at_++ = c;
  }
  /// At most `count` bytes, and none from a NUL on.
  void put(const char* text, std::size_t count = SIZE_MAX) {
    for (std::size_t i = 0; i < count && text[i] != '\0'; ++i) put(text[i]);
  }
  void zeros(int count) {
    for (int i = 0; i < count; ++i) put('0');
  }

  void integer(uint64_t value) {
    char digits[20];
    char* first = std::end(digits);
    do {
      *--first = static_cast<char>('0' + value % 10);
    } while ((value /= 10) != 0);
    put(first, static_cast<std::size_t>(std::end(digits) - first));
  }
  void signed_integer(int64_t value) {
    if (value < 0) put('-');
    integer(value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
  }

  /// As %g does: six significant digits, without trailing zeros, with an exponent where it is below -4 or
  /// above 5.
  void general(double value) {
    if (std::signbit(value)) put('-');
    value = std::fabs(value);
    if (std::isnan(value)) return put("nan");
    if (std::isinf(value)) return put("inf");
    // value = digits * 10^(exponent - 5). The steps round at most 330 times, so only what is within 1e-13 of
    // half way between two texts may get the other one.
    int exponent = value > 0 ? 5 : 0;
    for (; value > 0 && value < 1e5; value *= 10) --exponent;
    for (; value >= 1e6; value /= 10) ++exponent;
    auto digits = static_cast<uint32_t>(std::nearbyint(value));
    if (digits == 1'000'000) {
      digits = 100'000;
      ++exponent;
    }
    char text[6];
    for (int i = 5; i >= 0; --i, digits /= 10) text[i] = static_cast<char>('0' + digits % 10);
    int count = 6;
    while (count > 1 && text[count - 1] == '0') --count;

    const bool scientific = exponent < -4 || exponent >= 6;
    const int whole = scientific ? 1 : std::max(0, exponent + 1);  // digits before the point
    if (whole == 0) put('0');
    put(text, static_cast<std::size_t>(std::min(whole, count)));
    zeros(whole - count);
    if (count > whole) {
      put('.');
      if (!scientific) zeros(-exponent - 1);
      put(text + whole, static_cast<std::size_t>(count - whole));
    }
    if (!scientific) return;
    put('e');
    put(exponent < 0 ? '-' : '+');
    if (std::abs(exponent) < 10) put('0');
    integer(static_cast<uint64_t>(std::abs(exponent)));
  }

  void whole(double value) {
    if (value >= 0 && value < 0x1p64) {
      integer(static_cast<uint64_t>(std::nearbyint(value)));
    } else {
      general(value);
    }
  }

 private:
  char* at_;
  char* end_;
};

}  // namespace

void format_text(char* to, std::size_t room, const char* format, va_list arguments) {
  Writer out(to, room);
  for (const char* next = format; *next != '\0'; ++next) {
    if (*next != '%') {
      out.put(*next);
      continue;
    }
    const char* start = next++;
    std::size_t precision = SIZE_MAX;
    if (*next == '.') {
      precision = 0;
      if (*++next == '*') {
        precision = static_cast<std::size_t>(va_arg(arguments, int));
        ++next;
      }
      for (; *next >= '0' && *next <= '9'; ++next)
        precision = precision * 10 + static_cast<std::size_t>(*next - '0');
    }
    const auto is = [&](const char* conversion) {
      const std::size_t length = std::strlen(conversion);
      if (std::strncmp(next, conversion, length) != 0) return false;
      next += length - 1;
      return true;
    };
    if (is("s")) {
      out.put(va_arg(arguments, const char*), precision);
    } else if (is("d")) {
      out.signed_integer(va_arg(arguments, int));
    } else if (is("lld")) {
      out.signed_integer(va_arg(arguments, long long));
    } else if (is("llu")) {
      out.integer(va_arg(arguments, unsigned long long));
    } else if (is("zu")) {
      out.integer(va_arg(arguments, std::size_t));
    } else if (is("g")) {
      out.general(va_arg(arguments, double));
    } else if (is("f")) {
      out.whole(va_arg(arguments, double));
    } else if (is("%")) {
      out.put('%');
    } else {
      return out.put(start);
    }
  }
}

}  // namespace limelight
