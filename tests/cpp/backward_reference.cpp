// attend_backward() against float64: the formulas against finite differences, and float32 against the
// formulas. backward_support.hpp derives the bounds.
#include "backward_support.hpp"

using namespace limelight;
using backward::How;
using support::random_case;

namespace {

struct Ratios {
  support::Worst dq, dk, dv, d_bias, d_gate, d_temperature;
};

void see(const std::vector<float>& actual, const std::vector<double>& exact, const std::vector<double>& bound,
         support::Worst& worst) {
  REQUIRE(actual.size() == exact.size());
  for (std::size_t i = 0; i < exact.size(); i++) {
    worst.see(std::abs(static_cast<double>(actual[i]) - exact[i]), bound[i]);
  }
}

/// [batch, heads, cells] summed over batch and heads where those are 1 in `how`.
std::vector<double> reduced(const std::vector<double>& full, const reference::Case& c, const How& how) {
  const int64_t cells = c.q_len * c.kv_len;
  std::vector<double> sums(static_cast<std::size_t>(how.bias_batch * how.bias_heads * cells));
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t h = 0; h < c.q_heads; h++) {
      const int64_t to = (how.bias_batch > 1 ? b : 0) * how.bias_heads + (how.bias_heads > 1 ? h : 0);
      for (int64_t i = 0; i < cells; i++) sums[to * cells + i] += full[(b * c.q_heads + h) * cells + i];
    }
  }
  return sums;
}

void compare(const reference::Case& c, Ratios& ratios, const How& how = {}) {
  const std::vector<float> d_out = backward::random_d_out(c);
  const backward::Answer expected = backward::gradients(backward::Problem(c, d_out));
  const backward::Gradients<float> actual = backward::run(c, d_out, how);
  see(actual.dq, expected.exact.dq, expected.bound.dq, ratios.dq);
  see(actual.dk, expected.exact.dk, expected.bound.dk, ratios.dk);
  see(actual.dv, expected.exact.dv, expected.bound.dv, ratios.dv);
  if (how.bias_batch > 0) {
    see(actual.d_bias, reduced(expected.exact.d_bias, c, how), reduced(expected.bound.d_bias, c, how),
        ratios.d_bias);
  }
  if (how.per_head) {
    see(actual.d_gate, expected.exact.d_gate, expected.bound.d_gate, ratios.d_gate);
    see(actual.d_temperature, expected.exact.d_temperature, expected.bound.d_temperature,
        ratios.d_temperature);
  }
  for (const support::Worst* worst :
       {&ratios.dq, &ratios.dk, &ratios.dv, &ratios.d_bias, &ratios.d_gate, &ratios.d_temperature}) {
    CHECK(worst->ratio() <= 1.0);
  }
}

void report(const std::string& what, const Ratios& r) {
  MESSAGE(what << ": largest |error| / bound is " << r.dq.ratio() << " for dq, " << r.dk.ratio()
               << " for dk, " << r.dv.ratio() << " for dv, " << r.d_bias.ratio() << " for d_bias, "
               << r.d_gate.ratio() << " for d_gate, " << r.d_temperature.ratio() << " for d_temperature");
}

constexpr int64_t kLengths[] = {1, 2, 3, 5, 8, 31, 32, 33, 63, 64, 65, 97, 131};

}  // namespace

TEST_CASE("the formulas of the gradients agree with finite differences in float64") {
  support::Worst worst;
  for (bool causal : {false, true}) {
    reference::Case c = random_case(2, 4, 2, 3, 5, 3, 2);
    c.causal = causal;
    c.temperature = {1.0f, 0.5f, 2.0f, 1.5f};
    c.gate = {1.0f, 0.0f, -1.5f, 0.3f};
    c.key_lengths = {5, 3};
    backward::Problem p(c, backward::random_d_out(c));
    reference::Random random(11);
    for (double& bias : p.bias) bias = random.number();
    const backward::Gradients<double> exact = backward::gradients(p).exact;
    const struct {
      std::vector<double>& numbers;
      const std::vector<double>& gradient;
    } inputs[] = {{p.q, exact.dq},        {p.k, exact.dk},        {p.v, exact.dv},
                  {p.bias, exact.d_bias}, {p.gate, exact.d_gate}, {p.temperature, exact.d_temperature}};
    // Central differences: an error of step^2 / 6 times the third derivative (some tens here), and of 2^-53
    // |loss| / step from rounding: 1e-9 and 1e-11.
    const double step = 1e-5;
    for (const auto& input : inputs) {
      for (std::size_t i = 0; i < input.numbers.size(); i++) {
        const double before = input.numbers[i];
        input.numbers[i] = before + step;
        const double above = p.loss();
        input.numbers[i] = before - step;
        const double below = p.loss();
        input.numbers[i] = before;
        worst.see(std::abs((above - below) / (2 * step) - input.gradient[i]), 1e-9);
      }
    }
  }
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("finite differences: largest difference is " << worst.ratio() << " of 1e-9");
}

