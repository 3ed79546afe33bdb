// What a command runs on: --threads and --arch.
#pragma once

#include <memory>
#include <string>

#include "limelight/thread_pool.hpp"

namespace CLI {
class App;
}

namespace limelight::cli {

struct Machine {
  int threads = 0;   ///< 0: as many as the processor runs at a time
  std::string arch;  ///< empty: the best that the processor runs

  /// Adds the two options.
  void add_to(CLI::App& command);
  /// Chooses the architecture and starts the threads. Throws Error: an architecture that this processor does
  /// not run.
  std::unique_ptr<ThreadPool> start() const;
};

}  // namespace limelight::cli
