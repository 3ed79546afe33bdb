// Shapes for messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace limelight {

/// "[4096, 192]"
inline std::string shape_text(std::span<const int64_t> shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size() && i < 8; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() > 8 ? ", ...]" : "]");
}

}  // namespace limelight
