// The reverse pass of attend(): gradients of a number that depends on `out`, from the gradient of that number
// by `out`, without the n*n weights ever being stored.
//
// With the names of attention.hpp, factor = scale / temperature, o_i = sum_j weight(i, j) v_j (out_i = gate
// o_i) and g_i = the given gradient by out_i:
//
//   weight(i, j) = exp(factor <q_i, k_j> - lse_i)               computed again from the kept log-sum-exp
//   delta_i      = <g_i, out_i>
//   slope(i, j)  = weight(i, j) (gate <g_i, v_j> - delta_i)     the gradient by masked(i, j)
//   dq_i         = factor sum_j slope(i, j) k_j
//   dk_j         = factor sum_i slope(i, j) q_i                 over the query heads that share the key
//   dv_j         = gate   sum_i weight(i, j) g_i                over the query heads that share the value
//   d_bias(i, j) = slope(i, j)                                  summed over batches and heads as asked
//   d_gate       = sum_i <g_i, o_i>                             over batches, of one head
//   d_temperature = -1 / temperature sum_i <q_i, dq_i>          over batches, of one head
//
// Hidden pairs take no part in any sum: a row with nothing to see has the gradient zero, a key that nobody
// sees too, and NaN or infinity on one side of a hidden pair never reaches the other. Source: Dao 2023,
// "FlashAttention-2".
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "limelight/attention.hpp"
#include "limelight/status.hpp"

namespace limelight {

/// What attend() gave for the same inputs and options, and the gradient by it.
struct AttentionForward {
  HeadsView<const float> out;    ///< [batch, q_heads, q_len, value_dim]
  std::span<const float> lse;    ///< [batch, q_heads, q_len] contiguous
  HeadsView<const float> d_out;  ///< as out
};

/// Where the gradients go. No two of these may overlap, nor any of them an input. What is there before does
/// not matter.
struct AttentionGradients {
  HeadsView<float> dq;  ///< [batch, q_heads, q_len, head_dim]
  HeadsView<float> dk;  ///< [batch, kv_heads, kv_len, head_dim]
  HeadsView<float> dv;  ///< [batch, kv_heads, kv_len, value_dim]
  /// [batch or 1, q_heads or 1, q_len, kv_len]: the gradient by a number that is added to every masked score,
  /// summed over the axes that are 1 here, 0 where hidden. No data: not wanted. This is the only memory of
  /// size q_len * kv_len, and it is the caller's.
  HeadsView<float> d_bias = {};
  std::span<float> d_gate = {};  ///< [q_heads]; empty: not wanted
  std::span<float> d_temperature =
      {};  ///< [q_heads], at temperature 1 where none was given; empty: not wanted
};

/// The work in a fixed order: for each block of 64 keys and each 256 query rows, every batch and key-value
/// head in turn. A long call can be made in slices of parts, in this order. Parts of different batches and
/// key-value heads may also run in any order, as long as no gradient is wanted that sums over them: every
/// number is written by one (batch, key-value head) then.
struct BackwardParts {
  int64_t first = 0, count = -1;  ///< count -1: to the end
};
/// How many parts there are: a multiple of batch * kv_heads. 0 where validate() refuses. The part with index
/// i belongs to batch and key-value head i % (batch * kv_heads).
int64_t attend_backward_parts(const AttentionInputs& in, const AttentionOptions& options);

/// Floats of workspace: one block of 64 keys and values packed, 64 rows of q and d_out packed, and four
/// squares of 64 x 64; as much for each thread of a pool. O(head_dim + value_dim): neither q_len nor kv_len
/// is in it. Nothing is kept there between calls. 0 where validate() refuses.
std::size_t attend_backward_workspace(const AttentionInputs& in, const AttentionOptions& options,
                                      int threads = 1);

/// Computes the gradients; `parts` restricts the work; `pool`, if given, shares batches and key-value heads,
/// unless a gradient is wanted that sums over them. Does not allocate. Refuses what validate() refuses,
/// as invalid_option softcap, windows, bias, mask, alibi_slopes, relative_bias, sinks and edges, for which it
/// has no formulas, and, as invalid_shape with the value's name, views and spans of another shape than is
/// written above, outputs whose rows overlap each other, parts that do not exist, and a workspace that is too
/// small. A failed call writes nothing.
///
/// The bits do not depend on how the parts are cut into calls or spread over threads. dq_i is one chain of
/// multiply-adds along the keys that row i sees; dk_j and dv_j are chains along the rows that see key j (256
/// rows of each head of the group in turn); so they do not depend on rows and keys that are hidden either.
///
/// Cost: five products of the size of attend()'s two: 2 * batch * q_heads * visible cells * (3 head_dim + 2
/// value_dim) FLOPs; hidden blocks of keys are not computed. |error| is of the order of n eps times the same
/// sums over absolute values (tests/cpp/backward_reference.cpp has the bounds).
Status attend_backward(const AttentionInputs& in, const AttentionOptions& options,
                       const AttentionForward& forward, const AttentionGradients& gradients,
                       std::span<float> workspace, BackwardParts parts = {}, ThreadPool* pool = nullptr);

}  // namespace limelight
