#include "io/json_members.hpp"

#include <algorithm>

namespace limelight {
namespace {

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 60));
}

}  // namespace

JsonMembers::JsonMembers(const JsonText& json, uint32_t object, const char* where)
    : json_(json), object_(object), where_(where), taken_(json.size()) {
  if (json[object].kind != JsonKind::object)
    fail(Status::error(StatusCode::invalid_option, "%s is no object", where));
}

const JsonNode* JsonMembers::take(std::string_view key) {
  if (json_[object_].kind != JsonKind::object) return nullptr;
  const uint32_t index = json_.find(object_, key);
  if (index == 0) return nullptr;
  taken_[index] = true;
  return &json_[index];
}

void JsonMembers::fail(const Status& status) {
  if (status_.ok()) status_ = status;
}

void JsonMembers::fail_value(const JsonNode& node, const char* needed) {
  const int key = shown(node.key);
  if (node.kind == JsonKind::number) {
    fail(Status::error(StatusCode::invalid_option, "%s: %.*s is %g; %s is needed", where_, key,
                       node.key.data(), node.number, needed));
  } else if (node.kind == JsonKind::string) {
    fail(Status::error(StatusCode::invalid_option, "%s: %.*s is \"%.*s\"; %s is needed", where_, key,
                       node.key.data(), shown(node.text), node.text.data(), needed));
  } else {
    fail(Status::error(StatusCode::invalid_option, "%s: %.*s is no such thing as is needed: %s", where_, key,
                       node.key.data(), needed));
  }
}

int64_t JsonMembers::integer(std::string_view key, int64_t fallback, int64_t least, int64_t most) {
  const JsonNode* node = take(key);
  if (!node) return fallback;
  if (node->is_integer && node->integer <= static_cast<uint64_t>(most) &&
      static_cast<int64_t>(node->integer) >= least)
    return static_cast<int64_t>(node->integer);
  const Status needed = Status::error(StatusCode::ok, "an integer from %lld to %lld",
                                      static_cast<long long>(least), static_cast<long long>(most));
  fail_value(*node, needed.message);
  return fallback;
}

double JsonMembers::number(std::string_view key, double fallback, double least, double most) {
  const JsonNode* node = take(key);
  if (!node) return fallback;
  if (node->kind == JsonKind::number && node->number >= least && node->number <= most) return node->number;
  fail_value(*node, Status::error(StatusCode::ok, "a number from %g to %g", least, most).message);
  return fallback;
}

std::string_view JsonMembers::text(std::string_view key, std::string_view fallback) {
  const JsonNode* node = take(key);
  if (!node) return fallback;
  if (node->kind == JsonKind::string) return node->text;
  fail_value(*node, "a string");
  return fallback;
}

bool JsonMembers::boolean(std::string_view key, bool fallback) {
  const JsonNode* node = take(key);
  if (!node) return fallback;
  if (node->kind == JsonKind::boolean) return node->number != 0;
  fail_value(*node, "true or false");
  return fallback;
}

uint32_t JsonMembers::object(std::string_view key) {
  const JsonNode* node = take(key);
  if (!node) return 0;
  if (node->kind == JsonKind::object) return static_cast<uint32_t>(node - &json_[0]);
  fail_value(*node, "an object");
  return 0;
}

Status JsonMembers::finish() {
  const JsonNode& object = json_[object_];
  if (object.kind == JsonKind::object) {
    for (uint32_t i = object_ + 1; i < object.end; i = json_[i].end) {
      if (taken_[i]) continue;
      fail(Status::error(StatusCode::invalid_option, "%s has no \"%.*s\"", where_, shown(json_[i].key),
                         json_[i].key.data()));
    }
  }
  return status_;
}

}  // namespace limelight
