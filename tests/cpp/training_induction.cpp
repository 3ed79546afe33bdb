// The task on which induction heads form.
#include <set>

#include "training_examples.hpp"

using namespace limelight::training;
using training_tasks::Examples;

namespace {

/// The least distance at which a row repeats itself.
int64_t period_of(std::span<const int32_t> row) {
  for (int64_t period = 1; period < std::ssize(row); period++) {
    bool repeats = true;
    for (int64_t i = period; i < std::ssize(row); i++) repeats = repeats && row[i] == row[i - period];
    if (repeats) return period;
  }
  return std::ssize(row);
}

}  // namespace

TEST_CASE("a stretch of different tokens is repeated with a period of a quarter to a half of the row") {
  const auto task = training_tasks::make(R"({"name": "induction", "vocabulary": 20, "length": 24})");
  const Examples examples(*task, Split::training, 500, 1);
  std::set<int64_t> periods;
  for (int64_t r = 0; r < examples.rows(); r++) {
    const std::span<const int32_t> row(examples.ids.data() + r * 24, 24);
    const int64_t period = period_of(row);
    periods.insert(period);
    CHECK(std::ssize(std::set<int32_t>(row.begin(), row.begin() + period)) == period);
    for (int64_t i = 0; i < 24; i++) {
      CHECK(examples.target_row(r)[i] == (i < 23 ? row[static_cast<std::size_t>(i + 1)] : -1));
      CHECK(examples.place_row(r)[i] == (i < period || i >= 2 * period ? -1 : i + 1 - period));
    }
  }
  CHECK(periods == std::set<int64_t>{6, 7, 8, 9, 10, 11, 12});
}

TEST_CASE("what is scored is the half of a row that has been there before") {
  const auto task = training_tasks::make(R"({"name": "induction", "vocabulary": 20, "length": 24})");
  Examples examples(*task, Split::held_out, 10, 1);
  std::vector<int32_t> predictions = examples.targets;
  for (std::size_t i = 0; i < predictions.size(); i++) {
    if (i % 24 < 12) predictions[i] = 19 - predictions[i];
  }
  CHECK(task->score(examples.batch(), predictions) == 1.0);
  // Of the 11 of one row of ten.
  for (std::size_t i = 12; i < 23; i++) predictions[i] = (predictions[i] + 1) % 20;
  CHECK(task->score(examples.batch(), predictions) == doctest::Approx(0.9));
}

TEST_CASE("tokens are letters and digits, no two alike") {
  const auto task = training_tasks::make(R"({"name": "induction", "vocabulary": 62})");
  const std::set<std::string> tokens(task->tokens().begin(), task->tokens().end());
  CHECK(tokens.size() == 62);
  for (const std::string& token : tokens) CHECK(token.size() == 1);
}
