// GPT-2. Source of names and order: transformers, modeling_gpt2.py.
#include "training/families.hpp"

namespace limelight::training {
namespace {

/// With half of it some seeds find no head that looks one token back.
constexpr float kEmbeddingDeviation = 1.0f;

}  // namespace

Status build_gpt2(Network& network, ThreadPool* pool) {
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  const LinearForm conv1d = {true, true, kLinearDeviation};
  const AttentionForm form = {network.batch, shape.heads, shape.width / shape.heads, shape.heads, true};
  const Integers positions = graph.integers(network.batch * shape.length);
  const Initial tokens = embedding_for(shape.tied, shape.width, kEmbeddingDeviation);
  Tensor x =
      add(graph, embedding(graph, network.ids, "transformer.wte", shape.vocabulary, shape.width, tokens),
          embedding(graph, positions, "transformer.wpe", context_of(shape), shape.width,
                    {0.0f, tokens.deviation, shape.tied}));
  const auto join = [&](Tensor branch) { x = add(graph, x, dropout(graph, branch, shape.dropout)); };
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const std::string name = "transformer.h." + std::to_string(layer);
    const Tensor qkv =
        linear(graph, layer_norm(graph, x, name + ".ln_1"), name + ".attn.c_attn", 3 * shape.width, conv1d);
    const Heads q = {qkv, 0}, k = {qkv, shape.width}, v = {qkv, 2 * shape.width};
    const Tensor z = attention(graph, q, k, v, form);
    network.attentions.push_back(
        {AttentionSite::Kind::decoder, layer, q, k, v, form, shape.length, shape.length});
    join(linear(graph, z, name + ".attn.c_proj", shape.width, conv1d));
    if (shape.mlp_width == 0) continue;
    const Tensor up =
        linear(graph, layer_norm(graph, x, name + ".ln_2"), name + ".mlp.c_fc", shape.mlp_width, conv1d);
    join(
        linear(graph, activate(graph, up, Activation::gelu_tanh), name + ".mlp.c_proj", shape.width, conv1d));
  }
  if (Status s = close(network, layer_norm(graph, x, "transformer.ln_f"), "transformer.wte.weight", pool);
      !s.ok()) {
    return s;
  }
  count_places(graph.numbers(positions), shape.length);
  return {};
}

}  // namespace limelight::training
