// Text, as tokens in files: every token predicts the next one.
#include <string>

#include "training/tasks/tasks.hpp"
#include "training/token_file.hpp"

namespace limelight::training {
namespace {

class Tokens final : public Task {
 public:
  Tokens(TokenFile training, TokenFile held_out, int64_t length)
      : training_(std::move(training)),
        held_out_(std::move(held_out)),
        shape_{training_.vocabulary(), length} {}

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return {}; }
  std::string_view joint() const override { return ""; }

  /// Stretches from anywhere, across the ends of documents.
  void draw(Random& random, Split split, const Batch& batch) const override {
    const std::span<const uint16_t> ids = (split == Split::training ? training_ : held_out_).ids();
    const int64_t starts = static_cast<int64_t>(ids.size()) - shape_.length;
    for (int64_t r = 0; r < batch.rows; ++r) {
      const auto from = ids.subspan(static_cast<std::size_t>(random.below(starts)));
      for (std::size_t i = 0; i < static_cast<std::size_t>(shape_.length); ++i) {
        const std::size_t at = static_cast<std::size_t>(r * shape_.length) + i;
        batch.ids[at] = from[i];
        batch.targets[at] = from[i + 1];
      }
    }
  }

  /// The share of tokens that is right.
  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    int64_t right = 0;
    for (std::size_t i = 0; i < predictions.size(); ++i) right += predictions[i] == batch.targets[i] ? 1 : 0;
    return static_cast<double>(right) / static_cast<double>(predictions.size());
  }

  void alignment(const Batch&, std::span<int32_t> places) const override {
    std::fill(places.begin(), places.end(), -1);
  }

 private:
  TokenFile training_, held_out_;
  TaskShape shape_;
};

}  // namespace

Status make_tokens(JsonMembers& options, std::unique_ptr<Task>& task) {
  const std::string_view paths[] = {options.text("training", ""), options.text("held_out", "")};
  const int64_t length = options.integer("length", 128, 1, 1 << 16);
  if (Status s = options.finish(); !s.ok()) return s;
  TokenFile files[2];
  for (int i = 0; i < 2; ++i) {
    if (Status s = files[i].open(paths[i]); !s.ok()) return s;
    if (static_cast<int64_t>(files[i].ids().size()) <= length) {
      return Status::error(StatusCode::invalid_shape, "%.*s has %zu tokens; more than %lld are needed",
                           static_cast<int>(std::min<std::size_t>(paths[i].size(), 100)), paths[i].data(),
                           files[i].ids().size(), static_cast<long long>(length));
    }
  }
  if (files[0].vocabulary() != files[1].vocabulary()) {
    return Status::error(StatusCode::invalid_shape, "the held-out tokens are of a vocabulary of %lld, not %lld",
                         static_cast<long long>(files[1].vocabulary()),
                         static_cast<long long>(files[0].vocabulary()));
  }
  task = std::make_unique<Tokens>(std::move(files[0]), std::move(files[1]), length);
  return {};
}

}  // namespace limelight::training
