#include "io/json.hpp"

#include <cmath>
#include <cstdio>
#include <string>

#include "fuzz.hpp"

namespace limelight::fuzz {
namespace {

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    char escaped[8] = {c};
    if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20)
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
    out += escaped;
  }
  return out + '"';
}

/// Writes the node at `index` and what is below it; gives the index behind.
uint32_t write(const JsonText& json, uint32_t index, std::string& out) {
  const JsonNode& node = json[index];
  char number[40];
  switch (node.kind) {
    case JsonKind::null:
      out += "null";
      break;
    case JsonKind::boolean:
      out += node.number == 0 ? "false" : "true";
      break;
    case JsonKind::number:
      std::snprintf(number, sizeof(number), "%.16e", node.number);  // never taken for an integer
      out += !node.is_integer ? number : std::signbit(node.number) ? "-0" : std::to_string(node.integer);
      break;
    case JsonKind::string:
      out += quoted(node.text);
      break;
    case JsonKind::array:
    case JsonKind::object: {
      const bool object = node.kind == JsonKind::object;
      out += object ? '{' : '[';
      uint32_t children = 0, i = index + 1;
      while (i < node.end) {
        if (children++ > 0) out += ',';
        if (object) out += quoted(json[i].key) + ':';
        i = write(json, i, out);
      }
      out += object ? '}' : ']';
      REQUIRE(children == node.count);
      REQUIRE(i == node.end);
      break;
    }
  }
  return node.end;
}

/// Beyond 15 digits the reader is within some units in the last place.
bool same_number(double a, double b) {
  return a == b || std::abs(a - b) <= 1e-14 * std::abs(a) + 1e-320;
}

}  // namespace

/// What was read says the same when it is written and read again.
void json(Bytes input) {
  JsonText read, again;
  if (refused(read.parse(text_of(input), "it"), StatusCode::corrupt_file)) return;
  std::string written;
  REQUIRE(write(read, 0, written) == read.size());
  REQUIRE(again.parse(written, "it").ok());
  REQUIRE(again.size() == read.size());
  for (uint32_t i = 0; i < read.size(); i++) {
    REQUIRE(again[i].kind == read[i].kind);
    REQUIRE(again[i].key == read[i].key);
    REQUIRE(again[i].text == read[i].text);
    REQUIRE(again[i].end == read[i].end);
    REQUIRE(again[i].integer == read[i].integer);
    REQUIRE(same_number(again[i].number, read[i].number));
  }
}

}  // namespace limelight::fuzz
