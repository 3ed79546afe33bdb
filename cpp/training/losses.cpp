#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

/// The largest of n > 0 numbers, in lanes that become vectors.
float largest_of(const float* x, int64_t n) {
  constexpr int64_t kLanes = 16;
  float most = x[0];
  int64_t i = 0;
  if (n >= kLanes) {
    float lanes[kLanes];
    std::copy_n(x, kLanes, lanes);
    for (i = kLanes; i + kLanes <= n; i += kLanes) {
      for (int64_t lane = 0; lane < kLanes; ++lane) lanes[lane] = std::max(lanes[lane], x[i + lane]);
    }
    most = *std::max_element(lanes, lanes + kLanes);
  }
  for (; i < n; ++i) most = std::max(most, x[i]);
  return most;
}

/// Keeps the loss of every row, then the probabilities.
class CrossEntropy final : public Operation {
 public:
  CrossEntropy(Tensor logits, Shape shape, Integers targets)
      : Operation({logits}, false), shape_(shape), targets_(targets) {}

  Status forward(Graph& graph) const override {
    const kernels::Table& kernel = kernels::table();
    const std::span<const int32_t> targets = graph.numbers(targets_);
    for (int32_t target : targets) {
      if (target >= shape_.width) {
        return Status::error(StatusCode::invalid_token, "target %d is not one of %lld classes", target,
                             static_cast<long long>(shape_.width));
      }
    }
    const float* logits = graph.value(inputs_[0]).data();
    float* losses = graph.kept(*this);
    float* probabilities = losses + shape_.rows;
    share_rows(graph, [&](int64_t r) {
      if (targets[r] < 0) return;
      const float* row = logits + r * shape_.width;
      float* weights = probabilities + r * shape_.width;
      std::copy_n(row, shape_.width, weights);
      kernel.softmax(weights, shape_.width);
      // The largest weighs 1 / sum of exp(logit - largest).
      losses[r] =
          largest_of(row, shape_.width) - std::log(largest_of(weights, shape_.width)) - row[targets[r]];
    });
    double sum = 0.0;
    for (int64_t r = 0; r < shape_.rows; ++r) sum += targets[r] < 0 ? 0.0 : static_cast<double>(losses[r]);
    graph.value(output_)[0] = static_cast<float>(sum / counted(targets));
    return {};
  }

  Status backward(Graph& graph) const override {
    const std::span<const int32_t> targets = graph.numbers(targets_);
    const float factor =
        static_cast<float>(static_cast<double>(graph.gradient(output_)[0]) / counted(targets));
    const float* probabilities = graph.kept(*this) + shape_.rows;
    const Gradient to = graph.gradient_of_input(*this, 0);
    share_rows(graph, [&](int64_t r) {
      float* row = to.data + r * shape_.width;
      if (!to.add) std::fill_n(row, shape_.width, 0.0f);
      if (targets[r] < 0) return;
      const float* weights = probabilities + r * shape_.width;
      for (int64_t i = 0; i < shape_.width; ++i) row[i] += factor * weights[i];
      row[targets[r]] -= factor;
    });
    return {};
  }

  int64_t kept_floats(const Graph&) const override { return shape_.rows + shape_.count(); }

 private:
  /// 1 where there is none: a sum of nothing is 0.
  static double counted(std::span<const int32_t> targets) {
    const auto n = std::count_if(targets.begin(), targets.end(), [](int32_t target) { return target >= 0; });
    return static_cast<double>(std::max<int64_t>(1, n));
  }

  template <class F>
  void share_rows(Graph& graph, F&& f) const {
    share_pieces(graph.pool(), shape_.rows, rows_of_piece(shape_.width),
                 static_cast<double>(shape_.count()) * kWorkOfNumber, [&](int64_t first, int64_t count, int) {
                   for (int64_t r = first; r < first + count; ++r) f(r);
                 });
  }

  Shape shape_;
  Integers targets_;
};

class SquaredError final : public Operation {
 public:
  SquaredError(Tensor x, Tensor y) : Operation({x, y}, false) {}

  Status forward(Graph& graph) const override {
    const std::span<const float> x = graph.value(inputs_[0]), y = graph.value(inputs_[1]);
    double sum = 0.0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double apart = static_cast<double>(x[i]) - static_cast<double>(y[i]);
      sum += apart * apart;
    }
    graph.value(output_)[0] = static_cast<float>(sum / static_cast<double>(x.size()));
    return {};
  }

  Status backward(Graph& graph) const override {
    const std::span<const float> x = graph.value(inputs_[0]), y = graph.value(inputs_[1]);
    const float factor = 2.0f * graph.gradient(output_)[0] / static_cast<float>(x.size());
    for (std::size_t slot = 0; slot < 2; ++slot) {
      const Gradient to = graph.gradient_of_input(*this, slot);
      if (!to.data) continue;
      const float signed_factor = slot == 0 ? factor : -factor;
      share_numbers(graph.pool(), std::ssize(x), [&](int64_t first, int64_t count) {
        for (int64_t i = first; i < first + count; ++i) {
          const float slope = signed_factor * (x[i] - y[i]);
          to.data[i] = to.add ? to.data[i] + slope : slope;
        }
      });
    }
    return {};
  }
};

}  // namespace

Tensor cross_entropy(Graph& graph, Tensor logits, Integers targets) {
  if (graph.refused()) return {};
  const Shape shape = graph.shape(logits);
  if (graph.count(targets) != shape.rows) {
    graph.refuse(Status::error(StatusCode::invalid_shape, "cross_entropy: %lld targets for %lld rows",
                               static_cast<long long>(graph.count(targets)),
                               static_cast<long long>(shape.rows)));
    return {};
  }
  return graph.append(std::make_unique<CrossEntropy>(logits, shape, targets), {1, 1});
}

Tensor squared_error(Graph& graph, Tensor x, Tensor y) {
  if (!equal_shapes(graph, "squared_error", x, y)) return {};
  return graph.append(std::make_unique<SquaredError>(x, y), {1, 1});
}

}  // namespace limelight::training
