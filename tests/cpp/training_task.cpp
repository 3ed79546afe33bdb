// What every task promises.
#include <set>

#include "training_examples.hpp"

using namespace limelight;
using namespace limelight::training;
using training_tasks::Examples;

namespace {

const char* const kTasks[] = {R"({"name": "induction", "vocabulary": 8, "length": 16})",
                              R"({"name": "dates", "first_year": 2000, "last_year": 2003})",
                              R"({"name": "translation"})"};

void check_refused(const std::string& options, const char* words) {
  std::unique_ptr<Task> task;
  const Status status = training_tasks::try_make(options, task);
  CAPTURE(options);
  CAPTURE(std::string(status.message));
  CHECK(status.code == StatusCode::invalid_option);
  CHECK(std::string(status.message).find(words) != std::string::npos);
  CHECK(!task);
}

/// Calls f with every task.
template <class F>
void on_every_task(F&& f) {
  for (const char* options : kTasks) {
    CAPTURE(options);
    f(*training_tasks::make(options));
  }
}

}  // namespace

TEST_CASE("examples of a task are ids of its vocabularies, and what follows the last target is none") {
  on_every_task([](const Task& task) {
    const TaskShape& shape = task.shape();
    CHECK(std::ssize(task.tokens()) == shape.vocabulary);
    CHECK(std::ssize(task.source_tokens()) == shape.source_vocabulary);
    const Examples examples(task, Split::training, 300, 1);
    const auto within = [](const std::vector<int32_t>& numbers, int64_t least, int64_t end) {
      return std::ranges::all_of(numbers, [&](int32_t number) { return number >= least && number < end; });
    };
    CHECK(within(examples.ids, 0, shape.vocabulary));
    CHECK(within(examples.targets, -1, shape.vocabulary));
    CHECK(within(examples.source, 0, shape.source_vocabulary));
    CHECK(within(examples.source_lengths, 1, shape.source_length + 1));
    for (int64_t row = 0; row < examples.rows(); row++) {
      const int32_t* targets = examples.target_row(row);
      const int32_t* end = std::find(targets, targets + shape.length, -1);
      CHECK(end > targets);
      CHECK(std::all_of(end, targets + shape.length, [](int32_t target) { return target == -1; }));
    }
  });
}

TEST_CASE("every token but the first target predicts what the next place is given") {
  on_every_task([](const Task& task) {
    const Examples examples(task, Split::held_out, 100, 2);
    for (std::size_t i = 0; i + 1 < examples.ids.size(); i++) {
      const bool last = (static_cast<int64_t>(i) + 1) % task.shape().length == 0;
      if (!last && examples.targets[i] >= 0 && examples.targets[i + 1] >= 0) {
        CHECK(examples.ids[i + 1] == examples.targets[i]);
      }
    }
  });
}

TEST_CASE("what is held out is never trained on, and both are many") {
  on_every_task([](const Task& task) {
    // A date is another example however it is written; "l'" may be him and her.
    const bool by_source = task.joint() == " ";
    std::set<std::string> seen, kept;
    const auto collect = [&](Split split, std::set<std::string>& texts) {
      const Examples examples(task, split, 4000, 3);
      for (int64_t row = 0; row < examples.rows(); row++) {
        texts.insert(by_source ? examples.source_text(row) : examples.target_text(row));
      }
    };
    collect(Split::training, seen);
    collect(Split::held_out, kept);
    CHECK(seen.size() > 500);
    CHECK(kept.size() > 100);
    for (const std::string& text : kept) CHECK(!seen.contains(text));
  });
}

TEST_CASE("the same seed gives the same examples, another seed gives others") {
  on_every_task([](const Task& task) {
    const Examples one(task, Split::training, 50, 7), same(task, Split::training, 50, 7),
        other(task, Split::training, 50, 8);
    CHECK(one.ids == same.ids);
    CHECK(one.targets == same.targets);
    CHECK(one.source == same.source);
    CHECK(one.source_lengths == same.source_lengths);
    CHECK(one.targets != other.targets);
  });
}

TEST_CASE("a score is 1 where every target is predicted and 0 where none is") {
  on_every_task([](const Task& task) {
    Examples examples(task, Split::training, 40, 7);
    std::vector<int32_t> predictions = examples.targets;
    // What is predicted where there is no target does not count.
    for (int32_t& prediction : predictions) prediction = std::max(prediction, 0);
    CHECK(task.score(examples.batch(), predictions) == 1.0);
    for (int32_t& prediction : predictions) {
      prediction = (prediction + 1) % static_cast<int32_t>(task.shape().vocabulary);
    }
    CHECK(task.score(examples.batch(), predictions) == 0.0);
  });
}

TEST_CASE("options that a task does not have, or of other values, are refused by name and value") {
  check_refused(R"({"name": "poetry"})", "poetry");
  check_refused(R"({})", "name");
  check_refused(R"({"name": 3})", "name is 3");
  check_refused(R"({"name": "induction", "colour": 3})", "colour");
  check_refused(R"({"name": "induction", "vocabulary": 7})", "vocabulary is 7");
  check_refused(R"({"name": "induction", "vocabulary": 63})", "vocabulary is 63");
  check_refused(R"({"name": "induction", "vocabulary": "many"})", "many");
  check_refused(R"({"name": "induction", "vocabulary": 12, "length": 25})", "length is 25");
  check_refused(R"({"name": "induction", "length": 7})", "length is 7");
  check_refused(R"({"name": "induction", "length": 8.5})", "length is 8.5");
  check_refused(R"({"name": "dates", "first_year": 999})", "first_year is 999");
  check_refused(R"({"name": "dates", "last_year": 10000})", "last_year is 10000");
  check_refused(R"({"name": "dates", "first_year": 2000, "last_year": 1999})", "last_year is 1999");
  check_refused(R"({"name": "translation", "language": "German"})", "language");
}
