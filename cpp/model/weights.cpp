#include "model/weights.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/kernels.hpp"
#include "limelight/half.hpp"

namespace limelight {

std::vector<int64_t> Slot::shape() const {
  if (in == 0) return {all()};
  if (transposed) return {in, all()};
  return {all(), in};
}

Slot slot(Weights& w, const ModelConfig& c, Role role, int64_t layer) {
  // GPT-2 keeps its matrices as [in, out] ("Conv1D").
  const bool conv1d = c.family == ModelConfig::Family::gpt2;
  const int64_t q_width = c.heads * c.head_dim, kv_width = c.kv_heads * c.head_dim;
  const auto vector = [&](int64_t n, Parts<Buffer<float>> parts) { return Slot{n, 0, false, parts, {}}; };
  const auto table = [&](int64_t rows, Buffer<float>& part) {
    return Slot{rows, c.width, false, {{&part}}, {}};
  };
  const auto matrix = [&](int64_t out, int64_t in, Parts<Matrix> matrices) {
    return Slot{out, in, conv1d, {}, matrices};
  };
  BlockWeights* b = in_block(role) ? &w.blocks[static_cast<std::size_t>(layer)] : nullptr;
  switch (role) {
    case Role::tokens:
      return Slot{c.vocabulary, c.width, false, {}, {{&w.tokens}}};
    case Role::positions:
      return table(c.positions, w.positions);
    case Role::types:
      return table(c.token_types, w.types);
    case Role::embedding_gain:
      return vector(c.width, {{&w.embedding_norm.gain}});
    case Role::embedding_shift:
      return vector(c.width, {{&w.embedding_norm.shift}});
    case Role::transform_weight:
      return matrix(c.width, c.width, {{&w.transform.weight}});
    case Role::transform_bias:
      return vector(c.width, {{&w.transform.bias}});
    case Role::final_gain:
      return vector(c.width, {{&w.final_norm.gain}});
    case Role::final_shift:
      return vector(c.width, {{&w.final_norm.shift}});
    case Role::token_bias:
      return vector(c.vocabulary, {{&w.token_bias}});
    case Role::attention_gain:
      return vector(c.width, {{&b->attention_norm.gain}});
    case Role::attention_shift:
      return vector(c.width, {{&b->attention_norm.shift}});
    case Role::head_weight:
      return Slot{c.vocabulary, c.width, false, {}, {{&w.head}}};
    case Role::logits_bias:
      return Slot{1, c.vocabulary, false, {{&w.token_bias}}, {}};
    case Role::cross_q_weight:
      return matrix(q_width, c.width, {{&b->cross_q.weight}});
    case Role::cross_q_bias:
      return vector(q_width, {{&b->cross_q.bias}});
    case Role::cross_k_weight:
      return matrix(kv_width, c.width, {{&b->cross_k.weight}});
    case Role::cross_k_bias:
      return vector(kv_width, {{&b->cross_k.bias}});
    case Role::cross_v_weight:
      return matrix(kv_width, c.width, {{&b->cross_v.weight}});
    case Role::cross_v_bias:
      return vector(kv_width, {{&b->cross_v.bias}});
    case Role::cross_out_weight:
      return matrix(c.width, q_width, {{&b->cross_out.weight}});
    case Role::cross_out_bias:
      return vector(c.width, {{&b->cross_out.bias}});
    case Role::cross_gain:
      return vector(c.width, {{&b->cross_norm.gain}});
    case Role::cross_shift:
      return vector(c.width, {{&b->cross_norm.shift}});
    case Role::q_weight:
      return matrix(q_width, c.width, {{&b->q.weight}});
    case Role::q_bias:
      return vector(q_width, {{&b->q.bias}});
    case Role::k_weight:
      return matrix(kv_width, c.width, {{&b->k.weight}});
    case Role::k_bias:
      return vector(kv_width, {{&b->k.bias}});
    case Role::v_weight:
      return matrix(kv_width, c.width, {{&b->v.weight}});
    case Role::v_bias:
      return vector(kv_width, {{&b->v.bias}});
    case Role::qkv_weight:
      return matrix(c.width, c.width, {{&b->q.weight, &b->k.weight, &b->v.weight}});
    case Role::qkv_bias:
      return vector(c.width, {{&b->q.bias, &b->k.bias, &b->v.bias}});
    case Role::out_weight:
      return matrix(c.width, q_width, {{&b->out.weight}});
    case Role::out_bias:
      return vector(c.width, {{&b->out.bias}});
    case Role::mlp_gain:
      return vector(c.width, {{&b->mlp_norm.gain}});
    case Role::mlp_shift:
      return vector(c.width, {{&b->mlp_norm.shift}});
    case Role::gate_weight:
      return matrix(c.mlp_width, c.width, {{&b->gate.weight}});
    case Role::up_weight:
      return matrix(c.mlp_width, c.width, {{&b->up.weight}});
    case Role::up_bias:
      return vector(c.mlp_width, {{&b->up.bias}});
    case Role::down_weight:
      return matrix(c.width, c.mlp_width, {{&b->down.weight}});
    case Role::down_bias:
      return vector(c.width, {{&b->down.bias}});
  }
  return {};
}

Status make_sinusoids(const ModelConfig& config, Buffer<float>& positions) {
  const int64_t half = config.width / 2;
  Buffer<float> cos, sin;
  for (Buffer<float>* table : {&cos, &sin}) {
    if (Status s = table->resize(static_cast<std::size_t>(config.positions * half)); !s.ok()) return s;
  }
  if (Status s = rotary_table({}, config.width, cos.span(), sin.span()); !s.ok()) return s;
  if (Status s = positions.resize(static_cast<std::size_t>(config.positions * config.width)); !s.ok())
    return s;
  for (int64_t p = 0; p < config.positions; ++p) {
    float* row = positions.data() + p * config.width;
    std::copy_n(sin.data() + p * half, half, row);
    std::copy_n(cos.data() + p * half, half, row + half);
  }
  return {};
}

Slot scale_slot(Weights& w, const ModelConfig& c, Role role, int64_t layer) {
  const Slot matrix = slot(w, c, role, layer);
  Slot scales{matrix.out, 0, false, {}, {}};
  for (std::size_t i = 0; i < matrix.matrices.size(); ++i) scales.parts.at[i] = &matrix.matrices[i]->scales;
  return scales;
}

float quantise(std::span<const float> w, int8_t* q) {
  float most = 0;
  for (const float value : w) most = std::max(most, std::abs(value));
  const float scale = most / 127.0f;
  for (std::size_t i = 0; i < w.size(); ++i) {
    // In double, where the quotient that decides a rounding is as good as exact. The smallest floats have no
    // 127th part: their quotients may go beyond 127.
    const double quotient = scale > 0 ? static_cast<double>(w[i]) / static_cast<double>(scale) : 0.0;
    q[i] = static_cast<int8_t>(std::clamp(std::nearbyint(quotient), -127.0, 127.0));
  }
  return scale;
}

namespace {

Status round_to_half(std::span<const float> w, uint16_t* halves) {
  for (std::size_t i = 0; i < w.size(); ++i) {
    halves[i] = f32_to_f16(w[i]);
    if ((halves[i] & 0x7c00u) == 0x7c00u) {
      return Status::error(StatusCode::invalid_value, "%g is beyond f16", static_cast<double>(w[i]));
    }
  }
  return {};
}

/// The part of a stored row that belongs to one matrix: which one, its index there, and its numbers.
struct Share {
  Matrix& matrix;
  int64_t index;
  std::size_t at, count;
};

/// Calls `each` for every share of row `r`; stops at what is not ok.
template <class Each>
Status for_each_share(const Slot& s, int64_t r, Each each) {
  if (!s.transposed) {
    return each(Share{*s.matrices[static_cast<std::size_t>(r / s.out)], r % s.out, 0,
                      static_cast<std::size_t>(s.in)});
  }
  for (std::size_t p = 0; p < s.matrices.size(); ++p) {
    const auto out = static_cast<std::size_t>(s.out);
    if (Status status = each(Share{*s.matrices[p], r, p * out, out}); !status.ok()) return status;
  }
  return {};
}

}  // namespace

Status StoredRow::resize(std::size_t numbers) {
  if (Status s = raw.resize(numbers * sizeof(float)); !s.ok()) return s;
  if (Status s = values.resize(numbers); !s.ok()) return s;
  if (Status s = halves.resize(numbers); !s.ok()) return s;
  return quantised.resize(numbers);
}

Status store_row(const Slot& s, int64_t r, bool int8, StoredRow& row) {
  if (s.matrices.empty()) {
    const int64_t count = s.in == 0 ? s.out : s.in;
    for (std::size_t p = 0; p < s.parts.size(); ++p) {
      std::copy_n(row.values.data() + static_cast<int64_t>(p) * count, count, s.parts[p]->data() + r * count);
    }
    return {};
  }
  return for_each_share(s, r, [&](const Share& share) -> Status {
    Matrix& m = share.matrix;
    const std::span<const float> values = row.values.span().subspan(share.at, share.count);
    switch (m.type) {
      case Matrix::Type::f32:
        kernels::pack_row(values.data(), share.index, s.transposed, m.out, m.in, m.f32.data());
        break;
      case Matrix::Type::f16:
        if (Status status = round_to_half(values, row.halves.data()); !status.ok()) return status;
        kernels::pack_row<uint16_t>(row.halves.data(), share.index, s.transposed, m.out, m.in, m.f16.data());
        break;
      case Matrix::Type::int8:
        if (!int8) m.scales[static_cast<std::size_t>(share.index)] = quantise(values, row.quantised.data());
        kernels::pack_row<int8_t>(row.quantised.data() + (int8 ? share.at : 0), share.index, s.transposed,
                                  m.out, m.in, m.int8.data());
        break;
    }
    return {};
  });
}

Status same_row(const Slot& s, int64_t r, bool int8, StoredRow& row, bool& equal) {
  const auto equals = [&](const auto* a, const auto* b, std::size_t count) {
    equal = std::memcmp(a, b, count * sizeof(*a)) == 0;
  };
  if (s.matrices.empty()) {
    const auto count = static_cast<std::size_t>(s.row());
    equals(s.parts[0]->data() + static_cast<std::size_t>(r) * count, row.values.data(), count);
    return {};
  }
  // Only token embeddings are tied: one matrix, stored row by row.
  const Matrix& m = *s.matrices[0];
  const auto count = static_cast<std::size_t>(m.in);
  switch (m.type) {
    case Matrix::Type::f32: {
      Buffer<float> kept;
      if (Status status = kept.resize(count); !status.ok()) return status;
      kernels::unpack_row(m.f32.data(), m.in, r, kept.data());
      equals(kept.data(), row.values.data(), count);
      break;
    }
    case Matrix::Type::f16: {
      Buffer<uint16_t> kept;
      if (Status status = kept.resize(count); !status.ok()) return status;
      if (Status status = round_to_half(row.values.span().first(count), row.halves.data()); !status.ok())
        return status;
      kernels::unpack_row(m.f16.data(), m.in, r, kept.data());
      equals(kept.data(), row.halves.data(), count);
      break;
    }
    case Matrix::Type::int8: {
      Buffer<int8_t> kept;
      if (Status status = kept.resize(count); !status.ok()) return status;
      const bool scale_equal = int8 || quantise(row.values.span().first(count), row.quantised.data()) ==
                                           m.scales[static_cast<std::size_t>(r)];
      kernels::unpack_row(m.int8.data(), m.in, r, kept.data());
      equals(kept.data(), row.quantised.data(), count);
      equal = equal && scale_equal;
      break;
    }
  }
  return {};
}

}  // namespace limelight
