#include "cli/machine.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <thread>

#include "cli/error.hpp"
#include "kernels/kernels.hpp"

namespace limelight::cli {
namespace {

void use(const std::string& arch) {
  std::string runnable;
  for (const kernels::Table* table : kernels::tables()) {
    const std::string_view name = table->arch;
    if (name.starts_with(arch)) return kernels::use_table(*table);  // "neon" is neon64
    runnable += (runnable.empty() ? "" : ", ") + std::string(name);
  }
  throw Error("this processor does not run " + arch + "; it runs " + runnable);
}

}  // namespace

void Machine::add_to(CLI::App& command) {
  command.add_option("--threads", threads, "Threads; as many as the processor has if it is left out")
      ->check(CLI::Range(1, ThreadPool::kMostThreads));
  command.add_option("--arch", arch, "Instructions to use; the best that there are if it is left out")
      ->check(CLI::IsMember({"sse2", "avx2", "avx512", "neon"}));
}

std::unique_ptr<ThreadPool> Machine::start() const {
  if (!arch.empty()) use(arch);
  const int own = static_cast<int>(
      std::clamp(std::thread::hardware_concurrency(), 1u, static_cast<unsigned>(ThreadPool::kMostThreads)));
  std::unique_ptr<ThreadPool> pool;
  check(ThreadPool::create(threads > 0 ? threads : own, pool));
  return pool;
}

}  // namespace limelight::cli
