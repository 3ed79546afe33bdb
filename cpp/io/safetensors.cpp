#include "limelight/safetensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/sort.hpp"
#include "io/json.hpp"
#include "limelight/half.hpp"

namespace limelight {
namespace {

struct KnownDtype {
  std::string_view name;
  Dtype dtype;
  uint64_t bytes;
};
// The types of safetensors that have whole bytes; other names are let through unmeasured, for nobody reads
// them here.
constexpr KnownDtype kDtypes[] = {
    {"F32", Dtype::f32, 4},       {"F16", Dtype::f16, 2},       {"BF16", Dtype::bf16, 2},
    {"I8", Dtype::i8, 1},         {"U8", Dtype::other, 1},      {"BOOL", Dtype::other, 1},
    {"I16", Dtype::other, 2},     {"U16", Dtype::other, 2},     {"I32", Dtype::other, 4},
    {"U32", Dtype::other, 4},     {"I64", Dtype::other, 8},     {"U64", Dtype::other, 8},
    {"F64", Dtype::other, 8},     {"F8_E4M3", Dtype::other, 1}, {"F8_E5M2", Dtype::other, 1},
    {"F8_E8M0", Dtype::other, 1}, {"C64", Dtype::other, 8},
};

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 120));
}

Status corrupt(const JsonNode& tensor, const char* problem) {
  return Status::error(StatusCode::corrupt_file, "tensor \"%.*s\": %s", shown(tensor.key), tensor.key.data(),
                       problem);
}

Status read_tensor(const JsonText& json, uint32_t index, TensorInfo& tensor) {
  const JsonNode& node = json[index];
  if (node.kind != JsonKind::object) return corrupt(node, "its entry in the header is no object");
  const uint32_t dtype = json.find(index, "dtype"), shape = json.find(index, "shape"),
                 offsets = json.find(index, "data_offsets");
  if (!dtype || !shape || !offsets || node.count != 3) {
    return corrupt(node, "its entry in the header is not exactly dtype, shape and data_offsets");
  }
  if (json[dtype].kind != JsonKind::string) return corrupt(node, "its dtype is no string");
  if (json[shape].kind != JsonKind::array) return corrupt(node, "its shape is no array");
  if (json[offsets].kind != JsonKind::array || json[offsets].count != 2 || !json[offsets + 1].is_integer ||
      !json[offsets + 2].is_integer) {
    return corrupt(node, "its data_offsets are not two integers");
  }

  tensor.name = node.key;
  tensor.dtype_name = json[dtype].text;
  tensor.begin = json[offsets + 1].integer;
  tensor.end = json[offsets + 2].integer;
  if (tensor.begin > tensor.end) return corrupt(node, "its data_offsets end before they begin");

  const auto* known = std::find_if(std::begin(kDtypes), std::end(kDtypes),
                                   [&](const KnownDtype& d) { return d.name == tensor.dtype_name; });
  uint64_t bytes = known == std::end(kDtypes) ? 0 : known->bytes;
  bool too_large = false;
  tensor.shape.reserve(json[shape].count);
  for (uint32_t i = shape + 1; i < json[shape].end; i = json[i].end) {
    if (!json[i].is_integer || json[i].integer > INT64_MAX)
      return corrupt(node, "its shape holds what is no size");
    tensor.shape.push_back(static_cast<int64_t>(json[i].integer));
    // Overflow is remembered, not returned: a zero further on makes any shape empty.
    too_large |= __builtin_mul_overflow(bytes, json[i].integer, &bytes);
  }
  if (known == std::end(kDtypes)) return {};
  tensor.dtype = known->dtype;
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end()) {
    bytes = 0;
    too_large = false;
  }
  if (too_large) return corrupt(node, "its shape has more than 2^64 bytes");
  if (bytes != tensor.end - tensor.begin) {
    return Status::error(StatusCode::corrupt_file,
                         "tensor \"%.*s\": shape and dtype need %llu bytes, its data_offsets span %llu",
                         shown(node.key), node.key.data(), static_cast<unsigned long long>(bytes),
                         static_cast<unsigned long long>(tensor.end - tensor.begin));
  }
  return {};
}

}  // namespace

Status parse_safetensors_header(std::string_view text, std::vector<TensorInfo>& tensors) {
  tensors.clear();
  if (text.empty() || text.front() != '{') {
    return Status::error(StatusCode::corrupt_file, "the safetensors header does not begin with {");
  }
  JsonText json;
  if (Status s = json.parse(text, "the safetensors header"); !s.ok()) return s;

  const JsonNode& root = json.root();
  {
    // std::vector and std::string cannot report a lack of memory; make sure that there is enough before they
    // ask.
    Buffer<std::byte> room;
    const std::size_t most =
        json.size() * sizeof(int64_t) * 2 + root.count * (sizeof(TensorInfo) + 32) + text.size();
    if (Status s = room.resize(most); !s.ok()) return s;
  }
  tensors.reserve(root.count);
  for (uint32_t i = 1; i < root.end; i = json[i].end) {
    if (json[i].key == "__metadata__") {
      if (json[i].kind != JsonKind::object) {
        tensors.clear();
        return Status::error(StatusCode::corrupt_file, "__metadata__ of the safetensors header is no object");
      }
      continue;
    }
    if (Status s = read_tensor(json, i, tensors.emplace_back()); !s.ok()) {
      tensors.clear();
      return s;
    }
  }

  sort_by_heap(tensors.begin(), tensors.end(), [](const TensorInfo& a, const TensorInfo& b) {
    return a.begin != b.begin ? a.begin < b.begin : a.end != b.end ? a.end < b.end : a.name < b.name;
  });
  uint64_t covered = 0;
  for (const TensorInfo& t : tensors) {
    if (t.begin != covered) {
      Status s = Status::error(StatusCode::corrupt_file,
                               "tensor \"%.*s\" begins at byte %llu; the one before it ends at %llu",
                               shown(t.name), t.name.data(), static_cast<unsigned long long>(t.begin),
                               static_cast<unsigned long long>(covered));
      tensors.clear();
      return s;
    }
    covered = t.end;
  }
  return {};
}

Status decode(Dtype dtype, std::span<const std::byte> raw, std::span<float> dst) {
  const std::size_t bytes = dtype == Dtype::f32 ? 4 : dtype == Dtype::f16 || dtype == Dtype::bf16 ? 2 : 0;
  if (bytes == 0) return Status::error(StatusCode::invalid_option, "only F32, F16 and BF16 can be decoded");
  if (raw.size() / bytes != dst.size() || raw.size() % bytes != 0) {
    return Status::error(StatusCode::invalid_shape, "%zu bytes are not %zu numbers of %zu bytes", raw.size(),
                         dst.size(), bytes);
  }
  // Bytes of a stream have no alignment: every number goes through memcpy.
  if (dtype == Dtype::f32) {
    if (!raw.empty()) std::memcpy(dst.data(), raw.data(), raw.size());
    return {};
  }
  for (std::size_t i = 0; i < dst.size(); ++i) {
    uint16_t half;
    std::memcpy(&half, raw.data() + 2 * i, 2);
    dst[i] = dtype == Dtype::f16 ? f16_to_f32(half) : std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
  }
  return {};
}

}  // namespace limelight
