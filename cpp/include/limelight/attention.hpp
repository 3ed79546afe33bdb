// Attention over memory that the caller owns.
//
//   score(i, j)  = scale * <q_i, k_j>                     scale defaults to 1 / sqrt(head_dim)
//   masked(i, j) = score(i, j), or -inf where j is hidden from i
//   weight(i, j) = exp(masked(i, j) - lse_i)              lse_i = log sum_j exp(masked(i, j))
//   out_i        = sum_j weight(i, j) * v_j
//
// Semantics follow the ONNX operator Attention (opset 23): query heads are a multiple of key-value heads
// (query head h reads key-value head h / (q_heads / kv_heads)); `causal` is aligned to the end of the past:
// query i sees key j when j <= i + past, past = kv_len - q_len when that is positive, as in a cache, unless
// `past_len` says otherwise. A row with nothing to see gives zeros and lse = -inf. NaN or infinity behind a
// mask never leaks into what is visible. Source: Vaswani et al. 2017, "Attention Is All You Need"; Dao et al.
// 2022 for the online softmax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "limelight/status.hpp"
#include "limelight/thread_pool.hpp"

namespace limelight {

/// A four-dimensional array [batch, heads, seq, dim] somewhere in memory; strides in elements, `dim` is
/// contiguous. [batch, seq, heads * dim] is the same view with other strides, so no layout needs a copy.
template <class T>
struct HeadsView {
  T* data = nullptr;
  int64_t batch = 0, heads = 0, seq = 0, dim = 0;
  int64_t batch_stride = 0, head_stride = 0, seq_stride = 0;

  T* row(int64_t b, int64_t h, int64_t s) const {
    return data + b * batch_stride + h * head_stride + s * seq_stride;
  }
  /// Heads [first, first + count) of batch b, as a view of batch 1.
  HeadsView heads_of(int64_t b, int64_t first, int64_t count) const {
    return {row(b, first, 0), 1, count, seq, dim, batch_stride, head_stride, seq_stride};
  }
  /// Contiguous [batch, heads, seq, dim].
  static HeadsView heads_first(T* data, int64_t batch, int64_t heads, int64_t seq, int64_t dim) {
    return {data, batch, heads, seq, dim, heads * seq * dim, seq * dim, dim};
  }
  /// Contiguous [batch, seq, heads * dim].
  static HeadsView seq_first(T* data, int64_t batch, int64_t heads, int64_t seq, int64_t dim) {
    return {data, batch, heads, seq, dim, seq * heads * dim, dim, heads * dim};
  }
};

struct AttentionOptions {
  std::optional<float> scale = {};  ///< nullopt: 1 / sqrt(head_dim). Any finite number, zero included.
  bool causal = false;              ///< query i sees keys up to i + past
  std::optional<int64_t>
      past_len;  ///< keys before query 0, >= 0 (causal only); nullopt: max(0, kv_len - q_len)
  std::span<const int32_t> key_lengths = {};  ///< per batch: keys from this index on are padding; empty: none
  std::span<const float> temperature = {};    ///< per query head: scores are divided by it, > 0; empty: 1
  std::span<const float> gate = {};           ///< per query head: the output is multiplied by it; empty: 1
};

struct AttentionInputs {
  HeadsView<const float> q;  ///< [batch, q_heads, q_len, head_dim]
  HeadsView<const float> k;  ///< [batch, kv_heads, kv_len, head_dim]
  HeadsView<const float> v;  ///< [batch, kv_heads, kv_len, value_dim]
};

/// Checks shapes, strides and options; what attend() and explain() refuse, this refuses, with the value's
/// name. invalid_shape: sizes that disagree, are not positive (q_len and kv_len may be 0), heads that do not
/// divide, negative strides (0 repeats a row), missing data. invalid_value: numbers that are not finite, a
/// temperature <= 0, lengths outside 0..kv_len. invalid_option: past_len without causal. The numbers in q, k
/// and v are not looked at.
Status validate(const AttentionInputs& in, const AttentionOptions& options);

/// Floats of workspace that attend() needs for these inputs and a pool of so many threads. For each thread
/// that they are worth: 512 keys and values of one head, the queries, scores and sums of 64 rows, and two
/// numbers for every query row of the heads that share keys. O(head_dim + value_dim + q_len) a thread; more
/// threads where there is more work, no fewer for some rows of it. 0 where validate() refuses.
std::size_t attend_workspace(const AttentionInputs& in, const AttentionOptions& options, int threads = 1);

/// Query rows [first, first + count) of every head.
struct RowRange {
  int64_t first = 0, count = -1;  ///< count -1: to the end
};

/// Computes out [batch, q_heads, q_len, value_dim] and, where `lse` is not empty, the log-sum-exp of every
/// row, [batch, q_heads, q_len] contiguous, from which explain() finds any weight again. `rows` restricts the
/// work to some query rows of every head; other rows stay untouched (a run that advances in slices computes
/// some rows at a time, and the causal diagonal still counts from row 0 of q). `out` must not overlap the
/// inputs, nor its own rows each other. `pool`, if given, shares batches, key-value heads and, where these
/// are few, query rows; a small call stays on the calling thread. Does not allocate. A failed call writes
/// nothing.
///
/// The bits of a row depend on its query and on the keys and values that it sees, and on nothing else: not on
/// `rows`, not on threads, not on its neighbours, not on keys behind its end. Every dot product is one chain
/// of multiply-adds along head_dim, keys are taken in blocks that start at multiples of 64 from key 0, the
/// running maximum and sum are a row's own, and each output is one chain along the keys, whatever tiles
/// compute them. So slices, prefixes and single rows equal full runs.
///
/// |error| <= c n eps sum_j weight_j |v_j| with n = head_dim + kv_len and c = 1, where the scores are of
/// ordinary size (a score s is itself uncertain by head_dim eps |s|, which the exponential turns into a
/// relative error of its weight). Cost: 2 * batch * q_heads * visible cells * (head_dim + value_dim) FLOPs;
/// hidden blocks of 64 keys are not computed.
Status attend(const AttentionInputs& in, const AttentionOptions& options, HeadsView<float> out,
              std::span<float> lse, std::span<float> workspace, RowRange rows = {},
              ThreadPool* pool = nullptr);

}  // namespace limelight
