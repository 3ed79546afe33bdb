// Work in pieces that do not depend on the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "limelight/thread_pool.hpp"
#include "threads/worth.hpp"

namespace limelight::training {

/// Numbers of a piece of an operation that goes over all numbers alike: 16 KiB.
inline constexpr int64_t kPieceFloats = 4096;
/// What a number of such an operation costs, in multiply-adds of a product.
inline constexpr double kWorkOfNumber = 16;
/// And of one that only adds rows up.
inline constexpr double kWorkOfSum = 4;

inline int64_t pieces_of(int64_t count, int64_t piece) {
  return (count + piece - 1) / piece;
}

/// Rows of a piece of an operation that goes over rows of `width` numbers.
inline int64_t rows_of_piece(int64_t width) {
  return std::max<int64_t>(1, kPieceFloats / width);
}

/// Calls f(first, count, thread) for pieces that make up [0, count), each of `piece` but the last; `work` as
/// in threads_worth().
template <class F>
void share_pieces(ThreadPool* pool, int64_t count, int64_t piece, double work, F&& f) {
  share(pool, pieces_of(count, piece), threads_worth(work, threads_of(pool)), [&](int64_t index, int thread) {
    const int64_t first = index * piece;
    f(first, std::min(piece, count - first), thread);
  });
}

/// The same for f(first, count) over numbers that are all treated alike.
template <class F>
void share_numbers(ThreadPool* pool, int64_t count, F&& f) {
  share_pieces(pool, count, kPieceFloats, static_cast<double>(count) * kWorkOfNumber,
               [&](int64_t first, int64_t some, int) { f(first, some); });
}

}  // namespace limelight::training
