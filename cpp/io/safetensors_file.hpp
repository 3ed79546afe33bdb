// A whole safetensors file in memory: its tensors, their bytes and its metadata.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "io/json.hpp"
#include "io/safetensors_writer.hpp"
#include "limelight/safetensors.hpp"

namespace limelight {

class SafetensorsFile {
 public:
  /// Reads and checks all but the numbers; `file` has to outlive this. Errors: truncated_file, corrupt_file,
  /// out_of_memory.
  Status open(std::span<const std::byte> file);

  /// In the order of their bytes.
  std::span<const TensorInfo> tensors() const { return tensors_; }
  /// Null where there is none of that name. Looks at each.
  const TensorInfo* find(std::string_view prefix, std::string_view name) const;
  std::span<const std::byte> bytes(const TensorInfo& tensor) const {
    return data_.subspan(static_cast<std::size_t>(tensor.begin),
                         static_cast<std::size_t>(tensor.end - tensor.begin));
  }

  /// In the order of the file; views that live as long as this.
  std::span<const MetadataEntry> metadata() const { return metadata_.span(); }
  std::optional<std::string_view> metadata(std::string_view key) const;

 private:
  Status read_metadata(std::string_view header);

  std::vector<TensorInfo> tensors_;
  std::span<const std::byte> data_;
  JsonText json_;
  Buffer<MetadataEntry> metadata_;
};

}  // namespace limelight
