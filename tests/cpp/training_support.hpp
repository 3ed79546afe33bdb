// Gradients of a graph against central differences of a loss that is written again in float64.
#pragma once

#include <functional>
#include <map>

#include "attention_support.hpp"
#include "training/operations.hpp"

namespace training_support {

using limelight::training::Graph;
using limelight::training::ParameterInfo;
using limelight::training::Tensor;

/// Parameters by name and inputs by the name that the test gives them, in float64.
using Numbers = std::map<std::string, std::vector<double>>;

/// Fills numbers with values spread over [-magnitude, magnitude).
inline void fill(std::span<float> numbers, uint64_t seed, float magnitude = 1.0f) {
  reference::Random random(seed);
  for (float& number : numbers) number = magnitude * random.number();
}

inline std::span<float> of(std::span<float> all, const ParameterInfo& parameter) {
  return all.subspan(parameter.offset, static_cast<std::size_t>(parameter.count));
}

/// A graph that is planned, the inputs whose gradients are looked at, and the loss.
struct Trial {
  Graph& graph;
  std::map<std::string, Tensor> inputs;
  Tensor loss;
  /// The loss, from the formulas.
  std::function<double(const Numbers&)> exact;
  /// The longest chain of roundings between a number and its gradient: the depths of all sums on the way
  /// there and back.
  int64_t chain;
  /// What the sums without signs behind a gradient by an input come to, where they cancel.
  double unsigned_sum = 0.0;
};

/// A gradient is a sum of products along all paths; what it is away from the exact sum is at most chain eps
/// times the sum without signs. Of that sum all that is known here, unless the test knows more, is that it is
/// not below the largest gradient of the same array; cancellation makes it larger. The differences
/// themselves, with step h = 2^-13 of numbers of order 1, are wrong by h^2 / 6 of third derivatives, 2e-9,
/// and by 2^-53 / h, 1e-12.
inline double largest_ratio(const Trial& trial) {
  Graph& graph = trial.graph;
  REQUIRE(graph.forward().ok());
  // Nothing that was there before may reach a gradient.
  for (const auto& [name, tensor] : trial.inputs) std::ranges::fill(graph.gradient(tensor), std::nanf(""));
  std::ranges::fill(graph.parameter_gradients(), std::nanf(""));
  REQUIRE(graph.backward().ok());
  Numbers at, found;
  const auto keep = [](std::span<const float> numbers) {
    return std::vector<double>(numbers.begin(), numbers.end());
  };
  for (const ParameterInfo& parameter : graph.parameter_list()) {
    at[parameter.name] = keep(of(graph.parameters(), parameter));
    found[parameter.name] = keep(of(graph.parameter_gradients(), parameter));
  }
  for (const auto& [name, tensor] : trial.inputs) {
    at[name] = keep(graph.value(tensor));
    found[name] = keep(graph.gradient(tensor));
  }
  const double eps = reference::kEpsilon, unit = static_cast<double>(trial.chain) * eps;
  const double loss = trial.exact(at);
  support::Worst worst;
  worst.see(std::abs(static_cast<double>(graph.value(trial.loss)[0]) - loss), unit * std::abs(loss));

  constexpr double kStep = 0x1p-13;
  for (const auto& [name, gradients] : found) {
    CAPTURE(name);
    std::vector<double>& numbers = at[name];
    REQUIRE(gradients.size() == numbers.size());
    std::vector<double> exact;
    double largest = 0.0;
    for (double& number : numbers) {
      const double was = number;
      number = was + kStep;
      const double above = trial.exact(at);
      number = was - kStep;
      exact.push_back((above - trial.exact(at)) / (2 * kStep));
      number = was;
      largest = std::max(largest, std::abs(exact.back()));
    }
    support::Worst own;
    for (std::size_t i = 0; i < exact.size(); i++) {
      own.see(std::abs(gradients[i] - exact[i]), unit * std::max(largest, trial.unsigned_sum) + 4e-9);
    }
    CHECK(own.ratio() <= 1.0);
    worst.see(own.ratio(), 1.0);
  }
  CHECK(worst.ratio() <= 1.0);
  return worst.ratio();
}

}  // namespace training_support
