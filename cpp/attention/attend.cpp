// The loops around attend_block: batch, key-value head, chunk of keys, query head, query block, key block. A
// chunk of keys and values is packed once and serves every query row of every head that shares it; the
// running sums live in `out`.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>
#include <numbers>

#include "attention/shape.hpp"
#include "kernels/kernels.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;
using kernels::kPanel;
using kernels::kQueryBlock;

// Packing a block costs about as much as computing two or three rows from it; below this many, keys and
// values are read where they lie. The numbers are the same bit for bit.
constexpr int64_t kRowsWorthPacking = 8;

// Keys that are packed at once, 8 blocks. A block of queries meets all of them in turn, so that its queries
// and outputs (8 KiB each at head_dim 64, a row in every 3 KiB where 12 heads lie side by side) stay in the
// first-level cache while the packed keys and values, 32 KiB a block and 256 KiB in all, stream by in address
// order from the second level. With one block at a time, the 512 KiB of queries and outputs of 1,024 rows
// would come and go for every 64 keys.
constexpr int64_t kKeyChunk = 8 * kKeyBlock;

int64_t rounded_to_panel(int64_t n) {
  return (n + kPanel - 1) / kPanel * kPanel;
}

/// How attend() cuts its workspace up.
struct Workspace {
  float *keys, *values, *scratch, *maximum, *total;
};

std::size_t key_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyChunk * in.q.dim);
}
std::size_t value_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyChunk * rounded_to_panel(in.v.dim));
}
std::size_t row_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(in.q.heads / in.k.heads * in.q.seq);
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
  for (int64_t h = first_head; h < first_head + group; h++) {
    for (int64_t row = rows.first; row < end_row; row++) std::fill_n(out.row(b, h, row), out.dim, 0.0f);
  }
  // Row i sees a block from its first key on when i + past >= key.
  const auto first_row_of = [&](int64_t key) {
    return visible.causal ? std::max(rows.first, key - visible.past) : rows.first;
  };

  kernels::AttentionBlock block{};
  block.head_dim = in.q.dim;
  block.value_dim = in.v.dim;
  block.end_step = visible.causal ? 1 : 0;
  block.q_stride = in.q.seq_stride;
  block.out_stride = out.seq_stride;
  block.scratch = space.scratch;
  for (int64_t chunk = 0; chunk < visible.keys; chunk += kKeyChunk) {
    const int64_t chunk_row = first_row_of(chunk);
    if (chunk_row >= end_row) break;
    const int64_t chunk_end = std::min(chunk + kKeyChunk, visible.keys);
    block.packed = group * (end_row - chunk_row) >= kRowsWorthPacking;
    const auto packed_keys = [&](int64_t key) { return space.keys + (key - chunk) * in.q.dim; };
    const auto packed_values = [&](int64_t key) {
      return space.values + (key - chunk) * rounded_to_panel(in.v.dim);
    };
    for (int64_t key = chunk; block.packed && key < chunk_end && first_row_of(key) < end_row;
         key += kKeyBlock) {
      const int64_t keys = std::min(kKeyBlock, chunk_end - key);
      kernel.pack_keys(in.k.row(b, kv_head, key), in.k.seq_stride, keys, in.q.dim, packed_keys(key));
      kernel.pack_values(in.v.row(b, kv_head, key), in.v.seq_stride, keys, in.v.dim, packed_values(key));
    }
    for (int64_t member = 0; member < group; member++) {
      const int64_t h = first_head + member;
      block.factor = score_factor(in, options, h);
      for (int64_t first = chunk_row; first < end_row; first += kQueryBlock) {
        const int64_t end = std::min(first + kQueryBlock, end_row);
        for (int64_t key = chunk; key < chunk_end; key += kKeyBlock) {
          const int64_t row = std::max(first, first_row_of(key));
          if (row >= end) break;
          block.rows = end - row;
          block.keys = std::min(kKeyBlock, chunk_end - key);
          block.first_end = visible.causal ? row + visible.past + 1 - key : block.keys;
          block.k = block.packed ? packed_keys(key) : in.k.row(b, kv_head, key);
          block.k_stride = in.k.seq_stride;
          block.v = block.packed ? packed_values(key) : in.v.row(b, kv_head, key);
          block.v_stride = block.packed ? block.keys * kPanel : in.v.seq_stride;
          const int64_t state = member * rows.count + row - rows.first;
          block.q = in.q.row(b, h, row);
          block.out = out.row(b, h, row);
          block.maximum = space.maximum + state;
          block.total = space.total + state;
          kernel.attend_block(block);
        }
      }
    }
  }

  for (int64_t member = 0; member < group; member++) {
    const int64_t h = first_head + member;
    const float gate = options.gate.empty() ? 1.0f : options.gate[static_cast<std::size_t>(h)];
    for (int64_t row = rows.first; row < end_row; row++) {
      const int64_t state = member * rows.count + row - rows.first;
      const float row_lse =
          finish_row(out.row(b, h, row), out.dim, space.maximum[state], space.total[state], gate);
      if (!lse.empty()) lse[static_cast<std::size_t>((b * in.q.heads + h) * in.q.seq + row)] = row_lse;
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

std::size_t attend_workspace(const AttentionInputs& in, const AttentionOptions& options) {
  if (!validate(in, options).ok()) return 0;
  return key_floats(in) + value_floats(in) + static_cast<std::size_t>(kernels::kBlockScratch) +
         2 * row_floats(in);
}

Status attend(const AttentionInputs& in, const AttentionOptions& options, HeadsView<float> out,
              std::span<float> lse, std::span<float> workspace, RowRange rows) {
  if (Status status = check_attend(in, options, out, lse, rows); !status.ok()) return status;
  if (workspace.size() < attend_workspace(in, options)) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), attend_workspace(in, options));
  }

  Workspace space;
  space.keys = workspace.data();
  space.values = space.keys + key_floats(in);
  space.scratch = space.values + value_floats(in);
  space.maximum = space.scratch + kernels::kBlockScratch;
  space.total = space.maximum + row_floats(in);
  for (int64_t b = 0; b < in.q.batch; b++) {
    for (int64_t kv_head = 0; kv_head < in.k.heads; kv_head++)
      attend_rows(in, options, out, lse, space, b, kv_head, rows);
  }
  return {};
}

}  // namespace limelight
