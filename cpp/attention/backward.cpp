// The loops around backward_block: key block, 256 query rows, batch, key-value head, query head. A block of
// keys and values is packed once for all of a part's rows; every gradient is summed where the caller has it.
#include <algorithm>

#include "attention/shape.hpp"
#include "kernels/kernels.hpp"
#include "limelight/attention_backward.hpp"
#include "threads/worth.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;
using kernels::packed_size;

// Rows of a part: enough that packing its keys and values, which costs as much as four or five rows, does not
// show; few enough that a part (10 * 256 * 64 * 64 FLOPs at dim 64) takes half a millisecond per head.
constexpr int64_t kPartRows = 256;

int64_t key_blocks(const AttentionInputs& in) {
  return std::max<int64_t>(1, (in.k.seq + kKeyBlock - 1) / kKeyBlock);
}
int64_t row_blocks(const AttentionInputs& in) {
  return std::max<int64_t>(1, (in.q.seq + kPartRows - 1) / kPartRows);
}

/// Batches and key-value heads: what parts go over first.
int64_t pairs(const AttentionInputs& in) {
  return in.q.batch * in.k.heads;
}

/// Threads that so many parts are worth; one where a number is summed over batches or key-value heads, so
/// that its order of summation stays.
int backward_threads(const AttentionInputs& in, const AttentionGradients& to, int64_t parts, int most) {
  const bool over_batches =
      (to.d_bias.data && to.d_bias.batch == 1) || !to.d_gate.empty() || !to.d_temperature.empty();
  const bool over_heads = to.d_bias.data && to.d_bias.heads == 1;
  if ((over_batches && in.q.batch > 1) || (over_heads && in.k.heads > 1)) return 1;
  const double cells = static_cast<double>(parts * (in.q.heads / in.k.heads)) *
                       static_cast<double>(std::min(kPartRows, in.q.seq) * std::min(kKeyBlock, in.k.seq));
  return threads_worth(cells * static_cast<double>(3 * in.q.dim + 2 * in.v.dim), most);
}

std::size_t thread_floats(const AttentionInputs& in) {
  return packed_size(kKeyBlock, in.k.dim) + packed_size(kKeyBlock, in.v.dim) +
         packed_size(in.k.dim, kKeyBlock) + kernels::backward_scratch(in.q.dim, in.v.dim);
}

/// What the reverse pass has no formulas for.
Status check_served(const AttentionOptions& options) {
  const struct {
    const char* name;
    bool given;
  } others[] = {{"softcap", options.softcap.has_value()},
                {"left_window", options.left_window.has_value()},
                {"right_window", options.right_window.has_value()},
                {"bias", options.bias.data != nullptr},
                {"mask", options.mask.data != nullptr},
                {"alibi_slopes", !options.alibi_slopes.empty()},
                {"relative_bias", !options.relative_bias.empty()},
                {"sinks", !options.sinks.empty()},
                {"edges", !options.edges.empty()}};
  for (const auto& other : others) {
    if (other.given) {
      return Status::error(StatusCode::invalid_option, "%s is given: the reverse pass does not serve it",
                           other.name);
    }
  }
  return {};
}

Status check_backward(const AttentionInputs& in, const AttentionForward& forward,
                      const AttentionGradients& to) {
  const HeadsShape out = {in.q.batch, in.q.heads, in.q.seq, in.v.dim};
  if (Status status = check_input("out", forward.out, out); !status.ok()) return status;
  if (Status status = check_input("d_out", forward.d_out, out); !status.ok()) return status;
  const std::size_t rows = static_cast<std::size_t>(in.q.batch * in.q.heads * in.q.seq);
  if (forward.lse.size() != rows) {
    return Status::error(StatusCode::invalid_shape, "lse has %zu numbers for %zu rows", forward.lse.size(),
                         rows);
  }
  const struct {
    const char* name;
    const HeadsView<float>& view;
    HeadsShape shape;
  } outputs[] = {{"dq", to.dq, {in.q.batch, in.q.heads, in.q.seq, in.q.dim}},
                 {"dk", to.dk, {in.k.batch, in.k.heads, in.k.seq, in.k.dim}},
                 {"dv", to.dv, {in.v.batch, in.v.heads, in.v.seq, in.v.dim}}};
  for (const auto& output : outputs) {
    if (Status status = check_output(output.name, output.view, output.shape); !status.ok()) return status;
  }
  if (to.d_bias.data) {
    const HeadsShape shape = {to.d_bias.batch == 1 ? 1 : in.q.batch, to.d_bias.heads == 1 ? 1 : in.q.heads,
                              in.q.seq, in.k.seq};
    if (Status status = check_output("d_bias", to.d_bias, shape); !status.ok()) return status;
  }
  const struct {
    const char* name;
    std::span<float> numbers;
  } per_head[] = {{"d_gate", to.d_gate}, {"d_temperature", to.d_temperature}};
  for (const auto& output : per_head) {
    if (!output.numbers.empty() && output.numbers.size() != static_cast<std::size_t>(in.q.heads)) {
      return Status::error(StatusCode::invalid_shape, "%s has %zu numbers for %lld query heads", output.name,
                           output.numbers.size(), static_cast<long long>(in.q.heads));
    }
  }
  return {};
}

