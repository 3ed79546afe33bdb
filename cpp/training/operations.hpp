// The operations of a graph. Each appends one and returns what it makes; shapes that do not fit are a mistake
// that Graph::plan() returns. Costs are of the reverse pass beside those of inference.
#pragma once

#include <string>

#include "limelight/rotary.hpp"
#include "training/graph.hpp"

namespace limelight::training {

/// y[r] = scale table[ids[r]], of the parameter `name`.weight [vocabulary, width]. Positions are embedded
/// with their numbers as ids. forward() refuses ids outside the vocabulary: invalid_token.
Tensor embedding(Graph& graph, Integers ids, const std::string& name, int64_t vocabulary, int64_t width,
                 Initial initial = {0.0f, 0.07f}, float scale = 1.0f);

/// y[r] = row ids[r] of the part of x that batch r / (rows / batch) has: of x [batch, seq, width] and ids
/// [batch, rows] it is [batch, rows, width]. forward() refuses ids outside of seq: invalid_token.
Tensor pick(Graph& graph, Tensor x, Integers ids, int64_t batch);

struct LinearForm {
  bool bias = true;
  bool conv1d = false;     ///< the weight is stored [in, out], as GPT-2 does
  float deviation = 1.0f;  ///< that the weight starts with, times sqrt(in)
};
/// y = x W^T + b, of `name`.weight [out, in] and `name`.bias [out], which starts at zero. Two products of the
/// size of the forward one on the way back: dX = dY W and dW = dY^T X.
Tensor linear(Graph& graph, Tensor x, const std::string& name, int64_t out_features, LinearForm form = {});
/// The same with parameters of any shape that hold as many numbers; `bias` need not exist.
Tensor linear(Graph& graph, Tensor x, Parameter weight, Parameter bias, int64_t out_features,
              bool conv1d = false);

struct ConvolutionForm {
  int64_t batch = 1, channels = 1, height = 1, width = 1;
  int64_t kernel = 1, stride = 1, padding = 0;  ///< alike in both directions; the padding is zeros
  bool channels_last = false;  ///< x is [batch * height * width, channels], as convolution() leaves it
  bool bias = true;
  float deviation = 1.0f;  ///< that the weight starts with, times sqrt(channels * kernel^2)
};
/// y[b, i, j] = b + the sum over channels and the kernel's window at (i, j) * stride - padding of w x, of x
/// [batch, channels * height * width], `name`.weight [out, channels, kernel, kernel] and `name`.bias [out].
/// y is [batch * out_height * out_width, out]: one token a place. With stride = kernel these are the
/// embeddings of an image's patches. The windows are stored: kernel^2 / stride^2 times x.
Tensor convolution(Graph& graph, Tensor x, const std::string& name, int64_t out_channels,
                   const ConvolutionForm& form);

/// y = a + b, of equal shapes.
Tensor add(Graph& graph, Tensor a, Tensor b);

/// While training, zero in a share of the places, 0 <= share < 1, and x / (1 - share) in the others; else x.
/// Which places is said by Graph::draw(), the operation and the place alone, and not stored.
Tensor dropout(Graph& graph, Tensor x, float share);

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
