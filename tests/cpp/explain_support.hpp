// What the tests of explain() share: cases, a call in exact-size heap blocks, and the bound of a cell.
#pragma once

#include "attention_support.hpp"
#include "limelight/memory.hpp"

namespace support {

using limelight::Picture;
using limelight::Rectangle;
using limelight::Stage;

inline constexpr Stage kStages[] = {Stage::dot, Stage::scaled, Stage::capped, Stage::masked, Stage::weight};

/// Cases that hide cells in every way there is.
inline std::vector<reference::Case> cases() {
  reference::Case plain = random_case(2, 4, 2, 13, 70, 7, 5);
  reference::Case causal = random_case(1, 2, 1, 66, 131, 16, 8);
  causal.causal = true;
  causal.temperature = {0.5f, 3.0f};
  reference::Case padded = random_case(3, 2, 2, 6, 9, 4, 3);
  padded.key_lengths = {9, 4, 0};
  padded.causal = true;
  padded.past_len = 0;
  padded.scale = -0.6;
  reference::Case tiny = random_case(1, 1, 1, 1, 1, 1, 1);
  return {plain, causal, padded, tiny};
}

/// All that a picture can hold, made in pieces of at least `piece` cells.
struct Explained {
  std::vector<float> cells, row_sums, col_sums, col_means;
};
inline Explained explained(const reference::Case& c, const std::vector<float>& lse,
                           const Rectangle& rectangle, Stage stage, bool sums,
                           int64_t piece = std::numeric_limits<int64_t>::max()) {
  Block q(c.q), k(c.k);
  limelight::AttentionInputs in = inputs_of(c);
  in.q.data = q.data();
  in.k.data = k.data();
  in.v = {};
  const Options options = options_of(c);
  const bool pooled = rectangle.pooled_rows > 0;
  const auto rows = static_cast<std::size_t>(pooled ? rectangle.pooled_rows : rectangle.rows);
  const auto cols = static_cast<std::size_t>(pooled ? rectangle.pooled_cols : rectangle.cols);
  Block cells(rows * cols), row_sums(sums ? rows : 0), col_sums(sums ? cols : 0), col_means(sums ? cols : 0);
  const std::size_t bytes = limelight::explain_workspace(in, options, rectangle);
  const std::unique_ptr<std::byte[]> workspace(new std::byte[bytes]);
  limelight::Explanation explanation;
  const limelight::Status status = explanation.begin(
      in, options, lse, rectangle, stage, {cells.span(), row_sums.span(), col_sums.span(), col_means.span()},
      {workspace.get(), bytes});
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  double progress = 0.0;
  while (!explanation.finished()) {
    REQUIRE(explanation.progress() >= progress);
    progress = explanation.progress();
    explanation.advance(piece);
  }
  CHECK(explanation.progress() == 1.0);
  return {cells.copy(), row_sums.copy(), col_sums.copy(), col_means.copy()};
}

inline std::vector<float> cells(const reference::Case& c, const std::vector<float>& lse,
                                const Rectangle& rectangle, Stage stage) {
  return explained(c, lse, rectangle, stage, false).cells;
}

inline const std::vector<double>& stage_of(const reference::Answer& answer, Stage stage) {
  switch (stage) {
    case Stage::dot:
      return answer.dot;
    case Stage::scaled:
      return answer.scaled;
    case Stage::capped:
      return answer.capped;
    case Stage::masked:
      return answer.masked;
    default:
      return answer.weight;
  }
}

inline double factor_of(const reference::Case& c, int64_t head) {
  const double temperature = c.temperature.empty() ? 1.0 : c.temperature[head];
  return std::abs(c.scale.value_or(1.0 / std::sqrt(static_cast<double>(c.head_dim)))) / temperature;
}

/// The largest uncertainty of a row's scores, in units of head_dim eps.
inline double largest_of_row(const reference::Case& c, const reference::Answer& expected, int64_t head,
                             int64_t row) {
  double largest = 0;
  for (int64_t j = 0; j < c.kv_len; j++) {
    largest = std::max(
        largest, factor_of(c, head) * expected.absolute_dot[row * c.kv_len + j] + added(c, expected, row, j));
  }
  return largest;
}

/// Bound on the error of one cell: a chain of head_dim products, each rounded at most twice; then the scale,
/// and for a weight the relative error that the uncertainties of score and log-sum-exp become, with a few
/// roundings besides; below 2^-126 it is 0. `largest` is largest_of_row().
inline double bound(const reference::Case& c, const reference::Answer& expected, int64_t head, int64_t cell,
                    Stage stage, double largest) {
  const double dot =
      2.0 * static_cast<double>(c.head_dim) * reference::kEpsilon * expected.absolute_dot[cell];
  if (stage == Stage::dot) return dot;
  const double scaled = factor_of(c, head) * dot + 4 * reference::kEpsilon * std::abs(expected.scaled[cell]);
  if (stage == Stage::scaled) return scaled;
  // The soft cap's slope is 1 at most; dividing by it, the tangent and the product round 6 times in all.
  const double capped = scaled + (c.softcap ? 6 * reference::kEpsilon * std::abs(expected.capped[cell]) : 0);
  if (stage == Stage::capped) return capped;
  const double bias = expected.absolute_bias[cell];
  if (stage == Stage::masked) return capped + (bias > 0 ? 4 * reference::kEpsilon * (bias + 1) : 0);
  const double n = static_cast<double>(c.head_dim + c.kv_len + 8);
  return expected.weight[cell] * (2 * n * reference::kEpsilon * (1 + largest)) + 0x1p-126;
}
inline double bound(const reference::Case& c, const reference::Answer& expected, int64_t head, int64_t cell,
                    Stage stage) {
  const double largest = stage == Stage::weight ? largest_of_row(c, expected, head, cell / c.kv_len) : 0.0;
  return bound(c, expected, head, cell, stage, largest);
}

}  // namespace support
