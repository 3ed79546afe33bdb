// Memory that the caller lays out, and why the last call failed.
#include "limelight/memory.hpp"
#include "bindings/calls.hpp"

namespace limelight::bindings {

LIMELIGHT_CALL(lastCode)
double last_code() {
  return handle(status_name(last.code));
}
LIMELIGHT_CALL(lastMessage)
double last_message() {
  return handle(last.message);
}

LIMELIGHT_CALL(allocate)
double allocate(double bytes) {
  void* block = bytes > 0 && bytes < 0x1p32 ? allocate_bytes(static_cast<std::size_t>(bytes)) : nullptr;
  if (!block) last = Status::error(StatusCode::out_of_memory, "no memory for %.0f bytes", bytes);
  return handle(block);
}
LIMELIGHT_CALL(release)
void release(Address block, double bytes) {
  release_bytes(reinterpret_cast<void*>(block), static_cast<std::size_t>(bytes));
}
LIMELIGHT_CALL(liveBytes)
double live() {
  return static_cast<double>(live_bytes());
}

}  // namespace limelight::bindings
