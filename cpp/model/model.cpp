#include "limelight/model.hpp"

#include "model/state.hpp"

namespace limelight {
namespace {

std::size_t bytes(const Buffer<float>& b) {
  return b.size() * sizeof(float);
}
std::size_t bytes(const Linear& l) {
  return l.weight.bytes() + bytes(l.bias);
}
std::size_t bytes(const LayerNorm& n) {
  return bytes(n.gain) + bytes(n.shift);
}

}  // namespace

Model::Model(std::unique_ptr<State> state) : state_(std::move(state)) {}
Model::~Model() = default;

const ModelConfig& Model::config() const {
  return state_->config;
}

std::size_t Model::weight_bytes() const {
  const Weights& w = state_->weights;
  std::size_t sum = w.tokens.bytes() + bytes(w.positions) + bytes(w.types) + bytes(w.embedding_norm) +
                    bytes(w.transform) + bytes(w.final_norm) + bytes(w.token_bias) + w.head.bytes();
  for (const BlockWeights& b : w.blocks) {
    sum += bytes(b.attention_norm) + bytes(b.cross_norm) + bytes(b.mlp_norm) + bytes(b.cross_q) +
           bytes(b.cross_k) + bytes(b.cross_v) + bytes(b.cross_out) + bytes(b.q) + bytes(b.k) + bytes(b.v) +
           bytes(b.out) + bytes(b.up) + bytes(b.down) + bytes(b.gate);
  }
  return sum + (state_->encoder ? state_->encoder->weight_bytes() : 0);
}

const char* Model::weight_format() const {
  bool found[3] = {};
  const auto see = [&](const Matrix& m) {
    if (!m.empty()) found[static_cast<int>(m.type)] = true;
  };
  for (const State* of : {&state(), state_->encoder ? &state_->encoder->state() : nullptr}) {
    if (!of) continue;
    see(of->weights.tokens);
    see(of->weights.transform.weight);
    see(of->weights.head);
    for (const BlockWeights& b : of->weights.blocks) {
      for (const Linear* l : {&b.q, &b.k, &b.v, &b.out, &b.cross_q, &b.cross_k, &b.cross_v, &b.cross_out,
                              &b.up, &b.down, &b.gate})
        see(l->weight);
    }
  }
  if (found[0] + found[1] + found[2] > 1) return "mixed";
  return found[0] ? "f32" : found[1] ? "f16" : "int8";
}

int64_t Model::parameters() const {
  return state_->parameters;
}

}  // namespace limelight
