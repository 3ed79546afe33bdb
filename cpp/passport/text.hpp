// A text as its heads are judged by: ids, and what is known about them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "limelight/model.hpp"

namespace limelight::passport {

using Tokens = std::vector<int32_t>;  ///< places in a text, each once

/// Where a head would look that knew what is meant: from token `at` to one of the mentions in `of`, each the
/// tokens of one, rather than to the mentions in `others`.
struct Link {
  std::string kind;  ///< "pronoun": to its antecedent; "agreement": a verb, to its subject; ...
  AttentionKind attention = AttentionKind::self;
  int32_t at = 0;
  std::vector<Tokens> of = {}, others = {};
};

struct Text {
  std::vector<int32_t> ids = {};
  Tokens special = {};      ///< [CLS], [SEP], <|endoftext|>, </s>: what no reader sees
  Tokens punctuation = {};  ///< tokens of nothing else
  /// Of an encoder-decoder, what it translates; `ids` then are the translation, from the start token to the
  /// end token.
  std::vector<int32_t> source = {};
  Tokens source_special = {}, source_punctuation = {};
  std::vector<Link> links = {};
  /// Of a causal model: tokens before this one are not asked for.
  int32_t asked_from = 1;
  /// Of a model that reads both ways: the ids again, with some of them hidden. A version asks for the ids in
  /// which it differs.
  std::vector<std::vector<int32_t>> masked = {};
};

/// Whether places, links and versions are within the text, links within what the attention's keys are, and
/// the text fits the model. Errors: invalid_shape, invalid_option (a source that is missing, or that nothing
/// reads), text_too_long.
Status check(const Text& text, const ModelConfig& config);

}  // namespace limelight::passport
