// BERT that fills blanks. Source of names and order: transformers, modeling_bert.py (BertForMaskedLM).
#include "training/families.hpp"

namespace limelight::training {
namespace {

constexpr float kEpsilon = 1e-12f;

}  // namespace

/// Logits are computed of the places asked about alone: with 4,096 tokens and a width of 128 the logits of
/// all would cost two thirds of what four layers do.
Status build_bert(Network& network, ThreadPool* pool) {
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  const LinearForm form = {true, false, kLinearDeviation};
  const AttentionForm heads = {.batch = network.batch,
                               .heads = shape.heads,
                               .head_dim = shape.width / shape.heads,
                               .key_lengths = network.source_lengths};
  const Initial start = embedding_for(true, shape.width, 0);
  const Integers positions = graph.integers(network.batch * shape.source_length);
  const Integers types = graph.integers(network.batch * shape.source_length);
  const std::string embeddings = "bert.embeddings.", tokens = embeddings + "word_embeddings";
  const Tensor places =
      add(graph,
          embedding(graph, positions, embeddings + "position_embeddings", context_of(shape), shape.width,
                    {0.0f, start.deviation, true}),
          embedding(graph, types, embeddings + "token_type_embeddings", 2, shape.width, {}));
  Tensor x =
      add(graph, embedding(graph, network.source, tokens, shape.vocabulary, shape.width, start), places);
  x = dropout(graph, layer_norm(graph, x, embeddings + "LayerNorm", kEpsilon), shape.dropout);
  const auto join = [&](Tensor branch, const std::string& name) {
    x = layer_norm(graph, add(graph, x, dropout(graph, branch, shape.dropout)), name + ".LayerNorm",
                   kEpsilon);
  };
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const std::string name = "bert.encoder.layer." + std::to_string(layer), self = name + ".attention.self.";
    const Heads q = {linear(graph, x, self + "query", shape.width, form)};
    const Heads k = {linear(graph, x, self + "key", shape.width, form)};
    const Heads v = {linear(graph, x, self + "value", shape.width, form)};
    network.attentions.push_back(
        {AttentionSite::Kind::encoder, layer, q, k, v, heads, shape.source_length, shape.source_length});
    const Tensor z = attention(graph, q, k, v, heads);
    join(linear(graph, z, name + ".attention.output.dense", shape.width, form), name + ".attention.output");
    const Tensor up = linear(graph, x, name + ".intermediate.dense", shape.mlp_width, form);
    join(linear(graph, activate(graph, up, Activation::gelu_erf), name + ".output.dense", shape.width, form),
         name + ".output");
  }
  const std::string head = "cls.predictions.";
  x = pick(graph, x, network.ids, network.batch);
  x = activate(graph, linear(graph, x, head + "transform.dense", shape.width, form), Activation::gelu_erf);
  x = layer_norm(graph, x, head + "transform.LayerNorm", kEpsilon);
  const Tensor logits =
      linear(graph, x, graph.parameter(tokens + ".weight", {shape.vocabulary, shape.width}, {}),
             graph.parameter(head + "bias", {shape.vocabulary}, {}), shape.vocabulary);
  if (Status s = close(network, logits, pool); !s.ok()) return s;
  count_places(graph.numbers(positions), shape.source_length);
  return {};
}

}  // namespace limelight::training
