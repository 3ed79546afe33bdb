// A block of fused attention: scores, running softmax, weighted values, while all of it is in the first-level
// cache.
//
// Scores lie with queries side by side, [keys][kQueryRows]. So the softmax of several rows is done at once
// without ever adding across a vector: maximum, 2^x and sum go down the keys. And the weights of a tile's
// rows lie beside each other, where the product with the values spreads them from. Keys and values are read
// as they lie; only the queries, which meet every key, are packed (and take the scale along, which then costs
// nothing per score).
#pragma once

#include <cfloat>
#include <cstring>
#include <limits>
#include <numbers>

#include "kernels/products.hpp"
#include "kernels/rows.hpp"

namespace limelight::kernels {

/// Whether `rows` query rows are taken side by side; fewer are taken one by one.
constexpr bool side_by_side(int64_t rows) {
  return rows >= kFewRows;
}

template <class A>
void pack_queries(const float* q, int64_t ldq, int64_t rows, int64_t dim, float factor, float* packed) {
  // 2^(s log2 e) = exp(s): one more factor in a product that is there anyway makes the cheaper power enough.
  const auto scale = static_cast<float>(static_cast<double>(factor) * std::numbers::log2e);
  if (side_by_side(rows)) {
    pack_keys<A>(q, ldq, rows, dim, packed);
  } else {
    for (int64_t r = 0; r < rows; r++)
      std::memcpy(packed + r * dim, q + r * ldq, static_cast<std::size_t>(dim) * sizeof(float));
  }
  multiply<A>(packed, scale, dim * (side_by_side(rows) ? rounded_to_panel(rows) : rows));
}

/// to[c][r] = from[r][c], in squares of four: reads and writes both sides up to the next multiple of 4.
template <class A>
void transpose(const float* from, int64_t ldf, int64_t rows, int64_t cols, float* to, int64_t ldt) {
  for (int64_t r = 0; r < rows; r += 4) {
    for (int64_t c = 0; c < cols; c += 4) {
      const float* at = from + r * ldf + c;
      Quad<A> a = Quad<A>::load(at), b = Quad<A>::load(at + ldf);
      Quad<A> d = Quad<A>::load(at + 2 * ldf), e = Quad<A>::load(at + 3 * ldf);
      Quad<A>::transpose(a, b, d, e);
      float* turned = to + c * ldt + r;
      a.store(turned);
      b.store(turned + ldt);
      d.store(turned + 2 * ldt);
      e.store(turned + 3 * ldt);
    }
  }
}

template <class A>
void pack_bias(float* bias, int64_t rows, int64_t keys, float* packed) {
  constexpr auto kLog2E = static_cast<float>(std::numbers::log2e);
  for (int64_t r = 0; r < rows; r++) multiply<A>(bias + r * kKeyBlock, kLog2E, keys);
  if (side_by_side(rows)) {
    transpose<A>(bias, kKeyBlock, rows, keys, packed, kQueryRows<A>);
  } else {
    std::memcpy(packed, bias, static_cast<std::size_t>(rows * kKeyBlock) * sizeof(float));
  }
}

/// The keys of the block that row r sees are [0, of(r)).
struct BlockEnds {
  int64_t first, step, keys;
  explicit BlockEnds(const AttentionBlock& block)
      : first(block.first_end), step(block.end_step), keys(block.keys) {}
  int64_t of(int64_t row) const {
    const int64_t end = first + row * step;
    return end < 0 ? 0 : end < keys ? end : keys;
  }
};

/// The running softmax of one vector of rows takes its scores of a block in and leaves weights relative to
/// the new maxima there; `end` keys, the largest scores of which are `largest`. Sums go in four chains, key j
/// to chain j % 4: as a row by itself has it.
template <class A>
LIMELIGHT_INLINE void online_softmax(const AttentionBlock& block, int64_t first, int64_t end,
                                     Batch<A> largest, float* column) {
  using V = Vectors<A, 1>;
  constexpr int64_t kStride = kQueryRows<A>;
  const int64_t count = block.rows - first < kLanes<A> ? block.rows - first : kLanes<A>;
  const V before = V::load_part(block.maximum + first, count, 0.0f);
  V now;
  now.part[0] = xsimd::max(before.part[0], largest);

  V sums[4] = {V(0.0f), V(0.0f), V(0.0f), V(0.0f)};
  const auto weigh = [&](int64_t at, V& sum) LIMELIGHT_INLINE_LAMBDA {
    const V weight = exp2_negative(V::load(column + at * kStride) - now);
    weight.store(column + at * kStride);
    sum = sum + weight;
  };
  int64_t key = 0;
  for (; key + 4 <= end; key += 4)
    unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA { weigh(key + i, sums[i]); });
  unroll<3>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
    if (key + i < end) weigh(key + i, sums[i]);
  });

  const V smaller = exp2_negative(before - now);
  now.store_part(block.maximum + first, count);
  const V total = V::load_part(block.total + first, count, 0.0f) * smaller;
  (total + ((sums[0] + sums[2]) + (sums[1] + sums[3]))).store_part(block.total + first, count);
  alignas(64) float shrink[kLanes<A>];
  smaller.store(shrink);
  for (int64_t r = 0; r < count; r++) {
    if (shrink[r] != 1.0f)
      multiply<A>(block.out + (first + r) * block.out_stride, shrink[r], block.value_dim);
  }
}

