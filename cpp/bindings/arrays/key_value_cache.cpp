// Keys and values that stay in the module between calls.
#include "limelight/key_value_cache.hpp"

#include "bindings/arrays/attention_fields.hpp"

namespace limelight::bindings {
namespace {

KeyValueCache& cache_at(Address cache) {
  return *reinterpret_cast<KeyValueCache*>(cache);
}

}  // namespace

LIMELIGHT_CALL(cacheCreate)
/// `half`: keys and values are kept as f16.
double cache_create(double batch, double heads, double head_dim, double value_dim, double capacity,
                    int half) {
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  std::unique_ptr<KeyValueCache> made;
  if (!keep(KeyValueCache::create({n(batch), n(heads), n(head_dim), n(value_dim),
                                   half ? KeyValueCache::Precision::f16 : KeyValueCache::Precision::f32},
                                  n(capacity), made)))
    return 0;
  return handle(made.release());
}
LIMELIGHT_CALL(cacheRelease)
void cache_release(Address cache) {
  delete &cache_at(cache);
}
LIMELIGHT_CALL(cacheAppend)
int cache_append(Address cache, Address block) {
  const AttentionInputs in = inputs(*reinterpret_cast<const AttentionFields*>(block));
  return code(cache_at(cache).append(in.k, in.v));
}
LIMELIGHT_CALL(cacheTruncate)
int cache_truncate(Address cache, double length) {
  return code(cache_at(cache).truncate(static_cast<int64_t>(length)));
}
/// Rows [firstRow, firstRow + rows) of every head.
LIMELIGHT_CALL(cacheAttention)
int cache_attention(Address cache, Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const HeadsView<const float> q = inputs(f).q;
  Buffer<float> workspace;
  if (!keep(workspace.resize(cache_at(cache).attend_workspace(q, threads()))))
    return static_cast<int>(last.code);
  const RowRange rows{static_cast<int64_t>(f.firstRow), static_cast<int64_t>(f.rows)};
  return code(cache_at(cache).attend(q, options(f), view<float>(f, f.out, f.heads, f.qLength, f.valueDim),
                                     lse_of(f), workspace.span(), rows, pool));
}

}  // namespace limelight::bindings
