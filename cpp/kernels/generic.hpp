// Every kernel, written once over xsimd::batch<float, A>. Each arch_*.cpp instantiates make_table<A>() for
// one A.
#pragma once

#include <cfloat>
#include <cmath>
#include <limits>

#include "kernels/approximations.hpp"
#include "kernels/kernels.hpp"
#include "kernels/simd.hpp"
#include "kernels/tiles.hpp"

namespace limelight::kernels {

// ----------------------------------------------------------------------------------------------------------
// products

/// The right operand of a product: panels of 8 columns. Panel p starts at data + p * panel_stride, and its
/// row for step k of the depth at k * step from there.
struct Panels {
  const float* data;
  int64_t panel_stride, step;
};

/// y[r][c] = start + sum_k x[r][k] * b[k][c] for R rows and 8 * P columns, of which the first `columns`
/// exist. Start is y itself where `accumulate`, plus bias where there is one.
template <class A, int R, int P>
LIMELIGHT_INLINE void tile(const float* const (&x)[R], const float* const (&panels)[P], int64_t step,
                           int64_t depth, const float* bias, float* const (&y)[R], int64_t columns,
                           bool accumulate) {
  using B = Batch<A>;
  constexpr int kWidth = static_cast<int>(kLanes<A>);
  constexpr int kVectors = P * 8 / kWidth;
  B sums[R][kVectors];

  unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
    const int64_t column = v * kWidth;
    const int64_t present = columns - column;
    const auto load = [&](const float* from) LIMELIGHT_INLINE_LAMBDA {
      return present >= kWidth ? B::load_unaligned(from + column)
             : present > 0     ? load_part<A>(from + column, present, 0.0f)
                               : B(0.0f);
    };
    const B start = bias ? load(bias) : B(0.0f);
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA { sums[r][v] = accumulate ? load(y[r]) + start : start; });
  });

  int64_t offset = 0;
  for (int64_t k = 0; k < depth; k++, offset += step) {
    B columns_now[kVectors];
    unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
      if constexpr (kWidth <= 8) {
        constexpr int kPerPanel = 8 / kWidth;
        columns_now[v] = B::load_unaligned(panels[v / kPerPanel] + offset + v % kPerPanel * kWidth);
      } else {
        columns_now[v] = load_columns<A>(panels[2 * v] + offset, panels[2 * v + 1] + offset);
      }
    });
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA {
      const B value(x[r][k]);
      unroll<kVectors>(
          [&](auto v) LIMELIGHT_INLINE_LAMBDA { sums[r][v] = madd<A>(value, columns_now[v], sums[r][v]); });
    });
  }

  unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
    const int64_t column = v * kWidth;
    const int64_t present = columns - column;
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA {
      if (present >= kWidth) {
        sums[r][v].store_unaligned(y[r] + column);
      } else if (present > 0) {
        store_part<A>(y[r] + column, present, sums[r][v]);
      }
    });
  });
}

/// `rows` rows in tiles of R by 8 * P. Missing rows of the last tile alias its last row, missing panels the
/// last panel: they compute what is computed anyway, read nothing new and write the same numbers or nothing.
template <class A, int R, int P>
void tiled_product(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t depth, int64_t columns,
                   const float* bias, float* y, int64_t ldy, bool accumulate) {
  const int64_t panels = (columns + kPanel - 1) / kPanel;
  for (int64_t p = 0; p < panels; p += P) {
    const float* panel[P];
    for (int i = 0; i < P; i++) panel[i] = b.data + (p + i < panels ? p + i : panels - 1) * b.panel_stride;
    for (int64_t row = 0; row < rows; row += R) {
      const float* left[R];
      float* result[R];
      for (int i = 0; i < R; i++) {
        const int64_t r = row + i < rows ? row + i : rows - 1;
        left[i] = x + r * ldx;
        result[i] = y + r * ldy + p * kPanel;
      }
      tile<A, R, P>(left, panel, b.step, depth, bias ? bias + p * kPanel : nullptr, result,
                    columns - p * kPanel, accumulate);
    }
  }
}

