// AdamW against its formula in float64, clipping, the schedule and where training starts.
#include "training/adamw.hpp"
#include "training/initialize.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;
using training_support::fill;

namespace {

/// A matrix [5, 67] and a bias [5].
struct Problem {
  Graph graph;
  Problem() {
    const Tensor x = graph.input(2, 67), t = graph.input(2, 5);
    REQUIRE(graph.plan(squared_error(graph, linear(graph, x, "fc", 5), t)).ok());
    initialize(graph, 1);
  }
  void set_gradients(uint64_t seed) {
    for (const ParameterInfo& parameter : graph.parameter_list()) {
      fill(training_support::of(graph.parameter_gradients(), parameter), seed++);
    }
  }
};

double norm_of(std::span<const float> numbers) {
  double sum = 0;
  for (float number : numbers) sum += static_cast<double>(number) * static_cast<double>(number);
  return std::sqrt(sum);
}

}  // namespace

TEST_CASE(
    "AdamW follows its formula: bias correction, decay of matrices alone, clipping by the global norm") {
  support::Worst worst;
  for (const double clip : {0.0, 1.0, 100.0}) {
    CAPTURE(clip);
    Problem problem;
    Graph& graph = problem.graph;
    const AdamWOptions options{0.9, 0.98, 1e-6, 0.1, clip};
    AdamW optimizer;
    REQUIRE(optimizer.reserve(graph, options).ok());
    std::vector<double> p(graph.parameters().begin(), graph.parameters().end()), m(p.size()), v(p.size());
    for (int t = 1; t <= 20; t++) {
      problem.set_gradients(static_cast<uint64_t>(t) * 10);
      const std::vector<float> g(graph.parameter_gradients().begin(), graph.parameter_gradients().end());
      const double norm = norm_of(g), rate = 0.01 * t;
      CHECK(optimizer.step(graph, rate) == doctest::Approx(norm).epsilon(1e-12));
      const double scale = clip > 0 && norm > clip ? clip / norm : 1.0;
      for (const ParameterInfo& parameter : graph.parameter_list()) {
        const double decay = parameter.shape.size() == 2 ? options.weight_decay : 0.0;
        for (std::size_t i = parameter.offset;
             i < parameter.offset + static_cast<std::size_t>(parameter.count); i++) {
          m[i] = options.beta1 * m[i] + (1 - options.beta1) * scale * g[i];
          v[i] = options.beta2 * v[i] + (1 - options.beta2) * scale * scale * g[i] * g[i];
          const double update = m[i] / (1 - std::pow(options.beta1, t)) /
                                (std::sqrt(v[i] / (1 - std::pow(options.beta2, t))) + options.epsilon);
          p[i] -= rate * (update + decay * p[i]);
          // Some ten roundings a step, of a number below 1 plus the steps so far, each at most the rate in
          // size.
          const double size = 1 + 0.005 * t * (t + 1);
          worst.see(std::abs(static_cast<double>(graph.parameters()[i]) - p[i]),
                    10 * t * reference::kEpsilon * size);
        }
      }
    }
    CHECK(optimizer.steps() == 20);
  }
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("the learning rate rises in a line, then falls in half a cosine, then stays") {
  const Schedule schedule{2.0, 0.5, 4, 12};
  CHECK(schedule.rate(0) == doctest::Approx(0.5));
  CHECK(schedule.rate(3) == doctest::Approx(2.0));
  CHECK(schedule.rate(4) == doctest::Approx(2.0));
  CHECK(schedule.rate(8) == doctest::Approx(1.25));
  CHECK(schedule.rate(12) == doctest::Approx(0.5));
  CHECK(schedule.rate(100) == doctest::Approx(0.5));
  CHECK(Schedule{2.0, 0.0, 0, 8}.rate(0) == doctest::Approx(2.0));
}

TEST_CASE("where training starts depends on seed and name alone, and has the deviation asked for") {
  const auto start = [](uint64_t seed, bool with_another) {
    Graph graph;
    Tensor x = graph.input(1, 100);
    const Tensor t = graph.input(1, 100);
    if (with_another) x = linear(graph, x, "another", 100);
    REQUIRE(graph.plan(squared_error(graph, layer_norm(graph, linear(graph, x, "fc", 100), "ln"), t)).ok());
    initialize(graph, seed);
    std::map<std::string, std::vector<float>> made;
    for (const ParameterInfo& parameter : graph.parameter_list()) {
      const std::span<const float> numbers = training_support::of(graph.parameters(), parameter);
      made[parameter.name] = {numbers.begin(), numbers.end()};
    }
    return made;
  };
  auto one = start(7, false), other = start(7, true);
  CHECK(one.at("fc.weight") == other.at("fc.weight"));
  CHECK(one.at("fc.weight") != other.at("another.weight"));
  CHECK(one.at("fc.weight") != start(8, false).at("fc.weight"));
  CHECK(one.at("ln.weight") == std::vector<float>(100, 1.0f));
  CHECK(one.at("fc.bias") == std::vector<float>(100, 0.0f));
  // Of 10,000 numbers spread evenly the deviation is within 4 * sqrt(0.2 / 10,000) of its own, and the mean
  // of it.
  const std::vector<float>& w = one.at("fc.weight");
  double mean = 0;
  for (float number : w) mean += static_cast<double>(number) / 1e4;
  CHECK(std::abs(mean) < 4 * 0.1 / 100);
  CHECK(norm_of(w) / 100 == doctest::Approx(0.1).epsilon(0.02));
}
