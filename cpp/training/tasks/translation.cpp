// Sentences of a small English to French, word by word: gender, number, the places of adjectives, agreement,
// ne ... pas, elision, and objects that are pronouns.
#include <algorithm>

#include "training/tasks/french.hpp"
#include "training/tasks/tasks.hpp"

namespace limelight::training {
namespace {

/// The words of one language as tokens.
class Vocabulary {
 public:
  explicit Vocabulary(const std::vector<Word>& words)
      : tokens_{std::string(kStartText), std::string(kEndText)} {
    for (const Word& word : words) {
      tokens_.emplace_back(word.text);
      meanings_.push_back(word.meaning);
    }
    for (std::size_t id = kEnd + 1; id < tokens_.size(); ++id) sorted_.push_back(static_cast<int32_t>(id));
    std::sort(sorted_.begin(), sorted_.end(), [&](int32_t a, int32_t b) { return text(a) < text(b); });
  }

  const std::vector<std::string>& tokens() const { return tokens_; }
  std::string_view text(int32_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  Meaning meaning(int32_t id) const {
    return id <= kEnd ? -1 : meanings_[static_cast<std::size_t>(id - kEnd - 1)];
  }

  std::vector<int32_t> ids_of(const std::vector<Word>& words) const {
    std::vector<int32_t> ids;
    for (const Word& word : words) {
      ids.push_back(*std::lower_bound(sorted_.begin(), sorted_.end(), word.text,
                                      [&](int32_t id, std::string_view other) { return text(id) < other; }));
    }
    return ids;
  }

 private:
  std::vector<std::string> tokens_;
  std::vector<Meaning> meanings_;
  std::vector<int32_t> sorted_;  ///< ids, by their texts
};

class Translation final : public Task {
 public:
  Translation() : Translation(all_words()) {}

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return french_.tokens(); }
  std::span<const std::string> source_tokens() const override { return english_.tokens(); }
  std::string_view joint() const override { return " "; }

  void draw(Random& random, Split split, const Batch& batch) const override {
    for (int64_t r = 0; r < batch.rows; ++r) {
      SentencePair pair;
      std::vector<int32_t> source;
      do {
        pair = draw_sentence(random);
        source = english_.ids_of(pair.english);
      } while (split_of(source) != split);
      set_row(batch, r, shape_, source, french_.ids_of(pair.french));
    }
  }

  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    return exact_rows(batch, shape_.length, predictions);
  }

  /// A word and its translation have one meaning; where that comes twice in a sentence, it does so in the
  /// same order in both languages. The two words "ne" and "pas" share one.
  void alignment(const Batch& batch, std::span<int32_t> places) const override {
    for (int64_t r = 0; r < batch.rows; ++r) {
      const int32_t* source = batch.source.data() + r * shape_.source_length;
      const int32_t* targets = batch.targets.data() + r * shape_.length;
      for (int64_t i = 0; i < shape_.length; ++i) {
        int32_t& place = places[r * shape_.length + i];
        place = -1;
        if (targets[i] <= kEnd) continue;
        const Meaning meaning = french_.meaning(targets[i]);
        int64_t more = std::count_if(targets, targets + i,
                                     [&](int32_t id) { return id >= 0 && french_.meaning(id) == meaning; });
        for (int32_t j = 0; j < batch.source_lengths[r] && more >= 0; ++j) {
          if (english_.meaning(source[j]) != meaning) continue;
          place = j;
          --more;
        }
      }
    }
  }

 private:
  explicit Translation(const SentencePair& words)
      : english_(words.english),
        french_(words.french),
        shape_{std::ssize(french_.tokens()), kMostFrench + 1, std::ssize(english_.tokens()), kMostEnglish,
               TaskShape::Form::translation} {}

  /// Short sentences are all for training: some forms, as of "I sleep", are in no others.
  static Split split_of(const std::vector<int32_t>& source) {
    constexpr std::size_t kShort = 4;
    return source.size() <= kShort ? Split::training : split_by_hash(source);
  }

  Vocabulary english_, french_;
  TaskShape shape_;
};

}  // namespace

Status make_translation(JsonMembers& options, std::unique_ptr<Task>& task) {
  if (Status s = options.finish(); !s.ok()) return s;
  task = std::make_unique<Translation>();
  return {};
}

}  // namespace limelight::training
