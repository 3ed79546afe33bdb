#include "conformance/cases.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "limelight/half.hpp"

namespace conformance {

using limelight::JsonKind;
using limelight::JsonNode;

namespace {

float special(std::string_view text) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  if (text == "nan") return std::numeric_limits<float>::quiet_NaN();
  if (text == "inf") return inf;
  if (text == "-inf") return -inf;
  throw Refused{"\"" + std::string(text) + "\" is no number"};
}

float nearest_bf16(float value) {
  if (std::isnan(value)) return value;
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  return std::bit_cast<float>((bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u);
}

}  // namespace

int64_t count_of(const std::vector<int64_t>& shape) {
  int64_t count = 1;
  for (int64_t size : shape) count *= size;
  return count;
}

void narrow(Tensor& tensor) {
  if (tensor.dtype == "float32") return;
  if (tensor.dtype == "float16") {
    for (float& x : tensor.data) x = limelight::f16_to_f32(limelight::f32_to_f16(x));
  } else if (tensor.dtype == "bfloat16") {
    for (float& x : tensor.data) x = nearest_bf16(x);
  } else {
    throw Refused{"a result in " + tensor.dtype + " is beyond a library of float32"};
  }
}

uint32_t Case::member(uint32_t object, std::string_view key) const {
  const uint32_t found = text_.find(object, key);
  if (found == 0) throw Refused{"the case has no \"" + std::string(key) + "\""};
  return found;
}

int64_t Case::opset(int64_t oldest, int64_t newest) const {
  const uint32_t given = member(index_, "opset");
  int64_t version = static_cast<int64_t>(text_[given].integer);
  if (text_[given].kind == JsonKind::array)
    each(given, [&](uint32_t i) { version = std::max(version, static_cast<int64_t>(text_[i].integer)); });
  if (version < oldest || version > newest)
    throw Refused{std::string(op()) + " of opset " + std::to_string(version) + " is unknown"};
  return version;
}

const JsonNode* Case::attribute(const char* name) {
  const uint32_t found = text_.find(member(index_, "attributes"), name);
  if (found == 0) return nullptr;
  read_.insert(text_[found].key);
  return &text_[found];
}

std::optional<double> Case::number(const char* name) {
  const JsonNode* node = attribute(name);
  if (!node) return {};
  if (node->kind != JsonKind::number) throw Refused{std::string(name) + " is no number"};
  return node->number;
}

std::optional<std::string> Case::word(const char* name) {
  const JsonNode* node = attribute(name);
  if (!node) return {};
  if (node->kind != JsonKind::string) throw Refused{std::string(name) + " is no text"};
  return std::string(node->text);
}

int64_t Case::integer(const char* name, int64_t fallback) {
  const std::optional<double> value = number(name);
  if (!value) return fallback;
  if (*value != std::floor(*value) || std::abs(*value) > 0x1p53)
    throw Refused{std::string(name) + " is no whole number"};
  return static_cast<int64_t>(*value);
}

bool Case::flag(const char* name) {
  const int64_t value = integer(name, 0);
  if (value != 0 && value != 1)
    throw Refused{std::string(name) + " is " + std::to_string(value) + ": 0 and 1 are known"};
  return value == 1;
}

void Case::check_softmax_precision() {
  const int64_t type = integer("softmax_precision", 1);
  if (type != 1 && type != 10 && type != 11 && type != 16)
    throw Refused{"softmax_precision is " + std::to_string(type) + ": 1, 10, 11 and 16 are known"};
}

Tensor Case::tensor(uint32_t index) const {
  Tensor made{std::string(text_[member(index, "dtype")].text), {}, {}};
  each(member(index, "shape"),
       [&](uint32_t i) { made.shape.push_back(static_cast<int64_t>(text_[i].number)); });
  const uint32_t data = member(index, "data");
  made.data.reserve(text_[data].count);
  each(data, [&](uint32_t i) {
    const JsonNode& node = text_[i];
    made.data.push_back(node.kind == JsonKind::string ? special(node.text) : static_cast<float>(node.number));
  });
  if (static_cast<int64_t>(made.data.size()) != count_of(made.shape))
    throw Refused{"a tensor has " + std::to_string(made.data.size()) + " numbers, its shape another count"};
  // The file has 9 digits, more than the type.
  if (made.dtype == "float16" || made.dtype == "bfloat16") narrow(made);
  return made;
}

std::optional<Tensor> Case::input(std::size_t place) const {
  const uint32_t slots = member(index_, "slots");
  uint32_t slot = slots + 1;
  for (std::size_t i = 0; i < place && slot < text_[slots].end; i++) slot = text_[slot].end;
  if (slot >= text_[slots].end || text_[slot].text.empty()) return {};
  return tensor(member(member(index_, "inputs"), text_[slot].text));
}

Tensor Case::needed(std::size_t place) const {
  std::optional<Tensor> found = input(place);
  if (!found) throw Refused{"input " + std::to_string(place) + " is missing"};
  return std::move(*found);
}

bool Case::wants(const char* output) const {
  return text_.find(member(index_, "outputs"), output) != 0;
}

void Case::finish(std::size_t inputs, std::initializer_list<std::string_view> outputs) const {
  each(member(index_, "attributes"), [&](uint32_t i) {
    if (!read_.contains(text_[i].key))
      throw Refused{"the attribute " + std::string(text_[i].key) + " is unknown"};
  });
  std::size_t place = 0;
  each(member(index_, "slots"), [&](uint32_t i) {
    if (place++ >= inputs && !text_[i].text.empty())
      throw Refused{"the input " + std::string(text_[i].text) + " is unknown"};
  });
  each(member(index_, "outputs"), [&](uint32_t i) {
    if (std::find(outputs.begin(), outputs.end(), text_[i].key) == outputs.end())
      throw Refused{"the output " + std::string(text_[i].key) + " is unknown"};
  });
}

}  // namespace conformance
