// A block of the reverse pass: the weights of some rows against a block of keys come back from the kept
// log-sum-exp, and five products carry the gradients through them.
#pragma once

#include <limits>

#include "kernels/fused.hpp"
#include "kernels/products.hpp"
#include "kernels/rows.hpp"

namespace limelight::kernels {

/// y[r] += sum of x[r][k] * b[k] over k in [begin_of(r), end_of(r)), one chain along k for each row. Neither
/// bound falls from row to row. Rows that sum alike go together; on a staircase, a tile's rows share what
/// they have in common and take the rest one by one, so what is hidden is never multiplied, not even by zero.
template <class A, class BeginOf, class EndOf>
void staircase_product(const float* x, int64_t ldx, int64_t rows, Panels b, int64_t columns, float* y,
                       int64_t ldy, BeginOf&& begin_of, EndOf&& end_of) {
  const auto sum = [&](int64_t row, int64_t count, int64_t begin, int64_t end) {
    if (begin >= end) return;
    const Panels from = {b.data + begin * b.step, b.panel_stride, b.step};
    product<A>(x + row * ldx + begin, ldx, count, from, end - begin, columns, nullptr, y + row * ldy, ldy,
               true);
  };
  if (begin_of(0) == begin_of(rows - 1) && end_of(0) == end_of(rows - 1)) {
    sum(0, rows, begin_of(0), end_of(0));
    return;
  }
  constexpr int64_t kTogether = kTileRows<A>;
  for (int64_t r = 0; r < rows; r += kTogether) {
    const int64_t last = r + kTogether < rows ? r + kTogether : rows;
    const int64_t begin = begin_of(last - 1), end = end_of(r);
    for (int64_t own = r; own < last; own++) {
      if (begin_of(own) < begin) sum(own, 1, begin_of(own), begin);
    }
    sum(r, last - r, begin, end);
    for (int64_t own = r; own < last; own++) {
      if (end_of(own) > end) sum(own, 1, end, end_of(own));
    }
  }
}

/// What differentiate_row() takes beside the numbers of a row.
struct RowConstants {
  float factor, lse, gate, delta;
};

/// Scores of a row that are taken together.
template <class A>
inline constexpr int64_t kDifferentiateStep = kSideBySide * kLanes<A>;

/// Dot products <q, k_j> in `weights` become gate * weight_j, dot products <d_out, v_j> in `slopes` become
/// slope_j * last_factor, for the first `count` keys (and those after them up to a whole step). Returns sum_j
/// weight_j <d_out, v_j>.
template <class A>
LIMELIGHT_INLINE Batch<A> differentiate_row(float* weights, float* slopes, int64_t count,
                                            const RowConstants& row, float last_factor) {
  using V = Vectors<A, kSideBySide>;
  const V factor(row.factor), minus_lse(-row.lse), gate(row.gate), minus_delta(-row.delta), last(last_factor);
  V sums(0.0f);
  for (int64_t i = 0; i < count; i += kDifferentiateStep<A>) {
    const V weight = exp_negative(madd(V::load(weights + i), factor, minus_lse));
    const V arriving = V::load(slopes + i);
    sums = madd(weight, arriving, sums);
    (weight * gate).store(weights + i);
    (weight * madd(arriving, gate, minus_delta) * last).store(slopes + i);
  }
  return sums.sum();
}

template <class A>
void backward_block(const BackwardBlock& block) {
  constexpr int64_t kRows = kBackwardRows;
  const int64_t query_size = static_cast<int64_t>(packed_size(block.head_dim, kRows));
  float* weights = block.scratch;  // [kRows][kKeyBlock]
  float* slopes = weights + kRows * kKeyBlock;
  float* weights_turned = slopes + kRows * kKeyBlock;  // [kKeyBlock][kRows]
  float* slopes_turned = weights_turned + kRows * kKeyBlock;
  float* queries = slopes_turned + kRows * kKeyBlock;  // as values
  float* arriving = queries + query_size;              // d_out, as values

  for (int64_t first = 0; first < block.rows; first += kRows) {
    const int64_t rows = block.rows - first < kRows ? block.rows - first : kRows;
    const auto end_of = [&](int64_t row) {
      const int64_t end = block.first_end + (first + row) * block.end_step;
      return end < 0 ? 0 : end < block.keys ? end : block.keys;
    };
    // The first row that sees a key; the diagonal has one key more in every row.
    const auto begin_of = [&](int64_t key) {
      const int64_t begin = block.end_step == 0 ? 0 : key + 1 - block.first_end - first;
      return begin < 0 ? 0 : begin;
    };
    const int64_t seen = end_of(rows - 1);
    if (seen == 0) continue;
    const float* q = block.q + first * block.q_stride;
    const float* d_out = block.d_out + first * block.d_out_stride;
    const int64_t columns = rounded_to_panel(seen);

    product<A>(q, block.q_stride, rows, {block.keys_packed, block.head_dim * kPanel, kPanel}, block.head_dim,
               columns, nullptr, weights, kKeyBlock, false);
    product<A>(d_out, block.d_out_stride, rows, {block.values_packed, block.value_dim * kPanel, kPanel},
               block.value_dim, columns, nullptr, slopes, kKeyBlock, false);

    RowConstants constants[kRows];
    for (int64_t r = 0; r < rows; r++) {
      const float* out = block.out + (first + r) * block.out_stride;
      constants[r] = {block.factor, block.lse[first + r], block.gate,
                      dot<A>(d_out + r * block.d_out_stride, out, block.value_dim)};
    }
    for (int64_t r = 0; r < rows; r++) {
      float* row_weights = weights + r * kKeyBlock;
      float* row_slopes = slopes + r * kKeyBlock;
      const int64_t end = end_of(r);
      // A row whose scores are all -inf weighs nothing.
      if (end == 0 || constants[r].lse == -std::numeric_limits<float>::infinity()) {
        std::memset(row_weights, 0, kKeyBlock * sizeof(float));
        std::memset(row_slopes, 0, kKeyBlock * sizeof(float));
        continue;
      }
      // Up to a whole step, hidden places repeat the first key with nothing arriving: that adds exactly
      // nothing to the sum over the row, whatever was hidden there.
      for (int64_t hidden = end; hidden % kDifferentiateStep<A> != 0; hidden++) {
        row_weights[hidden] = row_weights[0];
        row_slopes[hidden] = 0.0f;
      }
      const float last_factor = block.d_bias ? 1.0f : block.factor;
      const Batch<A> sum = differentiate_row<A>(row_weights, row_slopes, end, constants[r], last_factor);
      if (block.d_gate) *block.d_gate += sum_lanes<A>(sum);
      if (block.d_bias) {
        add<A>(block.d_bias + (first + r) * block.d_bias_stride, row_slopes, end);
        multiply<A>(row_slopes, block.factor, end);
      }
    }
    transpose<A>(weights, kKeyBlock, rows, seen, weights_turned, kRows);
    transpose<A>(slopes, kKeyBlock, rows, seen, slopes_turned, kRows);
    pack_values<A>(q, block.q_stride, rows, block.head_dim, queries);
    pack_values<A>(d_out, block.d_out_stride, rows, block.value_dim, arriving);

    const auto zero = [](int64_t) { return int64_t{0}; };
    const auto all = [&](int64_t) { return rows; };
    staircase_product<A>(slopes, kKeyBlock, rows, {block.keys_as_values, block.keys * kPanel, kPanel},
                         block.head_dim, block.dq + first * block.dq_stride, block.dq_stride, zero, end_of);
    staircase_product<A>(slopes_turned, kRows, seen, {queries, rows * kPanel, kPanel}, block.head_dim,
                         block.dk, block.dk_stride, begin_of, all);
    staircase_product<A>(weights_turned, kRows, seen, {arriving, rows * kPanel, kPanel}, block.value_dim,
                         block.dv, block.dv_stride, begin_of, all);
  }
}

}  // namespace limelight::kernels
