// A small English and the French that says the same: words with their forms, and sentences.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "training/random.hpp"

namespace limelight::training {

/// What words of one meaning share: a verb's forms in both languages, a noun's singular and plural. All
/// determiners, objects that are pronouns among them, are one meaning, and so are all subjects that are
/// pronouns.
using Meaning = int32_t;

struct Word {
  std::string_view text;
  Meaning meaning;
};

struct SentencePair {
  std::vector<Word> english, french;
};

/// Every word of the two languages, each once.
SentencePair all_words();
/// Most words of a sentence.
inline constexpr int64_t kMostEnglish = 11, kMostFrench = 10;
/// A random sentence. Its French follows from its English.
SentencePair draw_sentence(Random& random);

}  // namespace limelight::training
