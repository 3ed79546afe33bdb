// Matrix products in register tiles, over packed panels and over keys as they lie.
#pragma once

#include "kernels/kernels.hpp"
#include "kernels/simd.hpp"
#include "kernels/tiles.hpp"

namespace limelight::kernels {

/// The right operand of a product: panels of 8 columns. Panel p starts at data + p * panel_stride, and its
/// row for step k of the depth at k * step from there.
struct Panels {
  const float* data;
  int64_t panel_stride, step;
};

/// The left operand of a tile, R rows of it as they lie: one float of each for every step of the depth.
/// Pointers that move, because WebAssembly has no addressing by a scaled index.
template <class A, int R>
struct LeftRows {
  const float* at[R];
  LIMELIGHT_INLINE Batch<A> spread(int r) { return Batch<A>(*at[r]++); }
  LIMELIGHT_INLINE void step() {}
};

/// The left operand with its rows beside each other: step k of row r at at[k * stride + r].
template <class A>
struct LeftColumns {
  const float* at;
  int64_t stride;
  LIMELIGHT_INLINE Batch<A> spread(int r) { return Batch<A>(at[r]); }
  LIMELIGHT_INLINE void step() { at += stride; }
};

/// What a product tells of its cells on their way to memory: nothing, or the largest of each column.
struct Silent {
  LIMELIGHT_INLINE Silent from(int64_t) const { return {}; }
};
template <class A>
struct ColumnMaxima {
  float* at;  ///< a vector's worth behind the last column may be written
  LIMELIGHT_INLINE ColumnMaxima from(int64_t column) const { return {at + column}; }
  template <int R>
  LIMELIGHT_INLINE void see(int64_t column, const Batch<A> (&cells)[R]) {
    Batch<A> largest = Batch<A>::load_unaligned(at + column);
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA { largest = xsimd::max(largest, cells[r]); });
    largest.store_unaligned(at + column);
  }
};

/// y[r][c] = start + sum_k left[r][k] * b[k][c] for R rows and 8 * P columns, all of which exist. Start is y
/// itself where `accumulate`, else bias where there is one. Before the loop and behind it there is one way
/// through: with branches there Firefox (153) keeps accumulators in memory, which halves its speed.
template <class A, int R, int P, class Left, class Tell>
LIMELIGHT_INLINE void whole_tile(Left left, const float* const (&panels)[P], int64_t step, int64_t depth,
                                 const float* bias, float* const (&y)[R], bool accumulate, Tell tell) {
  using B = Batch<A>;
  constexpr int kWidth = static_cast<int>(kLanes<A>);
  constexpr int kVectors = P * 8 / kWidth;
  B sums[kVectors][R];
  const auto start = [&](auto&& of) LIMELIGHT_INLINE_LAMBDA {
    unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
      unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA { sums[v][r] = of(r, v * kWidth); });
    });
  };
  if (accumulate) {
    start([&](auto r, int column) LIMELIGHT_INLINE_LAMBDA { return B::load_unaligned(y[r] + column); });
  } else if (bias) {
    start([&](auto, int column) LIMELIGHT_INLINE_LAMBDA { return B::load_unaligned(bias + column); });
  } else {
    start([&](auto, int) LIMELIGHT_INLINE_LAMBDA { return B(0.0f); });
  }

  // A step costs its loads, R * kVectors madds and an addition for each pointer. Taking several steps a turn
  // makes the engines spill accumulators.
  const float* right[P];
  unroll<P>([&](auto p) LIMELIGHT_INLINE_LAMBDA { right[p] = panels[p]; });
  for (int64_t k = depth; k > 0; k--) {
    B columns_now[kVectors];
    unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
      if constexpr (kWidth <= 8) {
        constexpr int kPerPanel = 8 / kWidth;
        columns_now[v] = B::load_unaligned(right[v / kPerPanel] + v % kPerPanel * kWidth);
      } else {
        columns_now[v] = load_columns<A>(right[2 * v], right[2 * v + 1]);
      }
    });
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA {
      const B value = left.spread(r);
      unroll<kVectors>(
          [&](auto v) LIMELIGHT_INLINE_LAMBDA { sums[v][r] = madd<A>(value, columns_now[v], sums[v][r]); });
    });
    left.step();
    unroll<P>([&](auto p) LIMELIGHT_INLINE_LAMBDA { right[p] += step; });
  }

  unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA {
    unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA { sums[v][r].store_unaligned(y[r] + v * kWidth); });
    if constexpr (!std::is_same_v<Tell, Silent>) tell.see(v * kWidth, sums[v]);
  });
}

