#include "training/network.hpp"

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
  const bool source = shape.family == NetworkShape::Family::marian;
  const struct {
    const char* name;
    int64_t value, least;
  } sizes[] = {{"layers", shape.layers, 1},
               {"a width", shape.width, 1},
               {"heads", shape.heads, 1},
               {"an mlp_width", shape.mlp_width, source ? 1 : 0},
               {"a vocabulary", shape.vocabulary, 1},
               {"a length", shape.length, 1},
               {"a source_vocabulary", shape.source_vocabulary, source ? 1 : 0},
               {"a source_length", shape.source_length, source ? 1 : 0},
               {"a batch", batch, 1}};
  for (const auto& size : sizes) {
    if (size.value < size.least || size.value > kMaxSize) return refuse(size.name, size.value);
  }
  if (!source && shape.source_length > 0) {
    return refuse("a decoder alone and a source_length", shape.source_length);
  }
  if (shape.width % shape.heads != 0) {
    return Status::error(StatusCode::invalid_shape, "a width of %lld does not divide into %lld heads",
                         static_cast<long long>(shape.width), static_cast<long long>(shape.heads));
  }
  return {};
}

}  // namespace

Status close(Network& network, Tensor x, ThreadPool* pool) {
  Graph& graph = network.graph;
  const NetworkShape& shape = network.shape;
  network.logits =
      shape.tied ? linear(graph, x, graph.parameter(kTokens, {shape.vocabulary, shape.width}, {}), {},
                          shape.vocabulary)
                 : linear(graph, x, "lm_head", shape.vocabulary, {false, false, kLinearDeviation});
  network.loss = cross_entropy(graph, network.logits, network.targets);
  return graph.plan(network.loss, pool);
}

Status build(const NetworkShape& shape, int64_t batch, ThreadPool* pool, Network& network) {
  if (Status s = check(shape, batch); !s.ok()) return s;
  network.shape = shape;
  network.batch = batch;
  network.ids = network.graph.integers(batch * shape.length);
  network.targets = network.graph.integers(batch * shape.length);
  return shape.family == NetworkShape::Family::marian ? build_marian(network, pool)
                                                      : build_gpt2(network, pool);
}

}  // namespace limelight::training
