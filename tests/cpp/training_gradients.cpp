// Every operation's gradients, on every architecture, against differences of a float64 loss.
#include "training/initialize.hpp"
#include "training_reference.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;
using training_reference::Vector;
using training_support::fill;
using training_support::largest_ratio;
using training_support::Numbers;
using training_support::Trial;

namespace exact = training_reference;

namespace {

/// Inputs x of some shape, and the target that a squared error compares what is made of them with.
struct Problem {
  Graph graph;
  std::map<std::string, Tensor> inputs;
  Tensor target;

  Tensor input(const std::string& name, int64_t rows, int64_t width) {
    return inputs[name] = graph.input(rows, width, true);
  }

  /// Takes memory and fills it: inputs, target and parameters with numbers of order 1.
  Tensor close(Tensor y) {
    const Shape shape = graph.shape(y);
    target = graph.input(shape.rows, shape.width);
    const Tensor loss = squared_error(graph, y, target);
    plan(loss);
    fill(graph.value(target), 99);
    return loss;
  }
  void plan(Tensor loss) {
    const Status status = graph.plan(loss);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message));
    uint64_t seed = 1;
    for (const auto& [name, tensor] : inputs) fill(graph.value(tensor), seed++, 1.5f);
    initialize(graph, 5);
    for (const ParameterInfo& parameter : graph.parameter_list()) {
      if (parameter.shape.size() == 1) fill(training_support::of(graph.parameters(), parameter), seed++);
    }
  }
  double error(const Vector& y) {
    const std::span<const float> t = graph.value(target);
    return exact::squared_error(y, Vector(t.begin(), t.end()));
  }
};

double largest(std::span<const float> numbers) {
  double most = 0;
  for (float number : numbers) most = std::max(most, std::abs(static_cast<double>(number)));
  return most;
}

/// What a norm divides a row by.
double spread(std::span<const float> row, bool rms) {
  const double n = static_cast<double>(row.size());
  double mean = 0, square = 0;
  for (float number : row) mean += rms ? 0.0 : static_cast<double>(number) / n;
  for (float number : row)
    square += (static_cast<double>(number) - mean) * (static_cast<double>(number) - mean) / n;
  return std::sqrt(square + 1e-6);
}

}  // namespace

