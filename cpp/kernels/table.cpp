// Which of the architectures that were built in runs on this processor.
#include <array>
#include <atomic>
#include <xsimd/xsimd.hpp>

#include "kernels/kernels.hpp"

namespace limelight::kernels {

#if defined(__wasm__)
extern const Table kWasmTable;
#elif defined(__x86_64__)
extern const Table kSse2Table, kAvx2Table, kAvx512Table;
#elif defined(__aarch64__)
extern const Table kNeonTable;
#endif

namespace {

struct Runnable {
  std::array<const Table*, 3> tables{};
  std::size_t count = 0;

  Runnable() {
#if defined(__wasm__)
    tables[count++] = &kWasmTable;
#elif defined(__x86_64__)
    const auto processor = xsimd::available_architectures();
    if (processor.has(xsimd::avx512bw{})) tables[count++] = &kAvx512Table;
    if (processor.has(xsimd::fma3<xsimd::avx2>{})) tables[count++] = &kAvx2Table;
    tables[count++] = &kSse2Table;
#elif defined(__aarch64__)
    tables[count++] = &kNeonTable;
#endif
  }
};

const Runnable& runnable() {
  static const Runnable found;
  return found;
}

std::atomic<const Table*> in_use{nullptr};

}  // namespace

std::span<const Table* const> tables() {
  return {runnable().tables.data(), runnable().count};
}

const Table& table() {
  const Table* chosen = in_use.load(std::memory_order_acquire);
  return chosen ? *chosen : *runnable().tables[0];
}

void use_table(const Table& chosen) {
  in_use.store(&chosen, std::memory_order_release);
}

}  // namespace limelight::kernels
