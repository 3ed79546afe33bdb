// A state of linear attention that tokens write to and queries read: the recurrence itself.
//
// Columns of the state do not depend on each other, so a strip of columns a few vectors wide is taken through
// all tokens of a block. A pass goes down the rows of the strip once and does with each row, while it is in
// registers, all that is known: decay, write, read for one or two queries, and for the token after it decay
// and retrieve. So with one or two query heads the state is loaded and stored once a token, whatever the
// rule; each load and store of a vector pays for 2 arithmetic operations of the plain rule, up to 6 of a
// gated delta rule with two queries. Numbers of k, q and decay are spread over a vector, one load each for
// the width of the strip.
//
// Four sums that wait for nobody keep two multiply-add units of a latency of 4 cycles busy beside the writes:
// strips of 4 vectors where one query is all that is summed, of 2 where a second query or what is retrieved
// is summed, too. With 15 registers that is all that fits: 4 vectors for a delta rule are 17 (sums 4,
// retrieved 4, written 4, the row 4, a spread number 1), and gave 27 instead of 38 GFLOP/s of 57 in Node 20
// (wider architectures, which take operands from memory or have 32 registers, are faster with 4);
// four queries at once gave 25 instead of 37, though they read the state once where two and two read it
// twice.
//
// Every sum is one chain along key_dim, and what a token does depends on nothing but the state before it: so
// neither the strip's width nor where a block ends changes a bit.
#pragma once

#include <limits>

#include "kernels/approximations.hpp"
#include "kernels/kernels.hpp"

namespace limelight::kernels {

/// exp(x) for every x: exp_negative's polynomial holds up to 127.5 ln2, beyond it the result is infinity.
template <class A>
LIMELIGHT_INLINE Batch<A> exp_any(Batch<A> x) {
  Vectors<A, 1> power;
  power.part[0] = x;
  return xsimd::select(x > Batch<A>(88.375f), Batch<A>(std::numeric_limits<float>::infinity()),
                       exp_negative(power).part[0]);
}

/// factors[token, d] = exp(decay[token, d])
template <class A>
void decay_factors(const LinearAttentionBlock& block) {
  constexpr int64_t kWidth = kLanes<A>;
  if (block.decay_dim == 1 && block.key_dim > 1) {
    alignas(64) float factors[kStateTokens];
    for (int64_t t = 0; t < kStateTokens; t++)
      factors[t] = t < block.tokens ? block.decay[t * block.decay_stride] : 0.0f;
    for (int64_t t = 0; t < kStateTokens; t += kWidth)
      exp_any<A>(Batch<A>::load_aligned(factors + t)).store_aligned(factors + t);
    for (int64_t t = 0; t < block.tokens; t++) {
      for (int64_t d = 0; d < block.key_dim; d++) block.factors[t * block.key_dim + d] = factors[t];
    }
    return;
  }
  for (int64_t t = 0; t < block.tokens; t++) {
    const float* decay = block.decay + t * block.decay_stride;
    float* factors = block.factors + t * block.key_dim;
    int64_t d = 0;
    for (; d + kWidth <= block.key_dim; d += kWidth)
      exp_any<A>(Batch<A>::load_unaligned(decay + d)).store_unaligned(factors + d);
    if (const int64_t left = block.key_dim - d; left > 0)
      store_part<A>(factors + d, left, exp_any<A>(load_part<A>(decay + d, left, 0.0f)));
  }
}

/// What a pass does with each row of the state, in this order; between write and retrieve it is read.
struct Steps {
  bool decay, write;               ///< of the pass's token
  bool decay_next, retrieve_next;  ///< of the token after it
};

/// A strip of V vectors of columns.
template <class A, int V>
struct Strip {
  const LinearAttentionBlock& block;
  float* state;
  const float* v;
  float* out;
  Vectors<A, V> written, retrieved;

  Strip(const LinearAttentionBlock& of, int64_t column)
      : block(of), state(of.state + column), v(of.v + column), out(of.out + column) {}

