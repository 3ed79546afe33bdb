// How a thread waits for a number to change: a futex, as the system or WebAssembly has it.
#pragma once

#include <atomic>
#include <cstdint>

namespace limelight {

/// Sleeps while `number` is `old`; may wake early. In WebAssembly it traps after ten seconds where `patient`
/// is false: who is waited for there is in the middle of a task of some milliseconds, or was ended by the
/// browser, and an engine that stops is started again where one that waits for ever is not.
inline void sleep_while(std::atomic<uint32_t>& number, uint32_t old, bool patient) {
#if defined(__wasm_atomics__)
  constexpr int64_t kForever = -1, kTenSeconds = 10'000'000'000;
  constexpr int kTimedOut = 2;
  const int how = __builtin_wasm_memory_atomic_wait32(
      reinterpret_cast<int32_t*>(&number), static_cast<int32_t>(old), patient ? kForever : kTenSeconds);
  if (how == kTimedOut) __builtin_trap();
#elif defined(__EMSCRIPTEN__)
  (void)number, (void)old, (void)patient;  // there is nobody to wait for
#else
  (void)patient;
  number.wait(old, std::memory_order_relaxed);
#endif
}

/// Wakes up to `count` of those who sleep on `number`.
inline void wake(std::atomic<uint32_t>& number, int count) {
#if defined(__wasm_atomics__)
  __builtin_wasm_memory_atomic_notify(reinterpret_cast<int32_t*>(&number), static_cast<uint32_t>(count));
#elif defined(__EMSCRIPTEN__)
  (void)number, (void)count;
#else
  for (; count > 0; count--) number.notify_one();
#endif
}

/// Tells the processor that this is a loop that waits.
inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

}  // namespace limelight
