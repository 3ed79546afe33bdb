#include "limelight/safetensors.hpp"

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "io/safetensors_file.hpp"

namespace limelight::fuzz {
namespace {

uint64_t bytes_of(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : dtype == Dtype::i8 ? 1 : 2;
}

/// Whether the sizes multiply to `count`, without overflow on the way.
bool multiplies_to(const std::vector<int64_t>& shape, uint64_t count) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return count == 0;
  for (const int64_t size : shape) {
    if (count % static_cast<uint64_t>(size) != 0) return false;
    count /= static_cast<uint64_t>(size);
  }
  return count == 1;
}

/// Data behind a header that is worth making.
constexpr uint64_t kMostData = 1 << 16;

/// A header that was accepted, with as much data as it asks for: only its metadata can still be refused.
void open_whole(Bytes header, std::size_t data, std::size_t tensors) {
  const uint64_t length = header.size();
  std::vector<std::byte> whole(sizeof(length) + header.size() + data);
  std::memcpy(whole.data(), &length, sizeof(length));
  std::ranges::copy(header, whole.begin() + sizeof(length));
  SafetensorsFile file;
  if (refused(file.open(whole), StatusCode::corrupt_file)) return;
  CHECK(file.tensors().size() == tensors);
  for (const TensorInfo& tensor : file.tensors()) {
    CHECK(file.bytes(tensor).size() == tensor.end - tensor.begin);
    CHECK(file.find("", tensor.name) == &tensor);
  }
  for (const MetadataEntry& entry : file.metadata()) CHECK(file.metadata(entry.key) == entry.value);
}

}  // namespace

/// What is accepted covers its bytes without gap or overlap, every tensor with as many as its shape needs.
/// The same bytes are also decoded as numbers.
void safetensors(Bytes input) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f16, Dtype::bf16}) {
    const std::size_t count = input.size() / bytes_of(dtype);
    std::vector<float> numbers(count);
    REQUIRE(decode(dtype, input.first(count * bytes_of(dtype)), numbers).ok());
    CHECK(decode(dtype, input.first(count * bytes_of(dtype)), std::span<float>(numbers).first(count / 2))
              .ok() == (count == 0));
  }

  std::vector<TensorInfo> tensors(1);
  if (refused(parse_safetensors_header(text_of(input), tensors), StatusCode::corrupt_file)) {
    CHECK(tensors.empty());
    return;
  }
  uint64_t at = 0;
  std::set<std::string> names;
  for (const TensorInfo& tensor : tensors) {
    CHECK(tensor.begin == at);
    REQUIRE(tensor.end >= tensor.begin);
    at = tensor.end;
    CHECK(names.insert(tensor.name).second);
    for (const int64_t size : tensor.shape) REQUIRE(size >= 0);
    if (tensor.dtype == Dtype::other) continue;
    const uint64_t bytes = tensor.end - tensor.begin;
    REQUIRE(bytes % bytes_of(tensor.dtype) == 0);
    CHECK(multiplies_to(tensor.shape, bytes / bytes_of(tensor.dtype)));
  }
  if (at <= kMostData) open_whole(input, static_cast<std::size_t>(at), tensors.size());
}

}  // namespace limelight::fuzz