template <class A>
void product(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t depth, int64_t columns,
             const float* bias, float* y, int64_t ldy, bool accumulate) {
  constexpr Tiles kShapes = kTiles<A>;
  for (int64_t first = 0; first < rows; first += kRowBlock) {
    const int64_t block = rows - first < kRowBlock ? rows - first : kRowBlock;
    const int64_t leftover = block % kShapes.many.rows;
    // Leftover rows that would fill more than the smaller tile go into a last working tile, together with
    // aliases.
    const int64_t many = leftover > kShapes.few.rows ? block : block - leftover;
    const float* left = x + first * ldx;
    float* result = y + first * ldy;
    if (many > 0) {
      tiled_product<A, kShapes.many.rows, kShapes.many.panels>(left, ldx, many, b, depth, columns, bias,
                                                               result, ldy, accumulate);
    }
    if (many < block) {
      left += many * ldx;
      result += many * ldy;
      if (leftover == 1) {
        tiled_product<A, 1, kShapes.one.panels>(left, ldx, 1, b, depth, columns, bias, result, ldy,
                                                accumulate);
      } else {
        tiled_product<A, kShapes.few.rows, kShapes.few.panels>(left, ldx, leftover, b, depth, columns, bias,
                                                               result, ldy, accumulate);
      }
    }
  }
}

template <class A>
void linear(const float* x, int64_t ldx, int64_t rows, const float* packed, int64_t in, int64_t out,
            const float* bias, float* y, int64_t ldy, bool accumulate) {
  product<A>(x, ldx, rows, {packed, kPanel * in, kPanel}, in, out, bias, y, ldy, accumulate);
}

// ------------------------------------------------------------------------------------------- keys and values
// as they lie

/// Four dimensions of four keys, so that afterwards column[i] holds dimension d + i of all four; dimensions
/// from `dim` on are zero.
template <class A>
LIMELIGHT_INLINE void load_four_by_four(const float* const* keys, int64_t d, int64_t dim,
                                        Quad<A> (&column)[4]) {
  if (d + 4 <= dim) {
    unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA { column[i] = Quad<A>::load(keys[i] + d); });
  } else {
    alignas(16) float piece[4][4] = {};
    for (int key = 0; key < 4; key++) {
      for (int64_t i = d; i < dim; i++) piece[key][i - d] = keys[key][i];
    }
    unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA { column[i] = Quad<A>::load(piece[i]); });
  }
  Quad<A>::transpose(column[0], column[1], column[2], column[3]);
}

/// R queries against 4 * G keys, turned in registers: for 4 dimensions 4 * G loads, 8 * G shuffles, 4 * R * G
/// madds.
template <class A, int R, int G>
LIMELIGHT_INLINE void score_tile(const float* const (&q)[R], const float* const (&keys)[4 * G], int64_t dim,
                                 float (&result)[R][4 * G]) {
  Quad<A> sums[R][G];
  unroll<R * G>([&](auto i) LIMELIGHT_INLINE_LAMBDA { sums[i / G][i % G] = Quad<A>::splat(0.0f); });
  for (int64_t d = 0; d < dim; d += 4) {
    // The last step may hold fewer dimensions; the others are left out, not multiplied by zero.
    const int64_t present = dim - d;
    unroll<G>([&](auto g) LIMELIGHT_INLINE_LAMBDA {
      Quad<A> column[4];
      load_four_by_four<A>(keys + 4 * g, d, dim, column);
      unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
        if (i < present) {
          unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA {
            sums[r][g] = Quad<A>::madd(Quad<A>::splat(q[r][d + i]), column[i], sums[r][g]);
          });
        }
      });
    });
  }
  unroll<R * G>([&](auto i) LIMELIGHT_INLINE_LAMBDA { sums[i / G][i % G].store(result[i / G] + i % G * 4); });
}

