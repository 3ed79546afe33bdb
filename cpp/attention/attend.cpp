// The loops around attend_block: tasks (batch, key-value head and, for threads, some query rows), chunk of
// keys, query head, query block, key block. Between chunks the running sums wait in `out`.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <numbers>

#include "attention/bias.hpp"
#include "attention/shape.hpp"
#include "attention/split.hpp"
#include "kernels/kernels.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;
using kernels::rounded_to_panel;

// Rows that lie far apart (heads side by side: every 3 KiB for 12 heads of 64) fall into few sets of the
// first-level cache and push each other out of it. Copied close together once, they serve every query block;
// a copy costs about as much as two query rows, so it pays where a second query block follows.
constexpr int64_t kRowsWorthCopying = 64;

// Keys that are copied at once, 8 blocks. A block of queries meets all of them in turn, so that its queries
// and outputs stay in the first-level cache while the keys and values, 32 KiB a block and 256 KiB in all,
// stream by in address order from the second level. With one block at a time, the 512 KiB of queries and
// outputs of 1,024 rows would come and go for every 64 keys.
constexpr int64_t kKeyChunk = 8 * kKeyBlock;

/// How a thread cuts its workspace up.
struct Workspace {
  float *keys, *values, *queries, *sums, *scratch, *maximum, *total, *cells, *bias;
};

std::size_t key_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyChunk * in.q.dim);
}
std::size_t value_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyChunk * rounded_to_panel(in.v.dim));
}
std::size_t sum_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kernels::kMostQueryRows * rounded_to_panel(in.v.dim));
}
std::size_t row_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(in.q.heads / in.k.heads * in.q.seq);
}
std::size_t thread_floats(const AttentionInputs& in) {
  return key_floats(in) + value_floats(in) + kernels::packed_queries(in.q.dim) + sum_floats(in) +
         static_cast<std::size_t>(kernels::kBlockScratch + 2 * kernels::kPackedBias) + 2 * row_floats(in);
}

/// Rows of one head's keys or values: as the caller has them, or copied close together and padded to
/// `stride`.
struct Lines {
  const float* first;
  int64_t stride;
  bool copied;
  const float* at(int64_t i) const { return first + i * stride; }
};

Lines lines_of(const HeadsView<const float>& from, int64_t b, int64_t head, int64_t first, int64_t count,
               int64_t stride, bool copy, float* to) {
  const float* line = from.row(b, head, first);
  if (!copy || from.seq_stride == stride) return {line, from.seq_stride, false};
  kernels::table().copy_rows(line, from.seq_stride, count, from.dim, to, stride, stride);
  return {to, stride, true};
}

/// Some query rows of the heads that share one key-value head.
class Rows {
 public:
  Rows(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
       std::span<float> lse, const Workspace& space, int64_t batch, int64_t kv_head, RowRange rows)
      : in_(in),
        options_(options),
        out_(out),
        lse_(lse),
        space_(space),
        batch_(batch),
        kv_head_(kv_head),
        group_(in.q.heads / in.k.heads),
        rows_(rows),
        end_row_(rows.first + rows.count),
        visible_(in, options, batch),
        bias_(in, options, batch, visible_) {}

  void attend();

 private:
  const AttentionInputs& in_;
  const AttentionOptions& options_;
  const HeadsView<float>& out_;
  std::span<float> lse_;
  const Workspace& space_;
  int64_t batch_, kv_head_, group_;
  RowRange rows_;
  int64_t end_row_;
  Visible visible_;
  Bias bias_;
  kernels::AttentionBlock block_{};
  Lines keys_{}, values_{};
  int64_t chunk_ = 0, count_ = 0;            // the keys at hand
  bool finite_[kKeyChunk / kKeyBlock] = {};  // values of a block of them

  int64_t head(int64_t member) const { return kv_head_ * group_ + member; }
  int64_t state(int64_t member, int64_t row) const { return member * rows_.count + row - rows_.first; }
  void begin(int64_t member);
  void take_chunk(int64_t first_row, int64_t last_row);
  void attend_chunk(int64_t member, int64_t row);
  bool add_bias(int64_t h, int64_t row, int64_t key);
  void finish(int64_t h, int64_t row, float* sums, float maximum, float total);
};

/// A sink is a key that every row has seen before the first block: a score, and nothing to weigh.
void Rows::begin(int64_t member) {
  const auto [maximum, total] = first_state(options_, head(member));
  std::fill_n(space_.maximum + member * rows_.count, rows_.count, maximum);
  std::fill_n(space_.total + member * rows_.count, rows_.count, total);
}

