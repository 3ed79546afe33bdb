#include "training/operation.hpp"

namespace limelight::training {

bool equal_shapes(Graph& graph, const char* name, Tensor a, Tensor b) {
  if (graph.refused()) return false;
  const Shape x = graph.shape(a), y = graph.shape(b);
  if (x.rows == y.rows && x.width == y.width) return true;
  graph.refuse(Status::error(StatusCode::invalid_shape, "%s of %lld x %lld and %lld x %lld numbers", name,
                             static_cast<long long>(x.rows), static_cast<long long>(x.width),
                             static_cast<long long>(y.rows), static_cast<long long>(y.width)));
  return false;
}

}  // namespace limelight::training
