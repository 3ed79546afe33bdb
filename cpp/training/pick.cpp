#include <algorithm>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"

namespace limelight::training {
namespace {

class Pick final : public Operation {
 public:
  Pick(Tensor x, Integers ids, int64_t rows, int64_t seq, int64_t width)
      : Operation({x}, false), ids_(ids), rows_(rows), seq_(seq), width_(width) {}

  Status forward(Graph& graph) const override {
    const float* x = graph.value(inputs_[0]).data();
    float* y = graph.value(output_).data();
    int64_t row = 0;
    for (int32_t id : graph.numbers(ids_)) {
      if (id < 0 || id >= seq_) {
        return Status::error(StatusCode::invalid_token, "place %d is not one of %lld", id,
                             static_cast<long long>(seq_));
      }
      y = std::copy_n(x + (row++ / rows_ * seq_ + id) * width_, width_, y);
    }
    return {};
  }

  /// A row that was picked more than once adds up in the order of the ids.
  Status backward(Graph& graph) const override {
    const kernels::Table& kernel = kernels::table();
    const Gradient dx = graph.gradient_of_input(*this, 0);
    if (!dx.add) std::fill_n(dx.data, graph.shape(inputs_[0]).count(), 0.0f);
    const float* dy = graph.gradient(output_).data();
    int64_t row = 0;
    for (int32_t id : graph.numbers(ids_)) {
      kernel.add(dx.data + (row / rows_ * seq_ + id) * width_, dy + row * width_, width_);
      ++row;
    }
    return {};
  }

 private:
  Integers ids_;
  int64_t rows_, seq_, width_;  ///< rows and places of one of the batch
};

}  // namespace

Tensor pick(Graph& graph, Tensor x, Integers ids, int64_t batch) {
  if (graph.refused()) return {};
  const Shape shape = graph.shape(x);
  const int64_t count = graph.count(ids);
  if (batch < 1 || shape.rows % batch != 0 || count % batch != 0) {
    graph.refuse(Status::error(
        StatusCode::invalid_shape, "pick: %lld rows and %lld places are no batch of %lld",
        static_cast<long long>(shape.rows), static_cast<long long>(count), static_cast<long long>(batch)));
    return {};
  }
  return graph.append(std::make_unique<Pick>(x, ids, count / batch, shape.rows / batch, shape.width),
                      {count, shape.width});
}

}  // namespace limelight::training
