// LayerNorm and RMSNorm.
#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

/// What both have in common: rows in pieces, whose partial sums of the gradients by gain and shift are added
/// in their order.
class Normalization : public Operation {
 public:
  Status forward(Graph& graph) const final {
    const float* x = graph.value(inputs_[0]).data();
    float* y = graph.value(output_).data();
    share_pieces(graph.pool(), shape_.rows, rows_of_piece(shape_.width), work(),
                 [&](int64_t first, int64_t count, int) {
                   for (int64_t r = first; r < first + count; ++r) {
                     normalize(graph, x + r * shape_.width, y + r * shape_.width);
                   }
                 });
    return {};
  }

  Status backward(Graph& graph) const final {
    const int64_t width = shape_.width, piece = rows_of_piece(width), pieces = pieces_of(shape_.rows, piece);
    const float* x = graph.value(inputs_[0]).data();
    const float* dy = graph.gradient(output_).data();
    const Gradient dx = graph.gradient_of_input(*this, 0);
    float* sums = graph.scratch().data();
    float* rows = sums + pieces * partial();
    share_pieces(graph.pool(), shape_.rows, piece, work(), [&](int64_t first, int64_t count, int thread) {
      float* d_gain = sums + first / piece * partial();
      std::fill_n(d_gain, partial(), 0.0f);
      for (int64_t r = first; r < first + count; ++r) {
        differentiate(graph, x + r * width, dy + r * width, {dx.data ? dx.data + r * width : nullptr, dx.add},
                      d_gain, d_gain + width, rows + thread * kScratchRows * width);
      }
    });
    for (int64_t p = 0; p < pieces; ++p) {
      const float* d_gain = sums + p * partial();
      kernels::table().add(graph.gradient(gain_), d_gain, width);
      if (shift_.index >= 0) kernels::table().add(graph.gradient(shift_), d_gain + width, width);
    }
    return {};
  }

  int64_t scratch_floats(Graph&, int threads) const final {
    return pieces_of(shape_.rows, rows_of_piece(shape_.width)) * partial() +
           threads * kScratchRows * shape_.width;
  }

 protected:
  static constexpr int64_t kScratchRows = 3;

  Normalization(Tensor x, Shape shape, Parameter gain, Parameter shift, float epsilon)
      : Operation({x}, true), shape_(shape), gain_(gain), shift_(shift), epsilon_(epsilon) {}

  virtual void normalize(Graph& graph, const float* x, float* y) const = 0;
  /// One row. `scratch` is kScratchRows rows.
  virtual void differentiate(Graph& graph, const float* x, const float* dy, Gradient dx, float* d_gain,
                             float* d_shift, float* scratch) const = 0;

  float mean_of(float sum) const { return sum / static_cast<float>(shape_.width); }

  Shape shape_;
  Parameter gain_, shift_;
  float epsilon_;

 private:
  int64_t partial() const { return 2 * shape_.width; }
  double work() const { return static_cast<double>(shape_.count()) * kWorkOfNumber; }
};

/// With h = (x - mean) scale, scale = 1 / sqrt(var + epsilon) and g = dy gain:
/// dx = scale (g - mean of g - h mean of g h).
class LayerNorm final : public Normalization {
 public:
  LayerNorm(Tensor x, Shape shape, Parameter gain, Parameter shift, float epsilon)
      : Normalization(x, shape, gain, shift, epsilon) {}

 private:
  void normalize(Graph& graph, const float* x, float* y) const override {
    kernels::table().layer_norm(x, shape_.width, graph.value(gain_), graph.value(shift_), epsilon_, y);
  }

  void differentiate(Graph& graph, const float* x, const float* dy, Gradient dx, float* d_gain,
                     float* d_shift, float* scratch) const override {
    const kernels::Table& kernel = kernels::table();
    const int64_t n = shape_.width;
    const float* gain = graph.value(gain_);
    float* ones = scratch;
    float* h = ones + n;
    float* g = h + n;
    std::fill_n(ones, n, 1.0f);
    const float mean = mean_of(kernel.dot(x, ones, n));
    for (int64_t i = 0; i < n; ++i) h[i] = x[i] - mean;
    const float scale = 1.0f / std::sqrt(mean_of(kernel.dot(h, h, n)) + epsilon_);
    for (int64_t i = 0; i < n; ++i) {
      h[i] *= scale;
      g[i] = dy[i] * gain[i];
      d_gain[i] += dy[i] * h[i];
      d_shift[i] += dy[i];
    }
    if (!dx.data) return;
    const float mean_g = mean_of(kernel.dot(g, ones, n)), mean_gh = mean_of(kernel.dot(g, h, n));
    for (int64_t i = 0; i < n; ++i) g[i] = scale * (g[i] - mean_g - h[i] * mean_gh);
    if (dx.add) {
      kernel.add(dx.data, g, n);
    } else {
      std::copy_n(g, n, dx.data);
    }
  }
};

/// With scale = 1 / sqrt(mean of x^2 + epsilon), h = x scale and g = dy gain: dx = scale (g - h mean of g h).
class RmsNorm final : public Normalization {
 public:
  RmsNorm(Tensor x, Shape shape, Parameter gain, float epsilon)
      : Normalization(x, shape, gain, {}, epsilon) {}

 private:
  float scale_of(const float* x) const {
    return 1.0f / std::sqrt(mean_of(kernels::table().dot(x, x, shape_.width)) + epsilon_);
  }

  void normalize(Graph& graph, const float* x, float* y) const override {
    const float* gain = graph.value(gain_);
    const float scale = scale_of(x);
    for (int64_t i = 0; i < shape_.width; ++i) y[i] = x[i] * scale * gain[i];
  }

  void differentiate(Graph& graph, const float* x, const float* dy, Gradient dx, float* d_gain, float*,
                     float* scratch) const override {
    const kernels::Table& kernel = kernels::table();
    const int64_t n = shape_.width;
    const float* gain = graph.value(gain_);
    float* h = scratch;
    float* g = h + n;
    const float scale = scale_of(x);
    for (int64_t i = 0; i < n; ++i) {
      h[i] = x[i] * scale;
      g[i] = dy[i] * gain[i];
      d_gain[i] += dy[i] * h[i];
    }
    if (!dx.data) return;
    const float mean_gh = mean_of(kernel.dot(g, h, n));
    for (int64_t i = 0; i < n; ++i) g[i] = scale * (g[i] - h[i] * mean_gh);
    if (dx.add) {
      kernel.add(dx.data, g, n);
    } else {
      std::copy_n(g, n, dx.data);
    }
  }
};

}  // namespace

Tensor layer_norm(Graph& graph, Tensor x, const std::string& name, float epsilon) {
  if (graph.refused()) return {};
  const Shape shape = graph.shape(x);
  const Parameter gain = graph.parameter(name + ".weight", {shape.width}, {1.0f, 0.0f});
  const Parameter shift = graph.parameter(name + ".bias", {shape.width}, {});
  return graph.append(std::make_unique<LayerNorm>(x, shape, gain, shift, epsilon), shape);
}

Tensor rms_norm(Graph& graph, Tensor x, const std::string& name, float epsilon) {
  if (graph.refused()) return {};
  const Shape shape = graph.shape(x);
  const Parameter gain = graph.parameter(name + ".weight", {shape.width}, {1.0f, 0.0f});
  return graph.append(std::make_unique<RmsNorm>(x, shape, gain, epsilon), shape);
}

}  // namespace limelight::training
