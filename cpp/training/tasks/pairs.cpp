// Texts and their translations, as tokens in files: document i of the one translates document i of the other.
#include <algorithm>
#include <utility>

#include "training/tasks/tasks.hpp"
#include "training/tasks/text.hpp"

namespace limelight::training {
namespace {

class Pairs final : public Task {
 public:
  Pairs(Text source, Text target, int64_t length)
      : source_(std::move(source)),
        target_(std::move(target)),
        shape_{target_.training.vocabulary(), length, source_.training.vocabulary(), length,
               TaskShape::Form::translation} {}

  /// Errors: invalid_shape (texts without a translation, texts that no end token ends, no pair that fits a
  /// row).
  Status check() const {
    for (const Split split : {Split::training, Split::held_out}) {
      const TokenFile &source = source_.of(split), &target = target_.of(split);
      const int64_t from = source.documents(), to = target.documents();
      if (from != to) {
        return Status::error(StatusCode::invalid_shape, "%lld texts with %lld translations",
                             static_cast<long long>(from), static_cast<long long>(to));
      }
      bool any = false;
      for (int64_t pair = 0; pair < from; ++pair) {
        if (source.document(pair).back() != kEnd || target.document(pair).back() != kEnd) {
          return Status::error(StatusCode::invalid_shape, "text %lld does not end with token %d",
                               static_cast<long long>(pair), kEnd);
        }
        any = any || fits(source, target, pair);
      }
      if (!any) {
        return Status::error(StatusCode::invalid_shape, "no pair of texts fits in rows of %lld tokens",
                             static_cast<long long>(shape_.length));
      }
    }
    return {};
  }

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return {}; }
  std::string_view joint() const override { return ""; }

  /// Pairs that are too long for a row give way to the next one that is not.
  void draw(Random& random, Split split, const Batch& batch) const override {
    const TokenFile &source = source_.of(split), &target = target_.of(split);
    for (int64_t r = 0; r < batch.rows; ++r) {
      int64_t pair = random.below(source.documents());
      while (!fits(source, target, pair)) pair = (pair + 1) % source.documents();
      const auto from = source.document(pair), to = target.document(pair);
      set_row(batch, r, shape_, std::vector<int32_t>(from.begin(), from.end()),
              std::vector<int32_t>(to.begin(), to.end() - 1));
    }
  }

  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    return exact_rows(batch, shape_.length, predictions);
  }

  void alignment(const Batch&, std::span<int32_t> places) const override { std::ranges::fill(places, -1); }

 private:
  bool fits(const TokenFile& source, const TokenFile& target, int64_t pair) const {
    return std::ssize(source.document(pair)) <= shape_.source_length &&
           std::ssize(target.document(pair)) <= shape_.length;
  }

  Text source_, target_;
  TaskShape shape_;
};

}  // namespace

Status make_pairs(JsonMembers& options, std::unique_ptr<Task>& task) {
  const std::string_view paths[] = {options.text("training_source", ""), options.text("held_out_source", ""),
                                    options.text("training_target", ""), options.text("held_out_target", "")};
  const int64_t length = options.integer("length", 48, 2, kLongestRow);
  if (Status s = options.finish(); !s.ok()) return s;
  Text source, target;
  if (Status s = open_text(paths[0], paths[1], 1, source); !s.ok()) return s;
  if (Status s = open_text(paths[2], paths[3], 1, target); !s.ok()) return s;
  auto made = std::make_unique<Pairs>(std::move(source), std::move(target), length);
  if (Status s = made->check(); !s.ok()) return s;
  task = std::move(made);
  return {};
}

}  // namespace limelight::training