/// whole_tile() where only the first `columns` exist, or where it accumulates and has a bias as well:
/// computed in `cells`, from which those that exist are taken.
template <class A, int R, int P, class Left>
__attribute__((noinline)) void tile_beside(Left left, const float* const (&panels)[P], int64_t step,
                                           int64_t depth, const float* bias, float* const (&y)[R],
                                           int64_t columns, bool accumulate, float (&cells)[R][P * 8]) {
  float* rows[R];
  for (int r = 0; r < R; r++) {
    rows[r] = cells[r];
    for (int64_t c = 0; c < P * 8; c++)
      cells[r][c] = c < columns ? (accumulate ? y[r][c] : 0.0f) + (bias ? bias[c] : 0.0f) : 0.0f;
  }
  whole_tile<A, R, P>(left, panels, step, depth, nullptr, rows, true, Silent{});
  for (int r = 0; r < R; r++) std::memcpy(y[r], cells[r], static_cast<std::size_t>(columns) * sizeof(float));
}

template <class A, int R, int P, class Left, class Tell = Silent>
LIMELIGHT_INLINE void tile(Left left, const float* const (&panels)[P], int64_t step, int64_t depth,
                           const float* bias, float* const (&y)[R], int64_t columns, bool accumulate,
                           Tell tell = {}) {
  if (columns >= P * 8 && !(accumulate && bias))
    return whole_tile<A, R, P>(left, panels, step, depth, bias, y, accumulate, tell);
  alignas(64) float cells[R][P * 8];
  columns = columns < P * 8 ? columns : P * 8;
  tile_beside<A, R, P>(left, panels, step, depth, bias, y, columns, accumulate, cells);
  if constexpr (!std::is_same_v<Tell, Silent>) {
    for (int64_t c = 0; c < columns; c += kLanes<A>) {
      Batch<A> seen[R];
      unroll<R>([&](auto r) LIMELIGHT_INLINE_LAMBDA { seen[r] = Batch<A>::load_unaligned(cells[r] + c); });
      tell.see(c, seen);
    }
  }
}

/// The P panels from panel `first` of `count`; missing ones repeat the last, and what is computed from them
/// is not stored.
template <int P>
LIMELIGHT_INLINE void panels_at(const Panels& b, int64_t first, int64_t count, const float* (&panels)[P]) {
  for (int i = 0; i < P; i++)
    panels[i] = b.data + (first + i < count ? first + i : count - 1) * b.panel_stride;
}

/// `rows` rows in tiles of R. Missing rows of the last tile alias its last row: they compute what is computed
/// anyway, read nothing new and write the same numbers.
template <class A, int R, class Tell>
void tiled_product(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t depth, int64_t columns,
                   const float* bias, float* y, int64_t ldy, bool accumulate, Tell tell) {
  constexpr int P = tile_panels<A>(R);
  const int64_t count = (columns + kPanel - 1) / kPanel;
  for (int64_t p = 0; p < count; p += P) {
    const float* panels[P];
    panels_at<P>(b, p, count, panels);
    for (int64_t row = 0; row < rows; row += R) {
      LeftRows<A, R> left;
      float* result[R];
      for (int i = 0; i < R; i++) {
        const int64_t r = row + i < rows ? row + i : rows - 1;
        left.at[i] = x + r * ldx;
        result[i] = y + r * ldy + p * kPanel;
      }
      tile<A, R, P>(left, panels, b.step, depth, bias ? bias + p * kPanel : nullptr, result,
                    columns - p * kPanel, accumulate, tell.from(p * kPanel));
    }
  }
}

