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

Status make_induction(TaskOptions options, std::unique_ptr<Task>& task);

}  // namespace limelight::training
