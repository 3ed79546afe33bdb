// The tasks there are, and what they share.
#pragma once

#include "training/task.hpp"

namespace limelight::training {

/// Reads the options of one task: whole numbers, each with a range. The first thing that does not fit is
/// kept.
class TaskOptions {
 public:
  TaskOptions(const JsonText& json, uint32_t object) : json_(json), object_(object) {}

  int64_t number(std::string_view key, int64_t fallback, int64_t least, int64_t most);
  /// ok, when all members were read and what they say fits. Errors: invalid_option.
  Status status() const;

 private:
  const JsonText& json_;
  uint32_t object_;
  std::vector<std::string_view> known_ = {"name"};
  Status status_;
};

/// Splits examples by the hash of what tells them apart: one in eight is held out.
class SplitHash {
 public:
  void add(int64_t number);
  bool belongs_to(Split split) const;

 private:
  uint64_t hash_ = 0;
};

/// Every task with a source begins both vocabularies with these, as config_json() says: the first fills a
/// source that is shorter than others, and starts what the decoder writes; the second ends that.
inline constexpr int32_t kStart = 0, kEnd = 1;
inline constexpr std::string_view kStartText = "<pad>", kEndText = "</s>";

/// What a row of a batch is made of: `source`, and `target` without its start and end.
void set_row(const Batch& batch, int64_t row, const TaskShape& shape, std::span<const int32_t> source,
             std::span<const int32_t> target);
/// The share of rows of which every prediction is right.
double exact_rows(const Batch& batch, int64_t length, std::span<const int32_t> predictions);

Status make_dates(TaskOptions options, std::unique_ptr<Task>& task);
Status make_induction(TaskOptions options, std::unique_ptr<Task>& task);
Status make_translation(TaskOptions options, std::unique_ptr<Task>& task);

}  // namespace limelight::training
