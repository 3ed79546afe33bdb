#include "training/network.hpp"

#include <algorithm>
#include <cmath>

#include "training/families.hpp"

namespace limelight::training {
namespace {

// Far above what anybody trains here, and low enough that products of three sizes fit 63 bits.
constexpr int64_t kMaxSize = int64_t{1} << 20;

Status refuse(const char* what, int64_t value) {
  return Status::error(StatusCode::invalid_shape, "a network with %s of %lld", what,
                       static_cast<long long>(value));
}

Status check(const NetworkShape& shape, int64_t batch) {
  using Family = NetworkShape::Family;
  const bool source = has_encoder(shape.family);
  const struct {
    const char* name;
    int64_t value, least;
  } sizes[] = {{"layers", shape.layers, 1},
               {"a width", shape.width, 1},
               {"heads", shape.heads, 1},
               {"kv_heads", shape.kv_heads, 0},
               {"an mlp_width", shape.mlp_width, shape.family == Family::gpt2 ? 0 : 1},
               {"a vocabulary", shape.vocabulary, 1},
               {"a length", shape.length, 1},
               {"a source_vocabulary", shape.source_vocabulary, source ? 1 : 0},
               {"a source_length", shape.source_length, source ? 1 : 0},
               {"a context", shape.context, 0},
               {"a batch", batch, 1}};
  for (const auto& size : sizes) {
    if (size.value < size.least || size.value > kMaxSize) return refuse(size.name, size.value);
  }
  const bool one_vocabulary = shape.family == Family::bert || (source && shape.tied);
  if (one_vocabulary && shape.source_vocabulary != shape.vocabulary) {
    return Status::error(
        StatusCode::invalid_shape, "one embedding for %lld tokens that are read and %lld that are predicted",
        static_cast<long long>(shape.source_vocabulary), static_cast<long long>(shape.vocabulary));
  }
  if (!source && shape.source_length > 0) {
    return refuse("a decoder alone and a source_length", shape.source_length);
  }
  if (shape.width % shape.heads != 0) {
    return Status::error(StatusCode::invalid_shape, "a width of %lld does not divide into %lld heads",
                         static_cast<long long>(shape.width), static_cast<long long>(shape.heads));
  }
  const int64_t kv_heads = kv_heads_of(shape);
  if (shape.heads % kv_heads != 0 || (kv_heads != shape.heads && shape.family != Family::llama)) {
    return Status::error(StatusCode::invalid_shape, "%lld heads with keys and values of %lld",
                         static_cast<long long>(shape.heads), static_cast<long long>(kv_heads));
  }
  if (const int64_t read = source ? shape.source_length : shape.length; context_of(shape) < read) {
    return Status::error(StatusCode::invalid_shape, "a context of %lld with a length of %lld",
                         static_cast<long long>(shape.context), static_cast<long long>(read));
  }
  return {};
}

}  // namespace

bool has_encoder(NetworkShape::Family family) {
  return family == NetworkShape::Family::marian || family == NetworkShape::Family::bert;
}

int64_t row_length(const NetworkShape& shape) {
  return shape.family == NetworkShape::Family::bert ? shape.source_length : shape.length;
}

int64_t kv_heads_of(const NetworkShape& shape) {
  return shape.kv_heads > 0 ? shape.kv_heads : shape.heads;
}

int64_t context_of(const NetworkShape& shape) {
  if (shape.context > 0) return shape.context;
  return has_encoder(shape.family) ? std::max(shape.source_length, shape.length) : shape.length;
}

Initial embedding_for(bool tied, int64_t width, float otherwise) {
  return {0.0f, tied ? 1.0f / std::sqrt(static_cast<float>(width)) : otherwise};
}

void count_places(std::span<int32_t> numbers, int64_t length) {
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<int32_t>(static_cast<int64_t>(i) % length);
}

Status close(Network& network, Tensor x, const char* tokens, ThreadPool* pool) {
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  return close(network,
               shape.tied ? linear(graph, x, graph.parameter(tokens, {shape.vocabulary, shape.width}, {}), {},
                                   shape.vocabulary)
                          : linear(graph, x, "lm_head", shape.vocabulary, {false, false, kLinearDeviation}),
               pool);
}

Status close(Network& network, Tensor logits, ThreadPool* pool) {
  network.logits = logits;
  network.loss = cross_entropy(network.graph, logits, network.targets);
  return network.graph.plan(network.loss, pool);
}

Status build(const NetworkShape& shape, int64_t batch, ThreadPool* pool, Network& network) {
  if (Status s = check(shape, batch); !s.ok()) return s;
  network.shape = shape;
  network.batch = batch;
  network.ids = network.graph.integers(batch * shape.length);
  network.targets = network.graph.integers(batch * shape.length);
  if (has_encoder(shape.family)) {
    network.source = network.graph.integers(batch * shape.source_length);
    network.source_lengths = network.graph.integers(batch);
  }
  switch (shape.family) {
    case NetworkShape::Family::gpt2:
      return build_gpt2(network, pool);
    case NetworkShape::Family::llama:
      return build_llama(network, pool);
    case NetworkShape::Family::bert:
      return build_bert(network, pool);
    case NetworkShape::Family::marian:
      break;
  }
  return build_marian(network, pool);
}

}  // namespace limelight::training
