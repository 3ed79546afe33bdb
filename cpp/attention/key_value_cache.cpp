#include "limelight/key_value_cache.hpp"

#include <algorithm>
#include <cfloat>
#include <limits>
#include <new>

#include "attention/bias.hpp"
#include "attention/shape.hpp"
#include "attention/split.hpp"
#include "kernels/kernels.hpp"
#include "limelight/half.hpp"

namespace limelight {
namespace {

using kernels::kGroup;
using kernels::kKeyBlock;
using kernels::kPanel;
using kernels::rounded_to_panel;

// One block of 64 tokens has to be addressable where addresses have 32 bits.
constexpr int64_t kMostBlockFloats = int64_t{1} << 28;

int64_t blocks_for(int64_t tokens) {
  return tokens / kKeyBlock + (tokens % kKeyBlock != 0);
}
/// Puts keys [at, at + count) of a block in their places: whole panels by the kernel, the rest of a panel
/// that was begun one by one.
void place_keys(const float* k, int64_t stride, int64_t at, int64_t count, int64_t dim, float* block) {
  const auto place_of = [&](int64_t key) { return block + key / kGroup * kGroup * dim + key % kGroup; };
  for (; count > 0 && at % kPanel != 0; at++, count--, k += stride) {
    for (int64_t d = 0; d < dim; d++) place_of(at)[d * kGroup] = k[d];
  }
  for (; count > 0; at += kPanel, count -= kPanel, k += kPanel * stride)
    kernels::table().pack_panel(k, stride, count, dim, place_of(at), kGroup);
}

void place_values(const float* v, int64_t stride, int64_t at, int64_t count, int64_t dim, float* block) {
  for (int64_t d = 0; d < dim; d += kGroup) {
    const int64_t width = kernels::group_width(dim, d);
    kernels::table().copy_rows(v + d, stride, count, std::min(kGroup, dim - d),
                               block + d * kKeyBlock + at * width, width, width);
  }
}

/// Whether the first `count` values of a block are all finite.
bool finite_values(const float* block, int64_t count, int64_t dim) {
  bool finite = true;
  for (int64_t d = 0; d < dim && finite; d += kGroup) {
    const int64_t width = kernels::group_width(dim, d);
    finite = kernels::table().finite(block + d * kKeyBlock, width, count, width);
  }
  return finite;
}

/// The same where numbers are kept as f16.
void place_keys(const float* k, int64_t stride, int64_t at, int64_t count, int64_t dim, uint16_t* block) {
  for (int64_t key = at; key < at + count; key++, k += stride) {
    uint16_t* to = block + key / kGroup * kGroup * dim + key % kGroup;
    for (int64_t d = 0; d < dim; d++) to[d * kGroup] = f32_to_f16(k[d]);
  }
}

void place_values(const float* v, int64_t stride, int64_t at, int64_t count, int64_t dim, uint16_t* block) {
  for (int64_t first = 0; first < dim; first += kGroup) {
    const int64_t width = kernels::group_width(dim, first), own = std::min(kGroup, dim - first);
    for (int64_t i = 0; i < count; i++) {
      uint16_t* to = block + first * kKeyBlock + (at + i) * width;
      for (int64_t d = 0; d < width; d++) to[d] = d < own ? f32_to_f16(v[i * stride + first + d]) : 0;
    }
  }
}

}  // namespace

Status KeyValueCache::create(const Shape& shape, int64_t capacity, std::unique_ptr<KeyValueCache>& made) {
  const auto number = [](int64_t n) { return static_cast<long long>(n); };
  int64_t floats = kKeyBlock;
  bool fits = capacity >= 0;
  for (const int64_t size : {shape.batch, shape.heads, shape.head_dim, shape.value_dim}) {
    fits = fits && size >= 1 && size <= kMostBlockFloats;
  }
  fits = fits && !__builtin_mul_overflow(floats, shape.batch, &floats) &&
         !__builtin_mul_overflow(floats, shape.heads, &floats) &&
         !__builtin_mul_overflow(floats, shape.head_dim + rounded_to_panel(shape.value_dim), &floats);
  if (!fits || floats > kMostBlockFloats) {
    return Status::error(StatusCode::invalid_shape,
                         "a cache of batch %lld, heads %lld, head_dim %lld, value_dim %lld, capacity %lld: "
                         "sizes must be positive and 64 tokens fit into 1 GiB",
                         number(shape.batch), number(shape.heads), number(shape.head_dim),
                         number(shape.value_dim), number(capacity));
  }
  std::unique_ptr<KeyValueCache> fresh(new (std::nothrow) KeyValueCache(shape));
  if (!fresh) return Status::error(StatusCode::out_of_memory, "no memory for a cache");
  if (Status status = fresh->reserve(capacity); !status.ok()) return status;
  made = std::move(fresh);
  return {};
}

KeyValueCache::~KeyValueCache() {
  for (int64_t i = 0; i < blocks_; i++) {
    release_bytes(places_[static_cast<std::size_t>(i)], block_bytes());
  }
}

int64_t KeyValueCache::capacity() const {
  return blocks_ * kKeyBlock;
}
std::size_t KeyValueCache::bytes() const {
  return static_cast<std::size_t>(blocks_) * block_bytes();
}
int64_t KeyValueCache::head_numbers() const {
  return kKeyBlock * (shape_.head_dim + rounded_to_panel(shape_.value_dim));
}
std::size_t KeyValueCache::block_bytes() const {
  return static_cast<std::size_t>(shape_.batch * shape_.heads * head_numbers()) * number_bytes();
}
std::byte* KeyValueCache::head_of(int64_t token, int64_t batch, int64_t head) const {
  return places_[static_cast<std::size_t>(token / kKeyBlock)] +
         static_cast<std::size_t>((batch * shape_.heads + head) * head_numbers()) * number_bytes();
}

float KeyValueCache::value_at(int64_t token, int64_t batch, int64_t head, int64_t d) const {
  const int64_t first = d / kGroup * kGroup, width = kernels::group_width(shape_.value_dim, first);
  const int64_t at = kKeyBlock * shape_.head_dim + first * kKeyBlock + token % kKeyBlock * width + d - first;
  const std::byte* block = head_of(token, batch, head);
  if (shape_.precision == Precision::f32) return reinterpret_cast<const float*>(block)[at];
  return f16_to_f32(reinterpret_cast<const uint16_t*>(block)[at]);
}

Status KeyValueCache::reserve(int64_t tokens) {
  const int64_t needed = blocks_for(tokens);
  if (needed <= blocks_) return {};
  const std::size_t bytes = block_bytes();
  const auto refused = [&] {
    return Status::error(StatusCode::out_of_memory, "no memory for %lld tokens: %.0f bytes",
                         static_cast<long long>(tokens),
                         static_cast<double>(needed) * static_cast<double>(bytes));
  };
  if (static_cast<uint64_t>(needed) > std::numeric_limits<std::size_t>::max() / bytes) return refused();
  if (places_.size() < static_cast<std::size_t>(needed)) {
    Buffer<std::byte*> more;
    if (!more.resize(static_cast<std::size_t>(std::max(needed, 2 * blocks_))).ok()) return refused();
    std::copy_n(places_.data(), blocks_, more.data());
    places_ = std::move(more);
  }
  const int64_t before = blocks_;
  for (; blocks_ < needed; blocks_++) {
    auto* block = static_cast<std::byte*>(allocate_bytes(bytes));
    if (!block) {
      while (blocks_ > before) release_bytes(places_[static_cast<std::size_t>(--blocks_)], bytes);
      return refused();
    }
    places_[static_cast<std::size_t>(blocks_)] = block;
  }
  return {};
}

Status KeyValueCache::append(const HeadsView<const float>& k, const HeadsView<const float>& v) {
  if (Status status = check_input("k", k, {shape_.batch, shape_.heads, k.seq, shape_.head_dim}); !status.ok())
    return status;
  if (Status status = check_input("v", v, {shape_.batch, shape_.heads, k.seq, shape_.value_dim});
      !status.ok())
    return status;
  if (Status status = reserve(length_ + k.seq); !status.ok()) return status;
  for (int64_t done = 0, count = 0; done < k.seq; done += count) {
    const int64_t token = length_ + done;
    const int64_t at = token % kKeyBlock;
    count = std::min(kKeyBlock - at, k.seq - done);
    for (int64_t b = 0; b < shape_.batch; b++) {
      for (int64_t h = 0; h < shape_.heads; h++) {
        const auto place = [&](auto* block) {
          place_keys(k.row(b, h, done), k.seq_stride, at, count, shape_.head_dim, block);
          place_values(v.row(b, h, done), v.seq_stride, at, count, shape_.value_dim,
                       block + kKeyBlock * shape_.head_dim);
        };
        std::byte* const block = head_of(token, b, h);
        if (shape_.precision == Precision::f16) {
          place(reinterpret_cast<uint16_t*>(block));
        } else {
          place(reinterpret_cast<float*>(block));
        }
      }
    }
  }
  length_ += k.seq;
  return {};
}

Status KeyValueCache::truncate(int64_t length) {
  if (length < 0 || length > length_) {
    return Status::error(StatusCode::invalid_value, "the cache cannot be cut to %lld of its %lld tokens",
                         static_cast<long long>(length), static_cast<long long>(length_));
  }
  length_ = length;
  return {};
}

/// Queries, scores and biases of a thread, and a widened block.
std::size_t KeyValueCache::thread_floats(const HeadsView<const float>& q) const {
  const int64_t widened = shape_.precision == Precision::f16 ? head_numbers() : 0;
  return kernels::packed_queries(q.dim) +
         static_cast<std::size_t>(kernels::kBlockScratch + 2 * kernels::kPackedBias + widened);
}

std::size_t KeyValueCache::attend_workspace(const HeadsView<const float>& q, int threads) const {
  return thread_floats(q) * static_cast<std::size_t>(threads) +
         static_cast<std::size_t>(2 * q.batch * q.heads * q.seq);
}

Status KeyValueCache::attend(const HeadsView<const float>& q, const AttentionOptions& options,
                             HeadsView<float> out, std::span<float> lse, std::span<float> workspace,
                             RowRange rows, ThreadPool* pool) const {
  // Keys and values as attend() would be given them; they are only measured, never read through these views.
  const auto* first = length_ > 0 ? reinterpret_cast<const float*>(places_[0]) : nullptr;
  const AttentionInputs in = {q,
                              {first, shape_.batch, shape_.heads, length_, shape_.head_dim, 0, 0, 0},
                              {first, shape_.batch, shape_.heads, length_, shape_.value_dim, 0, 0, 0}};
  if (Status status = check_attend(in, options, out, lse, rows); !status.ok()) return status;
  const int most = threads_of(pool);
  if (workspace.size() < attend_workspace(q, most)) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), attend_workspace(q, most));
  }

  const int threads = attention_threads(in, most, rows);
  const Split split(in, rows, shape_.heads, threads);
  float* const sums = workspace.data() + thread_floats(q) * static_cast<std::size_t>(most);
  share(pool, split.tasks(), threads, [&](int64_t index, int thread) {
    float* const space = workspace.data() + thread_floats(q) * static_cast<std::size_t>(thread);
    attend_task(in, options, out, lse, sums, space, split.task(index));
  });
  return {};
}

