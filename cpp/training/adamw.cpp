#include "training/adamw.hpp"

#include <algorithm>
#include <cmath>

#include "training/pieces.hpp"

namespace limelight::training {

double gradient_norm(Graph& graph) {
  // Eight sums side by side: as vectors, and no chain of additions to wait for.
  double sums[8] = {};
  const std::span<const float> gradients = graph.parameter_gradients();  // whole cache lines
  for (std::size_t i = 0; i < gradients.size(); i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const double number = gradients[i + lane];
      sums[lane] += number * number;
    }
  }
  double sum = 0.0;
  for (double part : sums) sum += part;
  return std::sqrt(sum);
}

Status AdamW::reserve(Graph& graph, const AdamWOptions& options) {
  if (Status s = moments_.resize(2 * graph.parameters().size()); !s.ok()) return s;
  std::fill(moments_.span().begin(), moments_.span().end(), 0.0f);
  options_ = options;
  steps_ = 0;
  power1_ = power2_ = 1.0;
  return {};
}

double AdamW::step(Graph& graph, double learning_rate) {
  const double norm = gradient_norm(graph);
  if (!std::isfinite(norm)) return norm;
  const float clip =
      options_.clip > 0 && norm > options_.clip ? static_cast<float>(options_.clip / norm) : 1.0f;
  ++steps_;
  power1_ *= options_.beta1;
  power2_ *= options_.beta2;
  const float keep1 = static_cast<float>(options_.beta1), take1 = static_cast<float>(1.0 - options_.beta1);
  const float keep2 = static_cast<float>(options_.beta2), take2 = static_cast<float>(1.0 - options_.beta2);
  const float rate = static_cast<float>(learning_rate / (1.0 - power1_));
  const float correction = static_cast<float>(1.0 / std::sqrt(1.0 - power2_));
  const float epsilon = static_cast<float>(options_.epsilon);
  for (const ParameterInfo& parameter : graph.parameter_list()) {
    float* p = graph.parameters().data() + parameter.offset;
    const float* g = graph.parameter_gradients().data() + parameter.offset;
    float* m = moments_.data() + parameter.offset;
    float* v = m + graph.parameters().size();
    const float keep =
        static_cast<float>(1.0 - (parameter.shape.size() > 1 ? learning_rate * options_.weight_decay : 0.0));
    share_numbers(graph.pool(), parameter.count, [&](int64_t first, int64_t count) {
      for (int64_t i = first; i < first + count; ++i) {
        const float gradient = g[i] * clip;
        m[i] = keep1 * m[i] + take1 * gradient;
        v[i] = keep2 * v[i] + take2 * gradient * gradient;
        p[i] = keep * p[i] - rate * m[i] / (std::sqrt(v[i]) * correction + epsilon);
      }
    });
  }
  return norm;
}

/// By the multiplications of step(), so that the powers have its bits. Where they change no more, they stay.
void AdamW::set_steps(int64_t steps) {
  steps_ = steps;
  power1_ = power2_ = 1.0;
  for (int64_t step = 0; step < steps; ++step) {
    const double next1 = power1_ * options_.beta1, next2 = power2_ * options_.beta2;
    if (next1 == power1_ && next2 == power2_) break;
    power1_ = next1;
    power2_ = next2;
  }
}

double Schedule::rate(int64_t step) const {
  if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
  constexpr double kPi = 3.141592653589793;
  const double done = static_cast<double>(std::min(step, steps) - warmup) /
                      static_cast<double>(std::max<int64_t>(1, steps - warmup));
  return last + (peak - last) * 0.5 * (1.0 + std::cos(kPi * std::min(done, 1.0)));
}

}  // namespace limelight::training
