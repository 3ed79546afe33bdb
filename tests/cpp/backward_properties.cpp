// What holds for gradients whatever the numbers are.
#include "backward_support.hpp"

using namespace limelight;
using backward::Gradients;
using backward::How;
using support::random_case;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Numbers [first, first + count) * dim of x.
std::vector<float> rows(const std::vector<float>& x, int64_t dim, int64_t first, int64_t count) {
  return {x.begin() + first * dim, x.begin() + (first + count) * dim};
}

bool same(const Gradients<float>& a, const Gradients<float>& b) {
  return a.dq == b.dq && a.dk == b.dk && a.dv == b.dv && a.d_bias == b.d_bias && a.d_gate == b.d_gate &&
         a.d_temperature == b.d_temperature;
}

bool all_zero(const std::vector<float>& x) {
  return std::all_of(x.begin(), x.end(), [](float value) { return value == 0.0f; });
}

}  // namespace

TEST_CASE("gradients have the same bits however the parts are cut into calls") {
  support::on_every_architecture([&](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(2, 4, 2, 530, 131, 9, 7);
      c.causal = causal;
      const std::vector<float> d_out = backward::random_d_out(c);
      const Gradients<float> whole = backward::run(c, d_out, {1, 1, true});
      for (int64_t slice : {1, 2, 5, 7}) {
        CAPTURE(slice);
        CHECK(same(backward::run(c, d_out, {1, 1, true, false, slice}), whole));
      }
    }
  });
}

TEST_CASE("gradients have the same bits in both layouts") {
  support::on_every_architecture([&](const kernels::Table&) {
    reference::Case c = random_case(2, 6, 3, 67, 70, 11, 13);
    c.causal = true;
    const std::vector<float> d_out = backward::random_d_out(c);
    CHECK(same(backward::run(c, d_out, {2, 6, true, true}), backward::run(c, d_out, {2, 6, true, false})));
  });
}

TEST_CASE("parts of different batches and key-value heads may run in any order") {
  support::on_every_architecture([&](const kernels::Table&) {
    reference::Case c = random_case(2, 4, 2, 70, 130, 8, 8);
    const std::vector<float> d_out = backward::random_d_out(c);
    const Gradients<float> whole = backward::run(c, d_out);
    const AttentionInputs in = support::inputs_of(c);
    const AttentionOptions options = support::options_of(c);
    const support::Result result = support::run(c);
    const int64_t parts = attend_backward_parts(in, options);
    const int64_t pairs = c.batch * c.kv_heads;
    CHECK(parts % pairs == 0);
    std::vector<float> dq(c.q.size()), dk(c.k.size()), dv(c.v.size());
    std::vector<float> workspace(attend_backward_workspace(in, options));
    for (int64_t i = 0; i < parts; i++) {
      // All parts of the last pair in their order, then those of the one before it.
      const int64_t part = pairs - 1 - i / (parts / pairs) + i % (parts / pairs) * pairs;
      const Status status =
          attend_backward(in, options,
                          {HeadsView<const float>::heads_first(result.out.data(), 2, 4, 70, 8), result.lse,
                           HeadsView<const float>::heads_first(d_out.data(), 2, 4, 70, 8)},
                          {HeadsView<float>::heads_first(dq.data(), 2, 4, 70, 8),
                           HeadsView<float>::heads_first(dk.data(), 2, 2, 130, 8),
                           HeadsView<float>::heads_first(dv.data(), 2, 2, 130, 8)},
                          workspace, {part, 1});
      REQUIRE(status.ok());
    }
    CHECK(dq == whole.dq);
    CHECK(dk == whole.dk);
    CHECK(dv == whole.dv);
  });
}

TEST_CASE("the bias gradient of a row sums to zero") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(2, 3, 3, 40, 131, 8, 9);
      c.causal = causal;
      const std::vector<float> d_out = backward::random_d_out(c);
      const backward::Answer expected = backward::gradients(backward::Problem(c, d_out));
      const Gradients<float> actual = backward::run(c, d_out, {2, 3});
      for (int64_t row = 0; row < 2 * 3 * 40; row++) {
        double sum = 0, bound = 0;
        for (int64_t j = 0; j < c.kv_len; j++) {
          sum += static_cast<double>(actual.d_bias[row * c.kv_len + j]);
          bound += expected.bound.d_bias[row * c.kv_len + j];
        }
        worst.see(std::abs(sum), bound);
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("largest sum of a row's bias gradient is " << worst.ratio() << " of the bound");
}

