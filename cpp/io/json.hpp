// JSON as a flat list of nodes, in checked memory: for configurations, file headers and options that come
// from anywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "limelight/memory.hpp"
#include "limelight/status.hpp"

namespace limelight {

enum class JsonKind : uint8_t { null, boolean, number, string, array, object };

/// One value. An array's or object's children are the nodes after it, up to `end`; `end` is also the next
/// sibling.
struct JsonNode {
  std::string_view key = {};   ///< member name, if the parent is an object
  std::string_view text = {};  ///< string
  double number = 0;           ///< number; boolean: 0 or 1
  uint64_t integer = 0;        ///< the exact value where is_integer
  uint32_t end = 0;
  uint32_t count = 0;  ///< children
  JsonKind kind = JsonKind::null;
  bool is_integer = false;  ///< written as an integer from 0 to 2^64 - 1
};

/// Deepest nesting accepted: no file that this library reads needs more than five levels.
inline constexpr int kMaxJsonDepth = 32;

/// An owned, parsed JSON text. Strings of the nodes point into it.
class JsonText {
 public:
  /// Parses all of `text`: UTF-8 is validated, nesting beyond kMaxJsonDepth and repeated member names are
  /// refused, and nothing recurses. `what` names the text in messages. Errors: corrupt_file, out_of_memory.
  /// O(n log n).
  Status parse(std::string_view text, const char* what);

  const JsonNode& operator[](uint32_t index) const { return nodes_[index]; }
  const JsonNode& root() const { return nodes_[0]; }
  uint32_t size() const { return used_; }
  /// Index of a member of the object `object`, or 0 (the root, which is nobody's member) where there is none.
  uint32_t find(uint32_t object, std::string_view key) const;

 private:
  struct Parser;
  Buffer<char> text_;
  Buffer<JsonNode> nodes_;
  uint32_t used_ = 0;
};

}  // namespace limelight
