#include "training/task.hpp"

#include <algorithm>

#include "training/tasks/tasks.hpp"

namespace limelight::training {
namespace {

constexpr struct {
  std::string_view name;
  Status (*make)(TaskOptions options, std::unique_ptr<Task>& task);
} kTasks[] = {{"dates", make_dates}, {"induction", make_induction}, {"translation", make_translation}};

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 60));
}

}  // namespace

int64_t TaskOptions::number(std::string_view key, int64_t fallback, int64_t least, int64_t most) {
  known_.push_back(key);
  const uint32_t index = json_.find(object_, key);
  if (index == 0) return fallback;
  const JsonNode& node = json_[index];
  if (node.is_integer && node.integer <= static_cast<uint64_t>(most) &&
      static_cast<int64_t>(node.integer) >= least) {
    return static_cast<int64_t>(node.integer);
  }
  if (!status_.ok()) return fallback;
  if (node.kind == JsonKind::number) {
    status_ = Status::error(
        StatusCode::invalid_option, "%.*s of a task is %g; a whole number from %lld to %lld is needed",
        shown(key), key.data(), node.number, static_cast<long long>(least), static_cast<long long>(most));
  } else {
    status_ =
        Status::error(StatusCode::invalid_option, "%.*s of a task is no number", shown(key), key.data());
  }
  return fallback;
}

Status TaskOptions::status() const {
  for (uint32_t i = object_ + 1; i < json_[object_].end; i = json_[i].end) {
    const std::string_view key = json_[i].key;
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const JsonNode& name = json_[json_.find(object_, "name")];
    return Status::error(StatusCode::invalid_option, "the task \"%.*s\" has no option \"%.*s\"",
                         shown(name.text), name.text.data(), shown(key), key.data());
  }
  return status_;
}

void SplitHash::add(int64_t number) {
  hash_ = Random(hash_ ^ static_cast<uint64_t>(number)).bits();
}

bool SplitHash::belongs_to(Split split) const {
  return (hash_ % 8 == 0) == (split == Split::held_out);
}

void set_row(const Batch& batch, int64_t row, const TaskShape& shape, std::span<const int32_t> source,
             std::span<const int32_t> target) {
  const std::span<int32_t> to = batch.source.subspan(static_cast<std::size_t>(row * shape.source_length),
                                                     static_cast<std::size_t>(shape.source_length));
  std::fill(std::copy(source.begin(), source.end(), to.begin()), to.end(), kStart);
  batch.source_lengths[static_cast<std::size_t>(row)] = static_cast<int32_t>(source.size());
  int32_t* ids = batch.ids.data() + row * shape.length;
  int32_t* targets = batch.targets.data() + row * shape.length;
  for (std::size_t i = 0; i < static_cast<std::size_t>(shape.length); ++i) {
    ids[i] = i == 0 || i > target.size() ? kStart : target[i - 1];
    targets[i] = i < target.size() ? target[i] : i == target.size() ? kEnd : -1;
  }
}

double exact_rows(const Batch& batch, int64_t length, std::span<const int32_t> predictions) {
  int64_t right = 0;
  for (int64_t r = 0; r < batch.rows; ++r) {
    const int32_t* targets = batch.targets.data() + r * length;
    right += std::equal(targets, targets + length, predictions.data() + r * length,
                        [](int32_t target, int32_t found) { return target < 0 || target == found; });
  }
  return static_cast<double>(right) / static_cast<double>(batch.rows);
}

Status make_task(const JsonText& json, uint32_t options, std::unique_ptr<Task>& task) {
  if (json[options].kind != JsonKind::object) {
    return Status::error(StatusCode::invalid_option, "a task is an object with a name");
  }
  const uint32_t name = json.find(options, "name");
  if (name == 0 || json[name].kind != JsonKind::string) {
    return Status::error(StatusCode::invalid_option, "a task has no name");
  }
  for (const auto& known : kTasks) {
    if (known.name == json[name].text) return known.make(TaskOptions(json, options), task);
  }
  return Status::error(StatusCode::invalid_option, "there is no task \"%.*s\"", shown(json[name].text),
                       json[name].text.data());
}

}  // namespace limelight::training
