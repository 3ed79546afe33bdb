// How many threads a piece of work is worth.
#pragma once

#include <algorithm>
#include <cstdint>

#include "limelight/thread_pool.hpp"

namespace limelight {

/// Multiply-adds that a thread has to get for its waking to pay. Who calls never waits for a helper to wake:
/// it loses the 3 to 10 us of the call that wakes it, and the helper comes to a run of T us after W = 38 us
/// (measured, asleep; below 1 us while it still looks), so that the run takes (T + W) / 2 + 10 and gains from
/// T = 58 us on. 2^21 multiply-adds for each of two threads are 52 us at the 80 a ns of AVX-512, and 100
/// us at the 21 of WebAssembly.
inline constexpr double kWorkOfThread = 1 << 21;

/// Tasks that a thread should find, where the work can be cut into as many: who is done early takes another,
/// so that at the end one waits for a quarter of a thread's share at most.
inline constexpr int64_t kTasksOfThread = 4;

/// Threads of `most` that `work` multiply-adds are worth.
inline int threads_worth(double work, int most) {
  if constexpr (!kThreadsAvailable) return 1;
  return static_cast<int>(std::clamp(work / kWorkOfThread, 1.0, static_cast<double>(most)));
}

inline int threads_of(const ThreadPool* pool) {
  return pool ? pool->threads() : 1;
}

}  // namespace limelight
