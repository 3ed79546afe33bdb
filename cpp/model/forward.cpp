// The operations of a forward pass, each over the rows of one step, and the scratch they need.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/kernels.hpp"
#include "model/layout.hpp"
#include "model/run_state.hpp"
#include "threads/worth.hpp"

namespace limelight {

/// Scratch for steps over `count` rows from `first` on; leaves it in `fresh` if what is there is too small.
Status Run::State::reserve_scratch(int64_t first, int64_t count, Buffer<float>& fresh) {
  const int64_t rows = std::min(count, kStepRows);
  Layout layout;
  for (int kind = 0; kind < kArrayKinds; ++kind) {
    int64_t features = 0;
    for (std::size_t a = 0; a < places.size(); ++a) {
      if (places[a] == Place::step && static_cast<int>(m->sites.arrays[a].kind) == kind)
        features = m->sites.arrays[a].features;
    }
    step_base[kind] = layout.add(rows * features);
  }
  lse_base = layout.add(rows * heads);
  std::size_t workspace = 0;
  for (int64_t layer = 0; layer < config().layers; ++layer) {
    AttentionInputs in = attention(AttentionKind::self, layer, first, rows);
    if (config().causal) in.k.seq = in.v.seq = first + count;  // as the last rows see them
    const auto needs = [&](AttentionKind kind, const AttentionInputs& inputs) {
      workspace = std::max(workspace,
                           attend_workspace(inputs, attention_options(kind, layer, first), threads_of(pool)));
    };
    needs(AttentionKind::self, in);
    if (crosses()) needs(AttentionKind::cross, attention(AttentionKind::cross, layer, first, rows));
  }
  workspace_base = layout.add(static_cast<int64_t>(workspace));
  return layout.floats() <= scratch.size() ? Status() : layout.take(fresh);
}

Status Run::State::run(const Step& s) {
  const kernels::Table& kernel = kernels::table();
  const int64_t layer = s.layer, first = s.first, n = s.count;
  const auto linear = [&](const Linear& w, const float* x, int64_t in, int64_t out, float* y) {
    w.weight.multiply(x, in, n, w.bias.data(), y, out, pool);
  };
  const auto here = [&](ArrayKind kind) { return rows(kind, layer, first); };
  const auto sum = [&](const float* a, const float* b, float* y) {
    if (y != a) std::memcpy(y, a, static_cast<std::size_t>(n * width) * sizeof(float));
    kernel.add(y, b, n * width);
  };
  switch (s.op) {
    case Op::embed:
      embed(first, n);
      break;
    case Op::norm_attention:
      if (pre_norm())
        normalize(block(layer).attention_norm, here(ArrayKind::resid_pre), n, here(ArrayKind::ln1));
      break;
    case Op::project_q:
      return project(s, block(layer).q, heads, ArrayKind::q, ArrayKind::rot_q);
    case Op::project_k:
      return project(s, block(layer).k, kv_heads, ArrayKind::k, ArrayKind::rot_k);
    case Op::project_v:
      return project(s, block(layer).v, kv_heads, ArrayKind::v, ArrayKind::v);
    case Op::cross_keys:
      project_source(s);
      break;
    case Op::attend:
      return attend_rows(AttentionKind::self, layer, first, n);
    case Op::attention_out:
      linear(block(layer).out, here(ArrayKind::z), heads * head_dim, width, here(ArrayKind::attn_out));
      break;
    case Op::norm_cross:
      sum(here(ArrayKind::resid_pre), here(ArrayKind::attn_out), here(ArrayKind::resid_mid));
      normalize(pre_norm() ? block(layer).cross_norm : block(layer).attention_norm,
                here(ArrayKind::resid_mid), n, here(ArrayKind::cross_ln));
      break;
    case Op::cross_q:
      linear(block(layer).cross_q, here(ArrayKind::cross_ln), width, heads * head_dim,
             here(ArrayKind::cross_q));
      break;
    case Op::cross_attend:
      return attend_rows(AttentionKind::cross, layer, first, n);
    case Op::cross_out:
      linear(block(layer).cross_out, here(ArrayKind::cross_z), heads * head_dim, width,
             here(ArrayKind::cross_out));
      break;
    case Op::norm_mlp: {
      if (crosses()) {
        sum(here(pre_norm() ? ArrayKind::resid_mid : ArrayKind::cross_ln), here(ArrayKind::cross_out),
            here(ArrayKind::resid_cross));
      } else {
        sum(here(ArrayKind::resid_pre), here(ArrayKind::attn_out), here(ArrayKind::resid_mid));
      }
      const LayerNorm& before = crosses() ? block(layer).cross_norm : block(layer).attention_norm;
      if (has_mlp())
        normalize(pre_norm() ? block(layer).mlp_norm : before, here(middle()), n, here(ArrayKind::ln2));
      break;
    }
    case Op::mlp_up:
      widen(block(layer), here(ArrayKind::ln2), n, here(ArrayKind::mlp_pre),
            config().gated ? here(ArrayKind::mlp_pre_linear) : nullptr);
      break;
    case Op::mlp_activate: {
      float* post = here(ArrayKind::mlp_post);
      std::memcpy(post, here(ArrayKind::mlp_pre), static_cast<std::size_t>(n * mlp_width) * sizeof(float));
      activate_wide(config().gated ? here(ArrayKind::mlp_pre_linear) : nullptr, n, post);
      break;
    }
    case Op::mlp_down:
      linear(block(layer).down, here(ArrayKind::mlp_post), mlp_width, width, here(ArrayKind::mlp_out));
      break;
    case Op::finish_block: {
      float* post = here(ArrayKind::resid_post);
      if (!has_mlp()) {
        std::copy_n(here(middle()), n * width, post);
        break;
      }
      sum(here(pre_norm() ? middle() : ArrayKind::ln2), here(ArrayKind::mlp_out), post);
      if (!pre_norm()) normalize(block(layer).mlp_norm, post, n, post);
      break;
    }
    case Op::finish_model:
      finish_rows(here(ArrayKind::resid_post), n, rows(ArrayKind::ln_final, 0, first));
      break;
    case Op::done:
      break;
  }
  return {};
}

void Run::State::embed(int64_t first, int64_t count) {
  const kernels::Table& kernel = kernels::table();
  const Weights& w = m->weights;
  const bool bert = w.types.size() > 0;
  const auto keep = [&](ArrayKind kind, int64_t row, const float* values) {
    if (needed(kind)) std::copy_n(values, width, rows(kind, 0, row));
  };
  for (int64_t r = first; r < first + count; ++r) {
    float* x = rows(ArrayKind::resid_pre, 0, r);
    m->tokens().row(ids[static_cast<std::size_t>(r)], x);
    if (config().scaled_embedding) kernel.multiply(x, std::sqrt(static_cast<float>(width)), width);
    keep(ArrayKind::embed, r, x);
    if (config().rotary) continue;
    const float* position = w.positions.data() + r * width;
    keep(ArrayKind::pos_embed, r, position);
    if (bert) {
      // One text, one segment: every token is of type 0.
      keep(ArrayKind::type_embed, r, w.types.data());
      kernel.add(x, w.types.data(), width);
    }
    kernel.add(x, position, width);
    if (bert) normalize(w.embedding_norm, x, 1, x);
  }
}

/// The part of a layer's attention that asks for rows [first, first + count) and answers with every key they
/// may see.
AttentionInputs Run::State::attention(AttentionKind kind, int64_t layer, int64_t first, int64_t count) {
  const int64_t keys = config().causal ? first + count : tokens;
  const auto view = [&](ArrayKind array, int64_t some, int64_t row, int64_t n) {
    return HeadsView<const float>::seq_first(rows(array, layer, row), 1, some, n, head_dim);
  };
  if (kind == AttentionKind::cross) {
    return {view(ArrayKind::cross_q, heads, first, count),
            view(ArrayKind::cross_k, kv_heads, 0, source_tokens),
            view(ArrayKind::cross_v, kv_heads, 0, source_tokens)};
  }
  return {view(ArrayKind::rot_q, heads, first, count), view(ArrayKind::rot_k, kv_heads, 0, keys),
          view(ArrayKind::v, kv_heads, 0, keys)};
}

AttentionOptions Run::State::attention_options(AttentionKind kind, int64_t layer, int64_t first) const {
  AttentionOptions options;
  options.causal = config().causal && kind == AttentionKind::self;
  if (options.causal) options.past_len = first;
  const int64_t attention = index(kind, layer);
  if (!plain[static_cast<std::size_t>(attention)]) {
    const auto at = static_cast<std::size_t>(attention * heads), n = static_cast<std::size_t>(heads);
    options.temperature = std::span(temperatures).subspan(at, n);
    options.gate = std::span(gates).subspan(at, n);
  }
  return options;
}

/// Queries, keys or values, and where the model has rotary positions what these make of the first two.
Status Run::State::project(const Step& s, const Linear& weights, int64_t heads_of_it, ArrayKind to,
                           ArrayKind turned) {
  const int64_t features = heads_of_it * head_dim;
  float* x = rows(to, s.layer, s.first);
  weights.weight.multiply(rows(ArrayKind::ln1, s.layer, s.first), width, s.count, weights.bias.data(), x,
                          features, pool);
  if (!config().rotary || to == turned) return {};
  float* y = rows(turned, s.layer, s.first);
  return rotate(HeadsView<const float>::seq_first(x, 1, heads_of_it, s.count, head_dim),
                {.cos = cos.span(), .sin = sin.span(), .first = s.first},
                HeadsView<float>::seq_first(y, 1, heads_of_it, s.count, head_dim));
}

/// Keys and values of what the encoder ended with, for every row of the target.
void Run::State::project_source(const Step& s) {
  State& encoder = *source->state_;
  const float* x = encoder.rows(ArrayKind::resid_post, encoder.config().layers - 1, s.first);
  const int64_t features = kv_heads * head_dim;
  const auto linear = [&](const Linear& w, ArrayKind to) {
    w.weight.multiply(x, width, s.count, w.bias.data(), rows(to, s.layer, s.first), features, pool);
  };
  linear(block(s.layer).cross_k, ArrayKind::cross_k);
  linear(block(s.layer).cross_v, ArrayKind::cross_v);
}

Status Run::State::attend_rows(AttentionKind kind, int64_t layer, int64_t first, int64_t count) {
  const bool self = kind == AttentionKind::self;
  float* lse = scratch.data() + lse_base;  // [heads, count]
  const auto z = HeadsView<float>::seq_first(rows(self ? ArrayKind::z : ArrayKind::cross_z, layer, first), 1,
                                             heads, count, head_dim);
  if (Status s = attend(attention(kind, layer, first, count), attention_options(kind, layer, first), z,
                        {lse, static_cast<std::size_t>(heads * count)},
                        scratch.span().subspan(workspace_base), {}, pool);
      !s.ok()) {
    return s;
  }
  float* by_token = rows(self ? ArrayKind::lse : ArrayKind::cross_lse, layer, first);
  for (int64_t h = 0; h < heads; ++h) {
    std::copy_n(lse + h * count, count, head_lse(kind, layer, h) + first);
    for (int64_t r = 0; r < count; ++r) by_token[r * heads + h] = lse[h * count + r];
  }
  return {};
}

void Run::State::normalize(const LayerNorm& norm, const float* x, int64_t count, float* y) const {
  const kernels::Table& kernel = kernels::table();
  const float epsilon = config().norm_epsilon;
  for (int64_t r = 0; r < count; ++r, x += width, y += width) {
    if (config().rms_norm) {
      kernel.rms_norm(x, width, norm.gain.data(), epsilon, y);
    } else {
      kernel.layer_norm(x, width, norm.gain.data(), norm.shift.data(), epsilon, y);
    }
  }
}

/// What the activation is applied to, and in gated models the branch beside it.
void Run::State::widen(const BlockWeights& w, const float* x, int64_t count, float* pre,
                       float* linear) const {
  const Linear& first = linear ? w.gate : w.up;
  first.weight.multiply(x, width, count, first.bias.data(), pre, mlp_width, pool);
  if (linear) w.up.weight.multiply(x, width, count, w.up.bias.data(), linear, mlp_width, pool);
}

void Run::State::activate_wide(const float* linear, int64_t count, float* post) const {
  activate(post, count * mlp_width);
  if (linear) kernels::table().multiply_by(post, linear, count * mlp_width);
}

void Run::State::activate(float* x, int64_t count) const {
  switch (config().activation) {
    case ModelConfig::Activation::gelu_tanh:
      kernels::table().gelu_tanh(x, count);
      break;
    case ModelConfig::Activation::gelu_erf:
      kernels::table().gelu_erf(x, count);
      break;
    case ModelConfig::Activation::silu:
      kernels::table().silu(x, count);
      break;
    case ModelConfig::Activation::relu:
      for (int64_t i = 0; i < count; ++i) x[i] = std::max(x[i], 0.0f);
      break;
  }
}

std::size_t Run::State::row_scratch_size() const {
  return static_cast<std::size_t>(4 * width + (config().gated ? 2 : 1) * mlp_width);
}

/// One row of the last block from its attention on, for a run that left that out: the steps attention_out to
/// finish_block, bit for bit. Works in row_scratch behind its first row, not in the scratch of the steps: a
/// run that is being extended answers for its earlier tokens.
const float* Run::State::finish_last_block(int64_t token) {
  const kernels::Table& kernel = kernels::table();
  const int64_t layer = config().layers - 1;
  const BlockWeights& w = block(layer);
  float* y = row_scratch.data() + width;
  float* mid = y + width;
  float* normed = mid + width;
  float* wide = normed + width;
  w.out.weight.multiply(rows(ArrayKind::z, layer, token), heads * head_dim, 1, w.out.bias.data(), mid, width,
                        pool);
  kernel.add(mid, rows(ArrayKind::resid_pre, layer, token), width);
  if (!has_mlp()) return mid;
  normalize(pre_norm() ? w.mlp_norm : w.attention_norm, mid, 1, normed);
  float* linear = config().gated ? wide + mlp_width : nullptr;
  widen(w, normed, 1, wide, linear);
  activate_wide(linear, 1, wide);
  w.down.weight.multiply(wide, mlp_width, 1, w.down.bias.data(), y, width, pool);
  kernel.add(y, pre_norm() ? mid : normed, width);
  if (!pre_norm()) normalize(w.mlp_norm, y, 1, y);
  return y;
}

/// From the last block's rows to what the matrix of predictions reads.
void Run::State::finish_rows(const float* x, int64_t count, float* y) const {
  const Weights& w = m->weights;
  if (!w.transform.weight.empty()) {
    w.transform.weight.multiply(x, width, count, w.transform.bias.data(), y, width, pool);
    activate(y, count * width);
    x = y;
  }
  if (w.final_norm.gain.size() > 0) {
    normalize(w.final_norm, x, count, y);
  } else if (y != x) {
    std::copy_n(x, count * width, y);
  }
}

}  // namespace limelight
