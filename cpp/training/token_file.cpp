#include "training/token_file.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <functional>
#include <memory>
#include <string>

namespace limelight::training {
namespace {

static_assert(std::endian::native == std::endian::little, "ids are read as they lie");

constexpr std::string_view kMagic = "LLTOKENS";
constexpr uint32_t kVersion = 2, kMostVocabulary = 1 << 16;
/// More than memory holds, and few enough that bytes can be counted.
constexpr uint64_t kMostIds = uint64_t{1} << 40;
constexpr std::size_t kHeader = 40;

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
  const auto vocabulary = number_at<uint32_t>(header, 12), inside = number_at<uint32_t>(header, 32);
  const auto count = number_at<uint64_t>(header, 16), documents = number_at<uint64_t>(header, 24);
  if (kMagic != std::string_view(header, kMagic.size()) || number_at<uint32_t>(header, 8) != kVersion)
    return refuse(StatusCode::corrupt_file, "is no file of tokens of version 2");
  if (vocabulary == 0 || vocabulary > kMostVocabulary || inside > vocabulary)
    return refuse(StatusCode::corrupt_file, "has a vocabulary that no file of tokens has");
  if (count > kMostIds || documents > count)
    return refuse(StatusCode::corrupt_file, "has more tokens or documents than there can be");
  Buffer<uint16_t> ids;
  Buffer<uint64_t> starts;
  const std::size_t padding = (4 - count % 4) % 4;
  uint16_t zeros[3];
  if (Status s = ids.resize(count); !s.ok()) return s;
  if (Status s = starts.resize(documents + 1); !s.ok()) return s;
  if (std::fread(ids.data(), sizeof(uint16_t), ids.size(), file.get()) != ids.size() ||
      std::fread(zeros, sizeof(uint16_t), padding, file.get()) != padding)
    return refuse(StatusCode::truncated_file, "ends among its tokens");
  if (std::fread(starts.data(), sizeof(uint64_t), starts.size(), file.get()) != starts.size())
    return refuse(StatusCode::truncated_file, "ends among its documents");
  if (std::ranges::any_of(ids.span(), [&](uint16_t id) { return id >= vocabulary; }))
    return refuse(StatusCode::corrupt_file, "has an id beyond its vocabulary");
  if (starts.span().front() != 0 || starts.span().back() != count ||
      std::ranges::adjacent_find(starts.span(), std::greater_equal()) != starts.span().end()) {
    return refuse(StatusCode::corrupt_file, "has documents that are empty or out of order");
  }
  vocabulary_ = vocabulary;
  first_inside_ = inside;
  ids_ = std::move(ids);
  starts_ = std::move(starts);
  return {};
}

}  // namespace limelight::training
