// Operations that treat every number by itself.
#include <algorithm>
#include <cmath>

#include "kernels/kernels.hpp"
#include "training/operation.hpp"
#include "training/operations.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

/// Numbers whose exponentials are taken at once, on the stack.
constexpr int64_t kStrip = 256;

void put(Gradient to, int64_t i, float value) {
  to.data[i] = to.add ? to.data[i] + value : value;
}

class Add final : public Operation {
 public:
  Add(Tensor a, Tensor b) : Operation({a, b}, false) {}

  Status forward(Graph& graph) const override {
    const float* a = graph.value(inputs_[0]).data();
    const float* b = graph.value(inputs_[1]).data();
    const std::span<float> y = graph.value(output_);
    share_numbers(graph.pool(), std::ssize(y), [&](int64_t first, int64_t count) {
      for (int64_t i = first; i < first + count; ++i) y[i] = a[i] + b[i];
    });
    return {};
  }

  Status backward(Graph& graph) const override {
    const std::span<const float> dy = graph.gradient(output_);
    for (std::size_t slot = 0; slot < 2; ++slot) {
      const Gradient to = graph.gradient_of_input(*this, slot);
      if (!to.data) continue;
      share_numbers(graph.pool(), std::ssize(dy), [&](int64_t first, int64_t count) {
        if (to.add) {
          kernels::table().add(to.data + first, dy.data() + first, count);
        } else {
          std::copy_n(dy.data() + first, count, to.data + first);
        }
      });
    }
    return {};
  }
};

/// d/dx of x Phi(x) = Phi(x) + x phi(x), phi and Phi those of the standard normal distribution. Phi comes
/// from y = x Phi(x), which is known to 2e-7 |x|.
void differentiate_gelu_erf(const float* x, const float* y, int64_t n, float* slopes) {
  constexpr float kPhi0 = 0.398942280f;  // 1 / sqrt(2 pi)
  float density[kStrip];
  for (int64_t i = 0; i < n; ++i) density[i] = -0.5f * x[i] * x[i];
  kernels::table().exp(density, n, density);
  for (int64_t i = 0; i < n; ++i) {
    const float below = x[i] == 0.0f ? 0.5f : y[i] / x[i];
    slopes[i] = below + x[i] * kPhi0 * density[i];
  }
}

/// s = 1 / (1 + exp(-z)) and s (1 - s), both without cancellation, from e = exp(-|z|).
struct Logistic {
  float value, slope;
  Logistic(float z, float e) {
    const float share = 1.0f / (1.0f + e);
    value = z < 0.0f ? e * share : share;
    slope = e * share * share;
  }
};

/// d/dx of x s(z), z = x (a + b x^2): s + x s' (a + 3 b x^2).
void differentiate_gelu_tanh(const float* x, int64_t n, float* slopes) {
  constexpr float kA = 1.59576912160573f, kB = 0.0713548162726f;  // 2 sqrt(2 / pi), and that times 0.044715
  float z[kStrip], e[kStrip];
  for (int64_t i = 0; i < n; ++i) {
    z[i] = x[i] * (kA + kB * x[i] * x[i]);
    e[i] = -std::abs(z[i]);
  }
  kernels::table().exp(e, n, e);
  for (int64_t i = 0; i < n; ++i) {
    const Logistic s(z[i], e[i]);
    slopes[i] = s.value + x[i] * s.slope * (kA + 3.0f * kB * x[i] * x[i]);
  }
}

class Activate final : public Operation {
 public:
  Activate(Tensor x, Activation activation) : Operation({x}, false), activation_(activation) {}

  Status forward(Graph& graph) const override {
    const kernels::Table& kernel = kernels::table();
    const std::span<const float> x = graph.value(inputs_[0]);
    float* y = graph.value(output_).data();
    share_numbers(graph.pool(), std::ssize(x), [&](int64_t first, int64_t count) {
      std::copy_n(x.data() + first, count, y + first);
      switch (activation_) {
        case Activation::gelu_erf:
          kernel.gelu_erf(y + first, count);
          break;
        case Activation::gelu_tanh:
          kernel.gelu_tanh(y + first, count);
          break;
        case Activation::relu:
          for (int64_t i = first; i < first + count; ++i) y[i] = std::max(y[i], 0.0f);
          break;
      }
    });
    return {};
  }

