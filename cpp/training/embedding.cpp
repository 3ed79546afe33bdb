#include <algorithm>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

class Embedding final : public Operation {
 public:
  Embedding(Integers ids, Parameter table, int64_t vocabulary, int64_t width, float scale)
      : Operation({}, true),
        ids_(ids),
        table_(table),
        vocabulary_(vocabulary),
        width_(width),
        scale_(scale) {}

  Status forward(Graph& graph) const override {
    const float* table = graph.value(table_);
    float* y = graph.value(output_).data();
    for (int32_t id : graph.numbers(ids_)) {
      if (id < 0 || id >= vocabulary_) {
        return Status::error(StatusCode::invalid_token, "token %d is not in the vocabulary of %lld", id,
                             static_cast<long long>(vocabulary_));
      }
      const float* row = table + id * width_;
      y = std::transform(row, row + width_, y, [this](float number) { return scale_ * number; });
    }
    return {};
  }

  /// Some columns of every row at a time: a row of the table is a chain of additions in the order of the ids.
  Status backward(Graph& graph) const override {
    const kernels::Table& kernel = kernels::table();
    const std::span<const int32_t> ids = graph.numbers(ids_);
    const float* dy = graph.gradient(output_).data();
    float* table = graph.gradient(table_);
    constexpr int64_t kColumns = 64;
    share_pieces(graph.pool(), width_, kColumns, static_cast<double>(std::ssize(ids) * width_) * kWorkOfSum,
                 [&](int64_t first, int64_t count, int) {
                   const float* row = dy + first;
                   for (int32_t id : ids) {
                     float* to = table + id * width_ + first;
                     if (scale_ == 1.0f) {
                       kernel.add(to, row, count);
                     } else {
                       for (int64_t i = 0; i < count; ++i) to[i] += scale_ * row[i];
                     }
                     row += width_;
                   }
                 });
    return {};
  }

 private:
  Integers ids_;
  Parameter table_;
  int64_t vocabulary_, width_;
  float scale_;
};

}  // namespace

Tensor embedding(Graph& graph, Integers ids, const std::string& name, int64_t vocabulary, int64_t width,
                 Initial initial, float scale) {
  if (graph.refused()) return {};
  const Parameter table = graph.parameter(name + ".weight", {vocabulary, width}, initial);
  return graph.append(std::make_unique<Embedding>(ids, table, vocabulary, width, scale),
                      {graph.count(ids), width});
}

}  // namespace limelight::training
