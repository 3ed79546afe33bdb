// Attention over memory that the caller owns. What happens to a score, in this order:
//
//   dot(i, j)    = <q_i, k_j>
//   scaled(i, j) = scale / temperature * dot(i, j)          scale defaults to 1 / sqrt(head_dim)
//   capped(i, j) = softcap * tanh(scaled(i, j) / softcap)   or scaled(i, j) without a soft cap
//   masked(i, j) = capped(i, j) + bias(i, j)                or -inf where j is hidden from i
//   weight(i, j) = exp(masked(i, j) - lse_i)                lse_i = log(exp(sink) + sum_j exp(masked(i, j)))
//   out_i        = gate * sum_j weight(i, j) * v_j
//
//   bias(i, j)   = options.bias(i, j) + relative_bias(j - p_i) - alibi_slope * |p_i - j|   p_i = i + past
//   hidden: from key_lengths on; causal and j > p_i; j outside p_i - left_window .. p_i + right_window;
//           options.mask(i, j) is 0; options.bias(i, j) is -inf; a blocked edge
//
// Order and meaning are those of the ONNX operator Attention, opsets 23 to 25 (onnx.ai/onnx/operators): the
// soft cap comes before masks, so what is hidden stays hidden; a mask that is shorter than the keys hides the
// rest; query heads are a multiple of key-value heads (query head h reads key-value head h / (q_heads /
// kv_heads)). Its four qk_matmul_output modes are the stages scaled, capped, masked and weight of explain().
// Positions count from `past`, which is kv_len - q_len when that is positive, as in a cache, unless
// `past_len` or `past_lens` say otherwise (the operator: the length of past_key, or nonpad_kv_seqlen - q_len,
// or 0). A row with nothing to see gives zeros. NaN or infinity behind a mask never leaks into what is
// visible. Sources: Vaswani et al. 2017, "Attention Is All You Need"; Dao et al. 2022 for the online softmax;
// Press et al. 2022 for ALiBi; Raffel et al. 2020 for relative biases; Xiao et al. 2024 and gpt-oss for
// sinks.
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
  /// Contiguous [batch, heads, seq, dim].
  static HeadsView heads_first(T* data, int64_t batch, int64_t heads, int64_t seq, int64_t dim) {
    return {data, batch, heads, seq, dim, heads * seq * dim, seq * dim, dim};
  }
  /// Contiguous [batch, seq, heads * dim].
  static HeadsView seq_first(T* data, int64_t batch, int64_t heads, int64_t seq, int64_t dim) {
    return {data, batch, heads, seq, dim, seq * heads * dim, dim, heads * dim};
  }
};

/// A cell of the matrix that is treated by hand.
struct AttentionEdge {
  static constexpr int32_t kEvery = -1;
  int32_t batch = kEvery, head = kEvery;
  int32_t row = 0, key = 0;
  /// nullopt: blocked, the key is hidden from the row. Else pinned: the weight is this, 0 to 1, whatever
  /// score and masks say, and what the pinned leave of 1 goes to the others of the row in proportion.
  std::optional<float> weight;
};

struct AttentionOptions {
  std::optional<float> scale = {};  ///< nullopt: 1 / sqrt(head_dim). Any finite number, zero included.
  bool causal = false;              ///< query i sees keys up to i + past
  /// Keys before query 0, >= 0, where anything counts positions; nullopt: max(0, kv_len - q_len).
  std::optional<int64_t> past_len = {};
  /// Instead, per batch. May be negative: the first queries then come before every key.
  std::span<const int32_t> past_lens = {};
  std::span<const int32_t> key_lengths = {};  ///< per batch: keys from this index on are padding; empty: none
  std::span<const float> temperature = {};    ///< per query head: scores are divided by it, > 0; empty: 1
  std::span<const float> gate = {};           ///< per query head: the output is multiplied by it; empty: 1
  std::optional<float> softcap = {};          ///< > 0
  std::optional<int64_t> left_window = {}, right_window = {};  ///< keys before and after position i + past
  /// [batch, q_heads, q_len, n], n <= kv_len: strides of 0 repeat a row, so that no broadcast needs a copy;
  /// keys from n on are hidden. No data: none.
  HeadsView<const float> bias = {};          ///< added to the capped scores; -inf hides
  HeadsView<const uint8_t> mask = {};        ///< 0 hides
  std::span<const float> alibi_slopes = {};  ///< per query head
  /// [q_heads, 2 m + 1]: what is added at distance j - (i + past) = -m .. m; the outermost also beyond.
  std::span<const float> relative_bias = {};
  std::span<const float> sinks = {};  ///< per query head: a score without a value, which takes its share
  /// In ascending order of (row, key); no two may name the same cell of the same batch and head, and the
  /// pinned weights of a row add up to 1 at most.
  std::span<const AttentionEdge> edges = {};
};

struct AttentionInputs {
  HeadsView<const float> q;  ///< [batch, q_heads, q_len, head_dim]
  HeadsView<const float> k;  ///< [batch, kv_heads, kv_len, head_dim]
  HeadsView<const float> v;  ///< [batch, kv_heads, kv_len, value_dim]
};

/// Checks shapes, strides and options; what attend() and explain() refuse, this refuses, with the value's
/// name. invalid_shape: sizes that disagree, are not positive (q_len and kv_len may be 0), heads that do not
/// divide, negative strides (0 repeats a row), missing data. invalid_value: numbers that are not finite, a
/// temperature or softcap <= 0, lengths outside 0..kv_len, windows < 0, edges that do not exist, are out of
/// order or weigh more than 1. invalid_option: past_len or past_lens where nothing counts positions, or both.
/// The numbers in q, k, v, bias and mask are not looked at.
Status validate(const AttentionInputs& in, const AttentionOptions& options);

/// Floats of workspace that attend() needs for these inputs and a pool of so many threads. For each thread
/// that they are worth: 512 keys and values of one head, the queries, scores and sums of 64 rows, and two
/// numbers for every query row of the heads that share keys. O(head_dim + value_dim + q_len) a thread; more
/// threads where there is more work, no fewer for some rows of it. 0 where validate() refuses.
std::size_t attend_workspace(const AttentionInputs& in, const AttentionOptions& options, int threads = 1);

/// Query rows [first, first + count), as a rule of every head of every batch.
struct RowRange {
  int64_t first = 0, count = -1;             ///< count -1: to the end
  int64_t batch = -1;                        ///< of this batch alone; -1: of each
  int64_t first_kv_head = 0, kv_heads = -1;  ///< of the heads that share these; -1: to the end
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
