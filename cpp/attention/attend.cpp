// The loops around attend_block: batch, key-value head, key block, query head. A block of keys and values is
// packed once and serves every query row of every head that shares it; the running sums live in `out`.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <limits>

#include "attention/shape.hpp"
#include "kernels/kernels.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;
using kernels::kPanel;

// Packing a block costs about as much as computing two or three rows from it; below this many, keys and
// values are read where they lie. The numbers are the same bit for bit.
constexpr int64_t kRowsWorthPacking = 8;

int64_t rounded_to_panel(int64_t n) {
  return (n + kPanel - 1) / kPanel * kPanel;
}

/// How attend() cuts its workspace up.
struct Workspace {
  float *keys, *values, *scratch, *maximum, *total;
};

std::size_t key_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyBlock * in.q.dim);
}
std::size_t value_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(kKeyBlock * rounded_to_panel(in.v.dim));
}
std::size_t row_floats(const AttentionInputs& in) {
  return static_cast<std::size_t>(in.q.heads / in.k.heads * in.q.seq);
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
  return maximum + std::log(total);
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

  const kernels::Table& kernel = kernels::table();
  const int64_t group = in.q.heads / in.k.heads;
  const int64_t end_row = rows.first + rows.count;
  Workspace space;
  space.keys = workspace.data();
  space.values = space.keys + key_floats(in);
  space.scratch = space.values + value_floats(in);
  space.maximum = space.scratch + kernels::kBlockScratch;
  space.total = space.maximum + row_floats(in);

  for (int64_t b = 0; b < in.q.batch; b++) {
    const Visible visible(in, options, b);
    for (int64_t kv_head = 0; kv_head < in.k.heads; kv_head++) {
      const int64_t first_head = kv_head * group;
      std::fill_n(space.maximum, group * rows.count, -FLT_MAX);
      std::fill_n(space.total, group * rows.count, 0.0f);
      for (int64_t h = first_head; h < first_head + group; h++) {
        for (int64_t row = rows.first; row < end_row; row++) std::fill_n(out.row(b, h, row), out.dim, 0.0f);
      }

      for (int64_t key = 0; key < visible.keys; key += kKeyBlock) {
        // Row i sees this block from its first key on when i + past >= key.
        const int64_t first_row = visible.causal ? std::max(rows.first, key - visible.past) : rows.first;
        if (first_row >= end_row) break;
        kernels::AttentionBlock block{};
        block.rows = end_row - first_row;
        block.head_dim = in.q.dim;
        block.value_dim = in.v.dim;
        block.keys = std::min(kKeyBlock, visible.keys - key);
        block.first_end = visible.causal ? first_row + visible.past + 1 - key : block.keys;
        block.end_step = visible.causal ? 1 : 0;
        block.q_stride = in.q.seq_stride;
        block.out_stride = out.seq_stride;
        block.scratch = space.scratch;
        block.k = in.k.row(b, kv_head, key);
        block.k_stride = in.k.seq_stride;
        block.v = in.v.row(b, kv_head, key);
        block.v_stride = in.v.seq_stride;
        block.packed = group * block.rows >= kRowsWorthPacking;
        if (block.packed) {
          kernel.pack_keys(block.k, block.k_stride, block.keys, block.head_dim, space.keys);
          kernel.pack_values(block.v, block.v_stride, block.keys, block.value_dim, space.values);
          block.k = space.keys;
          block.v = space.values;
          block.v_stride = block.keys * kPanel;
        }
        for (int64_t member = 0; member < group; member++) {
          const int64_t h = first_head + member;
          const int64_t state = member * rows.count + first_row - rows.first;
          block.q = in.q.row(b, h, first_row);
          block.out = out.row(b, h, first_row);
          block.factor = score_factor(in, options, h);
          block.maximum = space.maximum + state;
          block.total = space.total + state;
          kernel.attend_block(block);
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
  }
  return {};
}

}  // namespace limelight
