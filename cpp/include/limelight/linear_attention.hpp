// Linear attention over memory that the caller owns: a state of constant size takes every token in and is
// read after it.
//
//   S'_t = diag(exp(g_t)) S_{t-1}                          gated rules; S'_t = S_{t-1} in the others
//   u_t  = beta_t (v_t - S'_t^T k_t)                       delta rules; u_t = v_t in the others
//   S_t  = S'_t + k_t u_t^T                                [key_dim, value_dim]
//   o_t  = scale * S_t^T q_t                               scale defaults to 1 / sqrt(key_dim)
//
// A plain state forgets nothing; a gated one fades by exp(g_t), per head or per key dimension; a delta rule
// replaces what it finds under a key instead of adding to it, by the share beta_t, which keeps the state
// bounded where keys have length 1 (the caller sees to that) and beta is 0 to 2. Semantics follow the ONNX
// operator LinearAttention (opset 27): query heads are a multiple of key-value heads, and query head h reads
// the state of key-value head h / (q_heads / kv_heads). Sources: Katharopoulos et al. 2020 (linear), Yang et
// al. 2024, "Gated Linear Attention" (gated) and "Parallelizing Linear Transformers with the Delta Rule"
// (delta), Yang et al. 2025, "Gated Delta Networks".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "limelight/attention.hpp"
#include "limelight/status.hpp"
#include "limelight/thread_pool.hpp"

namespace limelight {

enum class LinearRule { linear, gated, delta, gated_delta };

struct LinearAttentionOptions {
  LinearRule rule = LinearRule::linear;
  std::optional<float> scale = {};  ///< nullopt: 1 / sqrt(key_dim). Any finite number, zero included.
};

/// Tokens in their order. Every view may have any strides; those of a view in [batch, seq, heads * dim] and
/// in [batch, heads, seq, dim] are HeadsView::seq_first and heads_first.
struct LinearAttentionInputs {
  HeadsView<const float> q;  ///< [batch, q_heads, seq, key_dim]
  HeadsView<const float> k;  ///< [batch, kv_heads, seq, key_dim]
  HeadsView<const float> v;  ///< [batch, kv_heads, seq, value_dim]
  /// [batch, kv_heads, seq, 1 or key_dim]: g, the logarithm of what is kept; gated rules need it, the others
  /// refuse it. No data: not given.
  HeadsView<const float> decay = {};
  /// [batch, kv_heads or 1, seq, 1]: the share that is replaced; delta rules need it, the others refuse it.
  HeadsView<const float> beta = {};
};

/// Checks shapes, strides and options, as linear_attend() does. invalid_shape: sizes that disagree or are not
/// positive (seq may be 0), heads that do not divide, negative strides, missing data. invalid_value: a scale
/// that is not finite. invalid_option: decay or beta that the rule needs and that is not given, or that it
/// has not and that is; a rule that does not exist. The numbers in the views are not looked at.
Status validate(const LinearAttentionInputs& in, const LinearAttentionOptions& options);

/// Floats of workspace for these inputs and a pool of so many threads: for each thread that they are worth,
/// the decay factors of 32 tokens, and, where value_dim is no multiple of 16, what is left of the state and
/// of 32 tokens' values and outputs in rows of 16. O(key_dim + q_heads / kv_heads) a thread, however many
/// tokens. 0 where validate() refuses.
std::size_t linear_attend_workspace(const LinearAttentionInputs& in, const LinearAttentionOptions& options,
                                    int threads = 1);

/// Computes out [batch, q_heads, seq, value_dim] and takes `state`, [batch, kv_heads, key_dim, value_dim]
/// contiguous, from before the first token to after the last, in place: zeros begin a sequence, and the state
/// that one call left continues it in the next. `out` must not overlap the inputs, the state, nor its own
/// rows each other; the state must not overlap the inputs. `pool`, if given, shares batches, key-value heads
/// and, where these are few, columns of the state; a small call stays on the calling thread. Does not
/// allocate. Refuses, beside what validate() refuses, an `out` or a `state` of another size and a workspace
/// that is too small, as invalid_shape; a failed call writes nothing.
///
/// The bits of a token's outputs depend on the state before it and on the token, and on nothing else: not on
/// threads, not on how the sequence is cut into calls, not on later tokens. So a prefill equals decoding
/// token by token. A number goes where the formula takes it: NaN or infinity in v stays in its column of the
/// state, in q in its row of the outputs; in k, decay and beta it reaches the head's state and stays there.
/// exp(g) is within 1.5 ulp, 0 below ln 2^-126 and infinity above 88.37.
///
/// |error| of a column of S_t, as a vector, is at most (key_dim + 4) eps times what it would be if absolute
/// values were summed, added up over the tokens that it remembers (tests/cpp/linear_attention_support.hpp has
/// the bound). Cost: batch * seq * key_dim * value_dim times (2 q_heads + 2 kv_heads) FLOPs for the plain
/// rule, kv_heads more for a decay, and 2 kv_heads more for a delta rule; linear in seq, and seq is in no
/// memory but that of inputs and outputs. The state, 16 KiB for 64 * 64, stays in the first-level cache: one
/// or two query heads read it while it is written, once a token (a delta rule once more for every 32 tokens
/// or call), each two more read it once more (and a delta rule with them).
Status linear_attend(const LinearAttentionInputs& in, const LinearAttentionOptions& options,
                     HeadsView<float> out, std::span<float> state, std::span<float> workspace,
                     ThreadPool* pool = nullptr);

}  // namespace limelight