TEST_CASE("permuting keys with their values permutes the gradients by them and keeps those by queries") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    const reference::Case c = random_case(1, 1, 1, 67, 131, 8, 9);
    reference::Case mixed = c;
    const auto from = [&](int64_t j) { return j * 50 % 131; };
    for (int64_t j = 0; j < 131; j++) {
      std::copy_n(c.k.begin() + from(j) * 8, 8, mixed.k.begin() + j * 8);
      std::copy_n(c.v.begin() + from(j) * 9, 9, mixed.v.begin() + j * 9);
    }
    const std::vector<float> d_out = backward::random_d_out(c);
    const Gradients<double> bound = backward::gradients(backward::Problem(c, d_out)).bound;
    const Gradients<float> plain = backward::run(c, d_out), permuted = backward::run(mixed, d_out);
    const auto see = [&](const std::vector<float>& a, std::size_t i, const std::vector<float>& b,
                         std::size_t j, const std::vector<double>& limit) {
      worst.see(std::abs(static_cast<double>(a[i]) - static_cast<double>(b[j])), 2 * limit[j]);
    };
    for (std::size_t i = 0; i < plain.dq.size(); i++) see(permuted.dq, i, plain.dq, i, bound.dq);
    for (std::size_t j = 0; j < 131; j++) {
      const std::size_t old = static_cast<std::size_t>(from(static_cast<int64_t>(j)));
      for (std::size_t d = 0; d < 8; d++) see(permuted.dk, j * 8 + d, plain.dk, old * 8 + d, bound.dk);
      for (std::size_t d = 0; d < 9; d++) see(permuted.dv, j * 9 + d, plain.dv, old * 9 + d, bound.dv);
    }
  });
  CHECK(worst.ratio() <= 1.0);
}

TEST_CASE("keys that nobody sees and rows that see nothing have exactly the gradient zero") {
  support::on_every_architecture([&](const kernels::Table&) {
    reference::Case c = random_case(2, 2, 1, 9, 140, 6, 7);
    c.causal = true;
    c.past_len = 60;  // the last row, 8, sees keys up to 68
    c.key_lengths = {140, 0};
    const Gradients<float> made = backward::run(c, backward::random_d_out(c), {2, 2});
    CHECK(all_zero(rows(made.dk, 6, 69, 140 + 71)));
    CHECK(all_zero(rows(made.dv, 7, 69, 140 + 71)));
    CHECK(all_zero(rows(made.dq, 6, 18, 18)));
    CHECK(all_zero(rows(made.d_bias, 9 * 140, 2, 2)));
    for (int64_t i = 0; i < 9; i++) {
      CHECK(all_zero({made.d_bias.begin() + i * 140 + i + 61, made.d_bias.begin() + (i + 1) * 140}));
      CHECK_FALSE(made.d_bias[static_cast<std::size_t>(i * 140 + i + 60)] == 0.0f);
    }
    CHECK_FALSE(all_zero(rows(made.dk, 6, 68, 1)));
    CHECK_FALSE(all_zero(rows(made.dv, 7, 68, 1)));
  });
}

TEST_CASE("without queries or without keys every gradient is zero or empty") {
  const reference::Case no_queries = random_case(1, 2, 1, 0, 70, 3, 4);
  const Gradients<float> of_keys = backward::run(no_queries, {}, {1, 1, true});
  CHECK(of_keys.dk.size() == 210);
  CHECK((all_zero(of_keys.dk) && all_zero(of_keys.dv) && all_zero(of_keys.d_gate)));
  CHECK(all_zero(of_keys.d_temperature));
  const reference::Case no_keys = random_case(1, 2, 1, 300, 0, 3, 4);
  const Gradients<float> of_queries = backward::run(no_keys, backward::random_d_out(no_keys), {0, 0, true});
  CHECK(of_queries.dq.size() == 1800);
  CHECK((all_zero(of_queries.dq) && all_zero(of_queries.d_gate) && all_zero(of_queries.d_temperature)));
}

