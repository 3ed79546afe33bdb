#include "io/safetensors_writer.hpp"

#include <charconv>
#include <cstring>

#include "io/json_escape.hpp"
#include "limelight/safetensors.hpp"

namespace limelight {
namespace {

constexpr uint64_t kLengthBytes = 8, kAlignment = 8;

/// JSON that is written to memory, or, without any, only measured.
class Text {
 public:
  explicit Text(char* to) : to_(to) {}

  uint64_t bytes() const { return bytes_; }

  void put(std::string_view text) {
    if (to_ && !text.empty()) std::memcpy(to_ + bytes_, text.data(), text.size());
    bytes_ += text.size();
  }
  void put(uint64_t number) {
    char digits[20];
    put(std::string_view(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr));
  }
  void put_string(std::string_view prefix, std::string_view text) {
    put("\"");
    for (const std::string_view part : {prefix, text}) escape_json(part, [&](std::string_view t) { put(t); });
    put("\"");
  }

 private:
  char* to_;
  uint64_t bytes_ = 0;
};

/// Gives the bytes of the data.
uint64_t put_header(std::span<const TensorToWrite> tensors, std::span<const MetadataEntry> metadata,
                    Text& text) {
  text.put("{");
  if (!metadata.empty()) {
    text.put("\"__metadata__\":{");
    for (const MetadataEntry& entry : metadata) {
      if (&entry != metadata.data()) text.put(",");
      text.put_string({}, entry.key);
      text.put(":");
      text.put_string({}, entry.value);
    }
    text.put(tensors.empty() ? "}" : "},");
  }
  uint64_t at = 0;
  for (const TensorToWrite& tensor : tensors) {
    if (&tensor != tensors.data()) text.put(",");
    text.put_string(tensor.prefix, tensor.name);
    text.put(":{\"dtype\":\"");
    text.put(tensor.dtype == Dtype::f32 ? "F32" : tensor.dtype == Dtype::f16 ? "F16" : "I8");
    text.put("\",\"shape\":[");
    for (const int64_t& size : tensor.shape) {
      if (&size != tensor.shape.data()) text.put(",");
      text.put(static_cast<uint64_t>(size));
    }
    text.put("],\"data_offsets\":[");
    text.put(at);
    text.put(",");
    text.put(at += tensor.bytes.size());
    text.put("]}");
  }
  text.put("}");
  return at;
}

}  // namespace

Status write_safetensors(std::span<const TensorToWrite> tensors, std::span<const MetadataEntry> metadata,
                         Buffer<std::byte>& file) {
  Text measured(nullptr);
  const uint64_t data = put_header(tensors, metadata, measured);
  const uint64_t header = (measured.bytes() + kAlignment - 1) / kAlignment * kAlignment;
  if (header > kMaxHeaderBytes) {
    return Status::error(StatusCode::invalid_value, "a header of %llu bytes is longer than %llu",
                         static_cast<unsigned long long>(header),
                         static_cast<unsigned long long>(kMaxHeaderBytes));
  }
  const uint64_t bytes = kLengthBytes + header + data;
  if (bytes > SIZE_MAX) {
    return Status::error(StatusCode::out_of_memory, "no memory for a file of %llu bytes",
                         static_cast<unsigned long long>(bytes));
  }
  Buffer<std::byte> fresh;
  if (Status s = fresh.resize(static_cast<std::size_t>(bytes)); !s.ok()) return s;
  std::memcpy(fresh.data(), &header, kLengthBytes);
  char* const text = reinterpret_cast<char*>(fresh.data()) + kLengthBytes;
  Text written(text);
  put_header(tensors, metadata, written);
  std::memset(text + written.bytes(), ' ', static_cast<std::size_t>(header - written.bytes()));
  std::byte* to = fresh.data() + kLengthBytes + header;
  for (const TensorToWrite& tensor : tensors) {
    if (tensor.bytes.empty()) continue;
    std::memcpy(to, tensor.bytes.data(), tensor.bytes.size());
    to += tensor.bytes.size();
  }
  file = std::move(fresh);
  return {};
}

}  // namespace limelight
