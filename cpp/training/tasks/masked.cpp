// Text with masked words to fill in. Source: Devlin and others 2018, section 3.1, task 1, with whole words.
#include <algorithm>
#include <cmath>

#include "training/tasks/tasks.hpp"
#include "training/tasks/text.hpp"

namespace limelight::training {
namespace {

/// One place of four can be asked about; every row has memory for so many logits.
constexpr int64_t kPlacesPerAsked = 4;
/// [PAD], [UNK], [CLS], [SEP] and [MASK]: build-scripts/data/wordpiece.mjs.
constexpr int32_t kPad = 0, kSeparator = 3, kMask = 4, kSpecials = 5;

class Masked final : public Task {
 public:
  Masked(Text text, int64_t length, double share) : text_(std::move(text)), share_(share) {
    shape_.vocabulary = shape_.source_vocabulary = text_.training.vocabulary();
    shape_.source_length = length;
    shape_.length = length / kPlacesPerAsked;
    shape_.form = TaskShape::Form::masked;
    shape_.any_length = true;
  }

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return {}; }
  std::string_view joint() const override { return ""; }

  /// A row of the full length has documents one after the other, a shorter one has a single document, as what
  /// people type; of a longer document it has a stretch.
  void draw(Random& random, Split split, const Batch& batch) const override {
    const TokenFile& file = text_.of(split);
    const auto length = static_cast<std::size_t>(std::ssize(batch.source) / batch.rows);
    const auto asked = static_cast<std::size_t>(std::ssize(batch.ids) / batch.rows);
    for (std::size_t r = 0; r < static_cast<std::size_t>(batch.rows); ++r) {
      const auto row = batch.source.subspan(r * length, length);
      const int64_t used =
          std::ssize(row) < shape_.source_length ? fill_alone(random, file, row) : fill(random, file, row);
      batch.source_lengths[r] = static_cast<int32_t>(used);
      mask(random, row.first(static_cast<std::size_t>(used)), batch.ids.subspan(r * asked, asked),
           batch.targets.subspan(r * asked, asked));
    }
  }

  /// The share of masked tokens that is right.
  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    return right_share(batch, predictions);
  }

  void alignment(const Batch&, std::span<int32_t> places) const override { std::ranges::fill(places, -1); }

 private:
  /// One document, or a stretch of it behind its first token; then padding. Returns how long it is.
  static int64_t fill_alone(Random& random, const TokenFile& file, std::span<int32_t> row) {
    const auto ids = file.document(random.below(file.documents()));
    const int64_t used = std::min(std::ssize(ids), std::ssize(row));
    const auto from = static_cast<std::size_t>(random.below(std::ssize(ids) - used + 1));
    std::ranges::copy(ids.subspan(from, static_cast<std::size_t>(used)), row.begin());
    row[0] = ids[0];
    std::fill(row.begin() + used, row.end(), kPad);
    return used;
  }

  /// Documents from anywhere on; the last is cut.
  static int64_t fill(Random& random, const TokenFile& file, std::span<int32_t> row) {
    const int64_t starts = std::ssize(file.ids()) - std::ssize(row) + 1;
    const int64_t from = std::min(file.start(random.below(file.documents())), starts - 1);
    std::ranges::copy(file.ids().subspan(static_cast<std::size_t>(from), row.size()), row.begin());
    row.back() = kSeparator;
    return std::ssize(row);
  }

  /// Where the word ends that starts at `from`.
  std::size_t end_of_word(std::span<const int32_t> row, std::size_t from) const {
    std::size_t end = from + 1;
    while (end < row.size() && row[end] >= text_.training.first_inside()) ++end;
    return end;
  }

  /// Masks a share of the words, each as likely as the others, while there is room to ask about them. Of the
  /// words 80 % become [MASK], 10 % random tokens, 10 % stay.
  void mask(Random& random, std::span<int32_t> row, std::span<int32_t> places,
            std::span<int32_t> targets) const {
    std::ranges::fill(places, 0);
    std::ranges::fill(targets, -1);
    int64_t words = 0;
    for (std::size_t i = 0; i < row.size(); i = end_of_word(row, i)) words += row[i] >= kSpecials ? 1 : 0;
    auto wanted = std::max<int64_t>(1, std::lround(share_ * static_cast<double>(words)));
    std::size_t asked = 0;
    for (std::size_t i = 0, end = 0; i < row.size(); i = end) {
      end = end_of_word(row, i);
      if (row[i] < kSpecials || random.below(words--) >= wanted) continue;
      --wanted;
      if (asked + (end - i) > places.size()) continue;
      const int64_t fate = random.below(10);
      for (std::size_t at = i; at < end; ++at) {
        places[asked] = static_cast<int32_t>(at);
        targets[asked++] = row[at];
        if (fate < 8) row[at] = kMask;
        if (fate == 8)
          row[at] = kSpecials + static_cast<int32_t>(random.below(shape_.vocabulary - kSpecials));
      }
    }
  }

  Text text_;
  double share_;
  TaskShape shape_;
};

}  // namespace

Status make_masked(JsonMembers& options, std::unique_ptr<Task>& task) {
  const std::string_view training = options.text("training", ""), held_out = options.text("held_out", "");
  const int64_t length = options.integer("length", 128, 2 * kPlacesPerAsked, kLongestRow);
  const double share = options.number("share", 0.15, 0.01, 1.0 / kPlacesPerAsked);
  if (length % kPlacesPerAsked != 0) {
    options.fail(Status::error(StatusCode::invalid_option,
                               "the recipe's task: length is %lld; it has to be a "
                               "multiple of %lld",
                               static_cast<long long>(length), static_cast<long long>(kPlacesPerAsked)));
  }
  if (Status s = options.finish(); !s.ok()) return s;
  Text text;
  if (Status s = open_text(training, held_out, length, text); !s.ok()) return s;
  if (text.training.vocabulary() <= kSpecials) {
    return Status::error(StatusCode::invalid_shape, "a vocabulary of %lld has no words",
                         static_cast<long long>(text.training.vocabulary()));
  }
  task = std::make_unique<Masked>(std::move(text), length, share);
  return {};
}

}  // namespace limelight::training
