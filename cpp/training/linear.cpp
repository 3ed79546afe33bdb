#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/products.hpp"

namespace limelight::training {
namespace {

class Linear final : public Operation {
 public:
  Linear(Tensor x, Shape in, int64_t out, Parameter weight, Parameter bias, bool conv1d)
      : Operation({x}, true),
        rows_(in.rows),
        in_(in.width),
        out_(out),
        weight_(weight),
        bias_(bias),
        conv1d_(conv1d) {}

  Status forward(Graph& graph) const override {
    float* packed = graph.scratch().data();
    pack_right(graph.value(weight_), conv1d_, out_, in_, packed, graph.pool());
    multiply(graph.value(inputs_[0]).data(), rows_, packed, in_, out_,
             bias_.index < 0 ? nullptr : graph.value(bias_), graph.value(output_).data(), false,
             graph.pool());
    return {};
  }

  Status backward(Graph& graph) const override {
    const float* x = graph.value(inputs_[0]).data();
    const float* dy = graph.gradient(output_).data();
    float* scratch = graph.scratch().data();
    if (bias_.index >= 0) add_rows(dy, rows_, out_, graph.gradient(bias_), graph.pool());
    if (conv1d_) {
      add_outer_products(x, in_, dy, out_, rows_, graph.gradient(weight_), scratch, graph.pool());
    } else {
      add_outer_products(dy, out_, x, in_, rows_, graph.gradient(weight_), scratch, graph.pool());
    }
    const Gradient dx = graph.gradient_of_input(*this, 0);
    if (!dx.data) return {};
    pack_right(graph.value(weight_), !conv1d_, in_, out_, scratch, graph.pool());
    multiply(dy, rows_, scratch, out_, in_, nullptr, dx.data, dx.add, graph.pool());
    return {};
  }

  int64_t scratch_floats(Graph&, int) const override {
    return std::max(
        {static_cast<int64_t>(kernels::packed_size(out_, in_)),
         static_cast<int64_t>(kernels::packed_size(in_, out_)),
         conv1d_ ? outer_products_scratch(rows_, in_, out_) : outer_products_scratch(rows_, out_, in_)});
  }

 private:
  int64_t rows_, in_, out_;
  Parameter weight_, bias_;
  bool conv1d_;
};

}  // namespace

Tensor linear(Graph& graph, Tensor x, Parameter weight, Parameter bias, int64_t out_features, bool conv1d) {
  if (graph.refused()) return {};
  const Shape in = graph.shape(x);
  return graph.append(std::make_unique<Linear>(x, in, out_features, weight, bias, conv1d),
                      {in.rows, out_features});
}

Tensor linear(Graph& graph, Tensor x, const std::string& name, int64_t out_features, LinearForm form) {
  const Shape in = graph.shape(x);
  if (graph.refused()) return {};
  const Initial initial = {0.0f, form.deviation / std::sqrt(static_cast<float>(in.width))};
  std::vector<int64_t> shape = {out_features, in.width};
  if (form.conv1d) std::swap(shape[0], shape[1]);
  const Parameter weight = graph.parameter(name + ".weight", std::move(shape), initial);
  Parameter bias;
  if (form.bias) bias = graph.parameter(name + ".bias", {out_features}, {});
  return linear(graph, x, weight, bias, out_features, form.conv1d);
}

}  // namespace limelight::training
