// The target that an encoder-decoder writes for a source: greedy, or by beam search.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "limelight/model.hpp"

namespace limelight {

struct SearchOptions {
  /// Hypotheses that are followed at once, 1 to kMostBeams; 1: the likeliest token each time.
  int64_t beams = 1;
  /// Tokens that are written at most, the end token included; 0: as many as the model has positions for.
  int64_t most_tokens = 0;
  /// A hypothesis of n tokens with the probability p is worth log(p) / n^length_penalty: 1 is the mean over
  /// tokens, 0 takes the likeliest whole and with it the shorter ones. 0 to kMostLengthPenalty.
  double length_penalty = 1.0;
  /// As of a run, with the source.
  RunOptions run = {};
};
inline constexpr int64_t kMostBeams = 16;
inline constexpr double kMostLengthPenalty = 10;

/// A search in the making. Every step runs each open hypothesis one token further (they share the encoder's
/// work and take over each other's rows) and keeps the `beams` likeliest continuations of all; those that
/// end, with the end token or at the most tokens, are done. It is finished when as many are done as there
/// are beams and no open one is worth more as it is, or when none is open. The start token is never written
/// again. Source: transformers, generation_beam_search.py, whose scores these are.
///
/// Cost: a run of every token for each beam, and beams * vocabulary logarithms a token.
class Search {
 public:
  /// Errors: as Run::create; invalid_option (a model that is no encoder-decoder, options out of range).
  static Status create(std::shared_ptr<const Model> model, SearchOptions options,
                       std::unique_ptr<Search>& search);
  ~Search();

  /// Works for about `milliseconds`, at least a step of a run. Errors: out_of_memory, and then it can be
  /// tried again; invalid_value (logits that are no numbers).
  Status advance(double milliseconds);
  bool finished() const;
  /// The best hypothesis so far, from the start token on.
  std::span<const int32_t> ids() const;
  /// What it is worth, see SearchOptions::length_penalty.
  double score() const;

 private:
  struct State;
  explicit Search(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace limelight
