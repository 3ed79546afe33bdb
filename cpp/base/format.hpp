// The part of printf that messages need. The C library's own prints every float exactly and brings 8 KB of
// code and tables into the WebAssembly module for it.
#pragma once

#include <cstdarg>
#include <cstddef>

namespace limelight {

/// Writes `format` with its arguments to `to`, cut at `room` bytes including the NUL that always ends it.
/// Served: %s %d %lld %llu %zu %g (six digits), %.Ns %.*s, %.0f (of what 64 bits hold; else as %g) and %%;
/// from a conversion that is not served, the format itself is written. Allocates nothing.
void format_text(char* to, std::size_t room, const char* format, va_list arguments);

}  // namespace limelight