void Rows::attend() {
  block_.q = space_.queries;
  block_.head_dim = in_.q.dim;
  block_.value_dim = in_.v.dim;
  block_.end_step = visible_.to_right ? 1 : 0;
  block_.out = space_.sums;
  block_.out_stride = rounded_to_panel(in_.v.dim);
  block_.scratch = space_.scratch;
  for (int64_t member = 0; member < group_; member++) begin(member);

  // One stretch of rows sees keys at all; the others are done at once.
  const RowRange seeing = visible_.rows_that_see(0, visible_.keys, rows_.first, end_row_);
  for (int64_t member = 0; member < group_; member++) {
    for (int64_t row = rows_.first; row < end_row_; row++) {
      if (row == seeing.first) row += seeing.count;
      if (row == end_row_) break;
      const int64_t at = state(member, row);
      std::fill_n(space_.sums, out_.dim, 0.0f);
      finish(head(member), row, space_.sums, space_.maximum[at], space_.total[at]);
      std::copy_n(space_.sums, out_.dim, out_.row(batch_, head(member), row));
    }
  }
  if (seeing.count == 0) return;
  const int64_t last_key = visible_.end(seeing.first + seeing.count - 1);
  for (chunk_ = visible_.begin(seeing.first) / kKeyChunk * kKeyChunk; chunk_ < last_key;
       chunk_ += kKeyChunk) {
    count_ = std::min(kKeyChunk, last_key - chunk_);
    const RowRange now = visible_.rows_that_see(chunk_, chunk_ + count_, rows_.first, end_row_);
    if (now.count == 0) continue;
    take_chunk(now.first, now.first + now.count - 1);
    for (int64_t member = 0; member < group_; member++) {
      for (int64_t row = now.first; row < now.first + now.count; row += block_.rows) {
        block_.rows = std::min(kernels::table().query_rows, now.first + now.count - row);
        attend_chunk(member, row);
      }
    }
  }
}

/// Brings the keys and values that these rows see together, from the first one's on.
void Rows::take_chunk(int64_t first_row, int64_t last_row) {
  const bool copy = group_ * (last_row + 1 - first_row) >= kRowsWorthCopying;
  keys_ = lines_of(in_.k, batch_, kv_head_, chunk_, count_, in_.k.dim, copy, space_.keys);
  values_ =
      lines_of(in_.v, batch_, kv_head_, chunk_, count_, rounded_to_panel(in_.v.dim), copy, space_.values);
  block_.k_stride = keys_.stride;
  block_.v_stride = values_.stride;
  block_.padded = values_.copied;
  for (int64_t key = 0; bias_.any() && key < count_; key += kKeyBlock)
    finite_[key / kKeyBlock] = kernels::table().finite(values_.at(key), values_.stride,
                                                       std::min(kKeyBlock, count_ - key), in_.v.dim);
}

/// One head's rows from `row` on, as many as the block has, against the keys at hand.
void Rows::attend_chunk(int64_t member, int64_t row) {
  const kernels::Table& kernel = kernels::table();
  const int64_t h = head(member);
  block_.maximum = space_.maximum + state(member, row);
  block_.total = space_.total + state(member, row);
  block_.softcap = log2_softcap(options_);
  kernel.pack_queries(in_.q.row(batch_, h, row), in_.q.seq_stride, block_.rows, in_.q.dim,
                      query_factor(in_, options_, h), space_.queries);
  const int64_t last_row = row + block_.rows - 1;
  if (visible_.begin(row) >= chunk_) {
    std::fill_n(space_.sums, block_.rows * block_.out_stride, 0.0f);
  } else {
    kernel.copy_rows(out_.row(batch_, h, row), out_.seq_stride, block_.rows, out_.dim, block_.out,
                     block_.out_stride, out_.dim);
    for (int64_t r = row; r <= last_row; r++) {
      if (visible_.begin(r) >= chunk_)
        std::fill_n(block_.out + (r - row) * block_.out_stride, out_.dim, 0.0f);
    }
  }
  const int64_t begin = std::max<int64_t>(0, visible_.begin(row) - chunk_) / kKeyBlock * kKeyBlock;
  const int64_t end = std::min(count_, visible_.end(last_row) - chunk_);
  for (int64_t key = begin; key < end; key += kKeyBlock) {
    block_.keys = std::min(kKeyBlock, count_ - key);
    block_.first_end = visible_.unbounded_end(row) - chunk_ - key;
    block_.k = keys_.at(key);
    block_.v = values_.at(key);
    block_.finite_values = finite_[key / kKeyBlock];
    if (add_bias(h, row, chunk_ + key)) kernel.attend_block(block_);
  }
  for (int64_t r = 0; r < block_.rows; r++) {
    if (visible_.end(row + r) <= chunk_ + kKeyChunk)
      finish(h, row + r, block_.out + r * block_.out_stride, block_.maximum[r], block_.total[r]);
  }
  kernel.copy_rows(block_.out, block_.out_stride, block_.rows, out_.dim, out_.row(batch_, h, row),
                   out_.seq_stride, out_.dim);
}

