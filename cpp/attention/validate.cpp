#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "attention/shape.hpp"

namespace limelight {
namespace {

using Code = StatusCode;

// printf's %lld wants long long; int64_t is long on some hosts.
long long number(int64_t value) {
  return static_cast<long long>(value);
}

constexpr int64_t kMostElements =
    std::numeric_limits<std::ptrdiff_t>::max() / static_cast<int64_t>(sizeof(float));
// Positions and windows: far beyond any text, and sums of them do not wrap around.
constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max() / 8;

template <class T>
Status check_view(const char* name, const HeadsView<const T>& view, int64_t largest_dim = kLargestDim) {
  if (view.batch < 1 || view.heads < 1 || view.dim < 1 || view.seq < 0) {
    return Status::error(Code::invalid_shape, "%s has shape [%lld, %lld, %lld, %lld]: sizes must be positive",
                         name, number(view.batch), number(view.heads), number(view.seq), number(view.dim));
  }
  if (view.dim > largest_dim) {
    return Status::error(Code::invalid_shape, "%s has vectors of %lld numbers: at most %lld are served", name,
                         number(view.dim), number(largest_dim));
  }
  const struct {
    const char* name;
    int64_t size, stride;
  } axes[] = {{"batch_stride", view.batch, view.batch_stride},
              {"head_stride", view.heads, view.head_stride},
              {"seq_stride", view.seq, view.seq_stride}};
  int64_t reach = view.dim;     // one past the farthest element, in floats
  int64_t elements = view.dim;  // more than reach where a stride is 0
  for (const auto& axis : axes) {
    if (axis.stride < 0) {
      return Status::error(Code::invalid_shape, "%s.%s is %lld: strides must not be negative", name,
                           axis.name, number(axis.stride));
    }
    int64_t span = 0;
    const bool wraps = __builtin_mul_overflow(axis.size - (axis.size > 0), axis.stride, &span) ||
                       __builtin_add_overflow(reach, span, &reach) ||
                       __builtin_mul_overflow(elements, axis.size, &elements);
    if (wraps || reach > kMostElements || elements > kMostElements) {
      return Status::error(Code::invalid_shape,
                           "%s of shape [%lld, %lld, %lld, %lld] reaches beyond any memory", name,
                           number(view.batch), number(view.heads), number(view.seq), number(view.dim));
    }
  }
  if (view.seq > 0 && !view.data) return Status::error(Code::invalid_shape, "%s has no data", name);
  return {};
}

template <class T>
Status check_shape(const char* name, const HeadsView<T>& view, const HeadsShape& shape) {
  if (view.batch == shape.batch && view.heads == shape.heads && view.seq == shape.seq &&
      view.dim == shape.dim) {
    return {};
  }
  return Status::error(Code::invalid_shape,
                       "%s has shape [%lld, %lld, %lld, %lld], needed is [%lld, %lld, %lld, %lld]", name,
                       number(view.batch), number(view.heads), number(view.seq), number(view.dim),
                       number(shape.batch), number(shape.heads), number(shape.seq), number(shape.dim));
}

Status check_per_head(const char* name, std::span<const float> values, int64_t heads, bool positive) {
  if (values.empty()) return {};
  if (values.size() != static_cast<std::size_t>(heads)) {
    return Status::error(Code::invalid_shape, "%s has %zu numbers for %lld query heads", name, values.size(),
                         number(heads));
  }
  for (std::size_t head = 0; head < values.size(); head++) {
    if (!std::isfinite(values[head]) || (positive && values[head] <= 0.0f)) {
      return Status::error(Code::invalid_value, "%s[%zu] is %g: it must be %s", name, head,
                           static_cast<double>(values[head]), positive ? "finite and above 0" : "finite");
    }
  }
  return {};
}

Status check_shapes(const AttentionInputs& in, Values values) {
  if (Status status = check_view("q", in.q); !status.ok()) return status;
  if (Status status = check_view("k", in.k); !status.ok()) return status;
  if (in.k.batch != in.q.batch) {
    return Status::error(Code::invalid_shape, "k has batch %lld where q has %lld", number(in.k.batch),
                         number(in.q.batch));
  }
  if (in.k.dim != in.q.dim) {
    return Status::error(Code::invalid_shape, "k has head_dim %lld where q has %lld", number(in.k.dim),
                         number(in.q.dim));
  }
  if (in.q.heads % in.k.heads != 0) {
    return Status::error(Code::invalid_shape, "%lld query heads are no multiple of %lld key-value heads",
                         number(in.q.heads), number(in.k.heads));
  }
  if (values == Values::optional && !in.v.data) return {};
  if (Status status = check_view("v", in.v); !status.ok()) return status;
  if (in.v.batch != in.k.batch || in.v.heads != in.k.heads || in.v.seq != in.k.seq) {
    return Status::error(Code::invalid_shape,
                         "v has [batch, heads, seq] = [%lld, %lld, %lld] where k has [%lld, %lld, %lld]",
                         number(in.v.batch), number(in.v.heads), number(in.v.seq), number(in.k.batch),
                         number(in.k.heads), number(in.k.seq));
  }
  return {};
}

/// A view of one row for every query, as many numbers as there are keys or fewer.
template <class T>
Status check_cells(const char* name, const HeadsView<const T>& view, const AttentionInputs& in) {
  if (!view.data) return {};
  const HeadsShape shape = {in.q.batch, in.q.heads, in.q.seq, view.dim};
  if (Status status = check_shape(name, view, shape); !status.ok()) return status;
  return check_view(name, view, in.k.seq);
}

Status check_positions(const AttentionInputs& in, const AttentionOptions& options) {
  const struct {
    const char* name;
    const std::optional<int64_t>& value;
  } numbers[] = {{"past_len", options.past_len},
                 {"left_window", options.left_window},
                 {"right_window", options.right_window}};
  for (const auto& [name, value] : numbers) {
    if (value && (*value < 0 || *value > kFarthest)) {
      return Status::error(Code::invalid_value, "%s is %lld: it must be 0 or more and sane", name,
                           number(*value));
    }
  }
  if (!options.past_lens.empty() && options.past_lens.size() != static_cast<std::size_t>(in.q.batch)) {
    return Status::error(Code::invalid_shape, "past_lens has %zu numbers for batch %lld",
                         options.past_lens.size(), number(in.q.batch));
  }
  if (options.past_len && !options.past_lens.empty()) {
    return Status::error(Code::invalid_option, "past_len is %lld beside past_lens: give one of them",
                         number(*options.past_len));
  }
  const bool counted = options.causal || options.left_window || options.right_window ||
                       !options.alibi_slopes.empty() || !options.relative_bias.empty();
  if (options.past_len && !counted) {
    return Status::error(Code::invalid_option,
                         "past_len is %lld where nothing counts from it: neither causal, windows nor biases",
                         number(*options.past_len));
  }
  if (!options.past_lens.empty() && !counted) {
    return Status::error(
        Code::invalid_option,
        "past_lens is given where nothing counts from it: neither causal, windows nor biases");
  }
  return {};
}

Status check_key_lengths(const AttentionInputs& in, const AttentionOptions& options) {
  if (options.key_lengths.empty()) return {};
  if (options.key_lengths.size() != static_cast<std::size_t>(in.q.batch)) {
    return Status::error(Code::invalid_shape, "key_lengths has %zu numbers for batch %lld",
                         options.key_lengths.size(), number(in.q.batch));
  }
  for (std::size_t b = 0; b < options.key_lengths.size(); b++) {
    if (options.key_lengths[b] < 0 || options.key_lengths[b] > in.k.seq) {
      return Status::error(Code::invalid_value, "key_lengths[%zu] is %d: it must be 0 to kv_len, %lld", b,
                           static_cast<int>(options.key_lengths[b]), number(in.k.seq));
    }
  }
  return {};
}

Status check_relative_bias(const AttentionInputs& in, const AttentionOptions& options) {
  const std::size_t size = options.relative_bias.size(), heads = static_cast<std::size_t>(in.q.heads);
  if (size % heads != 0 || (size > 0 && size / heads % 2 == 0)) {
    return Status::error(
        Code::invalid_shape,
        "relative_bias has %zu numbers for %zu query heads: an odd number for each is needed", size, heads);
  }
  for (std::size_t i = 0; i < size; i++) {
    if (!std::isfinite(options.relative_bias[i])) {
      return Status::error(Code::invalid_value, "relative_bias[%zu] is %g: it must be finite", i,
                           static_cast<double>(options.relative_bias[i]));
    }
  }
  return {};
}

/// One edge by itself, and its place behind the one before.
Status check_edge(const AttentionInputs& in, std::span<const AttentionEdge> edges, std::size_t i) {
  const AttentionEdge& edge = edges[i];
  const struct {
    const char* name;
    int32_t index;
    int64_t size;
    int32_t least;
  } places[] = {{"batch", edge.batch, in.q.batch, AttentionEdge::kEvery},
                {"head", edge.head, in.q.heads, AttentionEdge::kEvery},
                {"row", edge.row, in.q.seq, 0},
                {"key", edge.key, in.k.seq, 0}};
  for (const auto& place : places) {
    if (place.index < place.least || place.index >= place.size) {
      return Status::error(Code::invalid_value, "edges[%zu].%s is %d of %lld", i, place.name,
                           static_cast<int>(place.index), number(place.size));
    }
  }
  if (edge.weight && !(*edge.weight >= 0.0f && *edge.weight <= 1.0f)) {
    return Status::error(Code::invalid_value, "edges[%zu].weight is %g: it must be 0 to 1", i,
                         static_cast<double>(*edge.weight));
  }
  if (i > 0 &&
      (edges[i - 1].row > edge.row || (edges[i - 1].row == edge.row && edges[i - 1].key > edge.key))) {
    return Status::error(Code::invalid_value, "edges[%zu] (row %d, key %d) comes after row %d, key %d", i,
                         static_cast<int>(edge.row), static_cast<int>(edge.key),
                         static_cast<int>(edges[i - 1].row), static_cast<int>(edges[i - 1].key));
  }
  return {};
}

/// Whether two edges may concern the same batch and head.
bool meet(const AttentionEdge& a, const AttentionEdge& b) {
  const auto same = [](int32_t x, int32_t y) {
    return x == y || x == AttentionEdge::kEvery || y == AttentionEdge::kEvery;
  };
  return same(a.batch, b.batch) && same(a.head, b.head);
}

Status check_edges(const AttentionInputs& in, const AttentionOptions& options) {
  const std::span<const AttentionEdge> edges = options.edges;
  for (std::size_t i = 0; i < edges.size(); i++) {
    if (Status status = check_edge(in, edges, i); !status.ok()) return status;
    const auto of_row = [&](std::size_t j) { return edges[j].row == edges[i].row; };
    for (std::size_t j = i; j-- > 0 && of_row(j) && edges[j].key == edges[i].key;) {
      if (!meet(edges[i], edges[j])) continue;
      return Status::error(Code::invalid_value, "edges[%zu] and edges[%zu] are both row %d, key %d", j, i,
                           static_cast<int>(edges[i].row), static_cast<int>(edges[i].key));
    }
    if (!edges[i].weight) continue;
    float sum = *edges[i].weight;
    for (std::size_t j = i; j-- > 0 && of_row(j);) {
      if (meet(edges[i], edges[j])) sum += edges[j].weight.value_or(0.0f);
    }
    // Room for the rounding of shares that were made to add up to 1.
    if (sum > 1.00001f) {
      return Status::error(Code::invalid_value, "edges of row %d are pinned to %g in all: at most 1 is there",
                           static_cast<int>(edges[i].row), static_cast<double>(sum));
    }
  }
  return {};
}

Status check_options(const AttentionInputs& in, const AttentionOptions& options) {
  if (options.scale && !std::isfinite(*options.scale)) {
    return Status::error(Code::invalid_value, "scale is %g: it must be finite",
                         static_cast<double>(*options.scale));
  }
  if (options.softcap && !(std::isnormal(*options.softcap) && *options.softcap > 0.0f)) {
    return Status::error(Code::invalid_value, "softcap is %g: it must be finite and above 0",
                         static_cast<double>(*options.softcap));
  }
  if (Status status = check_positions(in, options); !status.ok()) return status;
  if (Status status = check_key_lengths(in, options); !status.ok()) return status;
  const struct {
    const char* name;
    std::span<const float> values;
    bool positive;
  } per_head[] = {{"temperature", options.temperature, true},
                  {"gate", options.gate, false},
                  {"alibi_slopes", options.alibi_slopes, false},
                  {"sinks", options.sinks, false}};
  for (const auto& [name, values, positive] : per_head) {
    if (Status status = check_per_head(name, values, in.q.heads, positive); !status.ok()) return status;
  }
  for (std::size_t head = 0; head < options.temperature.size(); head++) {
    if (!std::isfinite(score_factor(in, options, static_cast<int64_t>(head)))) {
      return Status::error(Code::invalid_value, "temperature[%zu] is %g: scale / temperature overflows", head,
                           static_cast<double>(options.temperature[head]));
    }
  }
  for (int64_t head = 0; options.softcap && head < in.q.heads; head++) {
    if (!std::isfinite(query_factor(in, options, head)) || !std::isfinite(log2_softcap(options))) {
      return Status::error(Code::invalid_value, "softcap is %g: scale / softcap or its logarithm overflows",
                           static_cast<double>(*options.softcap));
    }
  }
  if (Status status = check_cells("bias", options.bias, in); !status.ok()) return status;
  if (Status status = check_cells("mask", options.mask, in); !status.ok()) return status;
  if (Status status = check_relative_bias(in, options); !status.ok()) return status;
  return check_edges(in, options);
}

}  // namespace

Status check_input(const char* name, const HeadsView<const float>& view, const HeadsShape& shape) {
  if (Status status = check_shape(name, view, shape); !status.ok()) return status;
  return check_view(name, view);
}

Status check_output(const char* name, const HeadsView<float>& view, const HeadsShape& shape) {
  if (Status status = check_shape(name, view, shape); !status.ok()) return status;
  if (view.seq == 0 || view.dim == 0) return {};
  if (!view.data) return Status::error(Code::invalid_shape, "%s has no data", name);
  // Axes from the finest stride to the coarsest: each must step over all that the finer ones cover.
  struct Axis {
    int64_t stride, size;
  } axes[] = {{view.batch_stride, view.batch}, {view.head_stride, view.heads}, {view.seq_stride, view.seq}};
  const auto order = [](Axis& a, Axis& b) {
    if (b.stride < a.stride) std::swap(a, b);
  };
  order(axes[0], axes[1]);
  order(axes[1], axes[2]);
  order(axes[0], axes[1]);
  int64_t covered = view.dim;
  for (const Axis& axis : axes) {
    if (axis.size <= 1) continue;
    int64_t reach = 0;
    if (axis.stride < covered || __builtin_mul_overflow(axis.size - 1, axis.stride, &reach) ||
        __builtin_add_overflow(covered, reach, &covered)) {
      return Status::error(Code::invalid_shape, "%s has a stride of %lld: its rows would overlap", name,
                           number(axis.stride));
    }
  }
  return {};
}

Status validate_attention(const AttentionInputs& in, const AttentionOptions& options, Values values) {
  if (Status status = check_shapes(in, values); !status.ok()) return status;
  return check_options(in, options);
}

Status validate(const AttentionInputs& in, const AttentionOptions& options) {
  return validate_attention(in, options, Values::needed);
}

}  // namespace limelight
