// A KeyValueCache filled from a reference::Case, and asked.
#pragma once

#include "attention_support.hpp"
#include "limelight/key_value_cache.hpp"

namespace support {

using View = limelight::HeadsView<const float>;

inline std::unique_ptr<limelight::KeyValueCache> cache_for(
    const reference::Case& c, int64_t capacity = 0,
    limelight::KeyValueCache::Precision precision = limelight::KeyValueCache::Precision::f32) {
  std::unique_ptr<limelight::KeyValueCache> cache;
  const limelight::Status status = limelight::KeyValueCache::create(
      {c.batch, c.kv_heads, c.head_dim, c.value_dim, precision}, capacity, cache);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  return cache;
}

/// Tokens [first, first + count) of a case's keys or values, in a block of exactly their size.
inline limelight::Status append(limelight::KeyValueCache& cache, const reference::Case& c, int64_t first,
                                int64_t count) {
  const auto piece = [&](const std::vector<float>& from, int64_t dim) {
    std::vector<float> rows;
    for (int64_t head = 0; head < c.batch * c.kv_heads; head++) {
      const auto start = from.begin() + (head * c.kv_len + first) * dim;
      rows.insert(rows.end(), start, start + count * dim);
    }
    return Block(rows);
  };
  Block k = piece(c.k, c.head_dim), v = piece(c.v, c.value_dim);
  return cache.append(View::heads_first(k.data(), c.batch, c.kv_heads, count, c.head_dim),
                      View::heads_first(v.data(), c.batch, c.kv_heads, count, c.value_dim));
}

inline Result run(const limelight::KeyValueCache& cache, const reference::Case& c,
                  limelight::RowRange rows = {}) {
  Block q(c.q), out(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len * c.value_dim)),
      lse(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len));
  const View queries = View::heads_first(q.data(), c.batch, c.q_heads, c.q_len, c.head_dim);
  Block workspace(cache.attend_workspace(queries));
  const limelight::Status status = cache.attend(
      queries, options_of(c),
      limelight::HeadsView<float>::heads_first(out.data(), c.batch, c.q_heads, c.q_len, c.value_dim),
      lse.span(), workspace.span(), rows);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  return {out.copy(), lse.copy()};
}

}  // namespace support
