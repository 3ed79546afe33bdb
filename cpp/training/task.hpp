// What a network learns: a task makes examples, says what their numbers mean, and judges predictions.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/json.hpp"
#include "limelight/status.hpp"
#include "training/random.hpp"

namespace limelight::training {

/// Sizes of a task's examples, and what they are:
///
///   continuation    ids, each of which predicts the next: for a decoder
///   translation     a source that the encoder reads, and ids as before: for an encoder-decoder
///   masked          a source with masked tokens, and as ids the places that are asked about: for an encoder
struct TaskShape {
  int64_t vocabulary = 0, length = 0;
  int64_t source_vocabulary = 0, source_length = 0;  ///< 0: no source
  enum class Form { continuation, translation, masked };
  Form form = Form::continuation;
  bool any_length = false;  ///< examples can also be drawn shorter
};

/// Examples side by side. What is in ids[r, i] predicts targets[r, i]; a target below 0 is none.
struct Batch {
  int64_t rows = 0;
  std::span<int32_t> source;          ///< [rows, source_length], padded at the end with any id
  std::span<int32_t> source_lengths;  ///< [rows], 1 to source_length
  std::span<int32_t> ids;             ///< [rows, length]
  std::span<int32_t> targets;         ///< [rows, length]
};

/// Where examples come from: those of `held_out` are never among those of `training`.
enum class Split { training, held_out };

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskShape& shape() const = 0;
  /// The text of every id: [vocabulary], [source_vocabulary].
  virtual std::span<const std::string> tokens() const = 0;
  virtual std::span<const std::string> source_tokens() const { return {}; }
  /// What stands between tokens when they are joined to a text: "" of characters, " " of words.
  virtual std::string_view joint() const = 0;

  /// Fills the whole batch with random examples. The same numbers give the same examples everywhere.
  virtual void draw(Random& random, Split split, const Batch& batch) const = 0;
  /// The share of a batch that is right, 0 to 1, where predictions[r, i] is the id that the network finds
  /// most likely after ids[r, i] and those before it. What counts is the task's: single tokens, or whole rows
  /// (a row of which every prediction is right is also what greedy decoding writes).
  virtual double score(const Batch& batch, std::span<const int32_t> predictions) const = 0;

  /// What a head that does its work looks at: for row r and place i the place in `ids` (in the source, of
  /// cross-attention) that the prediction at i depends on, or -1 where no single one is it. [rows, length].
  /// Of induction: the token that followed one period before, where that is one place. Of a translation: the
  /// word that targets[r, i] translates.
  virtual void alignment(const Batch& batch, std::span<int32_t> places) const = 0;
};

/// Makes the task that the object `options` of a recipe names with its member "name"; other members are its
/// options, and unknown ones are refused. Errors: invalid_option, naming the member and its value.
Status make_task(const JsonText& json, uint32_t options, std::unique_ptr<Task>& task);

}  // namespace limelight::training
