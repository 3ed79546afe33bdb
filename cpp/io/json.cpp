#include "io/json.hpp"

// RapidJSON reports every error of the text by itself; its assertions only guard its own state.
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace limelight {

/// Receives the parser's events. Returning false ends the parse; `failure` says why.
struct JsonText::Builder {
  JsonText& json;
  const char* what;
  Status failure;
  Buffer<uint32_t> order;
  uint32_t open[kMaxJsonDepth] = {};
  int depth = 0;
  std::string_view key;

  bool fail(Status status) {
    failure = status;
    return false;
  }

  bool append(JsonNode node) {
    JsonText& j = json;
    if (j.used_ == j.nodes_.size()) {
      Buffer<JsonNode> more;
      if (Status s = more.resize(std::max<std::size_t>(64, j.used_ * std::size_t{2})); !s.ok())
        return fail(s);
      std::copy_n(j.nodes_.data(), j.used_, more.data());
      j.nodes_ = std::move(more);
    }
    if (depth > 0) ++j.nodes_[open[depth - 1]].count;
    node.key = std::exchange(key, {});
    node.end = j.used_ + 1;
    j.nodes_[j.used_++] = node;
    return true;
  }

  bool enter(JsonKind kind) {
    if (depth == kMaxJsonDepth) {
      return fail(
          Status::error(StatusCode::corrupt_file, "%s is nested deeper than %d levels", what, kMaxJsonDepth));
    }
    const uint32_t index = json.used_;
    if (!append({.kind = kind})) return false;
    open[depth++] = index;
    return true;
  }

  bool leave() {
    JsonNode& node = json.nodes_[open[--depth]];
    node.end = json.used_;
    return node.kind != JsonKind::object || names_are_unique(open[depth]);
  }

  bool names_are_unique(uint32_t object) {
    const JsonNode& node = json.nodes_[object];
    if (node.count < 2) return true;
    if (order.size() < node.count) {
      if (Status s = order.resize(std::max<std::size_t>(node.count, order.size() * 2)); !s.ok())
        return fail(s);
    }
    uint32_t n = 0;
    for (uint32_t i = object + 1; i < node.end; i = json.nodes_[i].end) order[n++] = i;
    std::sort(order.data(), order.data() + n,
              [&](uint32_t a, uint32_t b) { return json.nodes_[a].key < json.nodes_[b].key; });
    for (uint32_t i = 1; i < n; ++i) {
      const std::string_view name = json.nodes_[order[i]].key;
      if (name == json.nodes_[order[i - 1]].key) {
        return fail(Status::error(StatusCode::corrupt_file, "%s has the name \"%.*s\" twice", what,
                                  static_cast<int>(std::min<std::size_t>(name.size(), 100)), name.data()));
      }
    }
    return true;
  }

  bool Null() { return append({.kind = JsonKind::null}); }
  bool Bool(bool value) { return append({.number = value ? 1.0 : 0.0, .kind = JsonKind::boolean}); }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Uint64(value); }
  bool Int64(int64_t value) {
    return value < 0 ? Double(static_cast<double>(value)) : Uint64(static_cast<uint64_t>(value));
  }
  bool Uint64(uint64_t value) {
    return append({.number = static_cast<double>(value),
                   .integer = value,
                   .kind = JsonKind::number,
                   .is_integer = true});
  }
  bool Double(double value) { return append({.number = value, .kind = JsonKind::number}); }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return append({.text = {text, size}, .kind = JsonKind::string});
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key = {text, size};
    return true;
  }
  bool StartObject() { return enter(JsonKind::object); }
  bool EndObject(rapidjson::SizeType) { return leave(); }
  bool StartArray() { return enter(JsonKind::array); }
  bool EndArray(rapidjson::SizeType) { return leave(); }
};

Status JsonText::parse(std::string_view text, const char* what) {
  used_ = 0;
  // Node indices are 32 bits and a node needs at least one character.
  if (text.size() >= UINT32_MAX) {
    return Status::error(StatusCode::corrupt_file, "%s is longer than 4 GiB", what);
  }
  if (Status s = text_.resize(text.size() + 1); !s.ok()) return s;
  std::memcpy(text_.data(), text.data(), text.size());
  text_[text.size()] = '\0';

  Builder builder{.json = *this, .what = what, .failure = {}, .order = {}, .key = {}};
  // In place: the strings of the nodes are the text's own, unescaped where they stand, so only nodes take
  // memory.
  rapidjson::InsituStringStream stream(text_.data());
  rapidjson::Reader reader;
  const rapidjson::ParseResult result =
      reader.Parse<rapidjson::kParseInsituFlag | rapidjson::kParseValidateEncodingFlag |
                   rapidjson::kParseIterativeFlag>(stream, builder);
  if (!builder.failure.ok()) return builder.failure;
  if (result.IsError()) {
    return Status::error(StatusCode::corrupt_file, "%s is no valid JSON at byte %zu: %s", what,
                         result.Offset(), rapidjson::GetParseError_En(result.Code()));
  }
  if (stream.Tell() != text.size()) {  // a NUL ended the parse early
    return Status::error(StatusCode::corrupt_file, "%s has a NUL byte at %zu", what, stream.Tell());
  }
  return {};
}

uint32_t JsonText::find(uint32_t object, std::string_view key) const {
  const JsonNode& node = nodes_[object];
  if (node.kind != JsonKind::object) return 0;
  for (uint32_t i = object + 1; i < node.end; i = nodes_[i].end) {
    if (nodes_[i].key == key) return i;
  }
  return 0;
}

}  // namespace limelight
