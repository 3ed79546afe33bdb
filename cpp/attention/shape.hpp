// What attend() and explain() derive from validated inputs in the same way.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "limelight/attention.hpp"

namespace limelight {

enum class Values { needed, optional };

/// validate(), where explain() may do without values.
Status validate_attention(const AttentionInputs& in, const AttentionOptions& options, Values values);

/// Sizes of a HeadsView.
struct HeadsShape {
  int64_t batch, heads, seq, dim;
};
/// A view that is read beside q, k and v: of this shape, with sane strides and data.
Status check_input(const char* name, const HeadsView<const float>& view, const HeadsShape& shape);
/// A view that is written: of this shape, with data, and no two of its rows overlap.
Status check_output(const char* name, const HeadsView<float>& view, const HeadsShape& shape);

/// scale / temperature of a query head.
inline float score_factor(const AttentionInputs& in, const AttentionOptions& options, int64_t head) {
  const float scale =
      options.scale ? *options.scale : static_cast<float>(1.0 / std::sqrt(static_cast<double>(in.q.dim)));
  return options.temperature.empty() ? scale : scale / options.temperature[static_cast<std::size_t>(head)];
}

/// The keys of one batch that a query row sees are [0, end(row)).
struct Visible {
  int64_t keys;  ///< that are there at all
  int64_t past;  ///< causal: row i ends at i + past + 1
  bool causal;

  Visible(const AttentionInputs& in, const AttentionOptions& options, int64_t batch)
      : keys(options.key_lengths.empty() ? in.k.seq : options.key_lengths[static_cast<std::size_t>(batch)]),
        past(options.past_len.value_or(std::max<int64_t>(0, in.k.seq - in.q.seq))),
        causal(options.causal) {}

  int64_t end(int64_t row) const { return causal ? std::min(keys, row + past + 1) : keys; }
};

/// What attend() refuses, but for a workspace that is too small; writes the end of `rows` out.
Status check_attend(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                    std::span<const float> lse, RowRange& rows);

/// Ends a row of running sums: divides it by its weight `total`, times gate; returns its log-sum-exp.
/// `maximum` is attend_block's, to base 2. A row that saw nothing (total 0) becomes zeros and -inf.
float finish_row(float* out, int64_t dim, float maximum, float total, float gate);

inline int64_t kv_head_of(const AttentionInputs& in, int64_t head) {
  return head / (in.q.heads / in.k.heads);
}

}  // namespace limelight
