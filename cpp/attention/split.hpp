// How the work of attention is cut into tasks for threads: some query rows of some key-value heads of one
// batch.
#pragma once

#include <algorithm>

#include "kernels/kernels.hpp"
#include "limelight/attention.hpp"
#include "threads/worth.hpp"

namespace limelight {

inline RowRange all_rows(const AttentionInputs& in) {
  return {0, in.q.seq, -1, 0, in.k.heads};
}

/// Threads, of so many, that attention of these rows is worth.
inline int attention_threads(const AttentionInputs& in, int most, const RowRange& rows) {
  const auto number = [](int64_t n) { return static_cast<double>(n); };
  const int64_t batches = rows.batch < 0 ? in.q.batch : 1;
  return threads_worth(number(batches * rows.kv_heads * (in.q.heads / in.k.heads)) * number(rows.count) *
                           number(in.k.seq) * number(in.q.dim + in.v.dim),
                       most);
}

struct Task {
  int64_t batch, first_kv_head, end_kv_head;
  RowRange rows;
};

class Split {
 public:
  /// `kv_heads`: the most key-value heads of a task.
  Split(const AttentionInputs& in, const RowRange& rows, int64_t kv_heads, int threads)
      : all_(rows), batches_(rows.batch < 0 ? in.q.batch : 1) {
    if (all_.kv_heads < 0) all_.kv_heads = in.k.heads - all_.first_kv_head;
    const int64_t wanted = threads == 1 ? 1 : kTasksOfThread * threads;
    const auto up = [](int64_t n, int64_t by) { return (n + by - 1) / by; };
    // As few heads as make enough tasks; then, if there still are too few, as few rows.
    heads_ = std::clamp<int64_t>(batches_ * all_.kv_heads / wanted, 1, kv_heads);
    groups_ = up(all_.kv_heads, heads_);
    const int64_t pieces = up(wanted, std::max<int64_t>(1, batches_ * groups_));
    // Whole query blocks; copying a task's keys and values costs as much as two rows of the 48 or 64 of one.
    const int64_t block = kernels::table().query_rows;
    rows_ = std::max<int64_t>(1, up(up(rows.count, pieces), block)) * block;
    pieces_ = up(rows.count, rows_);
  }

  int64_t tasks() const { return batches_ * groups_ * pieces_; }

  /// The last rows come first: of a causal head they are the ones that take longest.
  Task task(int64_t index) const {
    const int64_t piece = pieces_ - 1 - index / (batches_ * groups_);
    const int64_t first = index % groups_ * heads_;
    return {std::max<int64_t>(0, all_.batch) + index / groups_ % batches_,
            all_.first_kv_head + first,
            all_.first_kv_head + std::min(first + heads_, all_.kv_heads),
            {all_.first + piece * rows_, std::min(rows_, all_.count - piece * rows_)}};
  }

 private:
  RowRange all_;
  int64_t batches_, heads_, groups_, rows_, pieces_;
};

}  // namespace limelight
