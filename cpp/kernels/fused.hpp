// A block of fused attention: scores, running softmax, weighted values, while all of it is in the first-level
// cache.
#pragma once

#include <cfloat>
#include <cstring>
#include <limits>
#include <numbers>

#include "kernels/products.hpp"
#include "kernels/rows.hpp"

namespace limelight::kernels {

/// A row of scores is padded with hidden ones to a multiple of 4 vectors, which kKeyBlock is.
template <class A>
inline constexpr int64_t kScoreStep = 4 * kLanes<A>;

/// Multiplies the first `count` >= 1 scores of a row by factor and hides those after them; the largest ones,
/// lane by lane.
template <class A>
LIMELIGHT_INLINE Batch<A> scale_scores(float* row, int64_t count, float factor) {
  using B = Batch<A>;
  constexpr int64_t kWidth = kLanes<A>;
  constexpr int64_t kStep = kScoreStep<A>;
  const B factors(factor);
  B largest[4] = {B(-FLT_MAX), B(-FLT_MAX), B(-FLT_MAX), B(-FLT_MAX)};
  int64_t i = 0;
  for (; i + kStep <= count; i += kStep) {
    unroll<4>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      float* at = row + i + part * kWidth;
      const B x = B::load_unaligned(at) * factors;
      x.store_unaligned(at);
      largest[part] = xsimd::max(largest[part], x);
    });
  }
  if (i < count) {
    // What stands behind the last visible score is hidden after the product: -inf times a factor might be
    // anything.
    unroll<4>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      float* at = row + i + part * kWidth;
      (B::load_unaligned(at) * factors).store_unaligned(at);
    });
    for (int64_t hidden = count; hidden < i + kStep; hidden++)
      row[hidden] = -std::numeric_limits<float>::infinity();
    unroll<4>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      largest[part] = xsimd::max(largest[part], B::load_unaligned(row + i + part * kWidth));
    });
  }
  return xsimd::max(xsimd::max(largest[0], largest[1]), xsimd::max(largest[2], largest[3]));
}

/// Replaces the first `count` scores of a row, and the hidden ones after them, by 2^(score - maximum); their
/// sums, lane by lane. Which sum a score goes to depends on its place in the block alone.
template <class A>
LIMELIGHT_INLINE Batch<A> weigh_scores(float* row, int64_t count, float maximum) {
  using V = Vectors<A, kSideBySide>;
  constexpr int kGroups = 4 / kSideBySide;
  const V center(maximum);
  V sums[kGroups];
  for (V& sum : sums) sum = V(0.0f);
  for (int64_t i = 0; i < count; i += kScoreStep<A>) {
    unroll<kGroups>([&](auto group) LIMELIGHT_INLINE_LAMBDA {
      float* at = row + i + group * kSideBySide * kLanes<A>;
      const V weight = exp2_negative(V::load(at) - center);
      weight.store(at);
      sums[group] = sums[group] + weight;
    });
  }
  Batch<A> sum = sums[0].sum();
  for (int group = 1; group < kGroups; group++) sum += sums[group].sum();
  return sum;
}

/// One number per row of a query block.
struct RowNumbers {
  alignas(64) float at[kQueryBlock];
};

/// The running softmax of `rows` <= kQueryBlock rows takes a block of scores in and leaves weights relative
/// to the new maxima there. end_of(r) is how many keys of the block row r sees; rows that see none stay as
/// they are. What is one number per row is done for many rows at once: lanes are gathered by transposing, and
/// the factor by which a row's sums shrink is exactly 1 where its maximum did not grow.
template <class A, class EndOf>
LIMELIGHT_INLINE void online_softmax(const AttentionBlock& block, int64_t first, int64_t rows, float* weights,
                                     EndOf&& end_of) {
  using V = Vectors<A, 1>;
  Quad<A> lanes[kQueryBlock];
  RowNumbers maximum, total, shrink;
  const auto bytes = static_cast<std::size_t>(rows) * sizeof(float);
  // exp(s) = 2^(s log2 e): one more factor in a product that is there anyway makes the cheaper power enough.
  const auto factor = static_cast<float>(static_cast<double>(block.factor) * std::numbers::log2e);
  std::memcpy(maximum.at, block.maximum + first, bytes);
  std::memcpy(total.at, block.total + first, bytes);
  const int64_t whole = (rows + 3) / 4 * 4;
  for (int64_t r = rows; r < whole; r++) maximum.at[r] = total.at[r] = 0.0f;

  for (int64_t r = 0; r < whole; r++) {
    const int64_t end = r < rows ? end_of(first + r) : 0;
    lanes[r] = end > 0 ? fold_max<A>(scale_scores<A>(weights + r * kKeyBlock, end, factor))
                       : Quad<A>::splat(-FLT_MAX);
  }
  for (int64_t r = 0; r < whole; r += 4) {
    Quad<A>::transpose(lanes[r], lanes[r + 1], lanes[r + 2], lanes[r + 3]);
    Quad<A>::max(Quad<A>::max(lanes[r], lanes[r + 2]), Quad<A>::max(lanes[r + 1], lanes[r + 3]))
        .store(shrink.at + r);
  }
  for (int64_t r = 0; r < whole; r += kLanes<A>) {
    const V before = V::load(maximum.at + r);
    const V now = V::make([&](auto) LIMELIGHT_INLINE_LAMBDA {
      return xsimd::max(before.part[0], V::load(shrink.at + r).part[0]);
    });
    const V smaller = exp2_negative(before - now);
    now.store(maximum.at + r);
    smaller.store(shrink.at + r);
    (V::load(total.at + r) * smaller).store(total.at + r);
  }
  for (int64_t r = 0; r < whole; r++) {
    const int64_t end = r < rows ? end_of(first + r) : 0;
    lanes[r] = end > 0 ? fold_sum<A>(weigh_scores<A>(weights + r * kKeyBlock, end, maximum.at[r]))
                       : Quad<A>::splat(0.0f);
  }
  for (int64_t r = 0; r < whole; r += 4) {
    Quad<A>::transpose(lanes[r], lanes[r + 1], lanes[r + 2], lanes[r + 3]);
    Quad<A>::add(Quad<A>::load(total.at + r),
                 Quad<A>::add(Quad<A>::add(lanes[r], lanes[r + 2]), Quad<A>::add(lanes[r + 1], lanes[r + 3])))
        .store(total.at + r);
  }
  for (int64_t r = 0; r < rows; r++) {
    if (shrink.at[r] != 1.0f)
      multiply<A>(block.out + (first + r) * block.out_stride, shrink.at[r], block.value_dim);
  }
  std::memcpy(block.maximum + first, maximum.at, bytes);
  std::memcpy(block.total + first, total.at, bytes);
}

