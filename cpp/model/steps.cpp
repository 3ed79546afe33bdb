// A forward pass as a walk over steps: layer by layer, some rows of one operation at a time.
#include <algorithm>

#include "model/run_state.hpp"

namespace limelight {
namespace {

/// Rows of very long texts cost most in attention, so there a step takes fewer: as many as make 64 x 2048
/// cells a head.
constexpr int64_t kLeastStepRows = 8, kStepKeys = 2048;

}  // namespace

int64_t Run::State::step_rows(int64_t first) const {
  return std::min(std::clamp(kStepRows * kStepKeys / tokens, kLeastStepRows, kStepRows), tokens - first);
}

Step Run::State::source_step(int64_t layer, int64_t first) const {
  return {Op::cross_keys, layer, first, std::min(kStepRows, source_tokens - first)};
}

Step Run::State::first_step(int64_t first) const {
  if (first == tokens) return {};
  return {Op::embed, 0, first, step_rows(first)};
}

/// Steps go over all new rows with `embed`; then, in every block, with norm_attention to project_v, in a new
/// run of a decoder over the source's with cross_keys, and after that with attend to finish_block, of which
/// the last block leaves out what nobody keeps: all behind attend; then with finish_model, if its result is
/// to be kept. What the first layer projects may be there already.
Step Run::State::after(const Step& s) const {
  const auto rows_from = [&](Op op, int64_t layer, int64_t first) {
    return Step{op, layer, first, step_rows(first)};
  };
  const int64_t next = s.first + s.count;
  switch (s.op) {
    case Op::embed:
      if (next < tokens) return rows_from(Op::embed, 0, next);
      if (projected == tokens) return rows_from(Op::attend, 0, computed);
      return rows_from(Op::norm_attention, 0, std::max(computed, projected));
    case Op::project_v:
      if (next < tokens) return rows_from(Op::norm_attention, s.layer, next);
      return crosses() && computed == 0 ? source_step(s.layer, 0) : rows_from(Op::attend, s.layer, computed);
    case Op::cross_keys:
      return next < source_tokens ? source_step(s.layer, next) : rows_from(Op::attend, s.layer, computed);
    case Op::attend:
      if (s.layer + 1 < config().layers || finishes) return {Op::attention_out, s.layer, s.first, s.count};
      return next < tokens ? rows_from(Op::attend, s.layer, next) : Step{};
    case Op::attention_out:
      return {crosses() ? Op::norm_cross : Op::norm_mlp, s.layer, s.first, s.count};
    case Op::norm_mlp:
      return {has_mlp() ? Op::mlp_up : Op::finish_block, s.layer, s.first, s.count};
    case Op::finish_block:
      if (next < tokens) return rows_from(Op::attend, s.layer, next);
      if (s.layer + 1 < config().layers) return rows_from(Op::norm_attention, s.layer + 1, computed);
      return needed(ArrayKind::ln_final) ? rows_from(Op::finish_model, s.layer, computed) : Step{};
    case Op::finish_model:
      return next < tokens ? rows_from(Op::finish_model, s.layer, next) : Step{};
    case Op::done:
      return {};
    default:
      return {static_cast<Op>(static_cast<int>(s.op) + 1), s.layer, s.first, s.count};
  }
}

double Run::State::flops(const Step& s) const {
  const double n = static_cast<double>(s.count), d = static_cast<double>(width),
               q = static_cast<double>(heads * head_dim), wide = static_cast<double>(mlp_width);
  switch (s.op) {
    case Op::embed:
      return 2 * n * d;
    case Op::norm_attention:
    case Op::norm_cross:
    case Op::norm_mlp:
    case Op::finish_block:
      return 8 * n * d;
    case Op::project_q:
    case Op::attention_out:
    case Op::cross_q:
    case Op::cross_out:
      return 2 * n * d * q;
    case Op::project_k:
    case Op::project_v:
      return 2 * n * d * static_cast<double>(kv_heads * head_dim);
    case Op::cross_keys:
      return 4 * n * d * static_cast<double>(kv_heads * head_dim);
    case Op::cross_attend:
      return 4 * n * static_cast<double>(source_tokens) * q;
    case Op::attend: {
      const double keys =
          config().causal ? static_cast<double>(s.first) + (n + 1) / 2 : static_cast<double>(tokens);
      return 4 * n * keys * q;
    }
    case Op::mlp_up:
      return (config().gated ? 4 : 2) * n * d * wide;
    case Op::mlp_down:
      return 2 * n * d * wide;
    case Op::mlp_activate:
      return 16 * n * wide;
    case Op::finish_model:
      return 8 * n * d + (!m->weights.transform.weight.empty() ? 2 * n * d * d : 0);
    case Op::done:
      break;
  }
  return 0;
}

void Run::State::begin(int64_t first) {
  computed = first;
  step = first_step(first);
  work = work_done = 0;
  for (Step s = step; s.op != Op::done; s = after(s)) work += flops(s);
  if (step.op == Op::done) computed = tokens;
}

}  // namespace limelight
