// Cases of operators in the JSON of tests/conformance (README.md there), and what is asked of one while it is
// computed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.hpp"

namespace conformance {

/// What is not computed here, or no legal case at all: the reason, for the reader.
struct Refused {
  std::string why;
};

/// Numbers of any type as float: all types up to float32 fit, and the integers here are lengths.
struct Tensor {
  std::string dtype;
  std::vector<int64_t> shape;
  std::vector<float> data;

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  bool is_bool() const { return dtype == "bool"; }
};

int64_t count_of(const std::vector<int64_t>& shape);

/// The numbers rounded to the type, one of float32, float16 and bfloat16; throws Refused at any other.
void narrow(Tensor& tensor);

using Outputs = std::map<std::string, Tensor>;

/// One case, asked for what an operator knows. finish() refuses what nobody asked for, so that an attribute,
/// an input or an output that is not understood can never be passed over.
class Case {
 public:
  Case(const limelight::JsonText& text, uint32_t index) : text_(text), index_(index) {}

  std::string_view op() const { return string("op"); }
  /// The version in force: the newest of the file's; throws Refused unless it is oldest .. newest.
  int64_t opset(int64_t oldest, int64_t newest) const;
  std::optional<double> number(const char* attribute);
  std::optional<std::string> word(const char* attribute);
  int64_t integer(const char* attribute, int64_t fallback);
  bool flag(const char* attribute);
  /// Throws Refused where softmax_precision is none of the four: float32 serves all of them, a wider one as
  /// far as the outputs go.
  void check_softmax_precision();

  /// The input at a place of the operator's signature.
  std::optional<Tensor> input(std::size_t place) const;
  Tensor needed(std::size_t place) const;
  bool wants(const char* output) const;
  void finish(std::size_t inputs, std::initializer_list<std::string_view> outputs) const;

 private:
  uint32_t member(uint32_t object, std::string_view key) const;
  std::string_view string(const char* key) const { return text_[member(index_, key)].text; }
  const limelight::JsonNode* attribute(const char* name);
  /// f(index) for every child.
  template <class F>
  void each(uint32_t parent, F&& f) const {
    for (uint32_t i = parent + 1; i < text_[parent].end; i = text_[i].end) f(i);
  }
  Tensor tensor(uint32_t index) const;

  const limelight::JsonText& text_;
  uint32_t index_;
  std::set<std::string_view> read_;
};

/// What the library computes of the case; throws Refused.
Outputs compute(Case& c);

}  // namespace conformance
