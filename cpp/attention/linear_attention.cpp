// The loops around the kernel linear_attend: tasks (batch, key-value head and, for threads, some columns of
// the state), blocks of tokens, and the columns that fill no group of the kernel's.
#include "limelight/linear_attention.hpp"

#include <algorithm>
#include <cmath>

#include "attention/shape.hpp"
#include "kernels/kernels.hpp"
#include "threads/worth.hpp"

namespace limelight {
namespace {

using kernels::kStateColumns;
using kernels::kStateTokens;

// Columns of a task at least. A column's bits do not depend on its task, but a vector of 16 by itself waits
// for its one chain of sums.
constexpr int64_t kTaskColumns = 2 * kStateColumns;

constexpr const char* kRuleNames[] = {"linear", "gated", "delta", "gated delta"};

bool is_gated(LinearRule rule) {
  return rule == LinearRule::gated || rule == LinearRule::gated_delta;
}
bool is_delta(LinearRule rule) {
  return rule == LinearRule::delta || rule == LinearRule::gated_delta;
}

int64_t group_of(const LinearAttentionInputs& in) {
  return in.q.heads / in.k.heads;
}

/// Columns behind the last whole group.
int64_t columns_left(const LinearAttentionInputs& in) {
  return in.v.dim % kStateColumns;
}

/// How a thread cuts its workspace up.
struct Workspace {
  float *factors, *state, *values, *out;
};

std::size_t thread_floats(const LinearAttentionInputs& in, const LinearAttentionOptions& options) {
  int64_t floats = is_gated(options.rule) ? kStateTokens * in.k.dim : 0;
  if (columns_left(in) > 0) floats += kStateColumns * (in.k.dim + kStateTokens * (1 + group_of(in)));
  return static_cast<std::size_t>(floats);
}

Workspace workspace_of(const LinearAttentionInputs& in, const LinearAttentionOptions& options,
                       float* floats) {
  Workspace space{};
  space.factors = floats;
  space.state = floats + (is_gated(options.rule) ? kStateTokens * in.k.dim : 0);
  space.values = space.state + kStateColumns * in.k.dim;
  space.out = space.values + kStateColumns * kStateTokens;
  return space;
}

int linear_threads(const LinearAttentionInputs& in, const LinearAttentionOptions& options, int most) {
  const auto number = [](int64_t n) { return static_cast<double>(n); };
  const int64_t passes = in.q.heads + in.k.heads * (is_delta(options.rule) ? 2 : 1);
  return threads_worth(number(in.q.batch * in.q.seq) * number(passes) * number(in.k.dim) * number(in.v.dim),
                       most);
}

Status check_given(const char* name, const HeadsView<const float>& view, bool needed, LinearRule rule) {
  if (needed == (view.data != nullptr)) return {};
  return Status::error(StatusCode::invalid_option,
                       needed ? "%s is not given: the %s rule needs it" : "%s is given: the %s rule has none",
                       name, kRuleNames[static_cast<int>(rule)]);
}

Status check_state(const LinearAttentionInputs& in, std::span<const float> state) {
  const int64_t sizes[] = {in.k.heads, in.k.dim, in.v.dim};
  int64_t count = in.k.batch;
  bool wraps = false;
  for (const int64_t size : sizes) wraps = __builtin_mul_overflow(count, size, &count) || wraps;
  if (!wraps && state.size() == static_cast<std::size_t>(count)) return {};
  return Status::error(StatusCode::invalid_shape,
                       "state has %zu numbers for a shape of [%lld, %lld, %lld, %lld]", state.size(),
                       static_cast<long long>(in.k.batch), static_cast<long long>(in.k.heads),
                       static_cast<long long>(in.k.dim), static_cast<long long>(in.v.dim));
}

/// One key-value head and what reads it.
class Head {
 public:
  Head(const LinearAttentionInputs& in, const LinearAttentionOptions& options, const HeadsView<float>& out,
       std::span<float> state, int64_t batch, int64_t kv_head)
      : in_(in), options_(options), out_(out), batch_(batch), kv_head_(kv_head) {
    state_ = state.data() + (batch * in.k.heads + kv_head) * in.k.dim * in.v.dim;
  }

  /// Columns [first, end), where only the last of all may be no multiple of kStateColumns.
  void take(int64_t first, int64_t end, const Workspace& space) const {
    const kernels::Table& kernel = kernels::table();
    const int64_t left = (end - first) % kStateColumns, last = end - left, group = group_of(in_);
    if (left > 0)
      kernel.copy_rows(state_ + last, in_.v.dim, in_.k.dim, left, space.state, kStateColumns, kStateColumns);
    for (int64_t token = 0; token < in_.q.seq; token += kStateTokens) {
      kernels::LinearAttentionBlock block = tokens_from(token, space);
      block.columns = last - first;
      block.state = state_ + first;
      block.v += first;
      block.out += first;
      if (block.columns > 0) kernel.linear_attend(block);
      if (left == 0) continue;

      kernel.copy_rows(in_.v.row(batch_, kv_head_, token) + last, in_.v.seq_stride, block.tokens, left,
                       space.values, kStateColumns, kStateColumns);
      block.columns = block.state_stride = block.v_stride = block.out_head_stride = kStateColumns;
      block.out_stride = group * kStateColumns;
      block.state = space.state;
      block.v = space.values;
      block.out = space.out;
      kernel.linear_attend(block);
      for (int64_t member = 0; member < group; member++)
        kernel.copy_rows(space.out + member * kStateColumns, block.out_stride, block.tokens, left,
                         out_.row(batch_, kv_head_ * group + member, token) + last, out_.seq_stride, left);
    }
    if (left > 0)
      kernel.copy_rows(space.state, kStateColumns, in_.k.dim, left, state_ + last, in_.v.dim, left);
  }

