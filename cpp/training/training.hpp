// A training: a recipe's network, its optimizer, and how far they are.
//
//   std::unique_ptr<Training> training;
//   Status s = Training::create(recipe, pool, training);
//   while (!training->finished()) training->step();
//
// Batches of step t come from the recipe's seed and t alone, and so do the numbers that dropout drops. So the
// state after a step is the parameters, the optimizer's moments and t: a training that resumes from a
// checkpoint gives the bits of one that was never stopped, with any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "limelight/memory.hpp"
#include "limelight/thread_pool.hpp"
#include "training/recipe.hpp"

namespace limelight::training {

inline constexpr double kMostRateFactor = 1000.0;

struct StepReport {
  int64_t step = 0;  ///< steps taken, this one included
  double loss = 0, learning_rate = 0, gradient_norm = 0;
};

/// How well a network does on examples that training does not see.
struct Evaluation {
  double loss = 0, score = 0;
};

/// How much of what it looks for a head finds, 0 to 1: means over places of the example batch.
struct HeadScore {
  double previous = 0;   ///< weight on the token before (of the decoder)
  double alignment = 0;  ///< weight on Task::alignment()
};

class Training {
 public:
  /// Starts at step 0. `pool`, if given, has to outlive it. Takes all memory: about 16 bytes a parameter and
  /// the values and gradients of a batch. Errors: as build(); out_of_memory.
  static Status create(Recipe recipe, ThreadPool* pool, std::unique_ptr<Training>& training);
  ~Training();

  const Recipe& recipe() const { return recipe_; }
  int64_t steps() const { return optimizer_.steps(); }
  bool finished() const { return steps() >= recipe_.schedule.steps; }
  /// What the schedule's learning rate is multiplied by, 1 at first, 0 to kMostRateFactor. Part of the state.
  /// Errors: invalid_value.
  Status set_rate_factor(double factor);
  double rate_factor() const { return rate_factor_; }

  /// Draws a batch, and takes one step down its gradient. Does not allocate. After the last step of the
  /// schedule its last learning rate goes on. Errors: invalid_value when the loss is no number any more
  /// (nothing was changed then).
  Status step(StepReport& report);
  /// Back to step 0, to the same bits.
  void reset();

  /// Loss and score on `examples` held-out examples (the same each time), rounded up to whole batches.
  Status evaluate(int64_t examples, Evaluation& evaluation);

  /// The example batch: kExamples held-out examples, the same during a training.
  static constexpr int64_t kExamples = 8;
  /// Runs the network as it is now over the examples; what follows then reads from that.
  Status look();
  Batch examples();                        ///< of the last look()
  std::span<const int32_t> predictions();  ///< [kExamples, length]: the most likely ids
  std::span<const AttentionSite> attentions() const;
  /// Sets the first [q_len, kv_len] numbers of `out` to the weights of one head on one example. Errors:
  /// invalid_shape.
  Status weights(int64_t attention, int64_t head, int64_t example, std::span<float> out);
  /// Means over the examples, padding left out.
  Status score(int64_t attention, int64_t head, HeadScore& score);

  /// The state as a safetensors file. Errors: out_of_memory.
  Status save(Buffer<std::byte>& file);
  /// Takes the state of a training with the same recipe. Errors: corrupt_file, truncated_file,
  /// missing_tensor, unknown_tensor, misshapen_tensor, invalid_option (of another recipe), invalid_value
  /// (numbers that are not finite); then nothing was changed.
  Status resume(std::span<const std::byte> file);
  /// The model alone, as model.safetensors; config_json(recipe().network) goes with it.
  Status model(Buffer<std::byte>& file);

 private:
  Training();
  Status prepare(ThreadPool* pool);
  Status prepare_short(ThreadPool* pool);
  Network& network_of(int64_t step);
  Status run(Network& network, Split split, uint64_t stream, uint64_t number);

  Recipe recipe_;
  Network network_;   ///< of the recipe's batch
  Network short_;     ///< of the recipe's short rows, with a copy of the parameters; empty without
  Network examples_;  ///< of kExamples, with a copy of the parameters
  AdamW optimizer_;
  double rate_factor_ = 1.0;
  Buffer<int32_t> predictions_;  ///< of the larger of the two batches
  Buffer<int32_t> places_;       ///< Task::alignment() of the examples
  Buffer<float> weights_;        ///< of one head on one example
  Buffer<std::byte> workspace_;  ///< of explain()
};

}  // namespace limelight::training
