// What descriptions are written with: they are JSON texts.
#pragma once

#include <string>
#include <string_view>

namespace limelight::bindings {

inline void append_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  json += '"';
}

}  // namespace limelight::bindings
