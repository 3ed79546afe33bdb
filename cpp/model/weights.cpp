#include "model/weights.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/kernels.hpp"

namespace limelight {

std::vector<int64_t> Slot::shape() const {
  const int64_t all = out * static_cast<int64_t>(parts.size());
  if (in == 0) return {all};
  if (transposed) return {in, all};
  return {all, in};
}

Slot slot(Weights& w, const ModelConfig& c, Role role, int64_t layer) {
  // GPT-2 keeps its matrices as [in, out] ("Conv1D").
  const bool conv1d = c.family == ModelConfig::Family::gpt2;
  const auto vector = [&](int64_t n, std::vector<Buffer<float>*> parts) {
    return Slot{n, 0, false, false, std::move(parts)};
  };
  const auto table = [&](int64_t rows, Buffer<float>& part) {
    return Slot{rows, c.width, false, false, {&part}};
  };
  const auto matrix = [&](int64_t out, int64_t in, std::vector<Buffer<float>*> parts) {
    return Slot{out, in, true, conv1d, std::move(parts)};
  };
  BlockWeights* b = in_block(role) ? &w.blocks[static_cast<std::size_t>(layer)] : nullptr;
  switch (role) {
    case Role::tokens:
      return Slot{c.vocabulary, c.width, true, false, {&w.tokens}};
    case Role::positions:
      return table(c.positions, w.positions);
    case Role::types:
      return table(c.token_types, w.types);
    case Role::embedding_gain:
      return vector(c.width, {&w.embedding_norm.gain});
    case Role::embedding_shift:
      return vector(c.width, {&w.embedding_norm.shift});
    case Role::transform_weight:
      return matrix(c.width, c.width, {&w.transform.packed});
    case Role::transform_bias:
      return vector(c.width, {&w.transform.bias});
    case Role::final_gain:
      return vector(c.width, {&w.final_norm.gain});
    case Role::final_shift:
      return vector(c.width, {&w.final_norm.shift});
    case Role::token_bias:
      return vector(c.vocabulary, {&w.token_bias});
    case Role::attention_gain:
      return vector(c.width, {&b->attention_norm.gain});
    case Role::attention_shift:
      return vector(c.width, {&b->attention_norm.shift});
    case Role::q_weight:
      return matrix(c.width, c.width, {&b->q.packed});
    case Role::q_bias:
      return vector(c.width, {&b->q.bias});
    case Role::k_weight:
      return matrix(c.width, c.width, {&b->k.packed});
    case Role::k_bias:
      return vector(c.width, {&b->k.bias});
    case Role::v_weight:
      return matrix(c.width, c.width, {&b->v.packed});
    case Role::v_bias:
      return vector(c.width, {&b->v.bias});
    case Role::qkv_weight:
      return matrix(c.width, c.width, {&b->q.packed, &b->k.packed, &b->v.packed});
    case Role::qkv_bias:
      return vector(c.width, {&b->q.bias, &b->k.bias, &b->v.bias});
    case Role::out_weight:
      return matrix(c.width, c.width, {&b->out.packed});
    case Role::out_bias:
      return vector(c.width, {&b->out.bias});
    case Role::mlp_gain:
      return vector(c.width, {&b->mlp_norm.gain});
    case Role::mlp_shift:
      return vector(c.width, {&b->mlp_norm.shift});
    case Role::up_weight:
      return matrix(c.mlp_width, c.width, {&b->up.packed});
    case Role::up_bias:
      return vector(c.mlp_width, {&b->up.bias});
    case Role::down_weight:
      return matrix(c.width, c.mlp_width, {&b->down.packed});
    case Role::down_bias:
      return vector(c.width, {&b->down.bias});
  }
  return {};
}

Status store(const Slot& s, std::span<const float> values) {
  const int64_t parts = static_cast<int64_t>(s.parts.size());
  const int64_t row = s.transposed ? s.out * parts : s.in;  // floats from one stored row to the next
  for (int64_t p = 0; p < parts; ++p) {
    Buffer<float>& part = *s.parts[static_cast<std::size_t>(p)];
    if (s.packed) {
      if (Status st = part.resize(kernels::packed_size(s.out, s.in)); !st.ok()) return st;
      kernels::pack(values.data() + p * (s.transposed ? s.out : s.out * s.in), row, s.transposed, s.out, s.in,
                    part.data());
    } else {
      const int64_t count = s.in == 0 ? s.out : s.out * s.in;
      if (Status st = part.resize(static_cast<std::size_t>(count)); !st.ok()) return st;
      std::copy_n(values.data() + p * count, count, part.data());
    }
  }
  return {};
}

Status same(const Slot& s, std::span<const float> values, bool& equal) {
  equal = true;
  if (!s.packed) {
    equal = std::memcmp(s.parts[0]->data(), values.data(), values.size() * sizeof(float)) == 0;
    return {};
  }
  Buffer<float> row;
  if (Status st = row.resize(static_cast<std::size_t>(s.in)); !st.ok()) return st;
  for (int64_t o = 0; o < s.out && equal; ++o) {
    kernels::unpack_row(s.parts[0]->data(), s.in, o, row.data());
    equal = std::memcmp(row.data(), values.data() + o * s.in, row.size() * sizeof(float)) == 0;
  }
  return {};
}

}  // namespace limelight
