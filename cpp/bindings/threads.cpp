// The module's threads. Who loads the module starts its helpers: each instantiates it once more over the same
// memory and calls the function in the table at helperEntry(), with a stack of its own.
#include "bindings/calls.hpp"
#include "limelight/memory.hpp"

#if defined(__wasm_atomics__)

namespace limelight::bindings {
namespace {

// Kernels hold a tile of numbers there at most; what is large is workspace.
constexpr std::size_t kStackBytes = 64 << 10;

}  // namespace

/// A pool for `threads`, the caller's among them; alone until helpers come.
LIMELIGHT_CALL(threadsBegin)
void threads_begin(int threads) {
  pool = new ThreadPool(threads);
}

/// The end of a new stack, where it begins; 0: no memory.
LIMELIGHT_CALL(helperStack)
double helper_stack() {
  auto* block = static_cast<std::byte*>(allocate_bytes(kStackBytes));
  return block ? handle(block + kStackBytes) : 0;
}

extern "C" {
void limelight_helper(Address stack);
void limelight_helper_main();
}

void limelight_helper_main() {
  pool->serve();
}

// Nothing may be on the stack before it is there.
asm(R"(
  .globaltype __stack_pointer, i32
  .functype limelight_helper_main () -> ()
  .globl limelight_helper
  .type limelight_helper,@function
limelight_helper:
  .functype limelight_helper (i32) -> ()
  local.get 0
  global.set __stack_pointer
  call limelight_helper_main
  end_function
)");

LIMELIGHT_CALL(helperEntry)
double helper_entry() {
  return handle(&limelight_helper);
}

}  // namespace limelight::bindings

#endif
