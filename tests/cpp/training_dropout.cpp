// What dropout drops: a share of the places, others at every draw and operation, the same with any threads.
#include "training/initialize.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

/// Two dropouts of the same ones, one after the other.
struct Dropped {
  Graph graph;
  Tensor first, second;

  explicit Dropped(float share, int64_t rows = 100, ThreadPool* pool = nullptr) {
    const Tensor x = graph.input(rows, 1000, true);
    first = dropout(graph, x, share);
    second = dropout(graph, x, share);
    REQUIRE(graph.plan(squared_error(graph, first, second), pool).ok());
    std::ranges::fill(graph.value(x), 1.0f);
  }
  std::vector<float> numbers(Tensor tensor, uint64_t draw) {
    graph.set_training(graph.training(), draw);
    REQUIRE(graph.forward().ok());
    return {graph.value(tensor).begin(), graph.value(tensor).end()};
  }
};

/// The share of places in which both are kept.
double kept(const std::vector<float>& a, const std::vector<float>& b) {
  double both = 0;
  for (std::size_t i = 0; i < a.size(); i++) both += a[i] != 0.0f && b[i] != 0.0f;
  return both / static_cast<double>(a.size());
}

/// Five standard deviations of the mean of 100,000 draws.
double five_sigma(double share) {
  return 5 * std::sqrt(share * (1 - share) / 1e5);
}

}  // namespace

TEST_CASE("dropout drops its share, and scales the rest so that the mean stays") {
  for (const float share : {0.01f, 0.1f, 0.5f, 0.9f}) {
    CAPTURE(share);
    Dropped dropped(share);
    const std::vector<float> y = dropped.numbers(dropped.first, 7);
    const double keep = 1 - static_cast<double>(share);
    CHECK(std::abs(kept(y, y) - keep) < five_sigma(keep));
    for (const float number : y) REQUIRE((number == 0.0f || number == 1.0f / (1.0f - share)));
  }
}

TEST_CASE("places, draws and operations are independent of each other") {
  Dropped dropped(0.4f);
  const std::vector<float> y = dropped.numbers(dropped.first, 1);
  const double both = 0.6 * 0.6;
  CHECK(std::abs(kept(y, dropped.numbers(dropped.second, 1)) - both) < five_sigma(both));
  for (const uint64_t draw : {uint64_t{0}, uint64_t{2}, uint64_t{3}, uint64_t{1} << 40, ~uint64_t{1}}) {
    CAPTURE(draw);
    CHECK(std::abs(kept(y, dropped.numbers(dropped.first, draw)) - both) < five_sigma(both));
  }
  for (const int64_t shift : {1, 2, 8, 64, 1000}) {
    CAPTURE(shift);
    std::vector<float> shifted = y;
    std::rotate(shifted.begin(), shifted.begin() + shift, shifted.end());
    CHECK(std::abs(kept(y, shifted) - both) < five_sigma(both));
  }
  CHECK(dropped.numbers(dropped.first, 1) == y);  // whatever was drawn in between
}

TEST_CASE("dropout gives the same bits with 1, 2 and 5 threads") {
  if (!kThreadsAvailable) return;
  const auto drop = [](int threads) {
    std::unique_ptr<ThreadPool> pool;
    REQUIRE(ThreadPool::create(threads, pool).ok());
    Dropped dropped(0.3f, 2000, pool.get());
    return dropped.numbers(dropped.first, 5);
  };
  const std::vector<float> alone = drop(1);
  CHECK(drop(2) == alone);
  CHECK(drop(5) == alone);
}

TEST_CASE("out of training, and with a share of zero, nothing is dropped") {
  Dropped dropped(0.5f);
  dropped.graph.set_training(false);
  for (const float number : dropped.numbers(dropped.first, 1)) REQUIRE(number == 1.0f);
  REQUIRE(dropped.graph.backward().ok());
  dropped.graph.set_training(true);
  const std::vector<float> y = dropped.numbers(dropped.first, 1);
  CHECK(kept(y, y) < 0.6);
  Graph graph;
  const Tensor x = graph.input(1, 1);
  CHECK(dropout(graph, x, 0.0f).index == x.index);
}

TEST_CASE("a convolution gives the same bits with 1, 2 and 5 threads") {
  if (!kThreadsAvailable) return;
  const auto gradients = [](int threads) {
    std::unique_ptr<ThreadPool> pool;
    REQUIRE(ThreadPool::create(threads, pool).ok());
    Graph graph;
    const Tensor x = graph.input(24, 3 * 40 * 40, true), target = graph.input(24 * 40 * 40, 16);
    const Tensor y = convolution(graph, x, "conv", 16, {24, 3, 40, 40, 3, 1, 1});
    REQUIRE(graph.plan(squared_error(graph, y, target), pool.get()).ok());
    initialize(graph, 3);
    training_support::fill(graph.value(x), 1);
    training_support::fill(graph.value(target), 2);
    REQUIRE(graph.forward().ok());
    REQUIRE(graph.backward().ok());
    std::vector<float> all(graph.gradient(x).begin(), graph.gradient(x).end());
    all.insert(all.end(), graph.parameter_gradients().begin(), graph.parameter_gradients().end());
    return all;
  };
  const std::vector<float> alone = gradients(1);
  CHECK(gradients(2) == alone);
  CHECK(gradients(5) == alone);
}
