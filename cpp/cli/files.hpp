// Whole files, in and out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

#include "limelight/memory.hpp"

namespace limelight::cli {

/// Throws Error.
Buffer<std::byte> read_file(const std::filesystem::path& path);

/// Written beside its place and then renamed: at no time is there half of it. Throws Error; then what was
/// there before still is.
void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

inline std::string_view text_of(const Buffer<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace limelight::cli
