#include "measure/measure.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "attention_support.hpp"
#include "checkpoint.hpp"

namespace limelight::test {
namespace {

using measure::Measurement;
using measure::Problem;
using measure::Shape;
using measure::Variant;

constexpr Variant kVariants[] = {Variant::fused,         Variant::naive,  Variant::scalar,  Variant::causal,
                                 Variant::causal_masked, Variant::cached, Variant::uncached};

reference::Case case_of(Variant variant, const Problem& problem) {
  reference::Case c;
  c.q_heads = c.kv_heads = problem.shape.heads;
  c.q_len = c.kv_len = problem.shape.tokens;
  c.head_dim = c.value_dim = problem.shape.head_dim;
  c.causal = measure::is_causal(variant);
  const auto copy = [](const Buffer<float>& from) {
    return std::vector<float>(from.data(), from.data() + from.size());
  };
  c.q = copy(problem.q);
  c.k = copy(problem.k);
  c.v = copy(problem.v);
  return c;
}

void fill(Problem& problem, const Shape& shape) {
  problem.shape = shape;
  Random random(17);
  for (Buffer<float>* array : {&problem.q, &problem.k, &problem.v}) {
    CHECK_OK(array->resize(static_cast<std::size_t>(problem.numbers())));
    for (float& number : array->span()) number = random.number();
  }
}

std::unique_ptr<Measurement> measured(Variant variant, const Shape& shape) {
  std::unique_ptr<Measurement> made;
  CHECK_OK(Measurement::create(variant, shape, made));
  REQUIRE(made);
  while (!made->finished()) CHECK_OK(made->advance(1e9));
  return made;
}

TEST_CASE("every way of computing attention gives attention, whatever the shape") {
  double worst = 0;
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{2, 3, 5}, Shape{63, 1, 8}, Shape{64, 2, 64},
                             Shape{65, 2, 7}, Shape{130, 3, 20}, Shape{257, 1, 32}}) {
    Problem problem;
    fill(problem, shape);
    for (const Variant variant : kVariants) {
      CAPTURE(static_cast<int>(variant));
      CAPTURE(shape.tokens);
      const reference::Answer expected = reference::attention(case_of(variant, problem));
      support::Block out(static_cast<std::size_t>(problem.numbers()));
      const auto way = measure::make_way(variant, problem, out.data());
      CHECK_OK(way->prepare());
      for (int pass = 0; pass < 2; ++pass) {
        for (int64_t unit = 0; unit < way->units(); ++unit) CHECK_OK(way->work(unit));
      }
      const double bound = 2 * static_cast<double>(shape.tokens + shape.head_dim) * reference::kEpsilon;
      for (std::size_t i = 0; i < out.size(); ++i)
        worst = std::max(worst, std::fabs(static_cast<double>(out[i]) - expected.out[i]) / bound);
    }
  }
  MESSAGE("largest |error| / bound is " << worst);
  CHECK(worst < 1);
}

