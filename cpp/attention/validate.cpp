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

// Far beyond any head, and small enough that no size of a workspace wraps around where addresses have 32
// bits.
constexpr int64_t kLargestDim = int64_t{1} << 20;
constexpr int64_t kMostElements =
    std::numeric_limits<std::ptrdiff_t>::max() / static_cast<int64_t>(sizeof(float));

Status check_view(const char* name, const HeadsView<const float>& view) {
  if (view.batch < 1 || view.heads < 1 || view.dim < 1 || view.seq < 0) {
    return Status::error(Code::invalid_shape, "%s has shape [%lld, %lld, %lld, %lld]: sizes must be positive",
                         name, number(view.batch), number(view.heads), number(view.seq), number(view.dim));
  }
  if (view.dim > kLargestDim) {
    return Status::error(Code::invalid_shape, "%s has vectors of %lld numbers: at most %lld are served", name,
                         number(view.dim), number(kLargestDim));
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

Status check_options(const AttentionInputs& in, const AttentionOptions& options) {
  if (options.scale && !std::isfinite(*options.scale)) {
    return Status::error(Code::invalid_value, "scale is %g: it must be finite",
                         static_cast<double>(*options.scale));
  }
  if (options.past_len && !options.causal) {
    return Status::error(Code::invalid_option,
                         "past_len is %lld without causal: only the causal mask counts from it",
                         number(*options.past_len));
  }
  // The upper bound keeps i + past_len + 1 from wrapping; it hides nothing, being past every key.
  if (options.past_len &&
      (*options.past_len < 0 || *options.past_len > std::numeric_limits<int64_t>::max() / 4)) {
    return Status::error(Code::invalid_value, "past_len is %lld: it must be 0 or more and sane",
                         number(*options.past_len));
  }
  if (!options.key_lengths.empty()) {
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
  }
  if (Status status = check_per_head("temperature", options.temperature, in.q.heads, true); !status.ok())
    return status;
  if (Status status = check_per_head("gate", options.gate, in.q.heads, false); !status.ok()) return status;
  for (std::size_t head = 0; head < options.temperature.size(); head++) {
    if (!std::isfinite(score_factor(in, options, static_cast<int64_t>(head)))) {
      return Status::error(Code::invalid_value, "temperature[%zu] is %g: scale / temperature overflows", head,
                           static_cast<double>(options.temperature[head]));
    }
  }
  return {};
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