TEST_CASE("linear: gradients of input, weight and bias") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const auto& [rows, in, out] :
         {std::array<int64_t, 3>{1, 1, 1}, {7, 5, 3}, {9, 17, 33}, {261, 3, 9}}) {
      for (const bool conv1d : {false, true}) {
        for (const bool bias : {false, true}) {
          CAPTURE(rows);
          CAPTURE(conv1d);
          Problem p;
          const Tensor x = p.input("x", rows, in);
          const Tensor loss = p.close(linear(p.graph, x, "fc", out, {bias, conv1d}));
          worst.see(largest_ratio({p.graph, p.inputs, loss,
                                   [&, rows = rows, in = in, out = out](const Numbers& at) {
                                     const Vector b = bias ? at.at("fc.bias") : Vector();
                                     return p.error(exact::linear(at.at("x"), at.at("fc.weight"), b, rows, in,
                                                                  out, conv1d));
                                   },
                                   in + out + rows + 8}),
                    1.0);
        }
      }
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("add, and a tensor with several consumers: gradients add up") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    Problem p;
    const Tensor a = p.input("a", 5, 7), b = p.input("b", 5, 7);
    const Tensor sum = add(p.graph, a, b);
    const Tensor y = add(p.graph, linear(p.graph, sum, "fc", 7), add(p.graph, sum, add(p.graph, a, a)));
    worst.see(largest_ratio({p.graph, p.inputs, p.close(y),
                             [&](const Numbers& at) {
                               const Vector &left = at.at("a"), &right = at.at("b");
                               const Vector total = exact::add(left, right);
                               const Vector made =
                                   exact::linear(total, at.at("fc.weight"), at.at("fc.bias"), 5, 7, 7);
                               return p.error(exact::add(made, exact::add(total, exact::add(left, left))));
                             },
                             7 + 7 + 5 + 16}),
              1.0);
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("LayerNorm and RMSNorm: gradients of input, gain and shift") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const auto& [rows, width] : {std::array<int64_t, 2>{3, 1}, {3, 2}, {5, 17}, {70, 67}}) {
      for (const bool rms : {false, true}) {
        CAPTURE(rms);
        CAPTURE(width);
        Problem p;
        const Tensor x = p.input("x", rows, width);
        const Tensor y = rms ? rms_norm(p.graph, x, "ln") : layer_norm(p.graph, x, "ln");
        const Tensor loss = p.close(y);
        // g - mean of g - h mean of g h: three terms that are g at most, times up to 1 / sqrt(var).
        REQUIRE(p.graph.forward().ok());
        REQUIRE(p.graph.backward().ok());
        double terms = 0;
        for (int64_t r = 0; r < rows; r++) {
          terms = std::max(terms, 3 * largest(p.graph.gradient(y).subspan(r * width, width)) /
                                      spread(p.graph.value(x).subspan(r * width, width), rms));
        }
        worst.see(largest_ratio({p.graph, p.inputs, loss,
                                 [&](const Numbers& at) {
                                   return p.error(rms ? exact::normalize(at.at("x"), at.at("ln.weight"), {},
                                                                         static_cast<double>(1e-6f))
                                                      : exact::normalize(at.at("x"), at.at("ln.weight"),
                                                                         at.at("ln.bias"),
                                                                         static_cast<double>(1e-5f)));
                                 },
                                 4 * width + rows + 16, terms}),
                  1.0);
      }
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("GELU in both forms, ReLU and SwiGLU: gradients") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const int64_t width : {1, 13, 300}) {
      CAPTURE(width);
      const struct {
        Activation activation;
        double (*exact)(double);
      } forms[] = {{Activation::gelu_erf, exact::gelu_erf},
                   {Activation::gelu_tanh, exact::gelu_tanh},
                   {Activation::relu, exact::relu}};
      for (const auto& form : forms) {
        Problem p;
        const Tensor x = p.input("x", 3, width);
        const Tensor loss = p.close(activate(p.graph, x, form.activation));
        // Into both tails, and off the corner of ReLU.
        fill(p.graph.value(x), 3, 6.0f);
        for (float& number : p.graph.value(x)) number += number < 0 ? -0.01f : 0.01f;
        worst.see(largest_ratio(
                      {p.graph, p.inputs, loss,
                       [&](const Numbers& at) { return p.error(exact::map(at.at("x"), form.exact)); }, 32}),
                  1.0);
      }
      Problem p;
      const Tensor gate = p.input("gate", 3, width), up = p.input("up", 3, width);
      const Tensor loss = p.close(swiglu(p.graph, gate, up));
      fill(p.graph.value(gate), 3, 6.0f);
      worst.see(
          largest_ratio(
              {p.graph, p.inputs, loss,
               [&](const Numbers& at) { return p.error(exact::swiglu(at.at("gate"), at.at("up"))); }, 32}),
          1.0);
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("rotary positions, both pairings, alone and beside another consumer: gradients") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const bool neighbours : {false, true}) {
      for (const bool twice : {false, true}) {
        CAPTURE(neighbours);
        CAPTURE(twice);
        Problem p;
        const Tensor x = p.input("x", 10, 12);
        RotaryForm form{2, 2, 6};
        form.frequencies.base = 100.0;
        form.pairs = neighbours ? RotaryPairs::interleaved : RotaryPairs::halves;
        Tensor y = rotary(p.graph, x, form);
        if (twice) y = add(p.graph, y, x);
        worst.see(largest_ratio({p.graph, p.inputs, p.close(y),
                                 [&](const Numbers& at) {
                                   const Vector turned =
                                       exact::rotary(at.at("x"), 5, 2, 6, 100.0, neighbours);
                                   return p.error(twice ? exact::add(turned, at.at("x")) : turned);
                                 },
                                 16}),
                  1.0);
      }
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("attention, self and cross, causal, padded, grouped, joint: gradients of q, k and v") {
  support::Worst worst;
  const exact::AttentionSizes shapes[] = {
      {1, 1, 1, 1, 1, 1, false, {}},     {2, 2, 2, 5, 5, 4, true, {}},    {2, 4, 2, 6, 6, 3, true, {}},
      {2, 2, 1, 3, 7, 5, false, {4, 7}}, {1, 1, 1, 66, 66, 3, false, {}}, {1, 2, 2, 67, 67, 2, true, {}},
  };
  support::on_every_architecture([&](const kernels::Table&) {
    for (const exact::AttentionSizes& s : shapes) {
      CAPTURE(s.q_len);
      CAPTURE(s.kv_len);
      Problem p;
      const int64_t width = s.heads * s.head_dim, kv_width = s.kv_heads * s.head_dim;
      const Tensor q = p.input("q", s.batch * s.q_len, width);
      const Tensor k = p.input("k", s.batch * s.kv_len, kv_width);
      const Tensor v = p.input("v", s.batch * s.kv_len, kv_width);
      AttentionForm form{s.batch, s.heads, s.head_dim, s.kv_heads, s.causal};
      if (!s.key_lengths.empty()) form.key_lengths = p.graph.integers(s.batch);
      const Tensor loss = p.close(attention(p.graph, {q}, {k}, {v}, form));
      if (!s.key_lengths.empty())
        std::copy(s.key_lengths.begin(), s.key_lengths.end(), p.graph.numbers(form.key_lengths).begin());
      worst.see(
          largest_ratio({p.graph, p.inputs, loss,
                         [&](const Numbers& at) {
                           return p.error(exact::attention({at.at("q"), width, 0}, {at.at("k"), kv_width, 0},
                                                           {at.at("v"), kv_width, 0}, s));
                         },
                         4 * (s.head_dim + s.kv_len + s.q_len) + 16}),
          1.0);
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("attention on columns of a joint projection that has others too, and is used twice") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    // [batch 2, seq 5]: v, q, 3 columns of nobody, k; heads 2 of 4.
    const exact::AttentionSizes s = {2, 2, 2, 5, 5, 4, true, {}};
    for (const bool twice : {false, true}) {
      CAPTURE(twice);
      Problem p;
      const Tensor joint = p.input("joint", 10, 27);
      Tensor y = attention(p.graph, {joint, 8}, {joint, 19}, {joint, 0}, {2, 2, 4, 0, true});
      if (twice) {
        // The other consumer comes later, so attention has to add.
        y = add(p.graph, y, linear(p.graph, joint, "fc", 8, {false}));
      }
      worst.see(largest_ratio({p.graph, p.inputs, p.close(y),
                               [&](const Numbers& at) {
                                 const Vector& x = at.at("joint");
                                 const Vector made = exact::attention({x, 27, 8}, {x, 27, 19}, {x, 27, 0}, s);
                                 if (!twice) return p.error(made);
                                 return p.error(
                                     exact::add(made, exact::linear(x, at.at("fc.weight"), {}, 10, 27, 8)));
                               },
                               4 * (4 + 5 + 5) + 27 + 16}),
                1.0);
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("embedding and cross-entropy: repeated ids, targets that do not count, a tied output matrix") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    const std::vector<int32_t> ids = {3, 0, 3, 6, 3, 1}, targets = {0, -1, 6, 2, -100, 3};
    Problem p;
    const Integers id = p.graph.integers(6), target = p.graph.integers(6);
    const Tensor x = embedding(p.graph, id, "wte", 7, 5, {0.0f, 1.0f});
    const Tensor loss = cross_entropy(p.graph, linear(p.graph, x, "wte", 7, {false}), target);
    p.plan(loss);
    std::copy(ids.begin(), ids.end(), p.graph.numbers(id).begin());
    std::copy(targets.begin(), targets.end(), p.graph.numbers(target).begin());
    CHECK(p.graph.parameter_list().size() == 1);
    worst.see(largest_ratio({p.graph, p.inputs, loss,
                             [&](const Numbers& at) {
                               const Vector& table = at.at("wte.weight");
                               const Vector y = exact::embedding(table, ids, 5);
                               return exact::cross_entropy(exact::linear(y, table, {}, 6, 5, 7), targets);
                             },
                             5 + 7 + 6 + 16}),
              1.0);
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("picked rows: gradients add up where a row is picked twice, alone and beside another consumer") {
  support::Worst worst;
  const std::vector<int32_t> ids = {2, 0, 2, 3, 3, 3};  // of two batches, each with 4 rows
  support::on_every_architecture([&](const kernels::Table&) {
    for (const bool twice : {false, true}) {
      CAPTURE(twice);
      Problem p;
      const Integers id = p.graph.integers(6);
      const Tensor x = p.input("x", 8, 5);
      const Tensor all = twice ? linear(p.graph, x, "fc", 5) : x;
      const Tensor picked = pick(p.graph, all, id, 2);
      // The one that comes later sets the gradient first: the other has to add.
      const Tensor y = twice ? add(p.graph, picked, pick(p.graph, all, id, 2)) : picked;
      const Tensor loss = p.close(y);
      std::ranges::copy(ids, p.graph.numbers(id).begin());
      worst.see(largest_ratio({p.graph, p.inputs, loss,
                               [&](const Numbers& at) {
                                 Vector all_rows = at.at("x"), y_rows;
                                 if (twice)
                                   all_rows =
                                       exact::linear(all_rows, at.at("fc.weight"), at.at("fc.bias"), 8, 5, 5);
                                 for (std::size_t i = 0; i < ids.size(); i++) {
                                   const auto from =
                                       all_rows.begin() + (static_cast<int64_t>(i) / 3 * 4 + ids[i]) * 5;
                                   y_rows.insert(y_rows.end(), from, from + 5);
                                 }
                                 return p.error(twice ? exact::add(y_rows, y_rows) : y_rows);
                               },
                               2 * (5 + 5 + 6) + 16}),
                1.0);
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("convolution, strided, padded, overlapping, channels first and last: gradients") {
  support::Worst worst;
  const exact::ConvolutionSizes shapes[] = {
      {1, 1, 1, 1, 1, 1, 0, 1},  // a number
      {2, 3, 6, 4, 2, 2, 0, 5},  // patches
      {2, 2, 5, 7, 3, 1, 1, 3},  // windows overlap
      {1, 2, 7, 6, 3, 2, 1, 2},  // and leave a row out
      {3, 1, 2, 3, 4, 1, 2, 2},  // the kernel is larger than the image
  };
  support::on_every_architecture([&](const kernels::Table&) {
    for (const exact::ConvolutionSizes& s : shapes) {
      for (const bool last : {false, true}) {
        for (const bool twice : {false, true}) {
          CAPTURE(s.kernel);
          CAPTURE(last);
          CAPTURE(twice);
          Problem p;
          const int64_t pixels = s.height * s.width, places = s.batch * s.out_height() * s.out_width();
          const Tensor x =
              last ? p.input("x", s.batch * pixels, s.channels) : p.input("x", s.batch, s.channels * pixels);
          ConvolutionForm form{s.batch, s.channels, s.height, s.width, s.kernel, s.stride, s.padding, last};
          Tensor y = convolution(p.graph, x, "conv", s.out, form);
          // The other consumer comes later, so the convolution has to add to the gradient.
          form.bias = false;
          if (twice) y = add(p.graph, y, convolution(p.graph, x, "other", s.out, form));
          REQUIRE(p.graph.shape(y).rows == places);
          worst.see(
              largest_ratio({p.graph, p.inputs, p.close(y),
                             [&](const Numbers& at) {
                               const Vector made = exact::convolution(at.at("x"), at.at("conv.weight"),
                                                                      at.at("conv.bias"), s, last);
                               if (!twice) return p.error(made);
                               return p.error(exact::add(
                                   made, exact::convolution(at.at("x"), at.at("other.weight"), {}, s, last)));
                             },
                             2 * s.kernel * s.kernel * (s.channels + s.out) + places + 16}),
              1.0);
        }
      }
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("dropout: gradients through the places that are kept, alone and beside another consumer") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const bool twice : {false, true}) {
      CAPTURE(twice);
      Problem p;
      const Tensor x = p.input("x", 5, 19);
      const Tensor dropped = dropout(p.graph, x, 0.4f);
      const Tensor loss = p.close(twice ? add(p.graph, dropped, x) : dropped);
      p.graph.set_training(true, 3);
      REQUIRE(p.graph.forward().ok());
      Vector factors;
      for (const float y : p.graph.value(dropped))
        factors.push_back(y == 0.0f ? 0.0 : 1 / (1 - double{0.4f}));
      worst.see(largest_ratio({p.graph, p.inputs, loss,
                               [&](const Numbers& at) {
                                 Vector y = at.at("x");
                                 for (std::size_t i = 0; i < y.size(); i++)
                                   y[i] *= factors[i] + (twice ? 1 : 0);
                                 return p.error(y);
                               },
                               16}),
                1.0);
    }
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

TEST_CASE("cross-entropy where no target counts is zero, and so is its gradient") {
  Problem p;
  const Tensor x = p.input("x", 2, 3);
  const Integers targets = p.graph.integers(2);
  const Tensor loss = cross_entropy(p.graph, x, targets);
  p.plan(loss);
  for (int32_t& target : p.graph.numbers(targets)) target = -1;
  fill(p.graph.gradient(x), 1);
  REQUIRE(p.graph.forward().ok());
  REQUIRE(p.graph.backward().ok());
  CHECK(p.graph.value(loss)[0] == 0.0f);
  for (float gradient : p.graph.gradient(x)) CHECK(gradient == 0.0f);
}

TEST_CASE("cross-entropy of logits far apart stays finite and exact") {
  Problem p;
  const Tensor x = p.input("x", 1, 2);
  const Integers targets = p.graph.integers(1);
  const Tensor loss = cross_entropy(p.graph, x, targets);
  p.plan(loss);
  p.graph.value(x)[0] = 500.0f;
  p.graph.value(x)[1] = -500.0f;
  p.graph.numbers(targets)[0] = 1;
  REQUIRE(p.graph.forward().ok());
  REQUIRE(p.graph.backward().ok());
  CHECK(p.graph.value(loss)[0] == 1000.0f);
  CHECK(p.graph.gradient(x)[0] == 1.0f);
  CHECK(p.graph.gradient(x)[1] == -1.0f);
}

TEST_CASE("nothing is computed for inputs whose gradient nobody wants") {
  Graph graph;
  const Tensor x = graph.input(2, 3), t = graph.input(2, 4);
  const Tensor y = linear(graph, x, "fc", 4);
  const Tensor aside = linear(graph, x, "probe", 2);
  const Tensor loss = squared_error(graph, y, t);
  REQUIRE(graph.plan(loss).ok());
  initialize(graph, 1);
  fill(graph.value(x), 1);
  REQUIRE(graph.forward().ok());
  REQUIRE(graph.backward().ok());
  CHECK(graph.gradient(x).empty());
  CHECK(graph.gradient(t).empty());
  CHECK(graph.gradient(aside).empty());
  CHECK(graph.gradient(y).size() == 8);
  for (const ParameterInfo& parameter : graph.parameter_list()) {
    if (!parameter.name.starts_with("probe")) continue;
    for (float g : training_support::of(graph.parameter_gradients(), parameter)) CHECK(g == 0.0f);
  }
}
