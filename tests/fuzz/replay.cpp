// The inputs that the fuzzers kept, and those that once found something, as tests.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "fuzz.hpp"
#include "limelight/memory.hpp"

namespace limelight::fuzz {
namespace {

/// A heap block of exactly the file's size, so that a sanitizer sees a step beyond it.
std::vector<std::byte> content(const std::filesystem::path& path) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::filesystem::file_size(path)));
  std::FILE* file = std::fopen(path.string().c_str(), "rb");
  REQUIRE(file != nullptr);
  CHECK(std::fread(bytes.data(), 1, bytes.size(), file) == bytes.size());
  std::fclose(file);
  return bytes;
}

void replay(const char* name, void (*target)(Bytes)) {
  int inputs = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(LIMELIGHT_SOURCE_DIR "/tests/fuzz/corpus/") + name)) {
    CAPTURE(entry.path().string());
    const std::size_t before = live_bytes();
    target(content(entry.path()));
    CHECK(live_bytes() == before);
    inputs++;
  }
  CHECK(inputs > 0);
}

}  // namespace

TEST_CASE("what fuzzers made of JSON texts is read or refused") {
  replay("json", json);
}
TEST_CASE("what fuzzers made of configurations is read or refused") {
  replay("config", config);
}
TEST_CASE("what fuzzers made of safetensors headers is read or refused") {
  replay("safetensors", safetensors);
}
TEST_CASE("what fuzzers made of checkpoints is loaded and run, or refused, in bounded memory") {
  replay("model", model);
}
TEST_CASE("what fuzzers made of shapes and options gives the attention of the formula") {
  replay("attention", attention);
}
TEST_CASE("what fuzzers made of wrong shapes and options is refused, and nothing is written") {
  replay("validation", validation);
}

}  // namespace limelight::fuzz
