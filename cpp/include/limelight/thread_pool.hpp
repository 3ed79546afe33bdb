// Threads that share the work of one call: attend(), KeyValueCache::attend(), attend_backward() and a Run
// take a pool, and give the same bits with any number of threads and with none.
//
//   std::unique_ptr<ThreadPool> pool;
//   ThreadPool::create(8, pool);
//   attend(in, options, out, lse, workspace, {}, pool.get());
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "limelight/status.hpp"

namespace limelight {

/// Whether this build knows threads: natively, and in WebAssembly with shared memory.
#if defined(__EMSCRIPTEN__) && !defined(__wasm_atomics__)
inline constexpr bool kThreadsAvailable = false;
#else
inline constexpr bool kThreadsAvailable = true;
#endif

/// Helpers that wait for work, beside the thread that calls, which always takes part. One run() at a time. A
/// helper looks for work for some microseconds after the last and then sleeps; who comes late to a run finds
/// it closed and nobody waits for him, so a helper that never starts costs nothing but its share.
class ThreadPool {
 public:
  static constexpr int kMostThreads = 256;

  /// `threads` in all, the calling one among them. Fewer, where the system gives no more: threads() tells.
  /// invalid_option: threads outside 1 .. kMostThreads; more than one where kThreadsAvailable is false.
  static Status create(int threads, std::unique_ptr<ThreadPool>& made);

  /// A pool for `threads` whose helpers are started elsewhere; each of them calls serve().
  explicit ThreadPool(int threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  /// Ends the helpers that create() started.
  ~ThreadPool();

  /// The most that a run is spread over.
  int threads() const { return threads_; }

  /// The life of a helper: works on runs until the pool ends.
  void serve();

  /// Calls task(index, thread) once for every index in [0, tasks), in no order, on the calling thread and at
  /// most threads - 1 helpers; returns when all is done. `thread` in [0, threads) is a number that no two
  /// calls at the same time share, for a workspace of its own. Tasks must not throw, nor run() on this pool.
  template <class F>
  void run(int64_t tasks, int threads, F&& task) {
    using Task = std::remove_reference_t<F>;
    run({[](void* context, int64_t index, int thread) { (*static_cast<Task*>(context))(index, thread); },
         &task, tasks, threads});
  }

 private:
  struct Job {
    void (*call)(void* context, int64_t index, int thread) = nullptr;
    void* context = nullptr;
    int64_t tasks = 0;
    int threads = 1;
  };
  struct Helpers;

  void run(const Job& job);
  void work(int thread);
  void enter();

  // Written by who calls run(), while the door is shut and nobody is inside.
  Job job_;
  int threads_;
  std::unique_ptr<Helpers> helpers_;
  // Each on a cache line of its own: the first is read in a loop, the others are written by all.
  alignas(64) std::atomic<uint32_t> round_{0};  ///< goes up when there is something to look at
  alignas(64) std::atomic<uint32_t> door_{0};   ///< kOpen, and the number of helpers inside
  alignas(64) std::atomic<int64_t> next_{0};    ///< the next task
  std::atomic<int> entered_{0};                 ///< helpers that came to this run
  std::atomic<bool> ending_{false};
};

/// ThreadPool::run where there may be no pool: then, and with one thread, in order on the calling thread.
template <class F>
void share(ThreadPool* pool, int64_t tasks, int threads, F&& task) {
  if constexpr (kThreadsAvailable) {
    if (pool && threads > 1 && tasks > 1) return pool->run(tasks, threads, task);
  }
  for (int64_t index = 0; index < tasks; index++) task(index, 0);
}

}  // namespace limelight
