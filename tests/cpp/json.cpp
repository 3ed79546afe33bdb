#include "io/json.hpp"

#include <cfloat>
#include <cmath>
#include <cstdio>
#include <iterator>

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

using namespace std::string_literals;

/// The text that a string literal of JSON stands for.
std::string text_of(const std::string& literal) {
  JsonText json;
  CHECK_OK(json.parse(literal, "it"));
  REQUIRE(json.root().kind == JsonKind::string);
  return std::string(json.root().text);
}

JsonNode number_of(const std::string& literal) {
  JsonText json;
  CAPTURE(literal);
  CHECK_OK(json.parse(literal, "it"));
  REQUIRE(json.root().kind == JsonKind::number);
  return json.root();
}

TEST_CASE("a text becomes a flat list in its own order, each node with its end") {
  JsonText json;
  CHECK_OK(json.parse(" {\"a\" : [ 1 , true,\t[ ] ],\r\n\"\" : { } , \"b\":null, \"c\":false} ", "it"));
  REQUIRE(json.size() == 8);
  const struct {
    JsonKind kind;
    const char* key;
    uint32_t end, count;
  } kNodes[] = {{JsonKind::object, "", 8, 4},  {JsonKind::array, "a", 5, 3},  {JsonKind::number, "", 3, 0},
                {JsonKind::boolean, "", 4, 0}, {JsonKind::array, "", 5, 0},   {JsonKind::object, "", 6, 0},
                {JsonKind::null, "b", 7, 0},   {JsonKind::boolean, "c", 8, 0}};
  for (uint32_t i = 0; i < std::size(kNodes); ++i) {
    CAPTURE(i);
    CHECK(json[i].kind == kNodes[i].kind);
    CHECK(json[i].key == kNodes[i].key);
    CHECK(json[i].end == kNodes[i].end);
    CHECK(json[i].count == kNodes[i].count);
  }
  CHECK(json[3].number == 1);
  CHECK(json[7].number == 0);
  CHECK(json.find(0, "b") == 6);
  CHECK(json.find(0, "x") == 0);
  CHECK(json.find(1, "a") == 0);  // an array has no members with names
}

TEST_CASE("a text may be a single value of any kind, at any depth that is served") {
  for (const char* text : {"null", "true", "false", "0", "\"\"", "{}", "[]", " [ ] "}) {
    JsonText json;
    CAPTURE(text);
    CHECK_OK(json.parse(text, "it"));
    CHECK(json.size() == 1);
  }
  JsonText json;
  CHECK_OK(json.parse(std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']'), "it"));
  CHECK_REFUSED(json.parse(std::string(kMaxJsonDepth + 1, '['), "it"), corrupt_file, "nested deeper than 32");
}

TEST_CASE("strings are unescaped, and are UTF-8") {
  CHECK(text_of(R"("\"\\\/\b\f\n\r\t")") == "\"\\/\b\f\n\r\t");
  CHECK(text_of(R"("\u0041\u00e9\u20AC\ud83d\ude00|")") == "A\u00e9\u20ac\U0001f600|");
  CHECK(text_of(R"("a\u0000b")") == "a\0b"s);
  CHECK(text_of("\"\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff\"") ==
        "\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff");
  for (const char* bad : {"\"\x80\"", "\"\xbf\"", "\"\xc0\xaf\"", "\"\xc1\xbf\"", "\"\xe0\x9f\xbf\"",
                          "\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"", "\"\xf0\x8f\xbf\xbf\"",
                          "\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xff\"", "\"\xc3\"",
                          "\"\xe2\x82\"", "\"\xf0\x9f\x98\"", "\"\xe2(\xa1\"", "\"\xc3", "\"\xf0\x9f"}) {
    JsonText json;
    CAPTURE(bad);
    CHECK_REFUSED(json.parse(bad, "it"), corrupt_file, "no valid JSON");
  }
}