/// Rows that are fewer than a tile go into the smallest one that holds them, so that the right operand is
/// read once.
template <class A, int R, class Tell>
void product_of_few(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t depth, int64_t columns,
                    const float* bias, float* y, int64_t ldy, bool accumulate, Tell tell) {
  if constexpr (R > 1) {
    if (rows <= smaller_tile(R))
      return product_of_few<A, smaller_tile(R)>(x, ldx, rows, b, depth, columns, bias, y, ldy, accumulate,
                                                tell);
  }
  tiled_product<A, R>(x, ldx, rows, b, depth, columns, bias, y, ldy, accumulate, tell);
}

template <class A, class Tell = Silent>
void product(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t depth, int64_t columns,
             const float* bias, float* y, int64_t ldy, bool accumulate, Tell tell = {}) {
  constexpr int kRows = kTileRows<A>;
  for (int64_t first = 0; first < rows; first += kRowBlock) {
    const int64_t block = rows - first < kRowBlock ? rows - first : kRowBlock;
    const int64_t whole = block / kRows * kRows;
    const float* left = x + first * ldx;
    float* result = y + first * ldy;
    if (whole > 0)
      tiled_product<A, kRows>(left, ldx, whole, b, depth, columns, bias, result, ldy, accumulate, tell);
    if (whole < block)
      product_of_few<A, kRows>(left + whole * ldx, ldx, block - whole, b, depth, columns, bias,
                               result + whole * ldy, ldy, accumulate, tell);
  }
}

/// The same for rows that lie beside each other, `stride` floats from step to step: in tiles of R, then of
/// fewer.
template <class A, int R, class Tell = Silent>
void columns_product(const float* x, int64_t stride, int64_t rows, Panels b, int64_t depth, int64_t columns,
                     float* y, int64_t ldy, bool accumulate, Tell tell = {}) {
  constexpr int P = tile_panels<A>(R);
  const int64_t whole = rows / R * R;
  const int64_t count = (columns + kPanel - 1) / kPanel;
  for (int64_t p = 0; whole > 0 && p < count; p += P) {
    const float* panels[P];
    panels_at<P>(b, p, count, panels);
    for (int64_t row = 0; row < whole; row += R) {
      float* result[R];
      for (int i = 0; i < R; i++) result[i] = y + (row + i) * ldy + p * kPanel;
      tile<A, R, P>(LeftColumns<A>{x + row, stride}, panels, b.step, depth, nullptr, result,
                    columns - p * kPanel, accumulate, tell.from(p * kPanel));
    }
  }
  if constexpr (R > 1) {
    if (whole < rows)
      columns_product<A, smaller_tile(R)>(x + whole, stride, rows - whole, b, depth, columns, y + whole * ldy,
                                          ldy, accumulate, tell);
  }
}

template <class A>
void linear(const float* x, int64_t ldx, int64_t rows, const float* packed, int64_t in, int64_t out,
            const float* bias, float* y, int64_t ldy, bool accumulate) {
  product<A>(x, ldx, rows, {packed, kPanel * in, kPanel}, in, out, bias, y, ldy, accumulate);
}

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
void pack_panel(const float* k, int64_t ldk, int64_t keys, int64_t dim, float* panel, int64_t step) {
  const float* lines[kPanel];
  // What stands in for missing keys is never looked at.
  for (int i = 0; i < kPanel; i++) lines[i] = k + (i < keys ? i : keys - 1) * ldk;
  for (int64_t d = 0; d < dim; d += 4) {
    Quad<A> low[4], high[4];
    load_four_by_four<A>(lines, d, dim, low);
    load_four_by_four<A>(lines + 4, d, dim, high);
    const int64_t present = dim - d;
    unroll<4>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
      if (i < present) {
        low[i].store(panel + (d + i) * step);
        high[i].store(panel + (d + i) * step + 4);
      }
    });
  }
}

template <class A>
void pack_keys(const float* k, int64_t ldk, int64_t keys, int64_t dim, float* packed) {
  for (int64_t key = 0; key < keys; key += kPanel)
    pack_panel<A>(k + key * ldk, ldk, keys - key, dim, packed + key * dim, kPanel);
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
    for (int64_t d = whole * kPanel; d < rounded_to_panel(dim); d++) {
      to[whole * kPanel * keys + d % kPanel] = d < dim ? from[d] : 0.0f;
    }
  }
}

}  // namespace limelight::kernels
