#include "cli/byte_lengths.hpp"

#include <algorithm>
#include <string>

#include "cli/error.hpp"
#include "cli/files.hpp"
#include "io/json.hpp"

namespace limelight::cli {
namespace {

/// Characters of UTF-8: bytes that continue none.
int32_t characters(std::string_view text) {
  return static_cast<int32_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0u) != 0x80u;
  }));
}

}  // namespace

std::vector<int32_t> byte_lengths(const std::filesystem::path& tokenizer) {
  constexpr uint64_t kMostIds = 1 << 24;
  if (!std::filesystem::exists(tokenizer)) return {};
  const Buffer<std::byte> bytes = read_file(tokenizer);
  JsonText json;
  check(json.parse(text_of(bytes), "tokenizer.json"));
  const auto member = [&](uint32_t object, std::string_view key, JsonKind kind) {
    const uint32_t at = json[object].kind == JsonKind::object ? json.find(object, key) : 0;
    return at != 0 && json[at].kind == kind ? at : 0;
  };
  const uint32_t decoder = member(0, "decoder", JsonKind::object),
                 model = member(0, "model", JsonKind::object);
  const uint32_t type = decoder ? member(decoder, "type", JsonKind::string) : 0;
  const uint32_t vocabulary = model ? member(model, "vocab", JsonKind::object) : 0;
  if (!type || json[type].text != "ByteLevel" || !vocabulary) return {};

  std::vector<int32_t> lengths;
  const auto set = [&](const JsonNode& id, int32_t length) {
    if (!id.is_integer || id.integer >= kMostIds)
      throw Error(tokenizer.string() + " gives a token an id that is none");
    lengths.resize(std::max(lengths.size(), static_cast<std::size_t>(id.integer) + 1), 0);
    lengths[static_cast<std::size_t>(id.integer)] = length;
  };
  for (uint32_t at = vocabulary + 1; at < json[vocabulary].end; at = json[at].end)
    set(json[at], characters(json[at].key));
  if (const uint32_t added = member(0, "added_tokens", JsonKind::array)) {
    for (uint32_t at = added + 1; at < json[added].end; at = json[at].end) {
      if (const uint32_t id = member(at, "id", JsonKind::number)) set(json[id], 0);
    }
  }
  return lengths;
}

}  // namespace limelight::cli
