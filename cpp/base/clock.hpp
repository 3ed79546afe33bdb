// A clock that only goes forward.
#pragma once

#ifdef __EMSCRIPTEN__
#include <emscripten/emscripten.h>
#else
#include <chrono>
#endif

namespace limelight {

/// Milliseconds since some moment. (std::chrono can fail, and brings 4 KB into the WebAssembly module to say
/// so.)
inline double milliseconds_now() {
#ifdef __EMSCRIPTEN__
  return emscripten_get_now();
#else
  using Clock = std::chrono::steady_clock;
  return std::chrono::duration<double, std::milli>(Clock::now().time_since_epoch()).count();
#endif
}

}  // namespace limelight