TEST_CASE("causal decoding of the last tokens leaves the rows before them alone") {
  const Shape shape{1024, 2, 32};
  const int64_t decoded = measure::decoded(shape);
  CHECK(decoded > 1);
  CHECK(decoded < shape.tokens);
  Problem problem;
  fill(problem, shape);
  support::Block causal(static_cast<std::size_t>(problem.numbers())), cached(causal.size());
  for (const auto& [variant, out] :
       {std::pair{Variant::causal, &causal}, std::pair{Variant::cached, &cached}}) {
    const auto way = measure::make_way(variant, problem, out->data());
    CHECK_OK(way->prepare());
    for (int64_t unit = 0; unit < way->units(); ++unit) CHECK_OK(way->work(unit));
  }
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < causal.size(); ++i) {
    const auto token = static_cast<int64_t>(i) / shape.head_dim % shape.tokens;
    // The cache promises attend()'s own bits.
    if (token < shape.tokens - decoded ? !std::isnan(cached[i]) : cached[i] != causal[i]) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a measurement says what was computed, and gives all memory back") {
  const std::size_t before = live_bytes();
  const Shape shape{96, 2, 16};
  for (const Variant variant : kVariants) {
    CAPTURE(static_cast<int>(variant));
    const auto measurement = measured(variant, shape);
    const measure::Result r = measurement->result();
    CHECK(measurement->progress() == 1);
    CHECK(r.milliseconds > 0);
    CHECK(r.repeats >= 3);
    CHECK(r.repeats <= 25);
    CHECK(r.passes >= 1);
    REQUIRE(r.error);
    CHECK(*r.error < 2e-5);
    CHECK(*r.error > 0);
    CHECK(r.difference < 2e-5);
    const bool decodes = variant == Variant::cached || variant == Variant::uncached;
    CHECK(r.decoded == (decodes ? shape.tokens : 0));
    double cells = 0;  // counted one by one
    for (int64_t i = 0; i < shape.tokens; ++i) {
      for (int64_t j = 0; j < shape.tokens; ++j) {
        const bool seen = variant == Variant::causal || decodes ? j <= i : true;
        cells += !seen ? 0 : variant == Variant::uncached ? static_cast<double>(shape.tokens - i) : 1;
      }
    }
    CHECK(r.flops == 4.0 * 2 * 16 * cells);
    const double matrix = 4.0 * 96 * 96 * 2;
    if (variant == Variant::naive) CHECK(r.bytes >= matrix);
    if (variant == Variant::scalar) CHECK(r.bytes == 4 * 96);
    if (variant == Variant::cached) CHECK(r.bytes >= 2 * 4 * 96 * 2 * 16);
    if (variant == Variant::fused || variant == Variant::causal) CHECK(r.difference == 0);
  }
  CHECK(measured(Variant::cached, {1024, 2, 32})->result().difference == 0);
  CHECK(live_bytes() == before);
}

TEST_CASE("a measurement can be left after any slice, and its progress never goes back") {
  const std::size_t before = live_bytes();
  for (const Variant variant : kVariants) {
    std::unique_ptr<Measurement> measurement;
    CHECK_OK(Measurement::create(variant, {200, 2, 32}, measurement));
    double last = 0;
    for (int slice = 0; slice < 60; ++slice) {
      CHECK_OK(measurement->advance(0));
      CHECK(measurement->progress() >= last);
      CHECK((measurement->progress() == 1) == measurement->finished());
      last = measurement->progress();
    }
  }
  CHECK(live_bytes() == before);
}

TEST_CASE("what cannot be measured is refused with the size that is wrong") {
  const std::size_t before = live_bytes();
  const struct {
    Shape shape;
    const char* named;
  } kBad[] = {{{0, 1, 1}, "tokens is 0"},         {{-3, 1, 1}, "tokens is -3"},
              {{32769, 1, 1}, "tokens is 32769"}, {{1, 0, 1}, "heads is 0"},
              {{1, 65, 1}, "heads is 65"},        {{1, 1, 0}, "headDim is 0"},
              {{1, 1, 1025}, "headDim is 1025"}};
  std::unique_ptr<Measurement> made;
  for (const auto& bad : kBad)
    CHECK_REFUSED(Measurement::create(Variant::fused, bad.shape, made), invalid_shape, bad.named);
  const MemoryLimit limit(before + (64 << 20));
  CHECK_REFUSED(Measurement::create(Variant::naive, {16384, 1, 16}, made), out_of_memory, "no memory");
  CHECK_REFUSED(Measurement::create(Variant::cached, {32768, 64, 64}, made), out_of_memory, "no memory");
  CHECK(!made);
  CHECK(live_bytes() == before);
  CHECK_OK(Measurement::create(Variant::fused, {16384, 1, 16}, made));
}

}  // namespace
}  // namespace limelight::test
