// What a fuzzer runs: functions from any bytes to nothing, which hold what the library promises with
// doctest's checks. libfuzzer.cpp makes a program of each; replay.cpp runs them on the inputs that are kept,
// as part of the test suite.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "limelight/status.hpp"

namespace limelight::fuzz {

using Bytes = std::span<const std::byte>;

void json(Bytes input);         ///< any text as JSON
void config(Bytes input);       ///< any text as config.json
void safetensors(Bytes input);  ///< any text as a safetensors header
void model(Bytes input);        ///< a pair of config.json and model.safetensors, loaded and run
void attention(Bytes input);    ///< shapes and options: attend() and explain() against the float64 reference
void validation(Bytes input);   ///< shapes and options that may be wrong: what attend() refuses

inline std::string_view text_of(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A call that may fail: with one of these codes, and a sentence.
template <class... Codes>
bool refused(const Status& status, Codes... codes) {
  if (status.ok()) return false;
  INFO(std::string(status_name(status.code)), ": ", std::string(status.message));
  CHECK(((status.code == codes) || ...));
  CHECK(status.message[0] != '\0');
  return true;
}

/// Decisions made of an input's bytes, from its front; zeros where it has ended.
class Choices {
 public:
  explicit Choices(Bytes bytes) : bytes_(bytes) {}

  template <class T>
  T raw() {
    T value = {};
    const std::size_t count = std::min(sizeof(T), bytes_.size());
    if (count > 0) std::memcpy(&value, bytes_.data(), count);
    bytes_ = bytes_.subspan(count);
    return value;
  }
  /// In [0, end), from one byte.
  int64_t below(int64_t end) { return raw<uint8_t>() % end; }
  bool flag() { return below(2) == 1; }
  template <class T, std::size_t N>
  T one_of(const T (&values)[N]) {
    return values[below(N)];
  }
  /// What comes before the next NUL, which is taken too.
  std::string_view text() {
    const std::string_view rest = text_of(bytes_), text = rest.substr(0, rest.find('\0'));
    bytes_ = bytes_.subspan(std::min(text.size() + 1, bytes_.size()));
    return text;
  }
  Bytes rest() const { return bytes_; }

 private:
  Bytes bytes_;
};

}  // namespace limelight::fuzz
