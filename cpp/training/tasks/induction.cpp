// The task on which induction heads form: a random stretch of tokens, no two alike, repeated with a period
// that changes from row to row. With one period for all rows a network copies by position instead.
#include <algorithm>

#include "training/tasks/tasks.hpp"

namespace limelight::training {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

class Induction final : public Task {
 public:
  Induction(int64_t vocabulary, int64_t length) : shape_{vocabulary, length} {
    for (char letter : kLetters.substr(0, static_cast<std::size_t>(vocabulary)))
      tokens_.emplace_back(1, letter);
  }

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return tokens_; }
  std::string_view joint() const override { return ""; }

  void draw(Random& random, Split split, const Batch& batch) const override {
    for (int64_t r = 0; r < batch.rows; ++r) {
      int32_t* ids = batch.ids.data() + r * shape_.length;
      int32_t* targets = batch.targets.data() + r * shape_.length;
      do {
        draw_row(random, ids);
      } while (split_by_hash({ids, static_cast<std::size_t>(shape_.length)}) != split);
      for (int64_t i = 0; i + 1 < shape_.length; ++i) targets[i] = ids[i + 1];
      targets[shape_.length - 1] = -1;
    }
  }

  /// Over the second half, of which everything has been there before.
  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    int64_t right = 0, all = 0;
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      if (static_cast<int64_t>(i) % shape_.length < shape_.length / 2 || batch.targets[i] < 0) continue;
      right += predictions[i] == batch.targets[i] ? 1 : 0;
      ++all;
    }
    return static_cast<double>(right) / static_cast<double>(all);
  }

  /// The token that followed one period before. From the third time on there are two that are as good.
  void alignment(const Batch& batch, std::span<int32_t> places) const override {
    for (int64_t r = 0; r < batch.rows; ++r) {
      const int32_t* ids = batch.ids.data() + r * shape_.length;
      int64_t period = shape_.length / 4;
      while (!std::equal(ids + period, ids + shape_.length, ids)) ++period;
      for (int64_t i = 0; i < shape_.length; ++i) {
        const bool second = i >= period && i < 2 * period;
        places[r * shape_.length + i] = second ? static_cast<int32_t>(i - period + 1) : -1;
      }
    }
  }

 private:
  void draw_row(Random& random, int32_t* ids) const {
    const int64_t quarter = shape_.length / 4, period = quarter + random.below(quarter + 1);
    for (int64_t i = 0; i < period; ++i) {
      do {
        ids[i] = static_cast<int32_t>(random.below(shape_.vocabulary));
      } while (std::find(ids, ids + i, ids[i]) != ids + i);
    }
    for (int64_t i = period; i < shape_.length; ++i) ids[i] = ids[i - period];
  }

  TaskShape shape_;
  std::vector<std::string> tokens_;
};

}  // namespace

Status make_induction(JsonMembers& options, std::unique_ptr<Task>& task) {
  const int64_t vocabulary = options.integer("vocabulary", 32, 8, std::ssize(kLetters));
  // A stretch is at most half a row.
  const int64_t length = options.integer("length", std::min<int64_t>(32, 2 * vocabulary), 8, 2 * vocabulary);
  if (Status s = options.finish(); !s.ok()) return s;
  task = std::make_unique<Induction>(vocabulary, length);
  return {};
}

}  // namespace limelight::training
