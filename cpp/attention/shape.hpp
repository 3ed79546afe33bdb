// What attend() and explain() derive from validated inputs in the same way.
#pragma once

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numbers>

#include "limelight/attention.hpp"

namespace limelight {

/// Numbers of a vector: far beyond any head, and so few that no size of a workspace wraps around where
/// addresses have 32 bits.
inline constexpr int64_t kLargestDim = int64_t{1} << 20;

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

inline float gate_of(const AttentionOptions& options, int64_t head) {
  return options.gate.empty() ? 1.0f : options.gate[static_cast<std::size_t>(head)];
}

/// What pack_queries() takes as factor and attend_block() as soft cap: scores are kept times log2(e), and
/// divided by the soft cap until they meet it.
inline float query_factor(const AttentionInputs& in, const AttentionOptions& options, int64_t head) {
  const double factor = static_cast<double>(score_factor(in, options, head));
  if (!options.softcap) return static_cast<float>(factor);
  return static_cast<float>(factor / (static_cast<double>(*options.softcap) * std::numbers::log2e));
}
inline float log2_softcap(const AttentionOptions& options) {
  return options.softcap ? static_cast<float>(static_cast<double>(*options.softcap) * std::numbers::log2e)
                         : 0.0f;
}

/// The running softmax of a head's rows before the first block of keys: attend_block()'s maximum and total. A
/// sink is a score that every row has seen already, with nothing to weigh.
struct FirstState {
  float maximum, total;
};
inline FirstState first_state(const AttentionOptions& options, int64_t head) {
  if (options.sinks.empty()) return {-FLT_MAX, 0.0f};
  return {options.sinks[static_cast<std::size_t>(head)] * std::numbers::log2e_v<float>, 1.0f};
}

/// The keys of one batch that a query row may see are [begin(row), end(row)); a mask may hide some of them.
/// Both grow by one from row to row where they are not at their limits.
struct Visible {
  int64_t keys;    ///< that are there at all
  int64_t past;    ///< query i has position i + past
  int64_t before;  ///< row i begins at i + past - before
  int64_t after;   ///< row i ends after i + past + after
  bool from_left;  ///< rows begin later and later
  bool to_right;   ///< rows end later and later

  Visible(const AttentionInputs& in, const AttentionOptions& options, int64_t batch)
      : keys(options.key_lengths.empty() ? in.k.seq : options.key_lengths[static_cast<std::size_t>(batch)]),
        past(options.past_lens.empty() ? options.past_len.value_or(std::max<int64_t>(0, in.k.seq - in.q.seq))
                                       : options.past_lens[static_cast<std::size_t>(batch)]),
        before(options.left_window.value_or(0)),
        after(options.causal ? 0 : options.right_window.value_or(0)),
        from_left(options.left_window.has_value()),
        to_right(options.causal || options.right_window.has_value()) {
    // Keys from the shorter of bias and mask on are hidden.
    if (options.bias.data) keys = std::min(keys, options.bias.dim);
    if (options.mask.data) keys = std::min(keys, options.mask.dim);
  }

  int64_t begin(int64_t row) const {
    return from_left ? std::clamp<int64_t>(row + past - before, 0, keys) : 0;
  }
  int64_t end(int64_t row) const {
    return to_right ? std::clamp<int64_t>(unbounded_end(row), 0, keys) : keys;
  }
  /// end(row) where nothing limits it; first_end of a block that starts at key 0.
  int64_t unbounded_end(int64_t row) const { return to_right ? row + past + after + 1 : keys; }

  /// The rows of [first, end) that may see one of the keys [first_key, end_key): one stretch of them.
  RowRange rows_that_see(int64_t first_key, int64_t end_key, int64_t first, int64_t end_row) const {
    if (first_key >= std::min(end_key, keys)) return {first, 0};
    const int64_t from = to_right ? std::max(first, first_key - past - after) : first;
    const int64_t to = from_left ? std::min(end_row, std::min(end_key, keys) - past + before) : end_row;
    return {from, std::max<int64_t>(0, to - from)};
  }
};

/// What attend() refuses, but for a workspace that is too small; writes the end of `rows` out.
Status check_attend(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                    std::span<const float> lse, RowRange& rows);

/// Ends a row of running sums: divides it by its weight `total`, times gate and what pinned edges leave;
/// returns its log-sum-exp. `maximum` is attend_block's, to base 2. A row that saw nothing (total 0) becomes
/// zeros and -inf.
float finish_row(float* out, int64_t dim, float maximum, float total, float gate, float rest = 1.0f);

inline int64_t kv_head_of(const AttentionInputs& in, int64_t head) {
  return head / (in.q.heads / in.k.heads);
}

}  // namespace limelight
