// Reader of safetensors files, fed in pieces of any size: the same code for a file, a fetch() stream and the
// fuzzer. Format: 8 bytes little-endian header length, that many bytes of JSON, then the tensors' bytes
// without a gap. Source: github.com/huggingface/safetensors, README "Format".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "limelight/status.hpp"

namespace limelight {

enum class Dtype { f32, f16, bf16, i8, other };

struct TensorInfo {
  std::string name;
  Dtype dtype = Dtype::other;
  std::string dtype_name;  ///< as written in the file
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  ///< bytes, relative to the first byte after the header
};

/// Longest header accepted: that of the format itself, 100 MB; and it may not announce more than the address
/// space holds.
inline constexpr uint64_t kMaxHeaderBytes = 100'000'000;

/// Parses and checks the JSON header: known dtypes have shape x size = end - begin, tensors cover the data
/// without gap or overlap, names are unique. Tensors come back in the order of their bytes. Errors:
/// corrupt_file.
Status parse_safetensors_header(std::string_view json, std::vector<TensorInfo>& tensors);

/// dst[i] = the i-th number of raw bytes of `dtype` (f32, f16, bf16) as float.
Status decode(Dtype dtype, std::span<const std::byte> raw, std::span<float> dst);

}  // namespace limelight