/// Soft cap and bias of `count` vectors of scores; the largest result. Where the bias hides, the score does
/// not matter, be it NaN.
template <class A>
Batch<A> cap_and_bias(float softcap, const float* bias, int64_t count, int64_t stride, float* scores) {
  using V = Vectors<A, 1>;
  const Batch<A> hidden(-std::numeric_limits<float>::infinity());
  Batch<A> largest(-FLT_MAX);
  for (int64_t i = 0; i < count; i++, scores += stride) {
    V score = V::load(scores);
    if (softcap != 0.0f) score = V(softcap) * tanh(score);
    if (bias) {
      const Batch<A> added = Batch<A>::load_unaligned(bias + i * stride);
      score.part[0] = xsimd::select(added == hidden, hidden, score.part[0] + added);
    }
    score.store(scores);
    largest = xsimd::max(largest, score.part[0]);
  }
  return largest;
}

/// Hides the keys that a vector of rows does not see, of `seen` that its last row sees; the largest of the
/// others.
template <class A>
Batch<A> hide(const BlockEnds& ends, int64_t first, int64_t seen, float* column) {
  constexpr int64_t kStride = kQueryRows<A>;
  Batch<A> largest(-FLT_MAX);
  for (int64_t r = 0; r < kLanes<A>; r++) {
    for (int64_t key = ends.of(first + r); key < seen; key++)
      column[key * kStride + r] = -std::numeric_limits<float>::infinity();
  }
  for (int64_t key = 0; key < seen; key++)
    largest = xsimd::max(largest, Batch<A>::load_unaligned(column + key * kStride));
  return largest;
}

/// out += weights * values for the rows from `seeing` on. On the diagonal a tile's rows share the keys that
/// all of them see and take the few others one by one, so a hidden value is never multiplied, not even by
/// zero.
template <class A>
void weigh_values(const AttentionBlock& block, const BlockEnds& ends, const float* weights, int64_t seeing,
                  Panels values, int64_t columns, float* out) {
  constexpr int64_t kStride = kQueryRows<A>;
  const auto weigh = [&](int64_t row, int64_t count, int64_t first, int64_t end) {
    const Panels some = {values.data + first * values.step, values.panel_stride, values.step};
    columns_product<A, kTileRows<A>>(weights + first * kStride + row, kStride, count, some, end - first,
                                     columns, out + row * block.out_stride, block.out_stride, true);
  };
  if (ends.of(seeing) == ends.of(block.rows - 1))
    return weigh(seeing, block.rows - seeing, 0, ends.of(seeing));
  for (int64_t row = seeing; row < block.rows; row += kTileRows<A>) {
    const int64_t count = block.rows - row < kTileRows<A> ? block.rows - row : kTileRows<A>;
    const int64_t shared = ends.of(row);
    weigh(row, count, 0, shared);
    for (int64_t own = row + 1; own < row + count; own++) {
      if (ends.of(own) > shared) weigh(own, 1, shared, ends.of(own));
    }
  }
}

