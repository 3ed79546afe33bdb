// LLaMA. Source of names and order: transformers, modeling_llama.py.
#include "training/families.hpp"

namespace limelight::training {
namespace {

constexpr float kEmbeddingDeviation = 1.0f;

}  // namespace

Status build_llama(Network& network, ThreadPool* pool) {
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  const LinearForm plain = {false, false, kLinearDeviation};
  const int64_t head_dim = shape.width / shape.heads, kv_heads = kv_heads_of(shape);
  const AttentionForm form = {network.batch, shape.heads, head_dim, kv_heads, true};
  const auto turned = [&](Tensor x, int64_t heads) {
    return rotary(graph, x, {.batch = network.batch, .heads = heads, .head_dim = head_dim});
  };
  Tensor x = embedding(graph, network.ids, "model.embed_tokens", shape.vocabulary, shape.width,
                       embedding_for(shape.tied, shape.width, kEmbeddingDeviation));
  const auto join = [&](Tensor branch) { x = add(graph, x, dropout(graph, branch, shape.dropout)); };
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    const std::string name = "model.layers." + std::to_string(layer), attention_name = name + ".self_attn";
    const Tensor normed = rms_norm(graph, x, name + ".input_layernorm");
    const Heads q = {
        turned(linear(graph, normed, attention_name + ".q_proj", shape.width, plain), shape.heads)};
    const Heads k = {
        turned(linear(graph, normed, attention_name + ".k_proj", kv_heads * head_dim, plain), kv_heads)};
    const Heads v = {linear(graph, normed, attention_name + ".v_proj", kv_heads * head_dim, plain)};
    const Tensor z = attention(graph, q, k, v, form);
    network.attentions.push_back(
        {AttentionSite::Kind::decoder, layer, q, k, v, form, shape.length, shape.length});
    join(linear(graph, z, attention_name + ".o_proj", shape.width, plain));
    const Tensor between = rms_norm(graph, x, name + ".post_attention_layernorm");
    const Tensor gate = linear(graph, between, name + ".mlp.gate_proj", shape.mlp_width, plain);
    const Tensor up = linear(graph, between, name + ".mlp.up_proj", shape.mlp_width, plain);
    join(linear(graph, swiglu(graph, gate, up), name + ".mlp.down_proj", shape.width, plain));
  }
  return close(network, rms_norm(graph, x, "model.norm"), "model.embed_tokens.weight", pool);
}

}  // namespace limelight::training