  /// The queries [member, member + Q) of the group read what the token leaves. One function for all rules: a
  /// call is little beside key_dim rows, and inlined everywhere this would be the largest kernel of the
  /// module.
  template <int Q, Steps kSteps>
  __attribute__((noinline)) void pass(int64_t token, int64_t member) {
    using Vec = Vectors<A, V>;
    const float *q = nullptr, *k = nullptr, *factor = nullptr, *k_next = nullptr, *factor_next = nullptr;
    if constexpr (Q > 0) q = block.q + token * block.q_stride + member * block.q_head_stride;
    if constexpr (kSteps.write) k = block.k + token * block.k_stride;
    if constexpr (kSteps.decay) factor = block.factors + token * block.key_dim;
    if constexpr (kSteps.retrieve_next) k_next = block.k + (token + 1) * block.k_stride;
    if constexpr (kSteps.decay_next) factor_next = block.factors + (token + 1) * block.key_dim;
    float* row = state;
    Vec sums[Q > 0 ? Q : 1], found(0.0f);
    const Vec writes = written;
    unroll<Q>([&](auto i) LIMELIGHT_INLINE_LAMBDA { sums[i] = Vec(0.0f); });
    for (int64_t d = 0; d < block.key_dim; d++, row += block.state_stride) {
      Vec x = Vec::load(row);
      if constexpr (kSteps.decay) x = x * Vec(factor[d]);
      if constexpr (kSteps.write) x = madd(Vec(k[d]), writes, x);
      unroll<Q>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
        sums[i] = madd(Vec(q[d + i * block.q_head_stride]), x, sums[i]);
      });
      if constexpr (kSteps.decay_next) x = x * Vec(factor_next[d]);
      if constexpr (kSteps.retrieve_next) found = madd(Vec(k_next[d]), x, found);
      if constexpr (kSteps.decay || kSteps.write || kSteps.decay_next) x.store(row);
    }
    if constexpr (kSteps.retrieve_next) retrieved = found;
    unroll<Q>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
      (sums[i] * Vec(block.scale))
          .store(out + token * block.out_stride + (member + i) * block.out_head_stride);
    });
  }

  /// One or two queries from `member` on; how many that were.
  template <Steps kSteps>
  LIMELIGHT_INLINE int64_t read(int64_t token, int64_t member) {
    if constexpr (V <= 2) {
      if (block.group - member >= 2) return pass<2, kSteps>(token, member), 2;
    }
    return pass<1, kSteps>(token, member), 1;
  }

  template <bool kDecay, bool kDelta>
  void run() {
    // Where one pass reads for the whole group, it can also begin the next token.
    const int64_t group = block.group;
    const bool at_once = kDelta && group <= 2;
    for (int64_t t = 0; t < block.tokens; t++) {
      written = Vectors<A, V>::load(v + t * block.v_stride);
      if constexpr (kDelta) {
        if (t == 0 || !at_once) pass<0, Steps{false, false, kDecay, true}>(t - 1, 0);
        written = Vectors<A, V>(block.beta[t * block.beta_stride]) * (written - retrieved);
      }
      int64_t member;
      if (kDelta && at_once && t + 1 < block.tokens) {
        member = read<Steps{false, true, kDecay && kDelta, kDelta}>(t, 0);
      } else {
        member = read<Steps{kDecay && !kDelta, true, false, false}>(t, 0);
      }
      while (member < group) member += read<Steps{false, false, false, false}>(t, member);
    }
  }
};

template <class A, int V, bool kDecay, bool kDelta>
void attend_strips(const LinearAttentionBlock& block, int64_t column) {
  constexpr int64_t kWidth = V * kLanes<A>;
  for (; column + kWidth <= block.columns; column += kWidth)
    Strip<A, V>(block, column).template run<kDecay, kDelta>();
  if constexpr (kWidth > kStateColumns) {
    if (column < block.columns) attend_strips<A, V / 2, kDecay, kDelta>(block, column);
  }
}

template <class A, bool kDecay, bool kDelta>
void attend_by_rule(const LinearAttentionBlock& block) {
  constexpr int kVectors = kDelta && kLanes<A> == 4 ? 2 : 4;
  if (block.group > 1) {
    attend_strips<A, 2, kDecay, kDelta>(block, 0);
  } else {
    attend_strips<A, kVectors, kDecay, kDelta>(block, 0);
  }
}

template <class A>
void linear_attend(const LinearAttentionBlock& block) {
  if (block.decay) decay_factors<A>(block);
  if (block.decay && block.beta) return attend_by_rule<A, true, true>(block);
  if (block.decay) return attend_by_rule<A, true, false>(block);
  if (block.beta) return attend_by_rule<A, false, true>(block);
  attend_by_rule<A, false, false>(block);
}

}  // namespace limelight::kernels