/// weigh_values() where values may be NaN or infinite and a bias hides some of them: a row meets one value
/// after the other, those alone that it sees. Slow, and the same bits.
template <class A>
void weigh_visible(const AttentionBlock& block, const BlockEnds& ends, const float* weights, Panels values,
                   int64_t columns, float* out) {
  const bool side = side_by_side(block.rows);
  const int64_t of_key = side ? kQueryRows<A> : 1, of_row = side ? 1 : kKeyBlock;
  for (int64_t row = 0; row < block.rows; row++) {
    for (int64_t key = 0; key < ends.of(row); key++) {
      const int64_t cell = row * of_row + key * of_key;
      if (block.bias[cell] == -std::numeric_limits<float>::infinity()) continue;
      const Panels one = {values.data + key * values.step, values.panel_stride, values.step};
      product<A>(weights + cell, 1, 1, one, 1, columns, nullptr, out + row * block.out_stride,
                 block.out_stride, true);
    }
  }
}

/// weigh(values, columns, out) on all columns of the values. As they lie they are panels, 8 apart; only those
/// after the last whole panel come from `tail`, a padded copy, unless the rows of the block are padded
/// themselves.
template <class Weigh>
LIMELIGHT_INLINE void over_columns(const AttentionBlock& block, const float* tail, Weigh&& weigh) {
  if (block.grouped) {
    for (int64_t first = 0; first < block.value_dim; first += kGroup) {
      const int64_t width = group_width(block.value_dim, first), left = block.value_dim - first;
      weigh(Panels{block.v + first * kKeyBlock, kPanel, width}, left < width ? left : width,
            block.out + first);
    }
    return;
  }
  const int64_t columns = block.padded ? block.value_dim : block.value_dim / kPanel * kPanel;
  if (columns > 0) weigh(Panels{block.v, kPanel, block.v_stride}, columns, block.out);
  if (columns < block.value_dim)
    weigh(Panels{tail, 0, kPanel}, block.value_dim - columns, block.out + columns);
}

/// Whether hidden values must not even be multiplied by zero.
inline bool steps_around(const AttentionBlock& block) {
  return block.bias && !block.finite_values;
}

/// One row by itself: keys to a vector. Leaves the values to weigh_visible() where that is needed.
template <class A>
void attend_row(const AttentionBlock& block, const float* tail, float* weights, int64_t row, int64_t end) {
  using V = Vectors<A, 1>;
  constexpr int64_t kWidth = kLanes<A>;
  const float* q = block.q + row * block.head_dim;
  if (block.grouped) {
    for (int64_t key = 0; key < end; key += kGroup) {
      const Panels keys = {block.k + key * block.head_dim, kPanel, kGroup};
      product<A>(q, block.head_dim, 1, keys, block.head_dim, kGroup, nullptr, weights + key, kKeyBlock,
                 false);
    }
  } else {
    scores<A>(q, block.head_dim, 1, block.k, block.k_stride, end, block.head_dim, weights, kKeyBlock);
  }
  const int64_t whole = (end + kWidth - 1) / kWidth * kWidth;
  if (block.bias || block.softcap != 0.0f)
    cap_and_bias<A>(block.softcap, block.bias ? block.bias + row * kKeyBlock : nullptr, whole / kWidth,
                    kWidth, weights);
  for (int64_t key = end; key < whole; key++) weights[key] = -std::numeric_limits<float>::infinity();

  const float before = block.maximum[row];
  Batch<A> largest(before);
  for (int64_t key = 0; key < whole; key += kWidth)
    largest = xsimd::max(largest, Batch<A>::load_unaligned(weights + key));
  const float now = max_lanes<A>(largest);
  for (int64_t key = 0; key < whole; key += kWidth)
    exp2_negative(V::load(weights + key) - V(now)).store(weights + key);
  Quad<A> sums = Quad<A>::splat(0.0f);
  for (int64_t key = 0; key < whole; key += 4) sums = Quad<A>::add(sums, Quad<A>::load(weights + key));
  alignas(16) float sum[4];
  sums.store(sum);

  alignas(64) float shrink[kWidth];
  exp2_negative(V(before) - V(now)).store(shrink);
  block.maximum[row] = now;
  block.total[row] = block.total[row] * shrink[0] + ((sum[0] + sum[2]) + (sum[1] + sum[3]));
  float* out = block.out + row * block.out_stride;
  if (shrink[0] != 1.0f) multiply<A>(out, shrink[0], block.value_dim);
  if (steps_around(block)) return;
  over_columns(block, tail, [&](Panels values, int64_t columns, float* from) LIMELIGHT_INLINE_LAMBDA {
    product<A>(weights, kKeyBlock, 1, values, end, columns, nullptr, from + row * block.out_stride,
               block.out_stride, true);
  });
}

