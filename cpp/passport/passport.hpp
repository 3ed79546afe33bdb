// A head's passport: what it looks at over texts (scores.hpp), and what is lost without it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "limelight/model.hpp"
#include "passport/predictions.hpp"
#include "passport/scores.hpp"

namespace limelight::passport {

struct HeadPassport {
  AttentionKind attention = AttentionKind::self;
  int64_t layer = 0, head = 0;
  Scores scores;
  /// Mean loss with this head's output set to zero, less that of the model as it is: nats a token, over all
  /// that the texts predict (questions_of). No number where heads were not silenced, or nothing is predicted.
  std::optional<double> loss_increase;
};

struct Passports {
  int64_t texts = 0, tokens = 0;  ///< tokens: those of the sources, too
  Tally predictions;              ///< of the model as it is
  /// An encoder-decoder's encoder, its decoder's own attention, that to the source; by layer, by head.
  std::vector<HeadPassport> heads;
};

/// Everything in the order of texts and heads: the same numbers with any number of threads. Cost: a run of
/// every text and every weight of every head; with `silencing`, a run more for each head.
/// Errors: as check() of a text, saying which; invalid_token; out_of_memory.
Status make_passports(const std::shared_ptr<const Model>& model, std::span<const Text> texts, bool silencing,
                      ThreadPool* pool, Passports& made);

}  // namespace limelight::passport