 private:
  kernels::LinearAttentionBlock tokens_from(int64_t token, const Workspace& space) const {
    const int64_t head = kv_head_ * group_of(in_);
    kernels::LinearAttentionBlock block{};
    block.q = in_.q.row(batch_, head, token);
    block.q_stride = in_.q.seq_stride;
    block.q_head_stride = in_.q.head_stride;
    block.group = group_of(in_);
    block.k = in_.k.row(batch_, kv_head_, token);
    block.k_stride = in_.k.seq_stride;
    block.v = in_.v.row(batch_, kv_head_, token);
    block.v_stride = in_.v.seq_stride;
    if (is_gated(options_.rule)) {
      block.decay = in_.decay.row(batch_, kv_head_, token);
      block.decay_stride = in_.decay.seq_stride;
      block.decay_dim = in_.decay.dim;
    }
    if (is_delta(options_.rule)) {
      block.beta = in_.beta.row(batch_, in_.beta.heads == 1 ? 0 : kv_head_, token);
      block.beta_stride = in_.beta.seq_stride;
    }
    block.tokens = std::min(kStateTokens, in_.q.seq - token);
    block.key_dim = in_.k.dim;
    block.state_stride = in_.v.dim;
    block.out = out_.row(batch_, head, token);
    block.out_stride = out_.seq_stride;
    block.out_head_stride = out_.head_stride;
    block.scale =
        options_.scale.value_or(static_cast<float>(1.0 / std::sqrt(static_cast<double>(in_.k.dim))));
    block.factors = space.factors;
    return block;
  }

  const LinearAttentionInputs& in_;
  const LinearAttentionOptions& options_;
  const HeadsView<float>& out_;
  float* state_;
  int64_t batch_, kv_head_;
};

}  // namespace

Status validate(const LinearAttentionInputs& in, const LinearAttentionOptions& options) {
  const auto [rule, scale] = options;
  if (rule < LinearRule::linear || rule > LinearRule::gated_delta)
    return Status::error(StatusCode::invalid_option, "rule is %d: there are 0 to 3", static_cast<int>(rule));
  const auto& [q, k, v, decay, beta] = in;
  if (Status status = check_input("q", q, {q.batch, q.heads, q.seq, q.dim}); !status.ok()) return status;
  if (Status status = check_input("k", k, {q.batch, k.heads, q.seq, q.dim}); !status.ok()) return status;
  if (q.heads % k.heads != 0) {
    return Status::error(StatusCode::invalid_shape,
                         "%lld query heads are no multiple of %lld key-value heads",
                         static_cast<long long>(q.heads), static_cast<long long>(k.heads));
  }
  if (Status status = check_input("v", v, {q.batch, k.heads, q.seq, v.dim}); !status.ok()) return status;
  if (Status status = check_given("decay", decay, is_gated(rule), rule); !status.ok()) return status;
  if (Status status = check_given("beta", beta, is_delta(rule), rule); !status.ok()) return status;
  if (is_gated(rule)) {
    const HeadsShape shape = {q.batch, k.heads, q.seq, decay.dim == 1 ? 1 : k.dim};
    if (Status status = check_input("decay", decay, shape); !status.ok()) return status;
  }
  if (is_delta(rule)) {
    const HeadsShape shape = {q.batch, beta.heads == 1 ? 1 : k.heads, q.seq, 1};
    if (Status status = check_input("beta", beta, shape); !status.ok()) return status;
  }
  if (scale && !std::isfinite(*scale)) {
    return Status::error(StatusCode::invalid_value, "scale is %g: it must be finite",
                         static_cast<double>(*scale));
  }
  return {};
}

std::size_t linear_attend_workspace(const LinearAttentionInputs& in, const LinearAttentionOptions& options,
                                    int threads) {
  if (!validate(in, options).ok()) return 0;
  return thread_floats(in, options) * static_cast<std::size_t>(linear_threads(in, options, threads));
}

Status linear_attend(const LinearAttentionInputs& in, const LinearAttentionOptions& options,
                     HeadsView<float> out, std::span<float> state, std::span<float> workspace,
                     ThreadPool* pool) {
  if (Status status = validate(in, options); !status.ok()) return status;
  if (Status status = check_output("out", out, {in.q.batch, in.q.heads, in.q.seq, in.v.dim}); !status.ok())
    return status;
  if (Status status = check_state(in, state); !status.ok()) return status;
  const std::size_t needed = linear_attend_workspace(in, options, threads_of(pool));
  if (workspace.size() < needed) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu floats, needed are %zu",
                         workspace.size(), needed);
  }

  const int threads = linear_threads(in, options, threads_of(pool));
  const int64_t heads = in.k.batch * in.k.heads;
  const auto up = [](int64_t n, int64_t by) { return (n + by - 1) / by; };
  // Whole heads where these are enough tasks, else as few columns as make enough.
  const int64_t pieces = threads == 1 ? 1 : up(kTasksOfThread * threads, heads);
  const int64_t columns = up(up(in.v.dim, pieces), kTaskColumns) * kTaskColumns;
  share(pool, heads * up(in.v.dim, columns), threads, [&](int64_t index, int thread) {
    const Head head(in, options, out, state, index % heads / in.k.heads, index % in.k.heads);
    const int64_t first = index / heads * columns;
    head.take(first, std::min(first + columns, in.v.dim),
              workspace_of(in, options,
                           workspace.data() + static_cast<std::size_t>(thread) * thread_floats(in, options)));
  });
  return {};
}

}  // namespace limelight
