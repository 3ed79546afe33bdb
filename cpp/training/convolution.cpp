// A convolution is a linear layer on the windows that its kernel sees.
#include <algorithm>
#include <cmath>

#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

/// Places of the kernel along a side.
int64_t places(int64_t side, const ConvolutionForm& form) {
  return (side + 2 * form.padding - form.kernel) / form.stride + 1;
}

int64_t window_size(const ConvolutionForm& form) {
  return form.channels * form.kernel * form.kernel;
}

/// [batch * out_height * out_width, channels * kernel * kernel]: a window in the order of its weights.
class Windows final : public Operation {
 public:
  Windows(Tensor x, const ConvolutionForm& form) : Operation({x}, false), form_(form) {}

  Status forward(Graph& graph) const override {
    const float* x = graph.value(inputs_[0]).data();
    float* y = graph.value(output_).data();
    share_images(graph, [&](int64_t image) {
      std::fill_n(y + image * window_floats(), window_floats(), 0.0f);
      for_cells(image, [&](int64_t window, int64_t pixel) { y[window] = x[pixel]; });
    });
    return {};
  }

  /// A pixel's sum is a chain in the order of the windows.
  Status backward(Graph& graph) const override {
    const float* dy = graph.gradient(output_).data();
    const Gradient dx = graph.gradient_of_input(*this, 0);
    if (!dx.data) return {};
    share_images(graph, [&](int64_t image) {
      if (!dx.add) std::fill_n(dx.data + image * image_floats(), image_floats(), 0.0f);
      for_cells(image, [&](int64_t window, int64_t pixel) { dx.data[pixel] += dy[window]; });
    });
    return {};
  }

 private:
  int64_t image_floats() const { return form_.channels * form_.height * form_.width; }
  int64_t window_floats() const {
    return places(form_.height, form_) * places(form_.width, form_) * window_size(form_);
  }

  template <class F>
  void share_images(Graph& graph, F&& f) const {
    share_pieces(graph.pool(), form_.batch, 1,
                 static_cast<double>(form_.batch * window_floats()) * kWorkOfNumber,
                 [&](int64_t image, int64_t, int) { f(image); });
  }

  /// Calls f(place in the windows, place in the images) for every cell of a window that is not padding.
  template <class F>
  void for_cells(int64_t image, F&& f) const {
    const ConvolutionForm& form = form_;
    const int64_t pixel_stride = form.channels_last ? form.channels : 1;
    const int64_t channel_stride = form.channels_last ? 1 : form.height * form.width;
    int64_t window = image * window_floats();
    for (int64_t top = -form.padding; top + form.kernel <= form.height + form.padding; top += form.stride) {
      for (int64_t left = -form.padding; left + form.kernel <= form.width + form.padding;
           left += form.stride) {
        const int64_t begin = std::max<int64_t>(0, left), end = std::min(form.width, left + form.kernel);
        for (int64_t channel = 0; channel < form.channels; ++channel) {
          const int64_t plane = image * image_floats() + channel * channel_stride;
          for (int64_t row = top; row < top + form.kernel; ++row, window += form.kernel) {
            if (row < 0 || row >= form.height) continue;
            for (int64_t column = begin; column < end; ++column) {
              f(window + column - left, plane + (row * form.width + column) * pixel_stride);
            }
          }
        }
      }
    }
  }

  ConvolutionForm form_;
};

/// Whether x and the form go together; if not, that is the graph's mistake.
bool fits(Graph& graph, Tensor x, const ConvolutionForm& form) {
  const auto refuse = [&](const char* what, int64_t is) {
    graph.refuse(Status::error(StatusCode::invalid_shape, "convolution: %s is %lld", what,
                               static_cast<long long>(is)));
    return false;
  };
  const struct {
    const char* name;
    int64_t size, least;
  } sizes[] = {{"batch", form.batch, 1},    {"channels", form.channels, 1}, {"height", form.height, 1},
               {"width", form.width, 1},    {"kernel", form.kernel, 1},     {"stride", form.stride, 1},
               {"padding", form.padding, 0}};
  for (const auto& [name, size, least] : sizes) {
    if (size < least) return refuse(name, size);
  }
  if (form.kernel > std::min(form.height, form.width) + 2 * form.padding) {
    return refuse("a kernel larger than the padded image", form.kernel);
  }
  if (form.padding >= form.kernel) return refuse("a padding that fills whole windows", form.padding);
  const Shape shape = graph.shape(x);
  const int64_t pixels = form.height * form.width;
  const Shape needed = form.channels_last ? Shape{form.batch * pixels, form.channels}
                                          : Shape{form.batch, form.channels * pixels};
  if (shape.rows != needed.rows) return refuse("the number of rows", shape.rows);
  return shape.width == needed.width || refuse("the width of a row", shape.width);
}

}  // namespace

Tensor convolution(Graph& graph, Tensor x, const std::string& name, int64_t out_channels,
                   const ConvolutionForm& form) {
  if (graph.refused() || !fits(graph, x, form)) return {};
  const int64_t window = window_size(form);
  const Tensor windows =
      graph.append(std::make_unique<Windows>(x, form),
                   {form.batch * places(form.height, form) * places(form.width, form), window});
  const Parameter weight =
      graph.parameter(name + ".weight", {out_channels, form.channels, form.kernel, form.kernel},
                      {0.0f, form.deviation / std::sqrt(static_cast<float>(window))});
  Parameter bias;
  if (form.bias) bias = graph.parameter(name + ".bias", {out_channels}, {});
  return linear(graph, windows, weight, bias, out_channels);
}

}  // namespace limelight::training
