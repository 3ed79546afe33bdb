#include "training/token_file.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace limelight::training {
namespace {

static_assert(std::endian::native == std::endian::little, "ids are read as they lie");

constexpr std::string_view kMagic = "LLTOKENS";
constexpr uint32_t kVersion = 1, kMostVocabulary = 1 << 16;
constexpr std::size_t kHeader = 32;

template <class T>
T number_at(const char* header, std::size_t offset) {
  T value;
  std::memcpy(&value, header + offset, sizeof(T));
  return value;
}

}  // namespace

Status TokenFile::open(std::string_view path) {
  const std::string name(path);
  const auto refuse = [&](StatusCode code, const char* why) {
    return Status::error(code, "%.120s: %s", name.c_str(), why);
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(name.c_str(), "rb"), &std::fclose);
  if (!file) return refuse(StatusCode::corrupt_file, "there is no such file of tokens, or it cannot be read");
  char header[kHeader];
  if (std::fread(header, 1, kHeader, file.get()) != kHeader)
    return refuse(StatusCode::truncated_file, "ends in its header");
  const auto vocabulary = number_at<uint32_t>(header, 12);
  const auto count = number_at<uint64_t>(header, 16);
  if (kMagic != std::string_view(header, kMagic.size()) || number_at<uint32_t>(header, 8) != kVersion)
    return refuse(StatusCode::corrupt_file, "is no file of tokens of version 1");
  if (vocabulary == 0 || vocabulary > kMostVocabulary)
    return refuse(StatusCode::corrupt_file, "has a vocabulary that no file of tokens has");
  if (count > SIZE_MAX / sizeof(uint16_t)) return refuse(StatusCode::out_of_memory, "has too many tokens");
  Buffer<uint16_t> ids;
  if (Status s = ids.resize(static_cast<std::size_t>(count)); !s.ok()) return s;
  if (std::fread(ids.data(), sizeof(uint16_t), ids.size(), file.get()) != ids.size())
    return refuse(StatusCode::truncated_file, "ends among its tokens");
  if (std::any_of(ids.data(), ids.data() + ids.size(), [&](uint16_t id) { return id >= vocabulary; }))
    return refuse(StatusCode::corrupt_file, "has an id beyond its vocabulary");
  vocabulary_ = vocabulary;
  ids_ = std::move(ids);
  return {};
}

}  // namespace limelight::training
