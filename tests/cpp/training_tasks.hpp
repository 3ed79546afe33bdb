// Tasks from JSON, and networks that learn them in the plainest loop.
#pragma once

#include <algorithm>
#include <string>

#include <doctest/doctest.h>
#include "training/adamw.hpp"
#include "training/initialize.hpp"
#include "training/network.hpp"
#include "training/task.hpp"

namespace training_tasks {

using namespace limelight::training;

inline limelight::Status try_make(const std::string& options, std::unique_ptr<Task>& task) {
  limelight::JsonText json;
  REQUIRE(json.parse(options, "options").ok());
  return make_task(json, 0, task);
}

inline std::unique_ptr<Task> make(const std::string& options) {
  std::unique_ptr<Task> task;
  const limelight::Status status = try_make(options, task);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  return task;
}

/// Where the examples of a network lie.
inline Batch batch_of(Network& network) {
  Batch batch;
  batch.rows = network.batch;
  batch.ids = network.graph.numbers(network.ids);
  batch.targets = network.graph.numbers(network.targets);
  if (network.shape.source_length > 0) {
    batch.source = network.graph.numbers(network.source);
    batch.source_lengths = network.graph.numbers(network.source_lengths);
  }
  return batch;
}

/// The most likely ids after every place.
inline std::vector<int32_t> predictions(Network& network) {
  const std::span<const float> logits = network.graph.value(network.logits);
  const int64_t width = network.shape.vocabulary;
  std::vector<int32_t> ids;
  for (auto row = logits.begin(); row != logits.end(); row += width) {
    ids.push_back(static_cast<int32_t>(std::max_element(row, row + width) - row));
  }
  return ids;
}

struct Learner {
  const Task& task;
  Network network;
  AdamW optimizer;
  Random random;

  /// `form` with the sizes of the task.
  Learner(const Task& what, NetworkShape form, int64_t batch, limelight::ThreadPool* pool, uint64_t seed)
      : task(what), random(seed + 1) {
    const TaskShape& shape = task.shape();
    form.vocabulary = shape.vocabulary;
    form.length = shape.length;
    form.source_vocabulary = shape.source_vocabulary;
    form.source_length = shape.source_length;
    const limelight::Status status = build(form, batch, pool, network);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message));
    initialize(network.graph, seed);
    REQUIRE(optimizer.reserve(network.graph).ok());
  }

  /// Takes a step and gives the loss before it.
  double step(double learning_rate) {
    task.draw(random, Split::training, batch_of(network));
    REQUIRE(network.graph.forward().ok());
    REQUIRE(network.graph.backward().ok());
    optimizer.step(network.graph, learning_rate);
    return static_cast<double>(network.graph.value(network.loss)[0]);
  }
  /// Of the batch and the predictions that the last step had.
  double score() { return task.score(batch_of(network), predictions(network)); }
};

}  // namespace training_tasks
