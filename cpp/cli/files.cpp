#include "cli/files.hpp"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>
#include <system_error>

#include "cli/error.hpp"

namespace limelight::cli {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

[[noreturn]] void fail(const std::filesystem::path& path, const char* what, int error) {
  throw Error(path.string() + " " + what + ": " + std::generic_category().message(error));
}

}  // namespace

Buffer<std::byte> read_file(const std::filesystem::path& path) {
  constexpr const char* kFailed = "could not be read";
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error) fail(path, kFailed, error.value());
  const File file(std::fopen(path.c_str(), "rb"));
  if (!file) fail(path, kFailed, errno);
  Buffer<std::byte> bytes;
  if (size > SIZE_MAX) fail(path, kFailed, ENOMEM);
  check(bytes.resize(static_cast<std::size_t>(size)));
  errno = 0;
  const std::size_t read = std::fread(bytes.data(), 1, bytes.size(), file.get());
  if (read != bytes.size()) fail(path, kFailed, errno ? errno : EIO);
  return bytes;
}

void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  constexpr const char* kFailed = "could not be written";
  std::filesystem::path part = path;
  part += ".part";
  File file(std::fopen(part.c_str(), "wb"));
  if (!file) fail(path, kFailed, errno);
  const bool written = std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
  const int error = errno;
  if (std::fclose(file.release()) != 0 || !written) {
    const int reason = written ? errno : error;
    std::remove(part.c_str());
    fail(path, kFailed, reason);
  }
  std::error_code renamed;
  std::filesystem::rename(part, path, renamed);
  if (renamed) {
    std::remove(part.c_str());
    fail(path, kFailed, renamed.value());
  }
}

}  // namespace limelight::cli
