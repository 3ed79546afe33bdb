// Examples of a task, and as texts.
#pragma once

#include "training_tasks.hpp"

namespace training_tasks {

struct Examples {
  const Task& task;
  std::vector<int32_t> source, source_lengths, ids, targets, places;

  Examples(const Task& of, Split split, int64_t rows, uint64_t seed) : task(of) {
    const TaskShape& shape = task.shape();
    source.resize(static_cast<std::size_t>(rows * shape.source_length), -1);
    source_lengths.resize(static_cast<std::size_t>(shape.source_length > 0 ? rows : 0), -1);
    for (auto* numbers : {&ids, &targets, &places}) {
      numbers->resize(static_cast<std::size_t>(rows * shape.length), -1);
    }
    Random random(seed);
    task.draw(random, split, batch());
    task.alignment(batch(), places);
  }

  int64_t rows() const { return std::ssize(ids) / task.shape().length; }
  Batch batch() { return {std::ssize(ids) / task.shape().length, source, source_lengths, ids, targets}; }

  std::string source_text(int64_t row) const {
    return join(task.source_tokens(), source.data() + row * task.shape().source_length,
                source_lengths[static_cast<std::size_t>(row)]);
  }
  /// Without what ends it where there is a source.
  std::string target_text(int64_t row) const {
    const int32_t* from = targets.data() + row * task.shape().length;
    const int32_t* end = std::find(from, from + task.shape().length, task.shape().source_length > 0 ? 1 : -1);
    return join(task.tokens(), from, end - from);
  }
  const int32_t* target_row(int64_t row) const { return targets.data() + row * task.shape().length; }
  const int32_t* place_row(int64_t row) const { return places.data() + row * task.shape().length; }

 private:
  std::string join(std::span<const std::string> tokens, const int32_t* numbers, int64_t count) const {
    std::string text;
    for (int64_t i = 0; i < count; i++) {
      if (i > 0) text += task.joint();
      text += tokens[static_cast<std::size_t>(numbers[i])];
    }
    return text;
  }
};

}  // namespace training_tasks
