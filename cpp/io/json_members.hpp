// Members of a JSON object by name, with their ranges; what nobody asked for is refused.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "io/json.hpp"

namespace limelight {

/// Reads one object. Every call names a member that may be there; a value that does not fit is kept for
/// finish() (the first one), and the fallback is given back. Messages say `where` the member is.
class JsonMembers {
 public:
  /// Both have to outlive this.
  JsonMembers(const JsonText& json, uint32_t object, const char* where);

  int64_t integer(std::string_view key, int64_t fallback, int64_t least, int64_t most);
  double number(std::string_view key, double fallback, double least, double most);
  std::string_view text(std::string_view key, std::string_view fallback);
  bool boolean(std::string_view key, bool fallback);
  /// The index of an object, or 0 where there is none.
  uint32_t object(std::string_view key);

  void fail(const Status& status);
  /// The first mistake. Errors: invalid_option, which names the member and its value.
  Status finish();

 private:
  const JsonNode* take(std::string_view key);
  void fail_value(const JsonNode& node, const char* needed);

  const JsonText& json_;
  uint32_t object_;
  const char* where_;
  std::vector<bool> taken_;  // by index of the node
  Status status_;
};

}  // namespace limelight
