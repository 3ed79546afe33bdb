// What is added to the scores of one batch, and which of its keys are hidden one by one: everything that the
// ends of a row (Visible) do not tell.
#pragma once

#include <limits>
#include <span>

#include "attention/shape.hpp"

namespace limelight {

inline constexpr float kHidden = -std::numeric_limits<float>::infinity();

class Bias {
 public:
  Bias(const AttentionInputs& in, const AttentionOptions& options, int64_t batch, const Visible& visible);

  /// Whether rows [row, row + rows) of a head need cells() for keys [key, key + keys), of which each row
  /// takes those before its end.
  bool touches(int64_t row, int64_t rows, int64_t key) const {
    return everywhere_ || (visible_.from_left && visible_.begin(row + rows - 1) > key) ||
           (!options_.edges.empty() && !edges_of(row, row + rows).empty());
  }
  /// The same for any rows and keys: whether Visible alone tells.
  bool any() const { return everywhere_ || visible_.from_left || !options_.edges.empty(); }

  /// to[j] = what is added to the score of a head's row and key `key` + j; kHidden where that key is hidden
  /// from it. Whether it sees any of them. O(count), and O(log edges).
  bool cells(int64_t head, int64_t row, int64_t key, int64_t count, float* to) const;

  /// The pinned edges of a row of a head, f(key, weight) each; returns what they leave for the others.
  template <class F>
  float pinned(int64_t head, int64_t row, F&& f) const {
    float rest = 1.0f;
    if (options_.edges.empty()) return rest;
    for (const AttentionEdge& edge : edges_of(row, row + 1)) {
      if (!edge.weight || !concerns(edge, head)) continue;
      f(static_cast<int64_t>(edge.key), *edge.weight);
      rest -= *edge.weight;
    }
    // Weights that were chosen to add up to 1 may miss it by a rounding.
    return rest < kRounding ? 0.0f : rest;
  }

 private:
  static constexpr float kRounding = 1e-6f;
  std::span<const AttentionEdge> edges_of(int64_t row, int64_t end_row) const;
  bool concerns(const AttentionEdge& edge, int64_t head) const {
    return (edge.batch == AttentionEdge::kEvery || edge.batch == batch_) &&
           (edge.head == AttentionEdge::kEvery || edge.head == head);
  }

  const AttentionOptions& options_;
  int64_t batch_;
  Visible visible_;
  int64_t farthest_;  // distance in relative_bias
  bool everywhere_;   // something is added to, or hidden from, any cell
};

}  // namespace limelight
