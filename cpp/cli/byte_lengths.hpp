// How many bytes of text a token of a byte-level tokenizer stands for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace limelight::cli {

/// By id, from a tokenizer.json: such vocabularies write every byte as one character. Added tokens stand for
/// none. Empty where there is no such file, or its tokens are not bytes. Throws Error (a file that is
/// broken).
std::vector<int32_t> byte_lengths(const std::filesystem::path& tokenizer);

}  // namespace limelight::cli
