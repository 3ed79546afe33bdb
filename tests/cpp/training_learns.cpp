// A small transformer learns; with any number of threads it learns the same.
#include "training/adamw.hpp"
#include "training/initialize.hpp"
#include "training_support.hpp"
#include "training_tasks.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

/// Two layers of attention alone.
NetworkShape attention_only(int64_t width, int64_t heads) {
  NetworkShape shape;
  shape.width = width;
  shape.heads = heads;
  return shape;
}

/// Trains for some steps; gives every parameter at the end.
std::vector<float> train(int threads, int steps) {
  std::unique_ptr<ThreadPool> pool;
  REQUIRE(ThreadPool::create(threads, pool).ok());
  const std::unique_ptr<Task> task =
      training_tasks::make(R"({"name": "induction", "vocabulary": 40, "length": 70})");
  training_tasks::Learner learner(*task, attention_only(48, 3), 20, pool.get(), 11);
  for (int step = 0; step < steps; step++) learner.step(5e-3);
  const std::span<float> parameters = learner.network.graph.parameters();
  return {parameters.begin(), parameters.end()};
}

}  // namespace

TEST_CASE("two layers of attention learn to copy what followed the token before") {
  const std::unique_ptr<Task> task = training_tasks::make(R"({"name": "induction"})");
  training_tasks::Learner learner(*task, attention_only(64, 4), 32, nullptr, 1);
  const Schedule schedule{5e-3, 5e-3, 20, 400};
  const std::size_t taken = live_bytes();
  std::string curve;
  double best = 0, loss = 0;
  int step = 0;
  for (; step < 400 && best <= 0.9; step++) {
    loss = learner.step(schedule.rate(step));
    const double score = learner.score();
    best = std::max(best, score);
    if (step % 25 == 0) curve += " " + std::to_string(step) + ":" + std::to_string(score);
  }
  MESSAGE("score by step:" << curve << "; " << best << " and loss " << loss << " after " << step);
  CHECK(best > 0.9);
  CHECK(live_bytes() == taken);
}

TEST_CASE("every operation gives the same bits with 1, 2 and 5 threads, on enough rows for all of them") {
  if (!kThreadsAvailable) return;
  const int64_t rows = 2048, width = 1032;
  const auto gradients = [&](int threads) {
    std::unique_ptr<ThreadPool> pool;
    REQUIRE(ThreadPool::create(threads, pool).ok());
    Graph graph;
    const Integers ids = graph.integers(rows);
    const Tensor x = embedding(graph, ids, "wte", 31, width, {0.0f, 1.0f});
    const Tensor gelu = activate(graph, layer_norm(graph, x, "ln_1"), Activation::gelu_tanh);
    const Tensor y = add(graph, x, swiglu(graph, gelu, activate(graph, x, Activation::gelu_erf)));
    const Tensor logits = linear(graph, rms_norm(graph, y, "norm"), "lm_head", 264);
    REQUIRE(graph.plan(cross_entropy(graph, logits, ids), pool.get()).ok());
    initialize(graph, 3);
    Random random(4);
    for (int32_t& id : graph.numbers(ids)) id = static_cast<int32_t>(random.below(31));
    REQUIRE(graph.forward().ok());
    REQUIRE(graph.backward().ok());
    return std::vector<float>(graph.parameter_gradients().begin(), graph.parameter_gradients().end());
  };
  const std::vector<float> alone = gradients(1);
  for (const int threads : {2, 5}) {
    CAPTURE(threads);
    CHECK(std::memcmp(alone.data(), gradients(threads).data(), alone.size() * sizeof(float)) == 0);
  }
}

TEST_CASE("training gives the same bits with 1, 2 and 5 threads") {
  if (!kThreadsAvailable) return;
  const std::vector<float> alone = train(1, 6);
  for (const int threads : {2, 5}) {
    CAPTURE(threads);
    const std::vector<float> together = train(threads, 6);
    CHECK(std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) == 0);
  }
}
