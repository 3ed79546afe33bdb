// Arrays side by side in one block of memory, so that taking it, and failing to, is one event.
#pragma once

#include <cstddef>
#include <cstdint>

#include "limelight/memory.hpp"

namespace limelight {

/// Add arrays, then take the block they lie in.
class Layout {
 public:
  /// Where an array of `count` numbers begins: at a multiple of a cache line.
  std::size_t add(int64_t count) {
    const uint64_t at = floats_;
    floats_ += (static_cast<uint64_t>(count) + 15) / 16 * 16;
    return static_cast<std::size_t>(at);
  }

  uint64_t floats() const { return floats_; }

  /// Buffer::resize for a 64-bit count: memory of 32-bit machines ends earlier.
  Status take(Buffer<float>& buffer) const {
    if (floats_ > SIZE_MAX / sizeof(float)) {
      return Status::error(StatusCode::out_of_memory, "no memory for %llu numbers",
                           static_cast<unsigned long long>(floats_));
    }
    return buffer.resize(static_cast<std::size_t>(floats_));
  }

 private:
  uint64_t floats_ = 0;
};

}  // namespace limelight