TEST_CASE("NaN and infinity change no bit of a gradient from which they are hidden") {
  support::on_every_architecture([&](const kernels::Table&) {
    const int64_t n = 140, dim = 6, value_dim = 5;
    reference::Case c = random_case(1, 1, 1, n, n, dim, value_dim);
    c.causal = true;
    const std::vector<float> d_out = backward::random_d_out(c);
    const How how = {1, 1};
    const Gradients<float> clean = backward::run(c, d_out, how);
    for (float poison :
         {kNaN, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()}) {
      for (int64_t at : {0, 1, 62, 63, 64, 65, 67, 128, 139}) {
        CAPTURE(at);
        // A key or value reaches rows from its own on; the rows before it, and the keys that only they see,
        // no.
        for (bool value : {false, true}) {
          reference::Case with = c;
          (value ? with.v[at * value_dim] : with.k[at * dim]) = poison;
          const Gradients<float> made = backward::run(with, d_out, how);
          CHECK(rows(made.dq, dim, 0, at) == rows(clean.dq, dim, 0, at));
          CHECK(rows(made.d_bias, n, 0, at) == rows(clean.d_bias, n, 0, at));
          CHECK_FALSE(rows(made.dq, dim, at, 1) == rows(clean.dq, dim, at, 1));
        }
        // A query, or the gradient that arrives at it, reaches keys up to its own; not the later ones.
        for (bool arriving : {false, true}) {
          reference::Case with = c;
          std::vector<float> given = d_out;
          (arriving ? given[at * value_dim] : with.q[at * dim]) = poison;
          const Gradients<float> made = backward::run(with, given, how);
          CHECK(rows(made.dk, dim, at + 1, n - at - 1) == rows(clean.dk, dim, at + 1, n - at - 1));
          CHECK(rows(made.dv, value_dim, at + 1, n - at - 1) ==
                rows(clean.dv, value_dim, at + 1, n - at - 1));
          CHECK(rows(made.dq, dim, 0, at) == rows(clean.dq, dim, 0, at));
          CHECK(rows(made.dq, dim, at + 1, n - at - 1) == rows(clean.dq, dim, at + 1, n - at - 1));
          // The only key of row 0 has weight 1, or 0 at a score of -inf, and the slope 0 either way.
          if (at > 0) CHECK_FALSE(rows(made.dq, dim, at, 1) == rows(clean.dq, dim, at, 1));
        }
      }
    }
  });
}

TEST_CASE("padding keys change no bit of any gradient, and neither do the rows of another head") {
  support::on_every_architecture([&](const kernels::Table&) {
    for (double scale : {0.4, 0.0, -0.7}) {
      reference::Case c = random_case(1, 2, 2, 35, 90, 6, 5);
      c.scale = scale;
      c.key_lengths = {67};
      const std::vector<float> d_out = backward::random_d_out(c);
      const Gradients<float> clean = backward::run(c, d_out, {1, 2, true});
      reference::Case with = c;
      for (int64_t j = 67; j < 90; j++) with.k[j * 6] = with.v[j * 5] = kNaN;
      CHECK(same(backward::run(with, d_out, {1, 2, true}), clean));
      with.q[0] = kNaN;
      const Gradients<float> made = backward::run(with, d_out, {1, 2, true});
      CHECK(rows(made.dq, 6, 35, 35) == rows(clean.dq, 6, 35, 35));
      CHECK(rows(made.dk, 6, 90, 90) == rows(clean.dk, 6, 90, 90));
      CHECK(made.d_gate[1] == clean.d_gate[1]);
      CHECK(std::isnan(made.d_gate[0]));
    }
  });
}

TEST_CASE("a head with gate zero passes nothing to its inputs, and its gate still learns") {
  support::on_every_architecture([&](const kernels::Table&) {
    reference::Case c = random_case(1, 2, 2, 20, 30, 6, 5);
    c.gate = {0.0f, 1.0f};
    const std::vector<float> d_out = backward::random_d_out(c);
    const Gradients<float> made = backward::run(c, d_out, {0, 0, true});
    CHECK(all_zero(rows(made.dq, 6, 0, 20)));
    CHECK(all_zero(rows(made.dk, 6, 0, 30)));
    CHECK(all_zero(rows(made.dv, 5, 0, 30)));
    CHECK_FALSE(made.d_gate[0] == 0.0f);
    CHECK(made.d_temperature[0] == 0.0f);
  });
}