TEST_CASE("numbers are the doubles that they name, and integers of 64 bits are exact") {
  const struct {
    const char* text;
    double value;
  } kNumbers[] = {
      {"0", 0},
      {"-0.0", -0.0},
      {"1e-05", 1e-5},
      {"1e-12", 1e-12},
      {"0.1", 0.1},
      {"-2.5E+3", -2500},
      {"3.14159", 3.14159},
      {"1e22", 1e22},
      {"1e-22", 1e-22},
      {"0.001e3", 1},
      {"192.5", 192.5},
      {"-17", -17},
      {"1e-400", 0},
      {"0e99999999999", 0},
      {"0.000000000000000000000000000001", 1e-30},
      {"123456789012345", 123456789012345.0},
  };
  for (const auto& number : kNumbers) {
    CHECK(number_of(number.text).number == number.value);
    CHECK(std::signbit(number_of(number.text).number) == std::signbit(number.value));
  }
  // More digits than a double has: within a few units in the last place, of 2^-52 each.
  for (const double value : {DBL_MAX / 3, DBL_MIN * 3, 1.0 / 3.0, 6.02214076e23, 1.6e-19, 9.87654321e200}) {
    char text[40];
    std::snprintf(text, sizeof text, "%.20g", value);
    CHECK(std::fabs(number_of(text).number / value - 1) < 32 * DBL_EPSILON);
  }
  CHECK(number_of("18446744073709551615").is_integer);
  CHECK(number_of("18446744073709551615").integer == UINT64_MAX);
  CHECK(number_of("9007199254740993").integer == 9007199254740993u);
  for (const char* text : {"18446744073709551616", "99999999999999999999", "-1", "1.0", "1e2", "0.5"}) {
    CAPTURE(text);
    CHECK(!number_of(text).is_integer);
  }
  CHECK(number_of("99999999999999999999").number == 1e20);
}

TEST_CASE("what is not JSON is refused, with the byte where it stops being it") {
  const struct {
    std::string text;
    const char* named;
  } kBad[] = {
      {"", "at byte 0: a value is missing"},
      {"   ", "at byte 3: a value is missing"},
      {"nul", "at byte 0: a value is missing"},
      {"True", "a value is missing"},
      {"NaN", "a value is missing"},
      {"-Infinity", "a value is missing"},
      {"+1", "a value is missing"},
      {".5", "a value is missing"},
      {"-", "a value is missing"},
      {"01", "at byte 1: the text goes on"},
      {"1.", "at byte 2: a digit is missing"},
      {"1.e5", "a digit is missing"},
      {"1e", "a digit is missing"},
      {"1e+", "a digit is missing"},
      {"1e309", "beyond a double"},
      {"-1e309", "beyond a double"},
      {"1 2", "at byte 2: the text goes on"},
      {"[1 2]", "at byte 3: a comma or ] is missing"},
      {"[1,]", "at byte 3: a value is missing"},
      {"[,1]", "a value is missing"},
      {"[1", "a comma or ] is missing"},
      {"[1}", "a comma or ] is missing"},
      {"]", "a value is missing"},
      {"{\"a\":1 \"b\":2}", "a comma or } is missing"},
      {"{\"a\":1,}", "a member's name is missing"},
      {"{a:1}", "at byte 1: a member's name is missing"},
      {"{1:1}", "a member's name is missing"},
      {"{\"a\" 1}", "at byte 5: a colon is missing"},
      {"{\"a\":}", "a value is missing"},
      {"{\"a\"", "a colon is missing"},
      {"\"a", "a closing quotation mark is missing"},
      {"\"a\\", "an unknown escape"},
      {"\"\\x\"", "an unknown escape"},
      {"\"\\u12\"", "four hexadecimal digits"},
      {"\"\\u12g4\"", "four hexadecimal digits"},
      {"\"\\ud800\"", "half of a surrogate pair"},
      {"\"\\udc00\"", "half of a surrogate pair"},
      {"\"\\ud800\\u0041\"", "half of a surrogate pair"},
      {"\"a\nb\"", "at byte 2: a string holds a control character"},
      {"\"a\0b\""s, "NUL byte at 2"},
      {"{}\0"s, "NUL byte at 2"},
      {"// comment\n1", "a value is missing"},
      {"\xef\xbb\xbf{}", "a value is missing"},
      {R"({"a":{"x":1,"y":2,"x":3}})", "\"x\" twice"},
      {R"({"a":1,"\u0061":2})", "\"a\" twice"},
  };
  for (const auto& bad : kBad) {
    JsonText json;
    CAPTURE(bad.text);
    CHECK_REFUSED(json.parse(bad.text, "it"), corrupt_file, bad.named);
  }
}

}  // namespace
}  // namespace limelight::test