/// out += weights * values for `rows` rows over keys [first, end) of the block.
template <class A>
void weigh_values(const AttentionBlock& block, const float* tail, const float* weights, int64_t rows,
                  int64_t first, int64_t end, float* out) {
  const float* x = weights + first;
  const int64_t depth = end - first;
  if (block.packed) {
    const Panels values = {block.v + first * kPanel, block.v_stride, kPanel};
    product<A>(x, kKeyBlock, rows, values, depth, block.value_dim, nullptr, out, block.out_stride, true);
    return;
  }
  // Values as they lie are panels too, 8 apart; only the columns after the last whole panel come from a
  // padded copy.
  const int64_t whole = block.value_dim / kPanel * kPanel;
  if (whole > 0) {
    const Panels values = {block.v + first * block.v_stride, kPanel, block.v_stride};
    product<A>(x, kKeyBlock, rows, values, depth, whole, nullptr, out, block.out_stride, true);
  }
  if (whole < block.value_dim) {
    const Panels values = {tail + first * kPanel, 0, kPanel};
    product<A>(x, kKeyBlock, rows, values, depth, block.value_dim - whole, nullptr, out + whole,
               block.out_stride, true);
  }
}

template <class A>
void attend_block(const AttentionBlock& block) {
  float* weights = block.scratch;
  float* tail = block.scratch + kQueryBlock * kKeyBlock;
  const int64_t whole = block.value_dim / kPanel * kPanel;
  if (!block.packed && whole < block.value_dim) {
    pack_values<A>(block.v + whole, block.v_stride, block.keys, block.value_dim - whole, tail);
  }
  const auto end_of = [&](int64_t row) {
    const int64_t end = block.first_end + row * block.end_step;
    return end < 0 ? 0 : end < block.keys ? end : block.keys;
  };

  for (int64_t first = 0; first < block.rows; first += kQueryBlock) {
    const int64_t rows = block.rows - first < kQueryBlock ? block.rows - first : kQueryBlock;
    const float* q = block.q + first * block.q_stride;
    float* out = block.out + first * block.out_stride;
    const int64_t seen = end_of(first + rows - 1);
    if (seen == 0) continue;
    if (block.packed) {
      // Whole panels: the surplus columns lie in the scratch and are overwritten by online_softmax.
      const Panels keys = {block.k, block.head_dim * kPanel, kPanel};
      product<A>(q, block.q_stride, rows, keys, block.head_dim, (seen + kPanel - 1) / kPanel * kPanel,
                 nullptr, weights, kKeyBlock, false);
    } else {
      scores<A>(q, block.q_stride, rows, block.k, block.k_stride, seen, block.head_dim, weights, kKeyBlock);
    }
    online_softmax<A>(block, first, rows, weights, end_of);
    // Rows that see alike go together; where the diagonal passes, a tile's rows share the keys that all of
    // them see and take the few others one by one, so a hidden value is never multiplied, not even by zero.
    if (end_of(first) == seen) {
      weigh_values<A>(block, tail, weights, rows, 0, seen, out);
      continue;
    }
    constexpr int64_t kTogether = kTiles<A>.many.rows;
    for (int64_t r = 0; r < rows; r += kTogether) {
      const int64_t last = r + kTogether < rows ? r + kTogether : rows;
      const int64_t shared = end_of(first + r);
      if (shared > 0) {
        weigh_values<A>(block, tail, weights + r * kKeyBlock, last - r, 0, shared,
                        out + r * block.out_stride);
      }
      for (int64_t own = r + 1; own < last; own++) {
        const int64_t end = end_of(first + own);
        if (end == shared) continue;
        weigh_values<A>(block, tail, weights + own * kKeyBlock, 1, shared, end, out + own * block.out_stride);
      }
    }
  }
}

}  // namespace limelight::kernels
