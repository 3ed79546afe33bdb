// Transformers as graphs to train: families and tensor names of Hugging Face checkpoints, so that what was
// trained is a model that can be loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "training/operations.hpp"

namespace limelight::training {

struct NetworkShape {
  /// gpt2: decoder alone, norm first, learned positions (modeling_gpt2.py). llama: the same with rotary
  /// positions, groups of heads that share keys and values, RMS norm and SwiGLU (modeling_llama.py). bert:
  /// encoder alone, norm last, learned positions (modeling_bert.py). marian: encoder and decoder, norm last,
  /// sinusoidal positions, cross-attention (modeling_marian.py).
  enum class Family { gpt2, llama, bert, marian };
  Family family = Family::gpt2;
  int64_t layers = 2;  ///< of marian: of the encoder, and as many of the decoder
  int64_t width = 64, heads = 4;
  int64_t kv_heads = 0;   ///< of llama: 0: as many as heads
  int64_t mlp_width = 0;  ///< 0, of gpt2: attention alone, without MLP and the norm before it
  /// Predictions read the token embedding; of marian, both stacks share it as well. bert's always do.
  bool tied = false;
  float dropout = 0;  ///< share of the numbers that a branch's output loses while training, 0 to 0.9
  int64_t vocabulary = 0, length = 0;
  int64_t source_vocabulary = 0, source_length = 0;  ///< of marian and bert: what the encoder reads
  int64_t context = 0;  ///< places that learned positions know; 0: as many as are trained here
};

/// Whether an encoder reads a source: of bert `ids` are places of it, and `length` how many are asked about.
bool has_encoder(NetworkShape::Family family);
/// Tokens of a row, as text is read.
int64_t row_length(const NetworkShape& shape);

/// An attention of the network, to look into: its inputs are values of the graph.
struct AttentionSite {
  enum class Kind { encoder, decoder, cross };
  Kind kind = Kind::decoder;
  int64_t layer = 0;
  Heads q, k, v;
  AttentionForm form;
  int64_t q_len = 0, kv_len = 0;
};

struct Network {
  NetworkShape shape;
  int64_t batch = 0;
  Graph graph;
  Integers source, source_lengths;  ///< of marian and bert: [batch, source_length], [batch]
  Integers ids, targets;            ///< [batch, length]
  Tensor logits;                    ///< [batch * length, vocabulary]
  Tensor loss;
  std::vector<AttentionSite> attentions;
};

/// Builds the graph for batches of `batch` rows and plans it. The loss is the mean cross-entropy over
/// targets >= 0. Errors: invalid_shape (sizes that are not positive or do not divide), invalid_value (a
/// dropout that is no share), out_of_memory.
Status build(const NetworkShape& shape, int64_t batch, ThreadPool* pool, Network& network);

/// The config.json that Hugging Face's classes and limelight/model.hpp read for such a network.
std::string config_json(const NetworkShape& shape);

}  // namespace limelight::training
