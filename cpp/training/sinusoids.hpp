// The table of positions of "Attention Is All You Need" (Vaswani and others 2017, section 3.5).
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

namespace limelight::training {

/// sin(p / 10000^(2 i / width)) in the first half of row p mod `length`, the cosines of the same angles in
/// the second, times `scale`. A row's numbers have a mean square of scale^2 / 2.
inline void set_sinusoids(std::span<float> rows, int64_t length, int64_t width, double scale = 1.0) {
  const int64_t half = (width + 1) / 2;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const int64_t column = static_cast<int64_t>(at) % width, i = column % half;
    const auto position = static_cast<double>(static_cast<int64_t>(at) / width % length);
    const double angle =
        position * std::pow(10000.0, -2.0 * static_cast<double>(i) / static_cast<double>(width));
    rows[at] = static_cast<float>(scale * (column < half ? std::sin(angle) : std::cos(angle)));
  }
}

}  // namespace limelight::training
