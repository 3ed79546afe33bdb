#include "attention/bias.hpp"

#include <algorithm>
#include <cmath>

namespace limelight {

Bias::Bias(const AttentionInputs& in, const AttentionOptions& options, int64_t batch, const Visible& visible)
    : options_(options),
      batch_(batch),
      visible_(visible),
      farthest_((static_cast<int64_t>(options.relative_bias.size()) / in.q.heads - 1) / 2),
      everywhere_(options.bias.data || options.mask.data || !options.alibi_slopes.empty() ||
                  !options.relative_bias.empty()) {}

std::span<const AttentionEdge> Bias::edges_of(int64_t row, int64_t end_row) const {
  const auto first_of = [&](int64_t r) {
    return std::partition_point(options_.edges.begin(), options_.edges.end(),
                                [&](const AttentionEdge& edge) { return edge.row < r; });
  };
  return {first_of(row), first_of(end_row)};
}

bool Bias::cells(int64_t head, int64_t row, int64_t key, int64_t count, float* to) const {
  const int64_t begin = std::clamp<int64_t>(visible_.begin(row) - key, 0, count);
  const int64_t end = std::clamp<int64_t>(visible_.end(row) - key, begin, count);
  std::fill(to, to + begin, kHidden);
  std::fill(to + end, to + count, kHidden);

  if (options_.bias.data) {
    const float* bias = options_.bias.row(batch_, head, row) + key;
    std::copy(bias + begin, bias + end, to + begin);
  } else {
    std::fill(to + begin, to + end, 0.0f);
  }
  // Key j is at distance j + nearest of the query.
  const int64_t nearest = key - (row + visible_.past);
  if (!options_.relative_bias.empty()) {
    const float* table = options_.relative_bias.data() + head * (2 * farthest_ + 1) + farthest_;
    for (int64_t j = begin; j < end; j++) to[j] += table[std::clamp(j + nearest, -farthest_, farthest_)];
  }
  if (!options_.alibi_slopes.empty()) {
    const float slope = options_.alibi_slopes[static_cast<std::size_t>(head)];
    for (int64_t j = begin; j < end; j++) to[j] -= slope * static_cast<float>(std::abs(j + nearest));
  }
  if (options_.mask.data) {
    const uint8_t* mask = options_.mask.row(batch_, head, row) + key;
    for (int64_t j = begin; j < end; j++) to[j] = mask[j] ? to[j] : kHidden;
  }
  for (const AttentionEdge& edge : edges_of(row, row + 1)) {
    if (edge.key >= key && edge.key < key + count && concerns(edge, head)) to[edge.key - key] = kHidden;
  }
  return std::any_of(to + begin, to + end, [](float x) { return x != kHidden; });
}

}  // namespace limelight
