// How the work of attention is cut into tasks for threads: some query rows of some key-value heads of one
// batch.
#pragma once

#include <algorithm>

#include "kernels/kernels.hpp"
#include "limelight/attention.hpp"
#include "threads/worth.hpp"

namespace limelight {

/// Threads that attention over all rows is worth, of so many.
inline int attention_threads(const AttentionInputs& in, int most, int64_t rows) {
  const auto number = [](int64_t n) { return static_cast<double>(n); };
  return threads_worth(
      number(in.q.batch * in.q.heads) * number(rows) * number(in.k.seq) * number(in.q.dim + in.v.dim), most);
}

struct Task {
  int64_t batch, first_kv_head, end_kv_head;
  RowRange rows;
};

class Split {
 public:
  /// `kv_heads`: the most key-value heads of a task.
  Split(const AttentionInputs& in, RowRange rows, int64_t kv_heads, int threads) : in_(in), all_(rows) {
    const int64_t wanted = threads == 1 ? 1 : kTasksOfThread * threads;
    const auto up = [](int64_t n, int64_t by) { return (n + by - 1) / by; };
    // As few heads as make enough tasks; then, if there still are too few, as few rows.
    heads_ = std::clamp<int64_t>(in.q.batch * in.k.heads / wanted, 1, kv_heads);
    groups_ = up(in.k.heads, heads_);
    const int64_t pieces = up(wanted, in.q.batch * groups_);
    // Whole query blocks; copying a task's keys and values costs as much as two rows of the 48 or 64 of one.
    const int64_t block = kernels::table().query_rows;
    rows_ = std::max<int64_t>(1, up(up(rows.count, pieces), block)) * block;
    pieces_ = up(rows.count, rows_);
  }

  int64_t tasks() const { return in_.q.batch * groups_ * pieces_; }

  /// The last rows come first: of a causal head they are the ones that take longest.
  Task task(int64_t index) const {
    const int64_t piece = pieces_ - 1 - index / (in_.q.batch * groups_);
    const int64_t group = index % groups_;
    return {index / groups_ % in_.q.batch,
            group * heads_,
            std::min((group + 1) * heads_, in_.k.heads),
            {all_.first + piece * rows_, std::min(rows_, all_.count - piece * rows_)}};
  }

 private:
  const AttentionInputs& in_;
  RowRange all_;
  int64_t heads_, groups_, rows_, pieces_;
};

}  // namespace limelight