  Status backward(Graph& graph) const override {
    const std::span<const float> x = graph.value(inputs_[0]);
    const float* y = graph.value(output_).data();
    const float* dy = graph.gradient(output_).data();
    const Gradient dx = graph.gradient_of_input(*this, 0);
    share_numbers(graph.pool(), std::ssize(x), [&](int64_t begin, int64_t all) {
      for (int64_t first = begin; first < begin + all; first += kStrip) {
        const int64_t count = std::min(kStrip, begin + all - first);
        float slopes[kStrip];
        switch (activation_) {
          case Activation::gelu_erf:
            differentiate_gelu_erf(x.data() + first, y + first, count, slopes);
            break;
          case Activation::gelu_tanh:
            differentiate_gelu_tanh(x.data() + first, count, slopes);
            break;
          case Activation::relu:
            for (int64_t i = 0; i < count; ++i) slopes[i] = x[first + i] > 0.0f ? 1.0f : 0.0f;
            break;
        }
        for (int64_t i = 0; i < count; ++i) put(dx, first + i, slopes[i] * dy[first + i]);
      }
    });
    return {};
  }

 private:
  Activation activation_;
};

class SwiGlu final : public Operation {
 public:
  SwiGlu(Tensor gate, Tensor up) : Operation({gate, up}, false) {}

  Status forward(Graph& graph) const override {
    const float* up = graph.value(inputs_[1]).data();
    float* y = graph.value(output_).data();
    for_strips(graph, [&](int64_t i, float gate, const Logistic& s) { y[i] = gate * s.value * up[i]; });
    return {};
  }

  /// d silu(g) / dg = s + g s (1 - s).
  Status backward(Graph& graph) const override {
    const float* up = graph.value(inputs_[1]).data();
    const float* dy = graph.gradient(output_).data();
    const Gradient d_gate = graph.gradient_of_input(*this, 0), d_up = graph.gradient_of_input(*this, 1);
    for_strips(graph, [&](int64_t i, float gate, const Logistic& s) {
      if (d_gate.data) put(d_gate, i, dy[i] * up[i] * (s.value + gate * s.slope));
      if (d_up.data) put(d_up, i, dy[i] * gate * s.value);
    });
    return {};
  }

 private:
  template <class F>
  void for_strips(Graph& graph, F&& f) const {
    const std::span<const float> gate = graph.value(inputs_[0]);
    share_numbers(graph.pool(), std::ssize(gate), [&](int64_t begin, int64_t all) {
      for (int64_t first = begin; first < begin + all; first += kStrip) {
        const int64_t count = std::min(kStrip, begin + all - first);
        float e[kStrip];
        for (int64_t i = 0; i < count; ++i) e[i] = -std::abs(gate[first + i]);
        kernels::table().exp(e, count, e);
        for (int64_t i = 0; i < count; ++i) f(first + i, gate[first + i], Logistic(gate[first + i], e[i]));
      }
    });
  }
};

}  // namespace

Tensor add(Graph& graph, Tensor a, Tensor b) {
  if (!equal_shapes(graph, "add", a, b)) return {};
  return graph.append(std::make_unique<Add>(a, b), graph.shape(a));
}

Tensor activate(Graph& graph, Tensor x, Activation activation) {
  if (graph.refused()) return {};
  return graph.append(std::make_unique<Activate>(x, activation), graph.shape(x));
}

Tensor swiglu(Graph& graph, Tensor gate, Tensor up) {
  if (!equal_shapes(graph, "swiglu", gate, up)) return {};
  return graph.append(std::make_unique<SwiGlu>(gate, up), graph.shape(gate));
}

}  // namespace limelight::training
