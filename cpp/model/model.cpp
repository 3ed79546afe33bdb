#include "limelight/model.hpp"

#include "model/state.hpp"

namespace limelight {
namespace {

std::size_t bytes(const Buffer<float>& b) {
  return b.size() * sizeof(float);
}
std::size_t bytes(const Linear& l) {
  return bytes(l.packed) + bytes(l.bias);
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
  std::size_t sum = bytes(w.tokens) + bytes(w.positions) + bytes(w.types) + bytes(w.embedding_norm) +
                    bytes(w.transform) + bytes(w.final_norm) + bytes(w.token_bias);
  for (const BlockWeights& b : w.blocks) {
    sum += bytes(b.attention_norm) + bytes(b.mlp_norm) + bytes(b.q) + bytes(b.k) + bytes(b.v) + bytes(b.out) +
           bytes(b.up) + bytes(b.down);
  }
  return sum;
}

int64_t Model::parameters() const {
  return state_->parameters;
}

}  // namespace limelight
