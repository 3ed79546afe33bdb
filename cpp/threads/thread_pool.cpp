// A run opens a door; helpers go in and take tasks from a counter; then it is shut, and who called waits
// until all who are inside have come out. Only then is the next run written down, so nobody ever reads a run
// half written.
#include "limelight/thread_pool.hpp"

#include <algorithm>

#include "threads/sleep.hpp"

#if !defined(__EMSCRIPTEN__)
#include <system_error>
#include <thread>
#include <vector>
#endif

namespace limelight {
namespace {

constexpr uint32_t kOpen = uint32_t{1} << 31;

/// Looks at a number before one sleeps on it: some 50 us, longer than it takes from one slice or one
/// operation of a model to the next. A look is a pause of 26 ns on x86; WebAssembly has no pause, there it is
/// a load.
#if defined(__EMSCRIPTEN__)
constexpr int kLooks = 50'000;
#else
constexpr int kLooks = 2000;
#endif

}  // namespace

#if defined(__EMSCRIPTEN__)

struct ThreadPool::Helpers {};

#else

struct ThreadPool::Helpers {
  std::vector<std::thread> threads;
};

#endif

Status ThreadPool::create(int threads, std::unique_ptr<ThreadPool>& made) {
  if (threads < 1 || threads > kMostThreads) {
    return Status::error(StatusCode::invalid_option, "%d threads: 1 to %d can be had", threads, kMostThreads);
  }
#if defined(__EMSCRIPTEN__)
  if (threads > 1) {
    return Status::error(StatusCode::invalid_option,
                         "%d threads: in WebAssembly, who loads the module has to start the others", threads);
  }
  made = std::make_unique<ThreadPool>(threads);
#else
  made = std::make_unique<ThreadPool>(threads);
  made->helpers_ = std::make_unique<Helpers>();
  try {
    for (int i = 1; i < threads; i++)
      made->helpers_->threads.emplace_back([pool = made.get()] { pool->serve(); });
  } catch (const std::system_error&) {  // the system has no more of them
    made->threads_ = 1 + static_cast<int>(made->helpers_->threads.size());
  }
#endif
  return {};
}

ThreadPool::ThreadPool(int threads) : threads_(threads) {}

ThreadPool::~ThreadPool() {
  ending_.store(true, std::memory_order_relaxed);
  round_.fetch_add(1, std::memory_order_release);
  wake(round_, threads_);
#if !defined(__EMSCRIPTEN__)
  if (helpers_) {
    for (std::thread& thread : helpers_->threads) thread.join();
  }
#endif
}

void ThreadPool::serve() {
  uint32_t seen = 0;
  for (;;) {
    uint32_t round = round_.load(std::memory_order_acquire);
    for (int look = 0; round == seen && look < kLooks; look++) {
      pause();
      round = round_.load(std::memory_order_acquire);
    }
    if (round == seen) {
      sleep_while(round_, seen, true);
      continue;
    }
    seen = round;
    if (ending_.load(std::memory_order_relaxed)) return;
    enter();
  }
}

void ThreadPool::enter() {
  uint32_t door = door_.load(std::memory_order_relaxed);
  do {
    if (!(door & kOpen)) return;
  } while (!door_.compare_exchange_weak(door, door + 1, std::memory_order_acquire));
  const int thread = 1 + entered_.fetch_add(1, std::memory_order_relaxed);
  if (thread < job_.threads) work(thread);
  // The last one out of a shut door: the caller may be asleep.
  if (door_.fetch_sub(1, std::memory_order_release) == 1) wake(door_, 1);
}

void ThreadPool::work(int thread) {
  for (int64_t index = 0; (index = next_.fetch_add(1, std::memory_order_relaxed)) < job_.tasks;)
    job_.call(job_.context, index, thread);
}

void ThreadPool::run(const Job& job) {
  job_ = job;
  next_.store(0, std::memory_order_relaxed);
  entered_.store(0, std::memory_order_relaxed);
  door_.store(kOpen, std::memory_order_release);
  round_.fetch_add(1, std::memory_order_release);
  wake(round_, std::min<int>(job.threads, threads_) - 1);
  work(0);
  uint32_t door = door_.fetch_and(~kOpen, std::memory_order_acquire) & ~kOpen;
  for (int look = 0; door != 0; look++) {
    if (look < kLooks)
      pause();
    else
      sleep_while(door_, door, false);
    door = door_.load(std::memory_order_acquire);
  }
}

}  // namespace limelight
