// A file of token ids, as build-scripts/data/formats/tokens.mjs writes it; all little-endian:
//
//   0  magic "LLTOKENS"    8  u32 version 1    12  u32 vocabulary    16  u64 ids    24  u64 documents
//   32  the ids, u16; zeros up to a multiple of 8; where each document starts, u64, and the count of ids
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "limelight/memory.hpp"

namespace limelight::training {

class TokenFile {
 public:
  /// Reads the ids, which stay in memory, 2 bytes each; documents are told apart by the tokens that their ends
  /// have. Errors: load errors name the path: corrupt_file (no such file, another format, ids beyond the
  /// vocabulary), truncated_file, out_of_memory. Then what was there before stays.
  Status open(std::string_view path);

  int64_t vocabulary() const { return vocabulary_; }
  std::span<const uint16_t> ids() const { return ids_.span(); }

 private:
  int64_t vocabulary_ = 0;
  Buffer<uint16_t> ids_;
};

}  // namespace limelight::training
