// Writer of safetensors files (limelight/safetensors.hpp says what they are).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "limelight/memory.hpp"
#include "limelight/safetensors.hpp"
#include "limelight/status.hpp"

namespace limelight {

/// A pair of __metadata__. Views of UTF-8.
struct MetadataEntry {
  std::string_view key, value;
};

/// A tensor that is named `prefix` and `name`, one after the other.
struct TensorToWrite {
  std::string_view prefix, name;
  std::span<const int64_t> shape;
  std::span<const std::byte> bytes;  ///< as many numbers as the shape has
  Dtype dtype = Dtype::f32;          ///< f32, f16 or i8
};

/// Writes the tensors in their order, with the header padded by spaces to 8 bytes. Names have to differ; that
/// numbers are finite is not checked. Errors: out_of_memory; invalid_value (a header longer than
/// kMaxHeaderBytes). Then `file` is as it was.
Status write_safetensors(std::span<const TensorToWrite> tensors, std::span<const MetadataEntry> metadata,
                         Buffer<std::byte>& file);

}  // namespace limelight
