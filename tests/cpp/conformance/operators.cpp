// How the operators of ONNX are calls of this library: the one place in C++ where that is said.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "conformance/cases.hpp"
#include "limelight/explain.hpp"
#include "limelight/linear_attention.hpp"
#include "limelight/rotary.hpp"

namespace conformance {

using namespace limelight;

namespace {

void must(const Status& status) {
  if (!status.ok()) throw Refused{std::string(status_name(status.code)) + ": " + status.message};
}

void refuse_unless(bool fine, const std::string& why) {
  if (!fine) throw Refused{why};
}

/// [batch, heads, seq, dim], or [batch, seq, heads * dim] where `packed`: the same view with other strides.
template <class T>
HeadsView<T> heads_view(T* data, const Tensor& tensor, int64_t heads, bool packed) {
  const std::vector<int64_t>& shape = tensor.shape;
  refuse_unless(tensor.rank() == (packed ? 3 : 4), "a tensor has rank " + std::to_string(tensor.rank()));
  refuse_unless(heads > 0 && (packed ? shape[2] % heads == 0 : shape[1] == heads),
                "a tensor is not of " + std::to_string(heads) + " heads");
  if (packed) return HeadsView<T>::seq_first(data, shape[0], heads, shape[1], shape[2] / heads);
  return HeadsView<T>::heads_first(data, shape[0], heads, shape[2], shape[3]);
}
HeadsView<const float> heads_view(const Tensor& tensor, int64_t heads, bool packed) {
  return heads_view(tensor.data.data(), tensor, heads, packed);
}
HeadsView<float> heads_view(Tensor& tensor, int64_t heads, bool packed) {
  return heads_view(tensor.data.data(), tensor, heads, packed);
}

/// Lengths or positions.
std::vector<int32_t> whole_numbers(const Tensor& tensor, int64_t count) {
  refuse_unless(
      static_cast<int64_t>(tensor.data.size()) == count,
      "a tensor has " + std::to_string(tensor.data.size()) + " numbers, needed are " + std::to_string(count));
  std::vector<int32_t> numbers;
  for (float x : tensor.data) {
    refuse_unless(std::abs(x) < 0x1p24f, "a length or position is beyond any memory");
    numbers.push_back(static_cast<int32_t>(x));
  }
  return numbers;
}

Tensor empty(const std::string& dtype, std::vector<int64_t> shape) {
  Tensor made{dtype, std::move(shape), {}};
  made.data.assign(static_cast<std::size_t>(count_of(made.shape)), std::numeric_limits<float>::quiet_NaN());
  return made;
}

/// The rows of `past`, then those of `now`, as [batch, heads, seq, dim].
Tensor present(const std::optional<Tensor>& past, const Tensor& now, int64_t heads, bool packed) {
  const HeadsView<const float> rows = heads_view(now, heads, packed);
  const int64_t before = past ? heads_view(*past, heads, false).seq : 0;
  refuse_unless(!past || (past->shape[0] == rows.batch && past->shape[3] == rows.dim),
                "a past tensor does not go with the present one");
  Tensor made{now.dtype, {rows.batch, heads, before + rows.seq, rows.dim}, {}};
  for (int64_t b = 0; b < rows.batch; b++) {
    for (int64_t h = 0; h < heads; h++) {
      if (past) {
        const float* first = heads_view(*past, heads, false).row(b, h, 0);
        made.data.insert(made.data.end(), first, first + before * rows.dim);
      }
      for (int64_t s = 0; s < rows.seq; s++)
        made.data.insert(made.data.end(), rows.row(b, h, s), rows.row(b, h, s) + rows.dim);
    }
  }
  return made;
}

/// A mask as numpy broadcasts it to [batch, heads, q_len, n]: aligned at the right, strides of 0 where an
/// axis has size 1 or is not there. Its last axis is never broadcast: keys beyond it are hidden.
template <class T>
HeadsView<const T> mask_view(const T* data, const Tensor& mask, const HeadsView<const float>& q) {
  refuse_unless(mask.rank() >= 1 && mask.rank() <= 4, "attn_mask has rank " + std::to_string(mask.rank()));
  std::vector<int64_t> shape(static_cast<std::size_t>(4 - mask.rank()), 1);
  shape.insert(shape.end(), mask.shape.begin(), mask.shape.end());
  const int64_t full[] = {q.batch, q.heads, q.seq};
  int64_t strides[3], stride = shape[3];
  for (int axis = 2; axis >= 0; axis--) {
    refuse_unless(shape[axis] == 1 || shape[axis] == full[axis], "attn_mask does not broadcast");
    strides[axis] = shape[axis] == 1 ? 0 : stride;
    stride *= shape[axis];
  }
  return {data, q.batch, q.heads, q.seq, shape[3], strides[0], strides[1], strides[2]};
}

/// Y like the queries, with vectors of another length.
Tensor output_for(const Tensor& q, int64_t heads, int64_t value_dim, bool packed) {
  std::vector<int64_t> shape = q.shape;
  shape.back() = packed ? heads * value_dim : value_dim;
  return empty(q.dtype, shape);
}

void attend_to(const AttentionInputs& in, const AttentionOptions& options, HeadsView<float> out) {
  std::vector<float> workspace(attend_workspace(in, options));
  must(attend(in, options, out, {}, workspace));
}

/// A stage of every head: [batch, q_heads, q_len, kv_len].
Tensor matrices(const AttentionInputs& in, const AttentionOptions& options, Stage stage,
                const std::string& dtype) {
  Tensor made = empty(dtype, {in.q.batch, in.q.heads, in.q.seq, in.k.seq});
  const auto cells = static_cast<std::size_t>(in.q.seq * in.k.seq);
  for (int64_t b = 0; b < in.q.batch; b++) {
    for (int64_t h = 0; h < in.q.heads; h++) {
      const Rectangle whole{.batch = b, .head = h, .rows = in.q.seq, .cols = in.k.seq};
      std::vector<std::byte> workspace(explain_workspace(in, options, whole));
      const auto first = static_cast<std::size_t>(b * in.q.heads + h) * cells;
      must(explain(in, options, {}, whole, stage, {.cells = std::span(made.data).subspan(first, cells)},
                   workspace));
    }
  }
  narrow(made);
  return made;
}

Outputs attention(Case& c) {
  const int64_t opset = c.opset(23, 28);
  const Tensor q = c.needed(0), k = c.needed(1), v = c.needed(2);
  const bool packed = q.rank() == 3;
  int64_t q_heads = c.integer("q_num_heads", 0), kv_heads = c.integer("kv_num_heads", 0);
  if (!packed) {
    refuse_unless(q.rank() == 4 && k.rank() == 4, "Q, K and V have neither rank 3 nor 4");
    refuse_unless(opset < 25 || (q_heads == 0 && kv_heads == 0), "head counts beside inputs of rank 4");
    q_heads = q.shape[1];
    kv_heads = k.shape[1];
  }
  const std::optional<Tensor> mask = c.input(3), past_key = c.input(4), past_value = c.input(5);
  const std::optional<Tensor> lengths = opset >= 24 ? c.input(6) : std::nullopt;
  refuse_unless(past_key.has_value() == past_value.has_value(), "past_key and past_value go together");
  refuse_unless(!lengths || !past_key, "nonpad_kv_seqlen beside past_key");

  AttentionOptions options;
  if (const std::optional<double> scale = c.number("scale")) options.scale = static_cast<float>(*scale);
  const double softcap = c.number("softcap").value_or(0.0);
  if (softcap != 0.0) options.softcap = static_cast<float>(softcap);
  options.causal = c.flag("is_causal");
  const int64_t left = opset >= 25 ? c.integer("left_window_size", -1) : -1;
  const int64_t right = opset >= 25 ? c.integer("right_window_size", -1) : -1;
  if (left != -1) options.left_window = left;
  if (right != -1) options.right_window = right;
  c.check_softmax_precision();
  const int64_t mode = c.integer("qk_matmul_output_mode", 0);
  refuse_unless(mode >= 0 && mode <= 3, "qk_matmul_output_mode is " + std::to_string(mode));
  c.finish(opset >= 24 ? 7 : 6, {"Y", "present_key", "present_value", "qk_matmul_output"});

  const Tensor all_keys = present(past_key, k, kv_heads, packed);
  const Tensor all_values = present(past_value, v, kv_heads, packed);
  // Without a past they are read where they lie.
  const AttentionInputs in = {
      heads_view(q, q_heads, packed),
      past_key ? heads_view(all_keys, kv_heads, false) : heads_view(k, kv_heads, packed),
      past_value ? heads_view(all_values, kv_heads, false) : heads_view(v, kv_heads, packed)};

  std::vector<uint8_t> seen;
  if (mask && mask->is_bool()) {
    for (float x : mask->data) seen.push_back(x != 0.0f);
    options.mask = mask_view(seen.data(), *mask, in.q);
  } else if (mask) {
    options.bias = mask_view(mask->data.data(), *mask, in.q);
  }
  std::vector<int32_t> key_lengths, past_lens;
  if (lengths) {
    key_lengths = whole_numbers(*lengths, in.q.batch);
    for (int32_t length : key_lengths) past_lens.push_back(length - static_cast<int32_t>(in.q.seq));
    options.key_lengths = key_lengths;
  }
  if (options.causal || options.left_window || options.right_window) {
    if (lengths) {
      options.past_lens = past_lens;
    } else {
      options.past_len = in.k.seq - heads_view(k, kv_heads, packed).seq;
    }
  }

  Outputs outputs;
  Tensor y = output_for(q, q_heads, in.v.dim, packed);
  attend_to(in, options, heads_view(y, q_heads, packed));
  narrow(y);
  outputs["Y"] = y;
  if (c.wants("present_key")) outputs["present_key"] = all_keys;
  if (c.wants("present_value")) outputs["present_value"] = all_values;
  constexpr Stage kModes[] = {Stage::scaled, Stage::capped, Stage::masked, Stage::weight};
  if (c.wants("qk_matmul_output")) outputs["qk_matmul_output"] = matrices(in, options, kModes[mode], q.dtype);
  return outputs;
}

/// Of the preview domain, without the graphs that may stand in between: finish() refuses those.
Outputs flex_attention(Case& c) {
  c.opset(1, 28);
  const Tensor q = c.needed(0), k = c.needed(1), v = c.needed(2);
  refuse_unless(q.rank() == 4 && k.rank() == 4, "Q, K and V have rank 4");
  AttentionOptions options;
  if (const std::optional<double> scale = c.number("scale")) options.scale = static_cast<float>(*scale);
  c.check_softmax_precision();
  c.finish(3, {"Y"});
  const AttentionInputs in = {heads_view(q, q.shape[1], false), heads_view(k, k.shape[1], false),
                              heads_view(v, k.shape[1], false)};
  Tensor y = output_for(q, q.shape[1], in.v.dim, false);
  y.dtype = v.dtype;
  attend_to(in, options, heads_view(y, q.shape[1], false));
  narrow(y);
  return {{"Y", y}};
}

Outputs linear_attention(Case& c) {
  c.opset(27, 28);
  const Tensor query = c.needed(0), key = c.needed(1), value = c.needed(2);
  const std::optional<Tensor> past = c.input(3), decay = c.input(4), beta = c.input(5);
  const int64_t q_heads = c.integer("q_num_heads", 0), kv_heads = c.integer("kv_num_heads", 0);
  const std::string rule = c.word("update_rule").value_or("gated_delta");
  const double scale = c.number("scale").value_or(0.0);
  c.integer("chunk_size", 64);  // a hint
  c.finish(6, {"output", "present_state"});

  LinearAttentionOptions options;
  if (scale != 0.0) options.scale = static_cast<float>(scale);
  constexpr std::pair<std::string_view, LinearRule> kRules[] = {{"linear", LinearRule::linear},
                                                                {"gated", LinearRule::gated},
                                                                {"delta", LinearRule::delta},
                                                                {"gated_delta", LinearRule::gated_delta}};
  const auto* found = std::find_if(std::begin(kRules), std::end(kRules),
                                   [&](const auto& known) { return known.first == rule; });
  refuse_unless(found != std::end(kRules), "update_rule is " + rule);
  options.rule = found->second;

  LinearAttentionInputs in = {heads_view(query, q_heads, true), heads_view(key, kv_heads, true),
                              heads_view(value, kv_heads, true)};
  if (decay) in.decay = heads_view(*decay, kv_heads, true);
  if (beta) in.beta = heads_view(*beta, beta->shape.at(2) == 1 ? 1 : kv_heads, true);
  Tensor state = past.value_or(empty(query.dtype, {in.q.batch, kv_heads, in.q.dim, in.v.dim}));
  refuse_unless(state.shape == std::vector{in.q.batch, kv_heads, in.q.dim, in.v.dim},
                "past_state has another shape");
  if (!past) std::fill(state.data.begin(), state.data.end(), 0.0f);
  Tensor output = output_for(query, q_heads, in.v.dim, true);
  std::vector<float> workspace(linear_attend_workspace(in, options));
  must(linear_attend(in, options, heads_view(output, q_heads, true), state.data, workspace));
  narrow(output);
  narrow(state);
  return {{"output", output}, {"present_state", state}};
}

Outputs rotary_embedding(Case& c) {
  c.opset(23, 28);
  const Tensor x = c.needed(0), cos = c.needed(1), sin = c.needed(2);
  const std::optional<Tensor> given = c.input(3);
  const bool packed = x.rank() == 3;
  const int64_t counted = c.integer("num_heads", 0), heads = packed ? counted : x.shape.at(1);
  RotaryOptions options{.cos = cos.data, .sin = sin.data};
  if (c.flag("interleaved")) options.pairs = RotaryPairs::interleaved;
  if (const int64_t dim = c.integer("rotary_embedding_dim", 0); dim != 0) options.rotary_dim = dim;
  c.finish(4, {"Y"});
  refuse_unless(cos.shape == sin.shape && cos.rank() == (given ? 2 : 3), "the tables have another shape");
  const HeadsView<const float> in = heads_view(x, heads, packed);
  refuse_unless(cos.shape.back() * 2 == options.rotary_dim.value_or(in.dim), "the tables have another width");
  // Without positions the tables have a row for every token of every sequence.
  std::vector<int32_t> positions(static_cast<std::size_t>(in.batch * in.seq));
  std::iota(positions.begin(), positions.end(), 0);
  if (given) positions = whole_numbers(*given, in.batch * in.seq);
  options.positions = positions;
  Tensor y = empty(x.dtype, x.shape);
  must(rotate(in, options, heads_view(y, heads, packed)));
  narrow(y);
  return {{"Y", y}};
}

}  // namespace

Outputs compute(Case& c) {
  if (c.op() == "Attention") return attention(c);
  if (c.op() == "FlexAttention") return flex_attention(c);
  if (c.op() == "LinearAttention") return linear_attention(c);
  if (c.op() == "RotaryEmbedding") return rotary_embedding(c);
  throw Refused{"the operator " + std::string(c.op()) + " is unknown"};
}

}  // namespace conformance
