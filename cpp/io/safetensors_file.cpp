#include "io/safetensors_file.hpp"

#include <algorithm>
#include <cstring>

namespace limelight {

Status SafetensorsFile::open(std::span<const std::byte> file) {
  uint64_t length = 0;
  if (file.size() < sizeof(length)) {
    return Status::error(StatusCode::truncated_file,
                         "a file of %zu bytes has no room for its header's length", file.size());
  }
  std::memcpy(&length, file.data(), sizeof(length));
  file = file.subspan(sizeof(length));
  if (length > kMaxHeaderBytes) {
    return Status::error(
        StatusCode::corrupt_file, "the safetensors header announces %llu bytes; at most %llu are allowed",
        static_cast<unsigned long long>(length), static_cast<unsigned long long>(kMaxHeaderBytes));
  }
  if (length > file.size()) {
    return Status::error(StatusCode::truncated_file, "the file ends within its header of %llu bytes",
                         static_cast<unsigned long long>(length));
  }
  const auto header = static_cast<std::size_t>(length);
  const std::string_view text(reinterpret_cast<const char*>(file.data()), header);
  if (Status s = parse_safetensors_header(text, tensors_); !s.ok()) return s;
  data_ = file.subspan(header);
  if (const uint64_t needed = tensors_.empty() ? 0 : tensors_.back().end; needed != data_.size()) {
    return Status::error(needed > data_.size() ? StatusCode::truncated_file : StatusCode::corrupt_file,
                         "the tensors have %llu bytes, and %zu follow the header",
                         static_cast<unsigned long long>(needed), data_.size());
  }
  return read_metadata(text);
}

Status SafetensorsFile::read_metadata(std::string_view header) {
  if (Status s = json_.parse(header, "the safetensors header"); !s.ok()) return s;
  const uint32_t entries = json_.find(0, "__metadata__");
  if (Status s = metadata_.resize(entries ? json_[entries].count : 0); !s.ok()) return s;
  if (!entries) return {};
  MetadataEntry* to = metadata_.data();
  for (uint32_t i = entries + 1; i < json_[entries].end; i = json_[i].end) {
    if (json_[i].kind != JsonKind::string) {
      const std::string_view key = json_[i].key;
      return Status::error(StatusCode::corrupt_file, "__metadata__ \"%.*s\" is no string",
                           static_cast<int>(std::min<std::size_t>(key.size(), 100)), key.data());
    }
    *to++ = {json_[i].key, json_[i].text};
  }
  return {};
}

const TensorInfo* SafetensorsFile::find(std::string_view prefix, std::string_view name) const {
  for (const TensorInfo& tensor : tensors_) {
    const std::string_view whole = tensor.name;
    if (whole.size() == prefix.size() + name.size() && whole.starts_with(prefix) && whole.ends_with(name)) {
      return &tensor;
    }
  }
  return nullptr;
}

std::optional<std::string_view> SafetensorsFile::metadata(std::string_view key) const {
  for (const MetadataEntry& entry : metadata()) {
    if (entry.key == key) return entry.value;
  }
  return std::nullopt;
}

}  // namespace limelight
