// The parameters of a model, one structure for every family, in the layout in which the kernels read them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "limelight/memory.hpp"
#include "limelight/model.hpp"

namespace limelight {

/// y = W x + b. `packed` is W [out, in] as kernels::pack lays it out.
struct Linear {
  Buffer<float> packed, bias;
};

struct LayerNorm {
  Buffer<float> gain, shift;
};

/// attention_norm and mlp_norm stand before their part in pre-norm models and after it in post-norm ones.
struct BlockWeights {
  LayerNorm attention_norm, mlp_norm;
  Linear q, k, v, out;  // [width, width]
  Linear up, down;      // [mlp_width, width], [width, mlp_width]
};

struct Weights {
  Buffer<float>
      tokens;  // [vocabulary, width] packed: read by row for the embedding, as a matrix for predictions
  Buffer<float> positions;   // [positions, width]
  Buffer<float> types;       // [token_types, width] (bert)
  LayerNorm embedding_norm;  // bert
  std::vector<BlockWeights> blocks;
  Linear transform;          // [width, width] before the last norm (bert's masked-word head)
  LayerNorm final_norm;      // gpt2: ln_f; bert: the masked-word head's
  Buffer<float> token_bias;  // [vocabulary] added to predictions (bert)
};

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
  mlp_gain,
  mlp_shift,
  up_weight,
  up_bias,
  down_weight,
  down_bias,
};
inline constexpr std::size_t kRoles = static_cast<std::size_t>(Role::down_bias) + 1;
constexpr bool in_block(Role role) {
  return role >= Role::attention_gain;
}

/// Where a tensor's numbers go: one buffer or, for a fused one, several of equal share along its output
/// features.
struct Slot {
  int64_t out = 0, in = 0;  ///< one part is a matrix [out, in], or a vector [out] where in = 0
  bool packed = false;
  bool transposed = false;  ///< stored as [in, out]
  std::vector<Buffer<float>*> parts;

  std::vector<int64_t> shape() const;  ///< as the checkpoint has to have it
};
Slot slot(Weights& weights, const ModelConfig& config, Role role, int64_t layer);

/// Takes a tensor's numbers, in the checkpoint's order, into its slot.
Status store(const Slot& slot, std::span<const float> values);
/// Whether the slot holds exactly these numbers; `row` is scratch.
Status same(const Slot& slot, std::span<const float> values, bool& equal);

}  // namespace limelight