void KeyValueCache::attend_task(const AttentionInputs& in, const AttentionOptions& options,
                                const HeadsView<float>& out, std::span<float> lse, float* sums, float* space,
                                const Task& task) const {
  const kernels::Table& kernel = kernels::table();
  const HeadsView<const float>& q = in.q;
  // By hand: before version 16, clang's lambdas take no structured bindings in.
  const int64_t b = task.batch, first_kv_head = task.first_kv_head, end_kv_head = task.end_kv_head;
  const RowRange& rows = task.rows;
  const int64_t group = q.heads / shape_.heads;
  const int64_t end_row = rows.first + rows.count;
  float* const queries = space;
  float* const scratch = queries + kernels::packed_queries(q.dim);
  float* const cells = scratch + kernels::kBlockScratch;
  float* const packed_bias = cells + kernels::kPackedBias;
  float* const widened = packed_bias + kernels::kPackedBias;
  float* const maxima = sums + b * q.heads * q.seq;  // [q_heads, q_len]
  float* const totals = maxima + q.batch * q.heads * q.seq;
  // The heads that share keys are rows of one block where they have one query each and the same factor.
  const bool together = q.seq == 1 && options.temperature.empty();
  const Visible visible(in, options, b);
  const Bias bias(in, options, b, visible);
  for (int64_t h = first_kv_head * group; h < end_kv_head * group; h++) {
    const FirstState first = first_state(options, h);
    std::fill_n(maxima + h * q.seq + rows.first, rows.count, first.maximum);
    std::fill_n(totals + h * q.seq + rows.first, rows.count, first.total);
    for (int64_t row = rows.first; row < end_row; row++) std::fill_n(out.row(b, h, row), out.dim, 0.0f);
  }

  kernels::AttentionBlock block{};
  block.q = queries;
  block.head_dim = shape_.head_dim;
  block.value_dim = shape_.value_dim;
  block.grouped = true;
  block.end_step = visible.to_right && !together ? 1 : 0;
  block.out_stride = together ? out.head_stride : out.seq_stride;
  block.scratch = scratch;
  block.softcap = log2_softcap(options);
  const int64_t q_stride = together ? q.head_stride : q.seq_stride;
  const int64_t first_key = rows.count > 0 ? visible.begin(rows.first) / kKeyBlock * kKeyBlock : visible.keys;
  for (int64_t key = first_key; key < visible.keys; key += kKeyBlock) {
    block.keys = std::min(kKeyBlock, visible.keys - key);
    const RowRange seeing = visible.rows_that_see(key, key + block.keys, rows.first, end_row);
    if (seeing.first >= end_row) break;
    if (seeing.count == 0) continue;
    for (int64_t kv_head = first_kv_head; kv_head < end_kv_head; kv_head++) {
      if (shape_.precision == Precision::f16) {
        kernel.widen_f16(reinterpret_cast<const uint16_t*>(head_of(key, b, kv_head)), head_numbers(),
                         widened);
        block.k = widened;
      } else {
        block.k = reinterpret_cast<const float*>(head_of(key, b, kv_head));
      }
      block.v = block.k + kKeyBlock * shape_.head_dim;
      block.finite_values = !bias.any() || finite_values(block.v, block.keys, shape_.value_dim);
      // Lines are the heads that share these keys where they go together, else rows.
      const int64_t first_head = kv_head * group;
      const int64_t lines = together ? group : seeing.count;
      for (int64_t h = first_head; h < first_head + group; h += together ? group : 1) {
        const float factor = query_factor(in, options, h);
        for (int64_t line = 0; line < lines; line += kernel.query_rows) {
          const int64_t row = together ? seeing.first : seeing.first + line, head = together ? h + line : h;
          block.rows = std::min(kernel.query_rows, lines - line);
          block.first_end = visible.unbounded_end(row) - key;
          block.out = out.row(b, head, row);
          block.maximum = maxima + head * q.seq + row;
          block.total = totals + head * q.seq + row;
          block.bias = nullptr;
          if (bias.touches(row, together ? 1 : block.rows, key)) {
            bool some = false;
            for (int64_t r = 0; r < block.rows; r++)
              some |= bias.cells(together ? head + r : head, together ? row : row + r, key, block.keys,
                                 cells + r * kKeyBlock);
            if (!some) continue;
            kernel.pack_bias(cells, block.rows, block.keys, packed_bias);
            block.bias = packed_bias;
          }
          kernel.pack_queries(q.row(b, head, row), q_stride, block.rows, q.dim, factor, queries);
          kernel.attend_block(block);
        }
      }
    }
  }

  for (int64_t h = first_kv_head * group; h < end_kv_head * group; h++) {
    const float gate = gate_of(options, h);
    for (int64_t row = rows.first; row < end_row; row++) {
      const int64_t state = h * q.seq + row;
      const float rest = bias.pinned(h, row, [](int64_t, float) {});
      float* const to = out.row(b, h, row);
      const float row_lse = finish_row(to, out.dim, maxima[state], totals[state], gate, rest);
      bias.pinned(h, row, [&](int64_t key, float weight) {
        for (int64_t d = 0; d < out.dim; d++) to[d] += gate * weight * value_at(key, b, h / group, d);
      });
      if (!lse.empty()) lse[static_cast<std::size_t>(b * q.heads * q.seq + state)] = row_lse;
    }
  }
}

}  // namespace limelight