template <class A, int R, int G>
void tiled_scores(const float* q, int64_t ldq, int64_t rows, const float* k, int64_t ldk, int64_t keys,
                  int64_t dim, float* out, int64_t ldo) {
  for (int64_t row = 0; row < rows; row += R) {
    const float* queries[R];
    for (int i = 0; i < R; i++) queries[i] = q + (row + i < rows ? row + i : rows - 1) * ldq;
    const int64_t rows_present = rows - row < R ? rows - row : R;
    for (int64_t key = 0; key < keys; key += 4 * G) {
      const float* lines[4 * G];
      for (int i = 0; i < 4 * G; i++) lines[i] = k + (key + i < keys ? key + i : keys - 1) * ldk;
      const int64_t keys_present = keys - key < 4 * G ? keys - key : 4 * G;
      alignas(16) float result[R][4 * G];
      score_tile<A, R, G>(queries, lines, dim, result);
      for (int64_t r = 0; r < rows_present; r++) {
        std::memcpy(out + (row + r) * ldo + key, result[r],
                    static_cast<std::size_t>(keys_present) * sizeof(float));
      }
    }
  }
}

template <class A>
void scores(const float* q, int64_t ldq, int64_t rows, const float* k, int64_t ldk, int64_t keys, int64_t dim,
            float* out, int64_t ldo) {
  // One row: 16 keys at once are 4 independent chains; four rows: 8 chains of 8 keys.
  if (rows == 1) {
    tiled_scores<A, 1, 4>(q, ldq, rows, k, ldk, keys, dim, out, ldo);
  } else {
    tiled_scores<A, 4, 2>(q, ldq, rows, k, ldk, keys, dim, out, ldo);
  }
}

template <class A>
void pack_keys(const float* k, int64_t ldk, int64_t keys, int64_t dim, float* packed) {
  for (int64_t key = 0; key < keys; key += kPanel) {
    float* panel = packed + key * dim;
    const float* lines[kPanel];
    // What stands in for missing keys is never looked at.
    for (int i = 0; i < kPanel; i++) lines[i] = k + (key + i < keys ? key + i : keys - 1) * ldk;
    for (int64_t d = 0; d < dim; d += 4) {
      Quad<A> low[4], high[4];
      load_four_by_four<A>(lines, d, dim, low);
      load_four_by_four<A>(lines + 4, d, dim, high);
      const int64_t present = dim - d;
      unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
        if (i < present) {
          low[i].store(panel + (d + i) * kPanel);
          high[i].store(panel + (d + i) * kPanel + 4);
        }
      });
    }
  }
}

template <class A>
void pack_values(const float* v, int64_t ldv, int64_t keys, int64_t dim, float* packed) {
  const int64_t whole = dim / kPanel;
  for (int64_t key = 0; key < keys; key++) {
    const float* from = v + key * ldv;
    float* to = packed + key * kPanel;
    for (int64_t p = 0; p < whole; p++) {
      std::memcpy(to + p * kPanel * keys, from + p * kPanel, kPanel * sizeof(float));
    }
    for (int64_t d = whole * kPanel; d < (dim + kPanel - 1) / kPanel * kPanel; d++) {
      to[whole * kPanel * keys + d % kPanel] = d < dim ? from[d] : 0.0f;
    }
  }
}

// ---------------------------------------------------------------------------------------------------------
// attention

/// One row of scores against the first `count` >= 1 keys of a block becomes weights relative to the row's
/// running maximum. Reads and writes up to the next multiple of 4 vectors, at most kKeyBlock. The order of
/// the sum depends on the place of a key in its block alone.
template <class A>
LIMELIGHT_INLINE void online_softmax(float* row, int64_t count, float factor, float& maximum, float& total,
                                     float* out, int64_t value_dim) {
  using B = Batch<A>;
  constexpr int64_t kWidth = kLanes<A>;
  constexpr int64_t kStride = 4 * kWidth;
  constexpr float kHidden = -std::numeric_limits<float>::infinity();
  const int64_t end = (count + kStride - 1) / kStride * kStride;

  const int64_t whole = count / kWidth * kWidth;
  if (whole < end) {
    // Scaled one by one here, so that what stands behind the last visible key is never looked at.
    for (int64_t i = whole; i < count; i++) row[i] *= factor;
    for (int64_t i = count; i < end; i++) row[i] = kHidden;
  }
  B largest(maximum);
  for (int64_t i = 0; i < whole; i += kWidth) {
    const B x = B::load_unaligned(row + i) * B(factor);
    x.store_unaligned(row + i);
    largest = xsimd::max(largest, x);
  }
  if (whole < count) largest = xsimd::max(largest, B::load_unaligned(row + whole));
  const float now = max_lanes<A>(largest);
  const bool grew = now > maximum;
  const float before = maximum;
  if (grew) maximum = now;

  B sums[4] = {B(0.0f), B(0.0f), B(0.0f), B(0.0f)};
  for (int64_t i = 0; i < end; i += kStride) {
    unroll<4>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      float* at = row + i + part * kWidth;
      const B weight = exp_negative<A>(B::load_unaligned(at) - B(maximum));
      weight.store_unaligned(at);
      sums[part] += weight;
    });
  }
  const float sum = sum_lanes<A>((sums[0] + sums[1]) + (sums[2] + sums[3]));

  if (grew && total != 0.0f) {
    const B shrink = exp_negative<A>(B(before - maximum));
    total *= shrink.get(0);
    int64_t d = 0;
    for (; d + kWidth <= value_dim; d += kWidth)
      (B::load_unaligned(out + d) * shrink).store_unaligned(out + d);
    if (d < value_dim)
      store_part<A>(out + d, value_dim - d, load_part<A>(out + d, value_dim - d, 0.0f) * shrink);
  }
  total += sum;
}

