// The operations of a graph. Each appends one and returns what it makes; shapes that do not fit are a mistake
// that Graph::plan() returns. Costs are of the reverse pass beside those of inference.
#pragma once

#include <string>

#include "limelight/rotary.hpp"
#include "training/graph.hpp"

namespace limelight::training {

/// y[r] = table[ids[r]], of the parameter `name`.weight [vocabulary, width]. Positions are embedded with
/// their numbers as ids. forward() refuses ids outside the vocabulary: invalid_token.
Tensor embedding(Graph& graph, Integers ids, const std::string& name, int64_t vocabulary, int64_t width,
                 float deviation = 0.07f);

struct LinearForm {
  bool bias = true;
  bool conv1d = false;     ///< the weight is stored [in, out], as GPT-2 does
  float deviation = 1.0f;  ///< that the weight starts with, times sqrt(in)
};
/// y = x W^T + b, of `name`.weight [out, in] and `name`.bias [out], which starts at zero. Two products of the
/// size of the forward one on the way back: dX = dY W and dW = dY^T X.
Tensor linear(Graph& graph, Tensor x, const std::string& name, int64_t out_features, LinearForm form = {});

/// y = a + b, of equal shapes.
Tensor add(Graph& graph, Tensor a, Tensor b);

/// (x - mean) / sqrt(var + epsilon) * gain + shift of every row, of `name`.weight and `name`.bias.
Tensor layer_norm(Graph& graph, Tensor x, const std::string& name, float epsilon = 1e-5f);
/// x / sqrt(mean of x^2 + epsilon) * gain of every row, of `name`.weight.
Tensor rms_norm(Graph& graph, Tensor x, const std::string& name, float epsilon = 1e-6f);

/// Turns every head of x [batch, seq, heads * head_dim] by the angles of its position 0 .. seq - 1
/// (limelight/rotary.hpp). The reverse pass turns back.
struct RotaryForm {
  int64_t batch = 1, heads = 1, head_dim = 1;
  RotaryFrequencies frequencies = {};
  RotaryPairs pairs = RotaryPairs::halves;
};
Tensor rotary(Graph& graph, Tensor x, const RotaryForm& form);

enum class Activation { gelu_erf, gelu_tanh, relu };
Tensor activate(Graph& graph, Tensor x, Activation activation);
/// y = gate / (1 + exp(-gate)) * up, of equal shapes.
Tensor swiglu(Graph& graph, Tensor gate, Tensor up);

/// Some heads side by side in the columns of a tensor, from `column` on: a projection for itself, or a part
/// of a joint one.
struct Heads {
  Tensor tensor;
  int64_t column = 0;
};
struct AttentionForm {
  int64_t batch = 1, heads = 1, head_dim = 1;
  int64_t kv_heads = 0;  ///< 0: as many as heads
  bool causal = false;
  Integers key_lengths = {};  ///< [batch]: keys from there on are padding
};
/// attend() (limelight/attention.hpp) of q [batch, q_len, heads * head_dim] and k and v [batch, kv_len,
/// kv_heads * head_dim]; kv_len differs from q_len in cross-attention. Columns of the same tensor may not
/// overlap. The weights are never stored: attend_backward() finds them from the log-sum-exps, which are kept.
Tensor attention(Graph& graph, Heads q, Heads k, Heads v, const AttentionForm& form);

/// The mean over rows with a target >= 0 of -log(softmax(logits[r])[targets[r]]); a target below 0 leaves its
/// row out. 0 where there is none. forward() refuses targets from the width on: invalid_token. Keeps the
/// probabilities.
Tensor cross_entropy(Graph& graph, Tensor logits, Integers targets);
/// The mean over all numbers of (x - y)^2, of equal shapes.
Tensor squared_error(Graph& graph, Tensor x, Tensor y);

}  // namespace limelight::training
