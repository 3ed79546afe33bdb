// A training as a whole: it learns, goes back, goes on, and says what its heads look at.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "checkpoint.hpp"
#include "training/training.hpp"

using namespace limelight;
using namespace limelight::training;
using test::MemoryLimit;

namespace {

std::unique_ptr<Training> make(const std::string& recipe_text) {
  Recipe recipe;
  CHECK_OK(parse_recipe(recipe_text, recipe));
  std::unique_ptr<Training> made;
  const Status s = Training::create(std::move(recipe), nullptr, made);
  REQUIRE_MESSAGE(s.ok(), s.message);
  return made;
}

std::string small(int seed = 1, double rate = 5e-3) {
  return R"({"task": {"name": "induction", "vocabulary": 16, "length": 16},
             "model": {"layers": 2, "width": 16, "heads": 2},
             "training": {"batch": 6, "steps": 40, "warmup": 4, "seed": )" +
         std::to_string(seed) + R"(, "learning_rate": )" + std::to_string(rate) + "}}";
}

std::vector<double> losses(Training& training, int steps) {
  std::vector<double> found;
  StepReport report;
  for (int i = 0; i < steps; i++) {
    const Status s = training.step(report);
    REQUIRE_MESSAGE(s.ok(), s.message);
    found.push_back(report.loss);
  }
  return found;
}

std::vector<std::byte> saved(Training& training) {
  Buffer<std::byte> file;
  CHECK_OK(training.save(file));
  return {file.data(), file.data() + file.size()};
}

}  // namespace

TEST_CASE("induction is learned, and a head that looks where it should is found by its score") {
  const auto training = make(R"({"task": {"name": "induction", "vocabulary": 32, "length": 32},
      "model": {"layers": 2, "width": 64, "heads": 4},
      "training": {"batch": 32, "steps": 300, "learning_rate": 5e-3}})");
  StepReport report;
  Evaluation before, after;
  CHECK_OK(training->evaluate(64, before));
  CHECK(before.score < 0.3);
  for (after = before; after.score <= 0.85 && !training->finished();) {
    for (int i = 0; i < 25; i++) CHECK_OK(training->step(report));
    CHECK_OK(training->evaluate(64, after));
  }
  CHECK(after.score > 0.85);
  CHECK(after.loss < before.loss);
  CHECK_OK(training->look());
  double best = 0;
  for (int64_t attention = 0; attention < static_cast<int64_t>(training->attentions().size()); attention++) {
    for (int64_t head = 0; head < 4; head++) {
      HeadScore score;
      CHECK_OK(training->score(attention, head, score));
      best = std::max(best, score.alignment);
    }
  }
  MESSAGE("steps " << training->steps() << ", best induction score " << best);
  CHECK(best > 0.4);
}

TEST_CASE("a step says its number, loss and rate, and evaluating or looking changes nothing that follows") {
  const auto a = make(small()), b = make(small());
  StepReport report;
  CHECK_OK(a->step(report));
  CHECK(report.step == 1);
  CHECK(report.learning_rate == doctest::Approx(5e-3 / 4));
  CHECK(report.loss > 0);
  CHECK(report.gradient_norm > 0);
  CHECK_OK(b->look());
  CHECK_OK(b->step(report));
  Evaluation evaluation;
  CHECK_OK(b->evaluate(10, evaluation));
  CHECK(losses(*a, 5) == losses(*b, 5));
}

TEST_CASE("another seed gives other losses, and a reset the same ones again") {
  const auto training = make(small(1)), other = make(small(2));
  const std::vector<double> first = losses(*training, 6);
  CHECK(losses(*other, 6) != first);
  CHECK_OK(training->set_rate_factor(3));
  losses(*training, 2);
  training->reset();
  CHECK(training->steps() == 0);
  CHECK(training->rate_factor() == 1);
  CHECK(losses(*training, 6) == first);
}

