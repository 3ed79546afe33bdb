// One row of the attention matrix with everything behind it, for a reader who follows the arithmetic by hand.
#include <algorithm>
#include <cmath>

#include "attention/bias.hpp"
#include "attention/shape.hpp"
#include "kernels/kernels.hpp"
#include "limelight/explain.hpp"

namespace limelight {
namespace {

// Scores that are looked at together: 1 KiB of stack.
constexpr int64_t kPieceCols = 256;

}  // namespace

Status explain_row(const AttentionInputs& in, const AttentionOptions& options, int64_t batch, int64_t head,
                   int64_t row, RowDetail& detail) {
  if (Status status = validate(in, options); !status.ok()) return status;
  const struct {
    const char* name;
    int64_t index, size;
  } places[] = {{"batch", batch, in.q.batch}, {"head", head, in.q.heads}, {"row", row, in.q.seq}};
  for (const auto& place : places) {
    if (place.index < 0 || place.index >= place.size) {
      return Status::error(StatusCode::invalid_shape, "%s is %lld of %lld", place.name,
                           static_cast<long long>(place.index), static_cast<long long>(place.size));
    }
  }
  const int64_t keys = in.k.seq;
  const struct {
    const char* name;
    std::span<float> numbers;
    int64_t size;
  } parts[] = {{"products", detail.products, keys * in.q.dim},
               {"dot", detail.dot, keys},
               {"scaled", detail.scaled, keys},
               {"capped", detail.capped, keys},
               {"masked", detail.masked, keys},
               {"exponent", detail.exponent, keys},
               {"weight", detail.weight, keys},
               {"weighted", detail.weighted, keys * in.v.dim},
               {"out", detail.out, in.v.dim}};
  for (const auto& part : parts) {
    if (!part.numbers.empty() && part.numbers.size() != static_cast<std::size_t>(part.size)) {
      return Status::error(StatusCode::invalid_shape, "%s has %zu numbers, needed are %lld", part.name,
                           part.numbers.size(), static_cast<long long>(part.size));
    }
  }

  const kernels::Table& kernel = kernels::table();
  const int64_t kv_head = kv_head_of(in, head);
  const Visible visible(in, options, batch);
  const Bias bias(in, options, batch, visible);
  const float* q = in.q.row(batch, head, row);
  const float factor = score_factor(in, options, head);
  const auto put = [](std::span<float> to, int64_t i, float value) {
    if (!to.empty()) to[static_cast<std::size_t>(i)] = value;
  };

  // What is not asked for is computed again where it is needed, a piece at a time, so this takes no memory.
  float scores[kPieceCols], added[kPieceCols];
  const auto piece_of_scores = [&](int64_t key) {
    const int64_t count = std::min(kPieceCols, keys - key);
    kernel.scores(q, in.q.seq_stride, 1, in.k.row(batch, kv_head, key), in.k.seq_stride, count, in.q.dim,
                  scores, kPieceCols);
    return count;
  };
  const auto mask_piece = [&](int64_t key, int64_t count) {
    kernel.multiply(scores, factor, count);
    if (options.softcap) kernel.softcap(scores, *options.softcap, count);
    bias.cells(head, row, key, count, added);
  };
  const auto masked = [&](int64_t i) { return added[i] == kHidden ? kHidden : scores[i] + added[i]; };

  float maximum = options.sinks.empty() ? kHidden : options.sinks[static_cast<std::size_t>(head)];
  const float sink = maximum;
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_scores(key);
    for (int64_t i = 0; i < count; i++) {
      put(detail.dot, key + i, scores[i]);
      put(detail.scaled, key + i, scores[i] * factor);
    }
    mask_piece(key, count);
    for (int64_t i = 0; i < count; i++) {
      const int64_t j = key + i;
      put(detail.capped, j, scores[i]);
      put(detail.masked, j, masked(i));
      if (added[i] != kHidden && !(masked(i) <= maximum)) maximum = masked(i);
      if (!detail.products.empty()) {
        const float* k = in.k.row(batch, kv_head, j);
        for (int64_t d = 0; d < in.q.dim; d++) put(detail.products, j * in.q.dim + d, q[d] * k[d]);
      }
    }
  }

  const auto piece_of_exponents = [&](int64_t key) {
    const int64_t count = piece_of_scores(key);
    mask_piece(key, count);
    for (int64_t i = 0; i < count; i++) {
      // -inf in a visible place weighs nothing even where the maximum is -inf as well.
      scores[i] = masked(i) == kHidden ? kHidden : masked(i) - maximum;
    }
    kernel.exp(scores, count, scores);
    return count;
  };
  detail.sink = options.sinks.empty() ? 0.0f : std::exp(sink - maximum);
  double total = static_cast<double>(detail.sink);
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_exponents(key);
    for (int64_t i = 0; i < count; i++) {
      put(detail.exponent, key + i, scores[i]);
      total += static_cast<double>(scores[i]);
    }
  }
  detail.scale = factor;
  detail.maximum = maximum;
  detail.total = static_cast<float>(total);

  detail.rest = bias.pinned(head, row, [](int64_t, float) {});
  std::fill(detail.out.begin(), detail.out.end(), 0.0f);
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_exponents(key);
    for (int64_t i = 0; i < count; i++) {
      if (detail.rest != 1.0f) scores[i] *= detail.rest;
      if (detail.total == 0.0f) added[i] = kHidden;  // nothing weighs anything
      if (detail.total != 0.0f) scores[i] /= detail.total;
    }
    // Pinned keys are among the hidden ones: their weights come from elsewhere.
    bias.pinned(head, row, [&](int64_t pinned, float weight) {
      if (pinned < key || pinned >= key + count) return;
      scores[pinned - key] = weight;
      added[pinned - key] = 0.0f;
    });
    for (int64_t i = 0; i < count; i++) {
      const int64_t j = key + i;
      const bool counts = added[i] != kHidden;
      const float weight = counts ? scores[i] : 0.0f;
      put(detail.weight, j, weight);
      const float* v = in.v.row(batch, kv_head, j);
      for (int64_t d = 0; d < in.v.dim; d++) {
        const float weighted = counts ? weight * v[d] : 0.0f;
        put(detail.weighted, j * in.v.dim + d, weighted);
        if (!detail.out.empty() && counts) detail.out[static_cast<std::size_t>(d)] += weighted;
      }
    }
  }
  const float gate = gate_of(options, head);
  for (float& number : detail.out) number *= gate;
  return {};
}

}  // namespace limelight
