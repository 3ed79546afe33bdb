// JSON for --json.
#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "io/json_escape.hpp"

namespace limelight::cli {

inline std::string json_string(std::string_view text) {
  std::string out = "\"";
  escape_json(text, [&](std::string_view part) { out += part; });
  return out + "\"";
}

/// The shortest digits that give the same number; null where it is none.
template <class Number>
std::string json_number(Number number) {
  if (!std::isfinite(number)) return "null";
  char digits[40];
  return {digits, std::to_chars(digits, digits + sizeof(digits), number).ptr};
}

/// [f(0), f(1), ...]
template <class Items, class F>
std::string json_list(const Items& items, F&& f) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? "," : "") + f(item);
  return out + "]";
}

}  // namespace limelight::cli
