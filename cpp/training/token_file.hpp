// A file of token ids, as build-scripts/data/formats/tokens.mjs writes it; all little-endian:
//
//   0  magic "LLTOKENS"    8  u32 version 2    12  u32 vocabulary    16  u64 ids    24  u64 documents
//   32  u32 the first id of those that go on inside a word, else the vocabulary    36  u32 zero
//   40  the ids, u16; zeros up to a multiple of 8; where each document starts, u64, and the count of ids
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "limelight/memory.hpp"

namespace limelight::training {

class TokenFile {
 public:
  /// Reads all of it into memory, 2 bytes an id. Errors name the path: corrupt_file (no such file, another
  /// format, ids beyond the vocabulary, documents that are empty or out of order), truncated_file,
  /// out_of_memory. Then what was there before stays.
  Status open(std::string_view path);

  int64_t vocabulary() const { return vocabulary_; }
  /// Ids from here on go on inside a word.
  int64_t first_inside() const { return first_inside_; }
  std::span<const uint16_t> ids() const { return ids_.span(); }
  int64_t documents() const { return static_cast<int64_t>(starts_.size()) - 1; }
  int64_t start(int64_t document) const {
    return static_cast<int64_t>(starts_.span()[static_cast<std::size_t>(document)]);
  }
  std::span<const uint16_t> document(int64_t index) const {
    return ids().subspan(static_cast<std::size_t>(start(index)),
                         static_cast<std::size_t>(start(index + 1) - start(index)));
  }

 private:
  int64_t vocabulary_ = 0, first_inside_ = 0;
  Buffer<uint16_t> ids_;
  Buffer<uint64_t> starts_;  ///< one more than documents
};

}  // namespace limelight::training
