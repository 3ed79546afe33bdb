// A small transformer learns; with any number of threads it learns the same.
#include "training_induction.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

/// Trains for some steps; gives every parameter at the end.
std::vector<float> train(const induction::Size& size, int threads, int steps) {
  std::unique_ptr<ThreadPool> pool;
  REQUIRE(ThreadPool::create(threads, pool).ok());
  induction::Model model(size);
  REQUIRE(model.plan(pool.get(), 11).ok());
  AdamW optimizer;
  REQUIRE(optimizer.reserve(model.graph).ok());
  Random random(12);
  for (int step = 0; step < steps; step++) {
    model.draw(random);
    REQUIRE(model.graph.forward().ok());
    REQUIRE(model.graph.backward().ok());
    optimizer.step(model.graph, 5e-3);
  }
  return {model.graph.parameters().begin(), model.graph.parameters().end()};
}

}  // namespace

TEST_CASE("two layers of attention learn to copy what followed the token before") {
  induction::Model model({});
  REQUIRE(model.plan(nullptr, 1).ok());
  AdamW optimizer;
  REQUIRE(optimizer.reserve(model.graph).ok());
  const Schedule schedule{5e-3, 5e-3, 20, 400};
  Random random(2);
  const std::size_t taken = live_bytes();
  std::string curve;
  double best = 0, loss = 0;
  int step = 0;
  for (; step < 400 && best <= 0.9; step++) {
    model.draw(random);
    REQUIRE(model.graph.forward().ok());
    REQUIRE(model.graph.backward().ok());
    optimizer.step(model.graph, schedule.rate(step));
    loss = static_cast<double>(model.graph.value(model.loss)[0]);
    best = std::max(best, model.accuracy());
    if (step % 25 == 0) curve += " " + std::to_string(step) + ":" + std::to_string(model.accuracy());
  }
  MESSAGE("accuracy by step:" << curve << "; " << best << " and loss " << loss << " after " << step);
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
    const Tensor x = embedding(graph, ids, "wte", 31, width, 1.0f);
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
  const induction::Size size{2, 48, 3, 40, 70, 20};
  const std::vector<float> alone = train(size, 1, 6);
  for (const int threads : {2, 5}) {
    CAPTURE(threads);
    const std::vector<float> together = train(size, threads, 6);
    CHECK(std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) == 0);
  }
}
