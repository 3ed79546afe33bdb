#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"
#include "training/random.hpp"

namespace limelight::training {
namespace {

class Dropout final : public Operation {
 public:
  Dropout(Tensor x, float share) : Operation({x}, false), share_(share) {}

  Status forward(Graph& graph) const override {
    apply(graph, graph.value(inputs_[0]), {graph.value(output_).data()});
    return {};
  }

  Status backward(Graph& graph) const override {
    apply(graph, graph.gradient(output_), graph.gradient_of_input(*this, 0));
    return {};
  }

 private:
  /// Place i is dropped where the i-th number of a Random of draw and operation is below the share.
  void apply(Graph& graph, std::span<const float> from, Gradient to) const {
    const uint64_t seed = Random(graph.draw() ^ Random(static_cast<uint64_t>(output_.index)).bits()).bits();
    const auto below = graph.training() ? static_cast<uint64_t>(static_cast<double>(share_) * 0x1p32) : 0;
    const float factor = graph.training() ? 1.0f / (1.0f - share_) : 1.0f;
    share_numbers(graph.pool(), std::ssize(from), [&](int64_t first, int64_t count) {
      Random random = Random(seed).after(static_cast<uint64_t>(first));
      for (int64_t i = first; i < first + count; ++i) {
        const float number = random.bits() >> 32 < below ? 0.0f : factor * from[i];
        to.data[i] = to.add ? to.data[i] + number : number;
      }
    });
  }

  float share_;
};

}  // namespace

Tensor dropout(Graph& graph, Tensor x, float share) {
  if (graph.refused() || share == 0.0f) return x;
  if (!(share > 0.0f && share < 1.0f)) {
    graph.refuse(
        Status::error(StatusCode::invalid_value, "dropout of a share of %g", static_cast<double>(share)));
    return {};
  }
  return graph.append(std::make_unique<Dropout>(x, share), graph.shape(x));
}

}  // namespace limelight::training