/// Gives the block its bias, if these rows have one for these keys. False where it hides every cell.
bool Rows::add_bias(int64_t h, int64_t row, int64_t key) {
  block_.bias = nullptr;
  if (!bias_.touches(row, block_.rows, key)) return true;
  bool some = false;
  for (int64_t r = 0; r < block_.rows; r++)
    some |= bias_.cells(h, row + r, key, block_.keys, space_.cells + r * kKeyBlock);
  kernels::table().pack_bias(space_.cells, block_.rows, block_.keys, space_.bias);
  block_.bias = space_.bias;
  return some;
}

/// Ends a row whose running sums these are.
void Rows::finish(int64_t h, int64_t row, float* sums, float maximum, float total) {
  const float gate = gate_of(options_, h);
  const float rest = bias_.pinned(h, row, [](int64_t, float) {});
  const float row_lse = finish_row(sums, out_.dim, maximum, total, gate, rest);
  bias_.pinned(h, row, [&](int64_t key, float weight) {
    const float* value = in_.v.row(batch_, kv_head_, key);
    for (int64_t d = 0; d < out_.dim; d++) sums[d] += gate * weight * value[d];
  });
  if (!lse_.empty()) lse_[static_cast<std::size_t>((batch_ * in_.q.heads + h) * in_.q.seq + row)] = row_lse;
}

}  // namespace

Status check_attend(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                    std::span<const float> lse, RowRange& rows) {
  if (Status status = validate(in, options); !status.ok()) return status;
  if (Status status = check_output("out", out, {in.q.batch, in.q.heads, in.q.seq, in.v.dim}); !status.ok())
    return status;
  if (rows.count == -1) rows.count = in.q.seq - rows.first;
  if (rows.kv_heads == -1) rows.kv_heads = in.k.heads - rows.first_kv_head;
  const struct {
    const char* name;
    int64_t first, count, size;
  } ranges[] = {{"rows", rows.first, rows.count, in.q.seq},
                {"kv_heads", rows.first_kv_head, rows.kv_heads, in.k.heads},
                {"batch", std::max<int64_t>(0, rows.batch), rows.batch < -1 ? -1 : 1, in.q.batch}};
  for (const auto& range : ranges) {
    if (range.first < 0 || range.count < 0 || range.first > range.size - range.count) {
      return Status::error(StatusCode::invalid_shape, "%s [%lld, +%lld) are outside %lld", range.name,
                           static_cast<long long>(range.first), static_cast<long long>(range.count),
                           static_cast<long long>(range.size));
    }
  }
  const std::size_t all_rows = static_cast<std::size_t>(in.q.batch * in.q.heads * in.q.seq);
  if (!lse.empty() && lse.size() != all_rows) {
    return Status::error(StatusCode::invalid_shape, "lse has %zu numbers for %zu rows", lse.size(), all_rows);
  }
  return {};
}

float finish_row(float* out, int64_t dim, float maximum, float total, float gate, float rest) {
  if (total == 0.0f || rest == 0.0f) std::fill_n(out, dim, 0.0f);
  if (total == 0.0f) return kHidden;
  if (rest != 0.0f) kernels::table().multiply(out, gate * rest / total, dim);
  return maximum * std::numbers::ln2_v<float> + std::log(total);
}

std::size_t attend_workspace(const AttentionInputs& in, const AttentionOptions& options, int threads) {
  if (!validate(in, options).ok()) return 0;
  return thread_floats(in) * static_cast<std::size_t>(attention_threads(in, threads, all_rows(in)));
}

Status attend(const AttentionInputs& in, const AttentionOptions& options, HeadsView<float> out,
              std::span<float> lse, std::span<float> workspace, RowRange rows, ThreadPool* pool) {
  if (Status status = check_attend(in, options, out, lse, rows); !status.ok()) return status;
  if (workspace.size() < attend_workspace(in, options, threads_of(pool))) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), attend_workspace(in, options, threads_of(pool)));
  }

  const int threads = attention_threads(in, threads_of(pool), rows);
  const Split split(in, rows, 1, threads);
  share(pool, split.tasks(), threads, [&](int64_t index, int thread) {
    Workspace space;
    space.keys = workspace.data() + static_cast<std::size_t>(thread) * thread_floats(in);
    space.values = space.keys + key_floats(in);
    space.queries = space.values + value_floats(in);
    space.sums = space.queries + kernels::packed_queries(in.q.dim);
    space.scratch = space.sums + sum_floats(in);
    space.maximum = space.scratch + kernels::kBlockScratch;
    space.total = space.maximum + row_floats(in);
    space.cells = space.total + row_floats(in);
    space.bias = space.cells + kernels::kPackedBias;
    const Task task = split.task(index);
    Rows(in, options, out, lse, space, task.batch, task.first_kv_head, task.rows).attend();
  });
  return {};
}

}  // namespace limelight