/// Some rows of a batch and group of heads against a block of keys.
class Part {
 public:
  Part(const AttentionInputs& in, const AttentionOptions& options, const AttentionForward& forward,
       const AttentionGradients& to, int64_t index)
      : in_(in),
        options_(options),
        forward_(forward),
        to_(to),
        group_(in.q.heads / in.k.heads),
        batch_(index % pairs(in) / in.k.heads),
        kv_head_(index % in.k.heads),
        first_key_(index / pairs(in) / row_blocks(in) * kKeyBlock),
        end_key_(std::min(first_key_ + kKeyBlock, in.k.seq)),
        first_row_(index / pairs(in) % row_blocks(in) * kPartRows),
        end_row_(std::min(first_row_ + kPartRows, in.q.seq)),
        visible_(in, options, batch_) {}

  /// Every gradient is zero before the first part that adds to it.
  void clear() const {
    if (first_row_ == 0) {
      for (int64_t key = first_key_; key < end_key_; key++) {
        std::fill_n(to_.dk.row(batch_, kv_head_, key), to_.dk.dim, 0.0f);
        std::fill_n(to_.dv.row(batch_, kv_head_, key), to_.dv.dim, 0.0f);
      }
    }
    for (int64_t h = kv_head_ * group_; h < (kv_head_ + 1) * group_; h++) {
      const std::size_t head = static_cast<std::size_t>(h);
      const bool first_bias = (batch_ == 0 || to_.d_bias.batch > 1) && (h == 0 || to_.d_bias.heads > 1);
      for (int64_t row = first_row_; row < end_row_; row++) {
        if (first_key_ == 0) std::fill_n(to_.dq.row(batch_, h, row), to_.dq.dim, 0.0f);
        if (to_.d_bias.data && first_bias)
          std::fill(bias(h, row), bias(h, row) + end_key_ - first_key_, 0.0f);
      }
      if (batch_ > 0 || first_key_ > 0 || first_row_ > 0) continue;
      if (!to_.d_gate.empty()) to_.d_gate[head] = 0.0f;
      if (!to_.d_temperature.empty()) to_.d_temperature[head] = 0.0f;
    }
  }

  void add(std::span<float> workspace) const {
    const kernels::Table& kernel = kernels::table();
    // Row i sees this block from its first key on when i + past >= first_key.
    const int64_t first_row =
        visible_.to_right ? std::max(first_row_, first_key_ - visible_.past) : first_row_;
    if (first_row >= end_row_ || first_key_ >= visible_.keys) return;
    const int64_t keys = std::min(kKeyBlock, visible_.keys - first_key_);
    const float* k = in_.k.row(batch_, kv_head_, first_key_);
    const float* v = in_.v.row(batch_, kv_head_, first_key_);
    float* keys_packed = workspace.data();
    float* values_packed = keys_packed + packed_size(kKeyBlock, in_.k.dim);
    float* keys_as_values = values_packed + packed_size(kKeyBlock, in_.v.dim);
    kernel.pack_keys(k, in_.k.seq_stride, keys, in_.k.dim, keys_packed);
    kernel.pack_keys(v, in_.v.seq_stride, keys, in_.v.dim, values_packed);
    kernel.pack_values(k, in_.k.seq_stride, keys, in_.k.dim, keys_as_values);

    for (int64_t h = kv_head_ * group_; h < (kv_head_ + 1) * group_; h++) {
      const std::size_t head = static_cast<std::size_t>(h);
      kernels::BackwardBlock block{};
      block.q = in_.q.row(batch_, h, first_row);
      block.q_stride = in_.q.seq_stride;
      block.d_out = forward_.d_out.row(batch_, h, first_row);
      block.d_out_stride = forward_.d_out.seq_stride;
      block.out = forward_.out.row(batch_, h, first_row);
      block.out_stride = forward_.out.seq_stride;
      block.rows = end_row_ - first_row;
      block.head_dim = in_.q.dim;
      block.value_dim = in_.v.dim;
      block.lse = forward_.lse.data() + (batch_ * in_.q.heads + h) * in_.q.seq + first_row;
      block.keys_packed = keys_packed;
      block.values_packed = values_packed;
      block.keys_as_values = keys_as_values;
      block.keys = keys;
      block.first_end = visible_.to_right ? first_row + visible_.past + 1 - first_key_ : keys;
      block.end_step = visible_.to_right ? 1 : 0;
      block.factor = score_factor(in_, options_, h);
      block.gate = options_.gate.empty() ? 1.0f : options_.gate[head];
      block.dq = to_.dq.row(batch_, h, first_row);
      block.dq_stride = to_.dq.seq_stride;
      block.dk = to_.dk.row(batch_, kv_head_, first_key_);
      block.dk_stride = to_.dk.seq_stride;
      block.dv = to_.dv.row(batch_, kv_head_, first_key_);
      block.dv_stride = to_.dv.seq_stride;
      block.d_bias = to_.d_bias.data ? bias(h, first_row) : nullptr;
      block.d_bias_stride = to_.d_bias.seq_stride;
      block.d_gate = to_.d_gate.empty() ? nullptr : &to_.d_gate[head];
      block.scratch = keys_as_values + packed_size(in_.k.dim, kKeyBlock);
      kernel.backward_block(block);
    }
  }

