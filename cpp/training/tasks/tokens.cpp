// Text whose every token predicts the next one.
#include <algorithm>

#include "training/tasks/tasks.hpp"
#include "training/tasks/text.hpp"

namespace limelight::training {
namespace {

class Tokens final : public Task {
 public:
  Tokens(Text text, int64_t length) : text_(std::move(text)) {
    shape_.vocabulary = text_.training.vocabulary();
    shape_.length = length;
    shape_.any_length = true;
  }

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return {}; }
  std::string_view joint() const override { return ""; }

  /// Half of the rows start where a document does, as what people type, the others anywhere; all go on across
  /// the ends of documents.
  void draw(Random& random, Split split, const Batch& batch) const override {
    const TokenFile& file = text_.of(split);
    const int64_t length = std::ssize(batch.ids) / batch.rows, starts = std::ssize(file.ids()) - length;
    for (int64_t r = 0; r < batch.rows; ++r) {
      const int64_t anywhere = random.below(starts), begin = file.start(random.below(file.documents()));
      const int64_t from = random.below(2) == 0 && begin < starts ? begin : anywhere;
      const auto ids = file.ids().subspan(static_cast<std::size_t>(from));
      for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) {
        const std::size_t at = static_cast<std::size_t>(r * length) + i;
        batch.ids[at] = ids[i];
        batch.targets[at] = ids[i + 1];
      }
    }
  }

  /// The share of tokens that is right.
  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    return right_share(batch, predictions);
  }

  void alignment(const Batch&, std::span<int32_t> places) const override { std::ranges::fill(places, -1); }

 private:
  Text text_;
  TaskShape shape_;
};

}  // namespace

Status make_tokens(JsonMembers& options, std::unique_ptr<Task>& task) {
  const std::string_view training = options.text("training", ""), held_out = options.text("held_out", "");
  const int64_t length = options.integer("length", 128, 1, kLongestRow);
  if (Status s = options.finish(); !s.ok()) return s;
  Text text;
  if (Status s = open_text(training, held_out, length + 1, text); !s.ok()) return s;
  task = std::make_unique<Tokens>(std::move(text), length);
  return {};
}

}  // namespace limelight::training
