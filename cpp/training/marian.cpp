// Marian: an encoder and a decoder, norm last. Source of names and order: transformers, modeling_marian.py.
#include <cmath>

#include "training/families.hpp"
#include "training/sinusoids.hpp"

namespace limelight::training {
namespace {

/// Of tokens: sinusoids have 0.7. With twice as much dates take a fifth more steps.
constexpr float kEmbeddingDeviation = 0.5f;
constexpr const char* kShared = "model.shared";

class Builder {
 public:
  explicit Builder(Network& network) : network_(network), graph_(network.graph), shape_(network.shape) {}

  /// What a stack reads: tokens and their places. The places are an input that is set after plan().
  Tensor read(const std::string& stack, Integers ids, int64_t vocabulary, Tensor places) {
    const bool tied = shape_.tied;
    const Initial initial = embedding_for(tied, shape_.width, kEmbeddingDeviation);
    // The scale makes the numbers of a tied embedding as large as those of the places.
    const float scale = tied ? std::sqrt(static_cast<float>(shape_.width)) : 1.0f;
    return add(graph_,
               embedding(graph_, ids, tied ? kShared : stack + ".embed_tokens", vocabulary, shape_.width,
                         initial, scale),
               places);
  }

  /// x [batch, q_len, width] looks at memory [batch, kv_len, width], or at itself.
  Tensor attend(const std::string& name, AttentionSite::Kind kind, int64_t layer, Tensor x, Tensor memory,
                Integers key_lengths) {
    const Heads q = {project(x, name + ".q_proj", shape_.width)};
    const Heads k = {project(memory, name + ".k_proj", shape_.width)};
    const Heads v = {project(memory, name + ".v_proj", shape_.width)};
    const AttentionForm form = {network_.batch,
                                shape_.heads,
                                shape_.width / shape_.heads,
                                shape_.heads,
                                kind == AttentionSite::Kind::decoder,
                                key_lengths};
    const Tensor z = attention(graph_, q, k, v, form);
    network_.attentions.push_back({kind, layer, q, k, v, form, graph_.shape(x).rows / network_.batch,
                                   graph_.shape(memory).rows / network_.batch});
    return branch(x, project(z, name + ".out_proj", shape_.width), name + "_layer_norm");
  }

  Tensor mlp(const std::string& name, Tensor x) {
    const Tensor up = activate(graph_, project(x, name + ".fc1", shape_.mlp_width), Activation::relu);
    return branch(x, project(up, name + ".fc2", shape_.width), name + ".final_layer_norm");
  }

 private:
  Tensor project(Tensor x, const std::string& name, int64_t width) {
    return linear(graph_, x, name, width, {true, false, kLinearDeviation});
  }
  Tensor branch(Tensor x, Tensor y, const std::string& norm) {
    return layer_norm(graph_, add(graph_, x, dropout(graph_, y, shape_.dropout)), norm);
  }

  Network& network_;
  Graph& graph_;
  const NetworkShape& shape_;
};

}  // namespace

Status build_marian(Network& network, ThreadPool* pool) {
  using Kind = AttentionSite::Kind;
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  const Tensor source_places = graph.input(network.batch * shape.source_length, shape.width);
  const Tensor places = graph.input(network.batch * shape.length, shape.width);
  Builder builder(network);
  Tensor memory = builder.read("model.encoder", network.source, shape.source_vocabulary, source_places);
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const std::string name = "model.encoder.layers." + std::to_string(layer);
    memory =
        builder.attend(name + ".self_attn", Kind::encoder, layer, memory, memory, network.source_lengths);
    memory = builder.mlp(name, memory);
  }
  Tensor x = builder.read("model.decoder", network.ids, shape.vocabulary, places);
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const std::string name = "model.decoder.layers." + std::to_string(layer);
    x = builder.attend(name + ".self_attn", Kind::decoder, layer, x, x, {});
    x = builder.attend(name + ".encoder_attn", Kind::cross, layer, x, memory, network.source_lengths);
    x = builder.mlp(name, x);
  }
  if (Status s = close(network, x, "model.shared.weight", pool); !s.ok()) return s;
  set_sinusoids(graph.value(source_places), shape.source_length, shape.width);
  set_sinusoids(graph.value(places), shape.length, shape.width);
  return {};
}

}  // namespace limelight::training
