#include "limelight/rotary.hpp"

#include <algorithm>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"

namespace limelight::training {
namespace {

/// Keeps the tables of cosines and sines.
class Rotary final : public Operation {
 public:
  Rotary(Tensor x, const RotaryForm& form, int64_t seq) : Operation({x}, false), form_(form), seq_(seq) {}

  Status prepare(Graph& graph) const override {
    return rotary_table(form_.frequencies, form_.head_dim, table(graph, 0), table(graph, 1));
  }

  Status forward(Graph& graph) const override {
    return rotate(view<const float>(graph.value(inputs_[0]).data()), options(graph, false),
                  view(graph.value(output_).data()));
  }

  Status backward(Graph& graph) const override {
    const Gradient dx = graph.gradient_of_input(*this, 0);
    const std::span<float> turned = dx.add ? graph.scratch() : graph.gradient(inputs_[0]);
    if (Status s = rotate(view<const float>(graph.gradient(output_).data()), options(graph, true),
                          view(turned.data()));
        !s.ok()) {
      return s;
    }
    if (dx.add) kernels::table().add(dx.data, turned.data(), count());
    return {};
  }

  int64_t kept_floats(const Graph&) const override { return seq_ * form_.head_dim; }
  int64_t scratch_floats(Graph&, int) const override { return count(); }

 private:
  int64_t count() const { return form_.batch * seq_ * form_.heads * form_.head_dim; }

  template <class T = float>
  HeadsView<T> view(T* data) const {
    return HeadsView<T>::seq_first(data, form_.batch, form_.heads, seq_, form_.head_dim);
  }

  /// Cosines, then sines.
  std::span<float> table(Graph& graph, int64_t which) const {
    const int64_t half = seq_ * form_.head_dim / 2;
    return {graph.kept(*this) + which * half, static_cast<std::size_t>(half)};
  }

  RotaryOptions options(Graph& graph, bool inverse) const {
    RotaryOptions options;
    options.cos = table(graph, 0);
    options.sin = table(graph, 1);
    options.pairs = form_.pairs;
    options.inverse = inverse;
    return options;
  }

  RotaryForm form_;
  int64_t seq_;
};

}  // namespace

Tensor rotary(Graph& graph, Tensor x, const RotaryForm& form) {
  if (graph.refused()) return {};
  const Shape shape = graph.shape(x);
  if (form.batch < 1 || form.heads < 1 || form.head_dim < 2 || form.head_dim % 2 != 0 ||
      shape.rows % form.batch != 0 || shape.width != form.heads * form.head_dim) {
    graph.refuse(
        Status::error(StatusCode::invalid_shape,
                      "rotary: %lld rows of %lld numbers are no batch of %lld with %lld heads of %lld",
                      static_cast<long long>(shape.rows), static_cast<long long>(shape.width),
                      static_cast<long long>(form.batch), static_cast<long long>(form.heads),
                      static_cast<long long>(form.head_dim)));
    return {};
  }
  return graph.append(std::make_unique<Rotary>(x, form, shape.rows / form.batch), shape);
}

}  // namespace limelight::training