  /// d_temperature follows from dq, which is whole after the last block of keys.
  void finish() const {
    if (to_.d_temperature.empty() || end_key_ < in_.k.seq) return;
    for (int64_t h = kv_head_ * group_; h < (kv_head_ + 1) * group_; h++) {
      const std::size_t head = static_cast<std::size_t>(h);
      float sum = 0.0f;
      for (int64_t row = first_row_; row < end_row_; row++) {
        if (visible_.end(row) <= 0) continue;
        sum += kernels::table().dot(in_.q.row(batch_, h, row), to_.dq.row(batch_, h, row), in_.q.dim);
      }
      const float temperature = options_.temperature.empty() ? 1.0f : options_.temperature[head];
      to_.d_temperature[head] -= sum / temperature;
    }
  }

 private:
  float* bias(int64_t head, int64_t row) const {
    return to_.d_bias.row(to_.d_bias.batch > 1 ? batch_ : 0, to_.d_bias.heads > 1 ? head : 0, row) +
           first_key_;
  }

  const AttentionInputs& in_;
  const AttentionOptions& options_;
  const AttentionForward& forward_;
  const AttentionGradients& to_;
  int64_t group_, batch_, kv_head_, first_key_, end_key_, first_row_, end_row_;
  Visible visible_;
};

}  // namespace

int64_t attend_backward_parts(const AttentionInputs& in, const AttentionOptions& options) {
  if (!validate(in, options).ok()) return 0;
  return pairs(in) * key_blocks(in) * row_blocks(in);
}

std::size_t attend_backward_workspace(const AttentionInputs& in, const AttentionOptions& options,
                                      int threads) {
  return validate(in, options).ok() ? thread_floats(in) * static_cast<std::size_t>(threads) : 0;
}

Status attend_backward(const AttentionInputs& in, const AttentionOptions& options,
                       const AttentionForward& forward, const AttentionGradients& gradients,
                       std::span<float> workspace, BackwardParts parts, ThreadPool* pool) {
  if (Status status = validate(in, options); !status.ok()) return status;
  if (Status status = check_served(options); !status.ok()) return status;
  if (Status status = check_backward(in, forward, gradients); !status.ok()) return status;
  const int64_t all = attend_backward_parts(in, options);
  if (parts.first >= 0 && parts.count == -1) parts.count = all - parts.first;
  if (parts.first < 0 || parts.count < 0 || parts.first > all - parts.count) {
    return Status::error(StatusCode::invalid_shape, "parts [%lld, +%lld) are outside the %lld that there are",
                         static_cast<long long>(parts.first), static_cast<long long>(parts.count),
                         static_cast<long long>(all));
  }
  if (workspace.size() < attend_backward_workspace(in, options, threads_of(pool))) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), attend_backward_workspace(in, options, threads_of(pool)));
  }
  const int threads = backward_threads(in, gradients, parts.count, threads_of(pool));
  const auto run = [&](int64_t index, int thread) {
    const Part part(in, options, forward, gradients, index);
    part.clear();
    part.add(workspace.subspan(static_cast<std::size_t>(thread) * thread_floats(in)));
    part.finish();
  };
  const int64_t end = parts.first + parts.count;
  if (threads == 1) {
    for (int64_t index = parts.first; index < end; index++) run(index, 0);
    return {};
  }
  // The parts of a batch and key-value head add to the same numbers, so they stay in order, on one thread.
  share(pool, std::min(pairs(in), parts.count), threads, [&](int64_t task, int thread) {
    for (int64_t index = parts.first + task; index < end; index += pairs(in)) run(index, thread);
  });
  return {};
}

}  // namespace limelight
