// The loops around attend_block: tasks (batch, key-value head and, for threads, some query rows), chunk of
// keys, query head, query block, key block. Between chunks the running sums wait in `out`.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <numbers>

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
  float *keys, *values, *queries, *sums, *scratch, *maximum, *total;
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
         static_cast<std::size_t>(kernels::kBlockScratch) + 2 * row_floats(in);
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
void attend_rows(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                 std::span<float> lse, const Workspace& space, int64_t b, int64_t kv_head, RowRange rows) {
  const kernels::Table& kernel = kernels::table();
  const Visible visible(in, options, b);
  const int64_t group = in.q.heads / in.k.heads;
  const int64_t end_row = rows.first + rows.count;
  const int64_t first_head = kv_head * group;
  std::fill_n(space.maximum, group * rows.count, -FLT_MAX);
  std::fill_n(space.total, group * rows.count, 0.0f);
  // Row i sees a block from its first key on when i + past >= key.
  const auto first_row_of = [&](int64_t key) {
    return visible.causal ? std::max(rows.first, key - visible.past) : rows.first;
  };

  kernels::AttentionBlock block{};
  block.q = space.queries;
  block.head_dim = in.q.dim;
  block.value_dim = in.v.dim;
  block.end_step = visible.causal ? 1 : 0;
  block.out = space.sums;
  block.out_stride = rounded_to_panel(in.v.dim);
  block.scratch = space.scratch;
  const int64_t seen = rows.count > 0 ? visible.end(end_row - 1) : 0;
  // Once also where there is no key at all: every row is finished in the last chunk that it sees.
  for (int64_t chunk = 0; chunk == 0 || chunk < seen; chunk += kKeyChunk) {
    const int64_t chunk_row = first_row_of(chunk);
    const int64_t count = std::min(kKeyChunk, seen - chunk);
    const bool copy = group * (end_row - chunk_row) >= kRowsWorthCopying;
    const Lines keys = lines_of(in.k, b, kv_head, chunk, count, in.k.dim, copy, space.keys);
    const Lines values =
        lines_of(in.v, b, kv_head, chunk, count, rounded_to_panel(in.v.dim), copy, space.values);
    block.k_stride = keys.stride;
    block.v_stride = values.stride;
    block.padded = values.copied;
    for (int64_t member = 0; member < group; member++) {
      const int64_t h = first_head + member;
      const float factor = score_factor(in, options, h);
      const float gate = options.gate.empty() ? 1.0f : options.gate[static_cast<std::size_t>(h)];
      for (int64_t row = chunk_row; row < end_row; row += kernel.query_rows) {
        block.rows = std::min(kernel.query_rows, end_row - row);
        const int64_t state = member * rows.count + row - rows.first;
        block.maximum = space.maximum + state;
        block.total = space.total + state;
        kernel.pack_queries(in.q.row(b, h, row), in.q.seq_stride, block.rows, in.q.dim, factor,
                            space.queries);
        if (chunk == 0) {
          std::fill_n(space.sums, block.rows * block.out_stride, 0.0f);
        } else {
          kernel.copy_rows(out.row(b, h, row), out.seq_stride, block.rows, out.dim, block.out,
                           block.out_stride, out.dim);
        }
        for (int64_t key = 0; key < count && first_row_of(chunk + key) < row + block.rows; key += kKeyBlock) {
          block.keys = std::min(kKeyBlock, count - key);
          block.first_end = visible.causal ? row + visible.past + 1 - chunk - key : block.keys;
          block.k = keys.at(key);
          block.v = values.at(key);
          kernel.attend_block(block);
        }
        for (int64_t r = 0; r < block.rows; r++) {
          if (visible.end(row + r) > chunk + kKeyChunk) continue;
          const float row_lse =
              finish_row(block.out + r * block.out_stride, out.dim, block.maximum[r], block.total[r], gate);
          if (!lse.empty())
            lse[static_cast<std::size_t>((b * in.q.heads + h) * in.q.seq + row + r)] = row_lse;
        }
        kernel.copy_rows(block.out, block.out_stride, block.rows, out.dim, out.row(b, h, row), out.seq_stride,
                         out.dim);
      }
    }
  }
}

}  // namespace

Status check_attend(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                    std::span<const float> lse, RowRange& rows) {
  if (Status status = validate(in, options); !status.ok()) return status;
  if (Status status = check_output("out", out, {in.q.batch, in.q.heads, in.q.seq, in.v.dim}); !status.ok())
    return status;
  if (rows.count == -1) rows.count = in.q.seq - rows.first;
  if (rows.first < 0 || rows.count < 0 || rows.first > in.q.seq - rows.count) {
    return Status::error(StatusCode::invalid_shape, "rows [%lld, +%lld) are outside q_len %lld",
                         static_cast<long long>(rows.first), static_cast<long long>(rows.count),
                         static_cast<long long>(in.q.seq));
  }
  const std::size_t all_rows = static_cast<std::size_t>(in.q.batch * in.q.heads * in.q.seq);
  if (!lse.empty() && lse.size() != all_rows) {
    return Status::error(StatusCode::invalid_shape, "lse has %zu numbers for %zu rows", lse.size(), all_rows);
  }
  return {};
}

float finish_row(float* out, int64_t dim, float maximum, float total, float gate) {
  if (total == 0.0f) {
    std::fill_n(out, dim, 0.0f);
    return -std::numeric_limits<float>::infinity();
  }
  kernels::table().multiply(out, gate / total, dim);
  return maximum * std::numbers::ln2_v<float> + std::log(total);
}

std::size_t attend_workspace(const AttentionInputs& in, const AttentionOptions& options, int threads) {
  if (!validate(in, options).ok()) return 0;
  return thread_floats(in) * static_cast<std::size_t>(attention_threads(in, threads, in.q.seq));
}

Status attend(const AttentionInputs& in, const AttentionOptions& options, HeadsView<float> out,
              std::span<float> lse, std::span<float> workspace, RowRange rows, ThreadPool* pool) {
  if (Status status = check_attend(in, options, out, lse, rows); !status.ok()) return status;
  if (workspace.size() < attend_workspace(in, options, threads_of(pool))) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), attend_workspace(in, options, threads_of(pool)));
  }

  const int threads = attention_threads(in, threads_of(pool), rows.count);
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
    const Task task = split.task(index);
    attend_rows(in, options, out, lse, space, task.batch, task.first_kv_head, task.rows);
  });
  return {};
}

}  // namespace limelight
