// Memory that the caller lays out, and why the last call failed.
#include <emscripten/bind.h>

#include <string>

#include "bindings/calls.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {
namespace {

std::string last_code() {
  return status_name(last.code);
}
std::string last_message() {
  return last.message;
}

Address allocate(double bytes) {
  void* block = bytes > 0 && bytes < 0x1p32 ? allocate_bytes(static_cast<std::size_t>(bytes)) : nullptr;
  if (!block) last = Status::error(StatusCode::out_of_memory, "no memory for %.0f bytes", bytes);
  return reinterpret_cast<Address>(block);
}
void release(Address block, double bytes) {
  release_bytes(reinterpret_cast<void*>(block), static_cast<std::size_t>(bytes));
}
double live() {
  return static_cast<double>(live_bytes());
}

}  // namespace

EMSCRIPTEN_BINDINGS(memory) {
  using emscripten::function;
  function("lastCode", &last_code);
  function("lastMessage", &last_message);
  function("allocate", &allocate);
  function("release", &release);
  function("liveBytes", &live);
}

}  // namespace limelight::bindings
