#include "limelight/memory.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace limelight {
namespace {

constexpr std::size_t kAlignment = 64;
// Beyond this no allocator delivers, and rounding up to the alignment could wrap around.
constexpr std::size_t kLargest = PTRDIFF_MAX - kAlignment;

std::atomic<std::size_t> live{0};
std::atomic<std::size_t> limit{0};

}  // namespace

std::size_t live_bytes() {
  return live.load(std::memory_order_relaxed);
}

void set_memory_limit(std::size_t bytes) {
  limit.store(bytes, std::memory_order_relaxed);
}

void* allocate_bytes(std::size_t bytes) {
  if (bytes == 0 || bytes > kLargest) return nullptr;
  // Booked before it is taken, so that two threads cannot pass the limit together.
  const std::size_t before = live.fetch_add(bytes, std::memory_order_relaxed);
  const std::size_t most = limit.load(std::memory_order_relaxed);
  void* block = nullptr;
  if (most == 0 || (before <= most && bytes <= most - before)) {
    block = std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  }
  if (!block) live.fetch_sub(bytes, std::memory_order_relaxed);
  return block;
}

void release_bytes(void* block, std::size_t bytes) {
  if (!block) return;
  std::free(block);
  live.fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace limelight
