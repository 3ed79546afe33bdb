// Strings for JSON.
#pragma once

#include <string_view>

namespace limelight {

/// Calls put(std::string_view) with the parts of what stands for `text` (UTF-8) between quotation marks.
template <class Put>
void escape_json(std::string_view text, Put&& put) {
  constexpr char kHex[] = "0123456789abcdef";
  for (const char& letter : text) {
    const auto code = static_cast<unsigned char>(letter);
    if (code < 0x20) {
      const char escape[] = {'\\', 'u', '0', '0', kHex[code >> 4], kHex[code & 15]};
      put(std::string_view(escape, sizeof(escape)));
    } else {
      if (letter == '"' || letter == '\\') put(std::string_view("\\"));
      put(std::string_view(&letter, 1));
    }
  }
}

}  // namespace limelight
