// The parameters of a model, one structure for every family, in the layout in which the kernels read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "limelight/memory.hpp"
#include "limelight/model.hpp"

namespace limelight {

/// W [out, in], packed for the kernels as one of the types that they read. Empty until it is given a type.
struct Matrix {
  enum class Type : uint8_t { f32, f16, int8 } type = Type::f32;
  int64_t out = 0, in = 0;
  Buffer<float> f32;
  Buffer<uint16_t> f16;
  Buffer<int8_t> int8;
  Buffer<float> scales;  ///< [out], for int8

  bool empty() const { return out == 0; }
  std::size_t bytes() const;
  /// Room for the numbers; scales have their own.
  Status reserve(Type kept_as, int64_t out_features, int64_t in_features);
  /// y[r, o] = sum_i x[r, i] W[o, i] + bias[o], bias null for none. See kernels::Table::linear. A pool shares
  /// output features.
  void multiply(const float* x, int64_t ldx, int64_t rows, const float* bias, float* y, int64_t ldy,
                ThreadPool* pool) const;
  /// values[i] = W[o, i].
  void row(int64_t o, float* values) const;
  /// Keeps it as another type. Errors: out_of_memory; invalid_value (a number beyond f16).
  Status convert(Type to);
};

/// y = W x + b, or W x where there is no bias.
struct Linear {
  Matrix weight;
  Buffer<float> bias;
};

struct LayerNorm {
  Buffer<float> gain, shift;  ///< no shift: of an RMS norm
};

/// attention_norm and mlp_norm stand before their part in pre-norm models and after it in post-norm ones.
struct BlockWeights {
  LayerNorm attention_norm, cross_norm, mlp_norm;
  Linear q, k, v;   // [heads * head_dim, width], of k and v [kv_heads * head_dim, width]
  Linear out;       // [width, heads * head_dim]
  Linear up, down;  // [mlp_width, width], [width, mlp_width]
  Linear cross_q, cross_k, cross_v, cross_out;  // of the decoder of an encoder-decoder
  Linear gate;                                  // as up: in gated models what the activation is applied to
};

struct Weights {
  Matrix tokens;            // [vocabulary, width]: read by row for the embedding, as a matrix for predictions
  Matrix head;              // [vocabulary, width] where predictions do not read `tokens`
  Buffer<float> positions;  // [positions, width], where they are embedded (sinusoids are computed)
  Buffer<float> types;      // [token_types, width] (bert)
  LayerNorm embedding_norm;  // bert
  std::vector<BlockWeights> blocks;
  Linear transform;          // [width, width] before the last norm (bert's masked-word head)
  LayerNorm final_norm;      // gpt2: ln_f; bert: the masked-word head's
  Buffer<float> token_bias;  // [vocabulary] added to predictions (bert, marian)
};

/// The positions of a model that embeds sines and cosines, [positions, width]: of position p the sines of p
/// 10000^(-2 i / width), i < width / 2, then their cosines. Errors: out_of_memory.
Status make_sinusoids(const ModelConfig& config, Buffer<float>& positions);

/// What a tensor of a checkpoint is for. Roles from attention_gain on exist once in every block.
enum class Role : uint8_t {
  tokens,
  positions,
  types,
  embedding_gain,
  embedding_shift,
  transform_weight,
  transform_bias,
  final_gain,
  final_shift,
  token_bias,
  head_weight,
  logits_bias,
  attention_gain,
  attention_shift,
  q_weight,
  q_bias,
  k_weight,
  k_bias,
  v_weight,
  v_bias,
  qkv_weight,
  qkv_bias,
  out_weight,
  out_bias,
  cross_q_weight,
  cross_q_bias,
  cross_k_weight,
  cross_k_bias,
  cross_v_weight,
  cross_v_bias,
  cross_out_weight,
  cross_out_bias,
  cross_gain,
  cross_shift,
  mlp_gain,
  mlp_shift,
  gate_weight,
  up_weight,
  up_bias,
  down_weight,
  down_bias,
};
inline constexpr std::size_t kRoles = static_cast<std::size_t>(Role::down_bias) + 1;
constexpr bool in_block(Role role) {
  return role >= Role::attention_gain;
}
constexpr bool in_mlp(Role role) {
  return role >= Role::mlp_gain;
}

/// What a fused tensor is made of, at most queries, keys and values; null where there are fewer.
template <class T>
struct Parts {
  T* at[3] = {};
  std::size_t size() const {
    return static_cast<std::size_t>((at[0] != nullptr) + (at[1] != nullptr) + (at[2] != nullptr));
  }
  bool empty() const { return at[0] == nullptr; }
  T* operator[](std::size_t i) const { return at[i]; }
  T* const* begin() const { return at; }
  T* const* end() const { return at + size(); }
};

/// Where a tensor's numbers go: a vector, a table or a matrix, or for a fused tensor several of equal share
/// along its output features.
struct Slot {
  int64_t out = 0, in = 0;  ///< one part is a matrix [out, in], or a vector [out] where in = 0
  bool transposed = false;  ///< stored as [in, out]
  Parts<Buffer<float>> parts;
  Parts<Matrix> matrices;  ///< instead of parts

  int64_t all() const { return out * static_cast<int64_t>(parts.size() + matrices.size()); }
  std::vector<int64_t> shape() const;                                 ///< as the checkpoint has to have it
  int64_t row() const { return in == 0 || transposed ? all() : in; }  ///< numbers in a stored row
  int64_t rows() const { return in == 0 ? 1 : transposed ? in : all(); }
  bool filled() const { return matrices.empty() ? parts[0]->size() > 0 : !matrices[0]->empty(); }
};
Slot slot(Weights& weights, const ModelConfig& config, Role role, int64_t layer);
/// Where the scales of an int8 tensor go.
Slot scale_slot(Weights& weights, const ModelConfig& config, Role role, int64_t layer);

/// The nearest w = scale q with |q| <= 127; returns scale = max |w| / 127.
float quantise(std::span<const float> w, int8_t* q);

/// One stored row of a tensor, and what it becomes on its way.
struct StoredRow {
  Buffer<std::byte> raw;     ///< as in the file
  Buffer<float> values;      ///< decoded, but for int8
  Buffer<uint16_t> halves;   ///< rounded
  Buffer<int8_t> quantised;  ///< as in the file, or rounded
  Status resize(std::size_t numbers);
};

/// Takes row `r` into its slot, which has room. `int8`: the row is int8 in the file. Errors: invalid_value (a
/// number beyond f16).
Status store_row(const Slot& slot, int64_t r, bool int8, StoredRow& row);
/// Whether the slot already holds exactly this row of a table or matrix, or this vector.
Status same_row(const Slot& slot, int64_t r, bool int8, StoredRow& row, bool& equal);

}  // namespace limelight
