// Keys and values that stay where attention reads them, so that a step of decoding copies its own token only.
//
//   cache.append(k, v);                                  [batch, kv_heads, n, dim]: n more tokens
//   cache.attend(q, options, out, lse, workspace);       attend() over all tokens of the cache
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "limelight/attention.hpp"
#include "limelight/memory.hpp"
#include "limelight/status.hpp"

namespace limelight {

struct Task;

/// Tokens lie in blocks of 64, one allocation each: for every batch and key-value head the block's keys, then
/// its values, in groups of 32 as kernels.hpp says. A growing cache adds blocks and never copies old
/// ones (where a cache in one piece would for a moment need its memory twice, and WebAssembly memory never
/// shrinks again). The attention of a query walks the blocks in the order of their addresses: memory is read
/// as one stream, once for all query heads that share a key-value head.
///
/// A cache of f16 rounds what comes in to the nearest f16 and takes half the memory. attend() widens a block
/// of one head, 64 keys and values, before the queries meet it: where the processor can do that (AVX2, NEON)
/// it costs less than the reading that it saves, elsewhere a decoded token takes longer.
class KeyValueCache {
 public:
  enum class Precision { f32, f16 };
  struct Shape {
    int64_t batch = 1, heads = 1, head_dim = 1, value_dim = 1;  ///< heads: key-value heads
    Precision precision = Precision::f32;
  };

  /// An empty cache with room for `capacity` tokens (0: none yet; append() makes room as needed).
  /// invalid_shape: sizes that are not positive, or beyond any memory; out_of_memory.
  static Status create(const Shape& shape, int64_t capacity, std::unique_ptr<KeyValueCache>& made);

  KeyValueCache(const KeyValueCache&) = delete;
  KeyValueCache& operator=(const KeyValueCache&) = delete;
  ~KeyValueCache();

  const Shape& shape() const { return shape_; }
  int64_t length() const { return length_; }  ///< tokens of every batch and head
  int64_t capacity() const;                   ///< tokens that there is room for, a multiple of 64
  /// Memory held: 4 (f16: 2) * capacity * batch * heads * (head_dim + value_dim rounded up to a multiple of
  /// 8).
  std::size_t bytes() const;

  /// Adds tokens behind those that are there: k [batch, heads, n, head_dim], v [batch, heads, n, value_dim].
  /// O(n). invalid_shape, out_of_memory; a failed call changes nothing.
  Status append(const HeadsView<const float>& k, const HeadsView<const float>& v);

  /// Forgets all tokens from `length` on; what memory they had stays for those to come. invalid_value:
  /// outside 0 .. length().
  Status truncate(int64_t length);

  /// Floats of workspace that attend() needs for these queries with so many threads: the scores of 64 rows
  /// and, of f16, a block of one head for each thread, and two numbers for every query row. O(threads + batch
  /// * q_heads * q_len).
  std::size_t attend_workspace(const HeadsView<const float>& q, int threads = 1) const;

  /// limelight::attend() of queries q [batch, q_heads, q_len, head_dim] over the tokens of the cache: the
  /// same options (kv_len is length(), so causal queries are the cache's last tokens unless past_len says
  /// otherwise), the same refusals, the same bits (of f16: as of the rounded numbers). Does not allocate. One
  /// query reads 4 * length * batch * heads * (head_dim + value_dim) bytes for 2 * length * batch * q_heads *
  /// (head_dim + value_dim) FLOPs: without shared heads half a FLOP a byte, so its speed is that of the
  /// memory. A pool shares heads, and rows where there are few heads.
  Status attend(const HeadsView<const float>& q, const AttentionOptions& options, HeadsView<float> out,
                std::span<float> lse, std::span<float> workspace, RowRange rows = {},
                ThreadPool* pool = nullptr) const;

 private:
  explicit KeyValueCache(const Shape& shape) : shape_(shape) {}
  Status reserve(int64_t tokens);
  std::size_t block_bytes() const;
  /// Some rows of some heads; `sums` are of every row, `space` is a thread's own.
  void attend_task(const AttentionInputs& in, const AttentionOptions& options, const HeadsView<float>& out,
                   std::span<float> lse, float* sums, float* space, const Task& task) const;
  /// Numbers of a head in a block: its keys in groups, then its values in groups of kKeyBlock rows.
  int64_t head_numbers() const;
  /// Where they lie, in a unit of numbers of the cache's precision.
  std::byte* head_of(int64_t token, int64_t batch, int64_t head) const;
  std::size_t number_bytes() const { return shape_.precision == Precision::f16 ? 2 : 4; }
  std::size_t thread_floats(const HeadsView<const float>& q) const;
  float value_at(int64_t token, int64_t batch, int64_t head, int64_t d) const;

  Shape shape_;
  int64_t length_ = 0, blocks_ = 0;
  Buffer<std::byte*> places_;  ///< the first blocks_ of them are ours
};

}  // namespace limelight
