// The doors of the engine's modules to JavaScript: a folder for each module, a file for each topic, and what
// all of them have beside these. Calls are few and coarse, take numbers only, and
// compute nothing themselves: they give the bytes that the caller laid out in wasm memory a C++ shape. That
// needs no more than plain exports: Embind would add 5 KB of glue to what a visitor downloads, and 200 ns to
// a call.
//
// Addresses and handles are numbers; 0 is "none". A call that can fail returns a StatusCode (0: ok) or, where
// it makes something, a handle (0: it failed); the reason is then in lastCode() and lastMessage(). Texts that
// a user wrote come as an address and a length, so that a long one without memory is an error and not an
// abort; texts that are returned end with a NUL and are good until the next call.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "limelight/explain.hpp"
#include "limelight/status.hpp"
#include "limelight/thread_pool.hpp"

namespace limelight::bindings {

/// Before a function: JavaScript calls it by this name.
#define LIMELIGHT_CALL(name) __attribute__((export_name(#name)))

using Address = uintptr_t;

/// What a function returns for an address: a double, because JavaScript reads an i32 beyond 2 GiB as
/// negative.
template <class T>
double handle(T* made) {
  return static_cast<double>(reinterpret_cast<Address>(made));
}

/// What a function returns for a text that it made.
inline std::string made_text;
inline double handle(std::string text) {
  made_text = std::move(text);
  return handle(made_text.c_str());
}

/// What every call is shared over; none before threadsBegin(), and none in builds without threads.
#if defined(__wasm_atomics__)
inline ThreadPool* pool = nullptr;
#else
inline constexpr ThreadPool* pool = nullptr;
#endif

/// What lastCode() and lastMessage() tell.
inline Status last;

/// Keeps `status` as the last one; whether it is ok.
inline bool keep(const Status& status) {
  last = status;
  return status.ok();
}
/// Keeps `status` as the last one; its code.
inline int code(const Status& status) {
  last = status;
  return static_cast<int>(status.code);
}

inline int threads() {
  return pool ? pool->threads() : 1;
}

template <class T>
std::span<T> span_at(Address address, double count) {
  return {reinterpret_cast<T*>(address), static_cast<std::size_t>(count)};
}
inline std::string_view text_at(Address address, double bytes) {
  return {reinterpret_cast<const char*>(address), static_cast<std::size_t>(bytes)};
}

inline Rectangle rectangle(double head, double first_row, double rows, double first_col, double cols,
                           double pooled_rows, double pooled_cols, int pool) {
  Rectangle r;
  r.head = static_cast<int64_t>(head);
  r.first_row = static_cast<int64_t>(first_row);
  r.rows = static_cast<int64_t>(rows);
  r.first_col = static_cast<int64_t>(first_col);
  r.cols = static_cast<int64_t>(cols);
  r.pooled_rows = static_cast<int64_t>(pooled_rows);
  r.pooled_cols = static_cast<int64_t>(pooled_cols);
  r.pool = static_cast<Pool>(pool);
  return r;
}

/// Numbers that a rectangle comes to: its cells, or the cells it is pooled into.
inline double cells(const Rectangle& r) {
  const bool pooled = r.pooled_rows > 0 && r.pooled_cols > 0;
  return static_cast<double>(pooled ? std::min(r.pooled_rows, r.rows) : r.rows) *
         static_cast<double>(pooled ? std::min(r.pooled_cols, r.cols) : r.cols);
}

}  // namespace limelight::bindings
