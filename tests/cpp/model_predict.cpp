#include <algorithm>
#include <cmath>
#include <numeric>

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

std::vector<float> some_logits(std::size_t count, uint64_t seed) {
  Random random(seed);
  std::vector<float> logits(count);
  for (float& l : logits) l = random.number() * 8;  // multiples of 1/32: ties happen
  return logits;
}

TEST_CASE("rank gives the best entries first, with the softmax's probabilities") {
  for (const std::size_t count : {1, 2, 7, 500}) {
    for (const float temperature : {0.3f, 1.0f, 5.0f}) {
      const std::vector<float> logits = some_logits(count, count);
      std::vector<int32_t> order(count);
      std::iota(order.begin(), order.end(), 0);
      std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
      });
      long double total = 0;
      for (const float l : logits)
        total += std::exp(static_cast<long double>(l) / static_cast<long double>(temperature));
      for (const std::size_t k : {std::size_t{1}, std::min<std::size_t>(count, 10), count}) {
        std::vector<Candidate> best(k);
        CHECK_OK(rank(logits, temperature, best));
        for (std::size_t i = 0; i < k; ++i) {
          CHECK(best[i].id == order[i]);
          CHECK(best[i].logit == logits[static_cast<std::size_t>(order[i])]);
          const auto expected = static_cast<double>(
              std::exp(static_cast<long double>(best[i].logit) / static_cast<long double>(temperature)) /
              total);
          CHECK(std::abs(static_cast<double>(best[i].probability) - expected) <= 0x1p-23 * expected);
        }
      }
    }
  }
}

TEST_CASE("rank is stable for logits of any size") {
  std::vector<Candidate> best(2);
  const std::vector<float> large = {3e38f, -3e38f, 3e38f, -INFINITY};
  CHECK_OK(rank(large, 1, best));
  CHECK(best[0].id == 0);
  CHECK(best[0].probability == 0.5f);
  CHECK(best[1].id == 2);
  const std::vector<float> small = {-1000, -1001};
  CHECK_OK(rank(small, 1, best));
  CHECK(static_cast<double>(best[0].probability) == doctest::Approx(1 / (1 + std::exp(-1.0))));
  CHECK_OK(rank(small, 1e-30f, best));
  CHECK(best[0].probability == 1);
  CHECK(best[1].probability == 0);
  CHECK_OK(rank(small, 1, {}));
}

TEST_CASE("rank and sample refuse what has no answer") {
  std::vector<Candidate> best(2);
  int32_t id = -5;
  const std::vector<float> ok = {1, 2}, with_nan = {1, NAN}, with_inf = {1, INFINITY},
                           nothing = {-INFINITY, -INFINITY};
  for (const float bad : {0.0f, -1.0f, NAN, INFINITY}) {
    CHECK_REFUSED(rank(ok, bad, best), invalid_value, "temperature");
    if (bad != 0) CHECK_REFUSED(sample(ok, bad, 0, 0, 0, id), invalid_value, "temperature");
  }
  CHECK_REFUSED(rank(with_nan, 1, best), invalid_value, "id 1");
  CHECK_REFUSED(rank(with_inf, 1, best), invalid_value, "id 1");
  CHECK_REFUSED(rank(nothing, 1, best), invalid_value, "-inf");
  CHECK_REFUSED(rank({}, 1, {}), invalid_shape, "no logits");
  CHECK_REFUSED(rank(std::span(ok).first(1), 1, best), invalid_shape, "2 candidates");
  CHECK_REFUSED(sample(with_nan, 0, 0, 0, 0, id), invalid_value, "id 1");
  CHECK_REFUSED(sample({}, 1, 0, 0, 0, id), invalid_shape, "no logits");
  CHECK_REFUSED(sample(ok, 1, -1, 0, 0, id), invalid_value, "top_k");
  CHECK(id == -5);
}

TEST_CASE("temperature 0 takes the largest logit, the first of several") {
  int32_t id = -1;
  const std::vector<float> logits = {1, 5, 5, -2};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    CHECK_OK(sample(logits, 0, 3, seed, seed, id));
    CHECK(id == 1);
  }
}

TEST_CASE("samples follow the probabilities, and the same seed gives the same ones") {
  const std::vector<float> logits = {0, 1, 2, -INFINITY, 1, 0.5f};
  constexpr int kDraws = 20000;
  const struct {
    float temperature;
    int64_t top_k;
  } kCases[] = {{1, 0}, {0.5f, 0}, {2, 3}, {1, 1}, {1, 100}};
  for (const auto& c : kCases) {
    std::vector<double> expected(logits.size());
    double total = 0;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const auto before = std::count_if(logits.begin(), logits.end(), [&](const float& other) {
        return other > logits[i] || (other == logits[i] && &other < &logits[i]);
      });
      if (c.top_k == 0 || before < c.top_k)
        expected[i] = std::exp(static_cast<double>(logits[i]) / static_cast<double>(c.temperature));
      total += expected[i];
    }
    std::vector<int> drawn(logits.size());
    for (int step = 0; step < kDraws; ++step) {
      int32_t id = -1, again = -1;
      CHECK_OK(sample(logits, c.temperature, c.top_k, 42, static_cast<uint64_t>(step), id));
      CHECK_OK(sample(logits, c.temperature, c.top_k, 42, static_cast<uint64_t>(step), again));
      REQUIRE(id == again);
      ++drawn[static_cast<std::size_t>(id)];
    }
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const double p = expected[i] / total, deviation = std::sqrt(kDraws * p * (1 - p));
      CHECK(std::abs(drawn[i] - kDraws * p) <= 5 * deviation);  // five standard deviations of the binomial
    }
  }
  // Known answers: splitmix64 of seed 42 begins with 0xbdd732262feb6e95, and 0.741 of a fair choice among
  // four is the third.
  int32_t id = -1;
  const std::vector<float> even = {0, 0, 0, 0};
  CHECK_OK(sample(even, 1, 0, 42, 0, id));
  CHECK(id == 2);
}

TEST_CASE("an entry that cannot be drawn never is") {
  const std::vector<float> logits = {-INFINITY, 0, -INFINITY, 0, -INFINITY};
  for (uint64_t step = 0; step < 500; ++step) {
    int32_t id = -1;
    CHECK_OK(sample(logits, 1, 4, 9, step, id));
    CHECK((id == 1 || id == 3));
  }
}

}  // namespace
}  // namespace limelight::test
