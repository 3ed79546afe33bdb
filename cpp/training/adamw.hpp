// AdamW (Loshchilov and Hutter 2019), clipping by the global norm, and a schedule.
#pragma once

#include <cstdint>

#include "training/graph.hpp"

namespace limelight::training {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  double weight_decay = 0.01;  ///< of matrices; gains and biases do not decay
  double clip = 1.0;           ///< gradients with a larger norm are scaled down to it; 0: never
};

/// Step t = 1, 2, ... with gradient g, of every number p of the parameters:
///
///   m = beta1 m + (1 - beta1) g          v = beta2 v + (1 - beta2) g^2
///   p = p - rate (m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon) + weight_decay p)
class AdamW {
 public:
  /// Takes the memory of m and v, twice that of the parameters, for a graph that is planned. Errors:
  /// out_of_memory.
  Status reserve(Graph& graph, const AdamWOptions& options = {});
  /// Takes one step and returns the norm of the gradients before clipping; where that is no finite number, it
  /// takes none. Does not allocate.
  double step(Graph& graph, double learning_rate);

  int64_t steps() const { return steps_; }

  // The state, for checkpoints.

  /// m and v, each as the parameters lie.
  std::span<float> first_moments() { return moments_.span().first(moments_.size() / 2); }
  std::span<float> second_moments() { return moments_.span().last(moments_.size() / 2); }
  std::span<const float> first_moments() const { return moments_.span().first(moments_.size() / 2); }
  std::span<const float> second_moments() const { return moments_.span().last(moments_.size() / 2); }
  /// As if step() had been called so often, but for the moments. O(steps), until beta^steps changes no more.
  void set_steps(int64_t steps);

 private:
  AdamWOptions options_;
  int64_t steps_ = 0;
  double power1_ = 1.0, power2_ = 1.0;  ///< beta^steps
  Buffer<float> moments_;               ///< m, then v, each as the parameters lie
};

/// The norm of all gradients of parameters, summed in double precision.
double gradient_norm(Graph& graph);

/// Up in a line over `warmup` steps, then down in half a cosine to `last` at step `steps`.
struct Schedule {
  double peak = 1e-3, last = 0.0;
  int64_t warmup = 0, steps = 1;
  /// The learning rate of step 0, 1, ...
  double rate(int64_t step) const;
};

}  // namespace limelight::training
