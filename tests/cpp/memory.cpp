#include "limelight/memory.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>

using namespace limelight;

TEST_CASE("live bytes count what buffers hold and return to their baseline") {
  const std::size_t baseline = live_bytes();
  {
    Buffer<float> a;
    REQUIRE(a.resize(1000).ok());
    CHECK(live_bytes() == baseline + 4000);
    REQUIRE(a.resize(10).ok());
    CHECK(live_bytes() == baseline + 40);
    Buffer<float> b = std::move(a);
    CHECK(live_bytes() == baseline + 40);
    CHECK(a.size() == 0);
    Buffer<double> c;
    REQUIRE(c.resize(3).ok());
    CHECK(live_bytes() == baseline + 64);
    REQUIRE(c.resize(0).ok());
    CHECK(c.data() == nullptr);
    Buffer<float> d;
    REQUIRE(d.resize(7).ok());
    d = std::move(b);
    CHECK(d.size() == 10);
    CHECK(live_bytes() == baseline + 40);
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("blocks are aligned to 64 bytes and usable to their last byte") {
  for (std::size_t size : {1, 3, 63, 64, 65, 1000}) {
    auto* block = static_cast<unsigned char*>(allocate_bytes(size));
    REQUIRE(block != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
    for (std::size_t i = 0; i < size; i++) block[i] = static_cast<unsigned char>(i);
    release_bytes(block, size);
  }
}

TEST_CASE("beyond the memory limit resize answers out-of-memory and keeps what was there") {
  const std::size_t baseline = live_bytes();
  {
    Buffer<float> buffer;
    REQUIRE(buffer.resize(4).ok());
    buffer[3] = 42.0f;
    set_memory_limit(baseline + 100);
    const Status status = buffer.resize(26);
    CHECK(status.code == StatusCode::out_of_memory);
    CHECK(std::string(status_name(status.code)) == "out-of-memory");
    CHECK(std::string(status.message) == "no memory for 26 elements of 4 bytes");
    CHECK(buffer.size() == 4);
    CHECK(buffer[3] == 42.0f);
    CHECK(live_bytes() == baseline + 16);
    Buffer<float> rest;
    CHECK(rest.resize(21).ok());  // 16 + 84 = 100: exactly the limit
    CHECK(!Buffer<char>().resize(1).ok());
    set_memory_limit(0);
    CHECK(buffer.resize(26).ok());
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("sizes that no machine has are out-of-memory, not a wrapped small block") {
  const std::size_t baseline = live_bytes();
  Buffer<double> buffer;
  for (std::size_t count : {SIZE_MAX, SIZE_MAX / 8, SIZE_MAX / 8 + 1, SIZE_MAX / 16}) {
    CAPTURE(count);
    CHECK(buffer.resize(count).code == StatusCode::out_of_memory);
  }
  CHECK(allocate_bytes(SIZE_MAX) == nullptr);
  CHECK(allocate_bytes(0) == nullptr);
  release_bytes(nullptr, 0);
  CHECK(live_bytes() == baseline);
}

TEST_CASE("a status keeps the beginning of a message that is too long") {
  const std::string long_name(1000, 'x');
  const Status status = Status::error(StatusCode::unknown_site, "no site named %s", long_name.c_str());
  CHECK(std::string(status.message).size() == sizeof status.message - 1);
  CHECK(std::string(status.message).rfind("no site named xxx", 0) == 0);
  CHECK(Status().ok());
  CHECK(!status.ok());
}

TEST_CASE("every status code has its own kebab-case name") {
  std::set<std::string> seen;
  for (int code = 0; code <= static_cast<int>(StatusCode::not_finished); code++) {
    const std::string name = status_name(static_cast<StatusCode>(code));
    CHECK(name != "unknown");
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
    CHECK(seen.insert(name).second);
  }
}