TEST_CASE("weights of a head sum to one over what it may see, and are zero beyond") {
  const auto training = make(small());
  CHECK_OK(training->look());
  std::vector<float> weights(16 * 16);
  CHECK_OK(training->weights(1, 1, Training::kExamples - 1, weights));
  for (int i = 0; i < 16; i++) {
    double sum = 0;
    for (int j = 0; j < 16; j++) {
      sum += static_cast<double>(weights[static_cast<std::size_t>(i * 16 + j)]);
      if (j > i) CHECK(weights[static_cast<std::size_t>(i * 16 + j)] == 0.0f);
    }
    CHECK(sum == doctest::Approx(1));
  }
  CHECK_REFUSED(training->weights(2, 0, 0, weights), invalid_shape, "attention 2");
  CHECK_REFUSED(training->weights(0, 2, 0, weights), invalid_shape, "head");
  CHECK_REFUSED(training->weights(0, 0, Training::kExamples, weights), invalid_shape, "batch");
  HeadScore score;
  CHECK_REFUSED(training->score(-1, 0, score), invalid_shape, "attention -1");
}

TEST_CASE("a training that resumes gives the bits of one that was never stopped") {
  const auto whole = make(small()), stopped = make(small()), resumed = make(small());
  CHECK_OK(whole->set_rate_factor(0.3));
  CHECK_OK(stopped->set_rate_factor(0.3));
  losses(*whole, 9);
  losses(*stopped, 4);
  CHECK_OK(resumed->resume(saved(*stopped)));
  CHECK(resumed->steps() == 4);
  CHECK(resumed->rate_factor() == 0.3);
  losses(*resumed, 5);
  CHECK(saved(*resumed) == saved(*whole));
}

TEST_CASE("dropout makes steps another training, drops nothing where it is not trained, and resumes too") {
  const auto with = [](const char* share) {
    return make(R"({"task": {"name": "induction", "vocabulary": 16, "length": 16},
        "model": {"layers": 1, "width": 16, "heads": 2, "mlp_width": 32, "dropout": )" +
                std::string(share) + R"(}, "training": {"batch": 6, "steps": 40}})");
  };
  const auto none = with("0"), whole = with("0.3"), resumed = with("0.3");
  Evaluation evaluation, dropped;
  CHECK_OK(none->evaluate(12, evaluation));
  CHECK_OK(whole->evaluate(12, dropped));
  CHECK(evaluation.loss == dropped.loss);
  CHECK(losses(*whole, 2) != losses(*none, 2));
  CHECK_OK(resumed->resume(saved(*whole)));
  CHECK_OK(resumed->evaluate(12, evaluation));
  CHECK(losses(*resumed, 3) == losses(*whole, 3));
  CHECK(saved(*resumed) == saved(*whole));
}

TEST_CASE(
    "a checkpoint of another recipe, or one that does not say its recipe, is refused and changes nothing") {
  const auto training = make(small(1)), other = make(small(2));
  losses(*training, 2);
  losses(*other, 3);
  const std::vector<std::byte> before = saved(*training);
  CHECK_REFUSED(training->resume(saved(*other)), invalid_option, "another recipe");
  CHECK_REFUSED(training->resume({}), truncated_file, "");
  Buffer<std::byte> model;
  CHECK_OK(training->model(model));
  CHECK_REFUSED(training->resume(model.span()), corrupt_file, "recipe");
  CHECK(saved(*training) == before);
}

TEST_CASE("a factor of the learning rate has to be a number of some size") {
  const auto training = make(small());
  CHECK_REFUSED(training->set_rate_factor(-1), invalid_value, "-1");
  CHECK_REFUSED(training->set_rate_factor(std::nan("")), invalid_value, "nan");
  CHECK_REFUSED(training->set_rate_factor(1e9), invalid_value, "1e+09");
  CHECK(training->rate_factor() == 1);
}

TEST_CASE("a loss that is no number any more is an error, and the parameters stay") {
  const auto training = make(small(1, 1.0));
  CHECK_OK(training->set_rate_factor(1000));
  StepReport report;
  Status status;
  std::vector<std::byte> before;
  for (int i = 0; i < 200 && status.ok(); i++) {
    before = saved(*training);
    status = training->step(report);
  }
  CHECK_REFUSED(status, invalid_value, "learning rate");
  CHECK(saved(*training) == before);
}

TEST_CASE("steps take no memory, and all of it is given back") {
  const std::size_t before = live_bytes();
  {
    const auto training = make(small());
    const std::size_t taken = live_bytes();
    losses(*training, 3);
    Evaluation evaluation;
    CHECK_OK(training->evaluate(20, evaluation));
    CHECK_OK(training->look());
    CHECK(live_bytes() == taken);
    MemoryLimit limit(taken + 1000);
    Buffer<std::byte> file;
    CHECK_REFUSED(training->save(file), out_of_memory, "");
  }
  CHECK(live_bytes() == before);
}
