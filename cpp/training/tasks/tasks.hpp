// The tasks there are, and what they share.
#pragma once

#include "io/json_members.hpp"
#include "training/task.hpp"

namespace limelight::training {

/// The split of an example by the hash of the numbers that tell it apart: one in eight is held out.
Split split_by_hash(std::span<const int32_t> numbers);

/// Every task with a source begins both vocabularies with these, as config_json() says: the first fills a
/// source that is shorter than others, and starts what the decoder writes; the second ends that.
inline constexpr int32_t kStart = 0, kEnd = 1;
inline constexpr std::string_view kStartText = "<pad>", kEndText = "</s>";

/// What a row of a batch is made of: `source`, and `target` without its start and end.
void set_row(const Batch& batch, int64_t row, const TaskShape& shape, std::span<const int32_t> source,
             std::span<const int32_t> target);
/// The share of rows of which every prediction is right.
double exact_rows(const Batch& batch, int64_t length, std::span<const int32_t> predictions);

/// The share of predictions that is right, of those with a target.
double right_share(const Batch& batch, std::span<const int32_t> predictions);

/// Each makes its task of the options that it reads, and refuses others. Errors: invalid_option.
Status make_dates(JsonMembers& options, std::unique_ptr<Task>& task);
Status make_induction(JsonMembers& options, std::unique_ptr<Task>& task);
Status make_translation(JsonMembers& options, std::unique_ptr<Task>& task);
#if !defined(__wasm__)
// These read files: a page has none. Errors: also those of open_text().
inline constexpr int64_t kLongestRow = 1 << 16;
Status make_tokens(JsonMembers& options, std::unique_ptr<Task>& task);
Status make_masked(JsonMembers& options, std::unique_ptr<Task>& task);
Status make_pairs(JsonMembers& options, std::unique_ptr<Task>& task);
#endif

}  // namespace limelight::training
