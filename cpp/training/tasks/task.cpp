#include "training/task.hpp"

#include <algorithm>

#include "training/tasks/tasks.hpp"

namespace limelight::training {
namespace {

constexpr struct {
  std::string_view name;
  Status (*make)(JsonMembers& options, std::unique_ptr<Task>& task);
} kTasks[] = {{"dates", make_dates},
              {"induction", make_induction},
#if !defined(__wasm__)
              {"masked", make_masked},
              {"pairs", make_pairs},
              {"tokens", make_tokens},
#endif
              {"translation", make_translation}};

}  // namespace

Split split_by_hash(std::span<const int32_t> numbers) {
  uint64_t hash = 0;
  for (int32_t number : numbers) hash = Random(hash ^ static_cast<uint64_t>(number)).bits();
  return hash % 8 == 0 ? Split::held_out : Split::training;
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

double right_share(const Batch& batch, std::span<const int32_t> predictions) {
  int64_t right = 0, all = 0;
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    if (batch.targets[i] < 0) continue;
    right += predictions[i] == batch.targets[i] ? 1 : 0;
    ++all;
  }
  return static_cast<double>(right) / static_cast<double>(std::max<int64_t>(1, all));
}

Status make_task(const JsonText& json, uint32_t options, std::unique_ptr<Task>& task) {
  JsonMembers members(json, options, "the recipe's task");
  const std::string_view name = members.text("name", "");
  for (const auto& known : kTasks) {
    if (known.name == name) return known.make(members, task);
  }
  members.fail(Status::error(StatusCode::invalid_option,
                             "the recipe's task: name is \"%.*s\"; dates, induction and translation are "
                             "served, natively also masked, pairs and tokens",
                             static_cast<int>(std::min<std::size_t>(name.size(), 60)), name.data()));
  return members.finish();
}

}  // namespace limelight::training
