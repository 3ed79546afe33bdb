// Any part of the matrices that attend() never stores, computed again from queries, keys and log-sum-exps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "limelight/attention.hpp"

namespace limelight {

/// What a cell of the attention matrix can show, in the order in which it comes about.
enum class Stage {
  dot,     ///< <q_i, k_j>
  scaled,  ///< times (scale / the head's temperature)
  capped,  ///< after the soft cap, where there is one
  masked,  ///< with what is added to it; -inf where hidden
  weight,  ///< exp(masked - lse); of a pinned edge what it is pinned to, and the others share the rest
};

/// How the matrix cells behind one display cell become one number.
enum class Pool {
  mean,
  max,     ///< NaN, if there is one
  sample,  ///< the cell in the middle (of two the earlier): exact, and the others are not even computed
};

/// Instead of a head: the mean over heads.
inline constexpr int64_t kEveryHead = -1;

/// A rectangle of the matrix of one head, or of the mean of some heads' matrices. With pooled_rows > 0 and
/// pooled_cols > 0 the rectangle is reduced to that many cells: display cell (r, c) stands for the matrix
/// cells whose index floor(i * pooled / size) is r and c (at most `size`: cells are never invented). The mean
/// at Stage::masked leaves hidden cells out, and is -inf where all are hidden. Heads are averaged before
/// cells are pooled.
struct Rectangle {
  int64_t batch = 0, head = 0;  ///< head: or kEveryHead
  int64_t first_row = 0, rows = 0, first_col = 0, cols = 0;
  int64_t pooled_rows = 0, pooled_cols = 0;
  Pool pool = Pool::mean;
  std::span<const int32_t> heads = {};  ///< with kEveryHead: the mean over these alone; empty: over all
};

/// Where an explanation goes; a span may be empty where that is not wanted. [R] and [C] are the rows and
/// columns of the rectangle, or those that it is pooled to.
struct Picture {
  std::span<float> cells = {};     ///< [R, C]
  std::span<float> row_sums = {};  ///< [R]: sum_j weight(i, j) over the columns of the rectangle
  std::span<float> col_sums = {};  ///< [C]: sum_i weight(i, j) over its rows: what key j receives
  /// [C]: col_sums / rows of the rectangle that see key j (of a mean over heads, the mean of their
  /// numbers); 0 where none does.
  std::span<float> col_means = {};
};

/// Bytes of workspace for this rectangle, whatever is asked about it: O((heads + 128) * head_dim +
/// cols), plus O(heads) for each row where more than 128 rows become one. 0 where the inputs are refused.
std::size_t explain_workspace(const AttentionInputs& in, const AttentionOptions& options,
                              const Rectangle& rectangle);

/// A picture in the making, for callers that must not stay away for long: begin(), then advance() until
/// finished(). The result has the same bits in however many pieces it is made.
///
/// `lse` is attend()'s [batch, q_heads, q_len] and read at Stage::weight alone. Empty: it is computed for the
/// rows of the rectangle first, to the same bits, in a pass over all keys that they see. in.v may be empty.
/// Scores are dot products times the factor; attend() multiplies the queries by it first, which may round the
/// other way in the last bit. dot, scaled and capped show every cell, hidden ones too; at masked
/// and weight hidden blocks are not computed, and NaN behind a mask reaches nothing. Sums are sums of
/// Stage::weight and need every cell (no Pool::sample); with Pool::mean or max they are pooled as cells are:
/// the mean or the largest of the rows' (columns') sums.
///
/// |error| of a mean or sum: that of its cells, each head_dim eps |score| relative, plus heads eps for the
/// mean over heads; the adding up happens in double precision. Cost: 2 * cells * heads * head_dim FLOPs and
/// an exponential a cell. Does not allocate. Everything that begin() was given has to stay until the end.
class Explanation {
 public:
  /// Errors: as validate(); invalid_shape (the rectangle, sizes of spans, workspace), invalid_option (sums of
  /// another stage or of samples; `heads` without kEveryHead). Then nothing is written, and finished().
  Status begin(const AttentionInputs& in, const AttentionOptions& options, std::span<const float> lse,
               const Rectangle& rectangle, Stage stage, const Picture& picture,
               std::span<std::byte> workspace);
  /// Computes at least this many cells (a score of one head each), and at most a block of 32 rows x 64 keys
  /// of every head more.
  void advance(int64_t cells);
  bool finished() const;
  double progress() const;  ///< 0..1, by area

 private:
  friend std::size_t explain_workspace(const AttentionInputs&, const AttentionOptions&, const Rectangle&);
  static std::size_t workspace(const AttentionInputs&, const AttentionOptions&, const Rectangle&);

  struct State;  // lies at the front of the workspace
  State* state_ = nullptr;
};

/// The whole picture in one call.
Status explain(const AttentionInputs& in, const AttentionOptions& options, std::span<const float> lse,
               const Rectangle& rectangle, Stage stage, const Picture& picture,
               std::span<std::byte> workspace);

/// Everything behind one row of weights, for a reader who wants to follow the arithmetic by hand.
/// Shapes: products [kv_len, head_dim]; dot, scaled, capped, masked, exponent, weight [kv_len]; weighted
/// [kv_len, value_dim]; out [value_dim]; a span may be empty where that is not wanted. scale = scale /
/// temperature; exponent(j) = exp(masked(j) - maximum); sink = exp(the head's sink - maximum), 0 without;
/// total = sink + sum_j exponent(j); weight(j) = rest * exponent(j) / total, or what it is pinned to, rest
/// being what pinned edges leave of 1; products(j, d) = q_d * k_jd; weighted(j, d) = weight(j) * v_jd;
/// out = gate * sum_j weighted(j). A hidden key has weight 0 and weighted 0, whatever its value holds; a row
/// with nothing to see, and no sink, has maximum -inf, total 0.
struct RowDetail {
  std::span<float> products = {}, dot = {}, scaled = {}, capped = {}, masked = {}, exponent = {}, weight = {},
                   weighted = {}, out = {};
  float maximum = 0, total = 0, scale = 0, sink = 0, rest = 1;
};
Status explain_row(const AttentionInputs& in, const AttentionOptions& options, int64_t batch, int64_t head,
                   int64_t row, RowDetail& detail);

}  // namespace limelight
