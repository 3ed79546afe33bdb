// Attention on arrays as it crosses the border: one block of doubles.
#pragma once

#include <cmath>
#include <cstddef>

#include "bindings/calls.hpp"

namespace limelight::bindings {

// One block of doubles describes a call; attentionFields() tells the caller their order. NaN stands for "not
// given".
// clang-format off
#define LIMELIGHT_ATTENTION_FIELDS(X)                                                             \
  X(q) X(k) X(v) X(out) X(lse)                                                                    \
  X(batch) X(heads) X(kvHeads) X(qLength) X(kvLength) X(headDim) X(valueDim) X(headsFirst)        \
  X(scale) X(causal) X(pastLength) X(keyLengths) X(temperature) X(gate)                           \
  X(pastLengths) X(softcap) X(leftWindow) X(rightWindow) X(alibi) X(sinks)                        \
  X(relativeBias) X(relativeBiasSize) X(edges) X(edgeCount)                                       \
  X(bias) X(biasBatchStride) X(biasHeadStride) X(biasRowStride) X(biasColumns)                    \
  X(mask) X(maskBatchStride) X(maskHeadStride) X(maskRowStride) X(maskColumns)                    \
  X(atBatch) X(atHead) X(atHeads) X(atHeadCount) X(firstRow) X(rows) X(firstCol) X(cols)          \
  X(pooledRows) X(pooledCols) X(pool) X(stage) X(cells) X(rowSums) X(colSums) X(colMeans)         \
  X(dOut) X(dq) X(dk) X(dv) X(dBias) X(dBiasBatch) X(dBiasHeads) X(dGate) X(dTemperature)           \
  X(firstPart) X(parts) X(firstLine) X(lines)
// clang-format on

struct AttentionFields {
#define X(name) double name;
  LIMELIGHT_ATTENTION_FIELDS(X)
#undef X
};

/// Their names, each with a comma after it.
#define X(name) #name ","
inline constexpr const char* kAttentionFields = LIMELIGHT_ATTENTION_FIELDS(X);
#undef X

template <class T>
HeadsView<T> view(const AttentionFields& f, double address, double heads, double seq, double dim) {
  T* data = reinterpret_cast<T*>(static_cast<Address>(address));
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  return f.headsFirst != 0 ? HeadsView<T>::heads_first(data, n(f.batch), n(heads), n(seq), n(dim))
                           : HeadsView<T>::seq_first(data, n(f.batch), n(heads), n(seq), n(dim));
}

inline AttentionInputs inputs(const AttentionFields& f) {
  return {view<const float>(f, f.q, f.heads, f.qLength, f.headDim),
          view<const float>(f, f.k, f.kvHeads, f.kvLength, f.headDim),
          view<const float>(f, f.v, f.kvHeads, f.kvLength, f.valueDim)};
}

template <class T>
std::span<const T> optional_array(double address, double count) {
  if (address == 0) return {};
  return span_at<const T>(static_cast<Address>(address), count);
}

/// A matrix for each batch and head that may repeat itself.
template <class T>
HeadsView<const T> cells(const AttentionFields& f, double address, double columns, double batch_stride,
                         double head_stride, double row_stride) {
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  return {reinterpret_cast<const T*>(static_cast<Address>(address)),
          n(f.batch),
          n(f.heads),
          n(f.qLength),
          n(columns),
          n(batch_stride),
          n(head_stride),
          n(row_stride)};
}

// JavaScript writes edges as they lie in memory: four int32, the weight, and whether there is one.
static_assert(sizeof(AttentionEdge) == 24 && offsetof(AttentionEdge, batch) == 0 &&
              offsetof(AttentionEdge, head) == 4 && offsetof(AttentionEdge, row) == 8 &&
              offsetof(AttentionEdge, key) == 12 && offsetof(AttentionEdge, weight) == 16);

inline AttentionOptions options(const AttentionFields& f) {
  AttentionOptions o;
  if (!std::isnan(f.scale)) o.scale = static_cast<float>(f.scale);
  o.causal = f.causal != 0;
  if (!std::isnan(f.pastLength)) o.past_len = static_cast<int64_t>(f.pastLength);
  o.past_lens = optional_array<int32_t>(f.pastLengths, f.batch);
  o.key_lengths = optional_array<int32_t>(f.keyLengths, f.batch);
  o.temperature = optional_array<float>(f.temperature, f.heads);
  o.gate = optional_array<float>(f.gate, f.heads);
  if (!std::isnan(f.softcap)) o.softcap = static_cast<float>(f.softcap);
  if (!std::isnan(f.leftWindow)) o.left_window = static_cast<int64_t>(f.leftWindow);
  if (!std::isnan(f.rightWindow)) o.right_window = static_cast<int64_t>(f.rightWindow);
  o.alibi_slopes = optional_array<float>(f.alibi, f.heads);
  o.relative_bias = optional_array<float>(f.relativeBias, f.relativeBiasSize);
  o.sinks = optional_array<float>(f.sinks, f.heads);
  o.edges = optional_array<AttentionEdge>(f.edges, f.edgeCount);
  o.bias = cells<float>(f, f.bias, f.biasColumns, f.biasBatchStride, f.biasHeadStride, f.biasRowStride);
  o.mask = cells<uint8_t>(f, f.mask, f.maskColumns, f.maskBatchStride, f.maskHeadStride, f.maskRowStride);
  return o;
}

inline std::span<float> lse_of(const AttentionFields& f) {
  return span_at<float>(static_cast<Address>(f.lse), f.batch * f.heads * f.qLength);
}

}  // namespace limelight::bindings