/// Scores of queries [first, last) against the first `end` keys, which are the rows of this product, and the
/// largest of each query.
template <class A>
void scores_of_panels(const AttentionBlock& block, int64_t first, int64_t last, int64_t end, float* weights,
                      float* largest) {
  constexpr int64_t kStride = kQueryRows<A>;
  const Panels queries = {block.q + first * block.head_dim, block.head_dim * kPanel, kPanel};
  const int64_t columns = rounded_to_panel(last - first);
  const ColumnMaxima<A> maxima{largest};
  if (!block.grouped)
    return product<A>(block.k, block.k_stride, end, queries, block.head_dim, columns, nullptr,
                      weights + first, kStride, false, maxima);
  for (int64_t key = 0; key < end; key += kGroup)
    columns_product<A, kTileRows<A>>(block.k + key * block.head_dim, kGroup,
                                     end - key < kGroup ? end - key : kGroup, queries, block.head_dim,
                                     columns, weights + key * kStride + first, kStride, false, maxima);
}

template <class A>
void attend_block(const AttentionBlock& block) {
  float* weights = block.scratch;
  float* tail = block.scratch + kMostQueryRows * kKeyBlock;
  const BlockEnds ends(block);
  const int64_t columns = block.value_dim / kPanel * kPanel;
  if (!block.padded && !block.grouped && columns < block.value_dim)
    pack_values<A>(block.v + columns, block.v_stride, block.keys, block.value_dim - columns, tail);

  const auto weigh_those_seen = [&] {
    over_columns(block, tail, [&](Panels values, int64_t count, float* out) {
      weigh_visible<A>(block, ends, weights, values, count, out);
    });
  };
  if (!side_by_side(block.rows)) {
    for (int64_t r = 0; r < block.rows; r++) {
      if (const int64_t end = ends.of(r); end > 0)
        attend_row<A>(block, tail, weights + r * kKeyBlock, r, end);
    }
    if (steps_around(block)) weigh_those_seen();
    return;
  }

  // Panel by panel of queries, as many keys as the last of them sees.
  constexpr int64_t kTogether = tile_panels<A>(kTileRows<A>) * kPanel;
  alignas(64) float largest[kTogether];
  for (int64_t first = 0; first < block.rows; first += kTogether) {
    const int64_t last = first + kTogether < block.rows ? first + kTogether : block.rows;
    const int64_t end = ends.of(last - 1);
    if (end == 0) continue;
    for (float& x : largest) x = -FLT_MAX;
    scores_of_panels<A>(block, first, last, end, weights, largest);
    for (int64_t r = first; r < last; r += kLanes<A>) {
      const int64_t seen = ends.of(r + kLanes<A> < last ? r + kLanes<A> - 1 : last - 1);
      if (seen == 0) continue;
      Batch<A> most = Batch<A>::load_aligned(largest + (r - first));
      if (block.bias || block.softcap != 0.0f)
        most = cap_and_bias<A>(block.softcap, block.bias ? block.bias + r : nullptr, seen, kQueryRows<A>,
                               weights + r);
      if (ends.of(r) < end) most = hide<A>(ends, r, seen, weights + r);
      online_softmax<A>(block, r, seen, most, weights + r);
    }
  }
  if (steps_around(block)) return weigh_those_seen();
  int64_t seeing = 0;  // the first row that sees a key
  while (seeing < block.rows && ends.of(seeing) == 0) seeing++;
  over_columns(block, tail, [&](Panels values, int64_t count, float* out) LIMELIGHT_INLINE_LAMBDA {
    if (seeing < block.rows) weigh_values<A>(block, ends, weights, seeing, values, count, out);
  });
}

}  // namespace limelight::kernels