/// out += weights * values for `rows` rows over keys [first, end) of the block.
template <class A>
void weigh_values(const AttentionBlock& block, const float* tail, const float* weights, int64_t rows,
                  int64_t first, int64_t end, float* out) {
  const float* x = weights + first;
  const int64_t depth = end - first;
  if (block.packed) {
    const Panels values = {block.v + first * kPanel, block.keys * kPanel, kPanel};
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
    for (int64_t r = 0; r < rows; r++) {
      const int64_t end = end_of(first + r);
      if (end == 0) continue;
      online_softmax<A>(weights + r * kKeyBlock, end, block.factor, block.maximum[first + r],
                        block.total[first + r], out + r * block.out_stride, block.value_dim);
    }
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

// ------------------------------------------------------------------------------------------------ one row at
// a time

/// f(x) on every element, in place or elsewhere; the last piece goes through the same f on a padded vector.
template <class A, class F>
LIMELIGHT_INLINE void map(const float* x, int64_t n, float* y, F&& f) {
  using B = Batch<A>;
  int64_t i = 0;
  for (; i + kLanes<A> <= n; i += kLanes<A>) f(B::load_unaligned(x + i), i).store_unaligned(y + i);
  if (i < n) store_part<A>(y + i, n - i, f(load_part<A>(x + i, n - i, 0.0f), i));
}

template <class A>
void softmax(float* x, int64_t n) {
  using B = Batch<A>;
  constexpr float kHidden = -std::numeric_limits<float>::infinity();
  constexpr int64_t kWidth = kLanes<A>;
  // A finite start: a row of only -inf keeps it, and exp(-inf - start) is 0.
  B largest(-FLT_MAX);
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) largest = xsimd::max(largest, B::load_unaligned(x + i));
  if (i < n) largest = xsimd::max(largest, load_part<A>(x + i, n - i, kHidden));
  const B maximum(max_lanes<A>(largest));

  B sums(0.0f);
  for (i = 0; i + kWidth <= n; i += kWidth) {
    const B weight = exp_negative<A>(B::load_unaligned(x + i) - maximum);
    weight.store_unaligned(x + i);
    sums += weight;
  }
  if (i < n) {
    const B weight = exp_negative<A>(load_part<A>(x + i, n - i, kHidden) - maximum);
    store_part<A>(x + i, n - i, weight);
    sums += weight;
  }
  const float total = sum_lanes<A>(sums);
  if (total == 0.0f) return;
  const B divisor(total);
  map<A>(x, n, x, [&](B weight, int64_t) LIMELIGHT_INLINE_LAMBDA { return weight / divisor; });
}

template <class A>
void layer_norm(const float* x, int64_t n, const float* gain, const float* shift, float epsilon, float* y) {
  using B = Batch<A>;
  constexpr int64_t kWidth = kLanes<A>;
  const int64_t whole = n / kWidth * kWidth;
  B sums(0.0f);
  for (int64_t i = 0; i < whole; i += kWidth) sums += B::load_unaligned(x + i);
  if (whole < n) sums += load_part<A>(x + whole, n - whole, 0.0f);
  const float mean = sum_lanes<A>(sums) / static_cast<float>(n);

  const B center(mean);
  B squares(0.0f);
  for (int64_t i = 0; i < whole; i += kWidth) {
    const B away = B::load_unaligned(x + i) - center;
    squares = madd<A>(away, away, squares);
  }
  if (whole < n) {
    const B away = load_part<A>(x + whole, n - whole, mean) - center;
    squares = madd<A>(away, away, squares);
  }
  const float variance = sum_lanes<A>(squares) / static_cast<float>(n);
  const B scale(1.0f / std::sqrt(variance + epsilon));

  for (int64_t i = 0; i < whole; i += kWidth) {
    const B unit = (B::load_unaligned(x + i) - center) * scale;
    madd<A>(unit, B::load_unaligned(gain + i), B::load_unaligned(shift + i)).store_unaligned(y + i);
  }
  if (whole < n) {
    const int64_t rest = n - whole;
    const B unit = (load_part<A>(x + whole, rest, 0.0f) - center) * scale;
    store_part<A>(
        y + whole, rest,
        madd<A>(unit, load_part<A>(gain + whole, rest, 0.0f), load_part<A>(shift + whole, rest, 0.0f)));
  }
}

template <class A>
void gelu_erf_row(float* x, int64_t n) {
  map<A>(x, n, x, [](Batch<A> v, int64_t) LIMELIGHT_INLINE_LAMBDA { return gelu_erf<A>(v); });
}

template <class A>
void gelu_tanh_row(float* x, int64_t n) {
  map<A>(x, n, x, [](Batch<A> v, int64_t) LIMELIGHT_INLINE_LAMBDA { return gelu_tanh<A>(v); });
}

template <class A>
void exp_row(const float* x, int64_t n, float* y) {
  map<A>(x, n, y, [](Batch<A> v, int64_t) LIMELIGHT_INLINE_LAMBDA { return exp_negative<A>(v); });
}

template <class A>
void add(float* x, const float* y, int64_t n) {
  map<A>(x, n, x, [&](Batch<A> v, int64_t i) LIMELIGHT_INLINE_LAMBDA {
    return v + (i + kLanes<A> <= n ? Batch<A>::load_unaligned(y + i) : load_part<A>(y + i, n - i, 0.0f));
  });
}

template <class A>
void multiply(float* x, float factor, int64_t n) {
  map<A>(x, n, x, [&](Batch<A> v, int64_t) LIMELIGHT_INLINE_LAMBDA { return v * Batch<A>(factor); });
}

template <class A>
float dot(const float* a, const float* b, int64_t n) {
  using B = Batch<A>;
  constexpr int64_t kWidth = kLanes<A>;
  B sums[4] = {B(0.0f), B(0.0f), B(0.0f), B(0.0f)};
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
    unroll<4>([&](auto part) LIMELIGHT_INLINE_LAMBDA {
      const int64_t at = i + part * kWidth;
      sums[part] = madd<A>(B::load_unaligned(a + at), B::load_unaligned(b + at), sums[part]);
    });
  }
  for (; i + kWidth <= n; i += kWidth)
    sums[0] = madd<A>(B::load_unaligned(a + i), B::load_unaligned(b + i), sums[0]);
  if (i < n) sums[1] = madd<A>(load_part<A>(a + i, n - i, 0.0f), load_part<A>(b + i, n - i, 0.0f), sums[1]);
  return sum_lanes<A>((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

template <class A>
constexpr Table make_table(const char* arch) {
  Table table{};
  table.arch = arch;
  table.linear = linear<A>;
  table.softmax = softmax<A>;
  table.layer_norm = layer_norm<A>;
  table.gelu_erf = gelu_erf_row<A>;
  table.gelu_tanh = gelu_tanh_row<A>;
  table.exp = exp_row<A>;
  table.add = add<A>;
  table.multiply = multiply<A>;
  table.dot = dot<A>;
  table.scores = scores<A>;
  table.pack_keys = pack_keys<A>;
  table.pack_values = pack_values<A>;
  table.attend_block = attend_block<A>;
  return table;
}

}  // namespace limelight::kernels
