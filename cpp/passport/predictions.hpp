// What a model expects of texts that are known: losses and ranks.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "limelight/model.hpp"
#include "passport/text.hpp"

namespace limelight::passport {

/// A prediction that can be judged: the row that makes it, and the id that is right.
struct Target {
  int64_t row = 0;
  int32_t id = 0;
};

/// loss = -ln p(id) = ln(sum_v exp(logit_v)) - logit_id, in nats, added up in double precision; rank: how
/// many entries have a larger logit, or the same one and a lower id. 0 is right.
struct Outcome {
  double loss = 0;
  int64_t rank = 0;
};

/// Outcomes and what they sum up to.
struct Tally {
  int64_t count = 0, first = 0, among_five = 0;  ///< ranks of 0, and below 5
  double loss = 0;                               ///< the sum

  void add(const Outcome& outcome) {
    ++count;
    first += outcome.rank == 0 ? 1 : 0;
    among_five += outcome.rank < 5 ? 1 : 0;
    loss += outcome.loss;
  }
};

/// A run to its end that keeps what judge() reads. Errors: as Run::create.
Status run_to_end(const std::shared_ptr<const Model>& model, std::span<const int32_t> ids, RunOptions options,
                  std::unique_ptr<Run>& run);

/// outcomes[i] is that of targets[i]. 2 * width * vocabulary FLOPs and vocabulary exponentials each; 64 rows
/// of logits at a time. Errors: out_of_memory, invalid_value (a logit that is no number).
Status judge(const Run& run, std::span<const Target> targets, ThreadPool* pool, std::span<Outcome> outcomes);

/// One run of a text and all that it predicts of it: every next token of a causal model, from asked_from on,
/// the hidden tokens of a version of another.
struct Question {
  std::span<const int32_t> ids;
  std::vector<Target> targets;
};
std::vector<Question> questions_of(const Text& text, const ModelConfig& config);

/// Adds the outcomes of all questions of a text, under these changes.
Status tally_text(const std::shared_ptr<const Model>& model, const Text& text,
                  std::span<const HeadChange> changes, ThreadPool* pool, Tally& tally);

/// Hidden words: tokens in a row that a version hides are a word, and it is found if all of them are.
struct WordTally {
  Tally tokens;
  int64_t words = 0, first = 0, among_five = 0;
};
Status tally_words(const std::shared_ptr<const Model>& model, const Text& text, ThreadPool* pool,
                   WordTally& tally);

/// Of a text of any length, with windows of `window` tokens every `stride` tokens, the last one shortened:
/// token i (from 1 on) is predicted once, in the first window that holds it, from the tokens of that window
/// before it. So the first window predicts all of its tokens but the first, every other one its last `stride`
/// ones, each with at least window - stride tokens before it. outcomes[i] is that of token i + 1.
/// Errors: invalid_shape (fewer than two ids, sizes of windows, of outcomes), invalid_option (a model that is
/// no causal one of one stack).
Status judge_stream(const std::shared_ptr<const Model>& model, std::span<const int32_t> ids, int64_t window,
                    int64_t stride, ThreadPool* pool, std::span<Outcome> outcomes);

}  // namespace limelight::passport