TEST_CASE("gradients equal the formula for every number of queries and keys") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : kLengths) {
      for (int64_t kv_len : kLengths) {
        CAPTURE(q_len);
        CAPTURE(kv_len);
        compare(random_case(1, 1, 1, q_len, kv_len, 8, 8), ratios, {1, 1, true});
      }
    }
  });
  report("lengths", ratios);
}

TEST_CASE("causal gradients equal the formula for every number of queries and keys") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : kLengths) {
      for (int64_t kv_len : kLengths) {
        CAPTURE(q_len);
        CAPTURE(kv_len);
        reference::Case c = random_case(1, 1, 1, q_len, kv_len, 5, 9);
        c.causal = true;
        compare(c, ratios, {1, 1, true});
      }
    }
  });
  report("causal", ratios);
}

TEST_CASE("gradients: head_dim and value_dim may be any number from 1 on, each its own") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : {1, 37}) {
      for (int64_t head_dim : {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 31, 33, 64, 67}) {
        for (int64_t value_dim : {1, 3, 4, 5, 7, 8, 9, 17, 33, 64, 67}) {
          CAPTURE(q_len);
          CAPTURE(head_dim);
          CAPTURE(value_dim);
          compare(random_case(1, 1, 1, q_len, 70, head_dim, value_dim), ratios);
        }
      }
    }
  });
  report("dims", ratios);
}

TEST_CASE("gradients of many rows and key blocks stay within the bound") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(1, 2, 1, 523, 517, 16, 24);
      c.causal = causal;
      compare(c, ratios, {1, 1, true});
    }
    compare(random_case(1, 1, 1, 3, 1501, 64, 64), ratios);
    compare(random_case(1, 1, 1, 1501, 3, 64, 64), ratios);
  });
  report("long", ratios);
}

TEST_CASE("gradients of batches, grouped heads and both layouts go where they belong") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const auto& heads : {std::pair{1, 1}, {3, 3}, {6, 2}, {6, 1}}) {
      for (int64_t q_len : {1, 13, 70}) {
        for (bool seq_first : {false, true}) {
          reference::Case c = random_case(3, heads.first, heads.second, q_len, 67, 12, 10);
          CAPTURE(heads.first);
          CAPTURE(q_len);
          compare(c, ratios, {3, heads.first, true, seq_first});
          c.causal = true;
          compare(c, ratios, {1, heads.first, true, seq_first});
          compare(c, ratios, {3, 1, true, seq_first});
          compare(c, ratios, {1, 1, false, seq_first});
        }
      }
    }
  });
  report("heads", ratios);
}

TEST_CASE("gradients follow scale, past_len, key_lengths, temperature and gate") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    const How all = {6, 4, true};
    for (double scale : {0.0, 1.0, -0.75, 3.0, 1e-20}) {
      CAPTURE(scale);
      reference::Case c = random_case(6, 4, 2, 21, 66, 6, 7);
      c.scale = scale;
      compare(c, ratios, all);
      c.causal = true;
      compare(c, ratios, all);
    }
    for (int64_t past : {0, 1, 63, 64, 65, 200}) {
      CAPTURE(past);
      reference::Case c = random_case(6, 4, 2, 70, 130, 5, 6);
      c.causal = true;
      c.past_len = past;
      compare(c, ratios, all);
      c.key_lengths = {0, 1, 63, 64, 65, 130};
      compare(c, ratios, all);
      c.temperature = {1.0f, 0.25f, 2.0f, 7.5f};
      c.gate = {1.0f, 0.0f, -1.0f, 0.3f};
      compare(c, ratios, all);
      c.causal = false;
      c.past_len.reset();
      compare(c, ratios, all);
    }
  });
  report("options", ratios);
}
