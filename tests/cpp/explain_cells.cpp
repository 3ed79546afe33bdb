// explain() and explain_row() cell by cell, against the float64 reference and against what attend() computed.
#include "explain_support.hpp"

using namespace limelight;
using support::Block;
using support::bound;
using support::cases;
using support::cells;
using support::kStages;
using support::random_case;
using support::run;
using support::stage_of;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("every cell of every head equals the formula at every stage") {
  support::on_every_architecture([](const kernels::Table&) {
    for (Stage stage : kStages) {
      support::Worst worst;
      for (const reference::Case& c : cases()) {
        const reference::Answer expected = reference::attention(c);
        const std::vector<float> lse = run(c).lse;
        for (int64_t b = 0; b < c.batch; b++) {
          for (int64_t h = 0; h < c.q_heads; h++) {
            const std::vector<float> actual =
                cells(c, lse, {.batch = b, .head = h, .rows = c.q_len, .cols = c.kv_len}, stage);
            for (int64_t i = 0; i < c.q_len * c.kv_len; i++) {
              const int64_t cell = (b * c.q_heads + h) * c.q_len * c.kv_len + i;
              const double value = stage_of(expected, stage)[cell];
              if (value == -reference::kInfinity || value == 0.0) {
                CHECK(actual[i] == static_cast<float>(value));
              } else {
                worst.see(std::abs(actual[i] - value), bound(c, expected, h, cell, stage));
              }
            }
          }
        }
      }
      CHECK(worst.ratio() <= 1.0);
      MESSAGE("stage " << static_cast<int>(stage) << ": largest |error| / bound is " << worst.ratio());
    }
  });
}

TEST_CASE("a cell, a row or any rectangle holds the same bits as the whole matrix") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case c = random_case(1, 2, 1, 66, 600, 9, 8);
    c.causal = true;
    const std::vector<float> lse = run(c).lse;
    for (Stage stage : kStages) {
      const std::vector<float> whole = cells(c, lse, {.head = 1, .rows = 66, .cols = 600}, stage);
      for (const Rectangle& part :
           {Rectangle{.head = 1, .first_row = 65, .rows = 1, .first_col = 599, .cols = 1},
            Rectangle{.head = 1, .first_row = 7, .rows = 1, .cols = 600},
            Rectangle{.head = 1, .rows = 66, .first_col = 570, .cols = 1},
            Rectangle{.head = 1, .first_row = 3, .rows = 11, .first_col = 255, .cols = 263},
            Rectangle{.head = 1, .first_row = 3, .rows = 0, .first_col = 2, .cols = 5}}) {
        const std::vector<float> actual = cells(c, lse, part, stage);
        for (int64_t r = 0; r < part.rows; r++) {
          for (int64_t col = 0; col < part.cols; col++) {
            CHECK(actual[r * part.cols + col] == whole[(part.first_row + r) * 600 + part.first_col + col]);
          }
        }
      }
    }
  });
}

TEST_CASE("explained weights are those that attend used: with one-hot values the outputs are the weights") {
  support::on_every_architecture([](const kernels::Table&) {
    reference::Case c = random_case(1, 1, 1, 90, 90, 16, 90);
    c.causal = true;
    std::fill(c.v.begin(), c.v.end(), 0.0f);
    for (int64_t j = 0; j < 90; j++) c.v[j * 90 + j] = 1.0f;
    const support::Result result = run(c);
    const std::vector<float> weights = cells(c, result.lse, {.rows = 90, .cols = 90}, Stage::weight);
    for (std::size_t i = 0; i < weights.size(); i++) {
      // Both come from the same score; the log-sum-exp is rounded once at its own size.
      CHECK(std::abs(weights[i] - result.out[i]) <=
            16 * reference::kEpsilon * (1 + std::abs(result.lse[i / 90])) * weights[i]);
    }
  });
}

TEST_CASE("pooled cells are the mean or the largest of the cells that they stand for") {
  support::on_every_architecture([](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(1, 1, 1, 37, 601, 6, 4);
      c.causal = causal;
      c.past_len = causal ? std::optional<int64_t>(100) : std::nullopt;
      c.key_lengths = {590};
      const std::vector<float> lse = run(c).lse;
      for (Stage stage : kStages) {
        for (Pool pool : {Pool::mean, Pool::max}) {
          for (const auto& size : {std::pair{1, 1}, {3, 7}, {30, 130}, {30, 599}, {10, 65}}) {
            const int64_t rows = size.first, cols = size.second;
            const Rectangle whole = {.first_row = 5, .rows = 30, .first_col = 2, .cols = 599};
            Rectangle pooled = whole;
            pooled.pooled_rows = rows;
            pooled.pooled_cols = cols;
            pooled.pool = pool;
            const std::vector<float> all = cells(c, lse, whole, stage);
            const std::vector<float> actual = cells(c, lse, pooled, stage);
            std::vector<double> sums(rows * cols), largest(rows * cols, -reference::kInfinity),
                absolute(rows * cols);
            std::vector<int64_t> counts(rows * cols);
            for (int64_t i = 0; i < 30; i++) {
              for (int64_t j = 0; j < 599; j++) {
                const int64_t cell = (i * rows / 30) * cols + j * cols / 599;
                const double value = all[i * 599 + j];
                largest[cell] = std::max(largest[cell], value);
                if (value == -reference::kInfinity) continue;
                sums[cell] += value;
                absolute[cell] += std::abs(value);
                counts[cell]++;
              }
            }
            for (int64_t cell = 0; cell < rows * cols; cell++) {
              CAPTURE(causal);
              CAPTURE(static_cast<int>(stage));
              CAPTURE(rows);
              CAPTURE(cols);
              CAPTURE(cell);
              if (pool == Pool::max || counts[cell] == 0) {
                CHECK(actual[cell] == static_cast<float>(largest[cell]));
              } else {
                const double count = static_cast<double>(counts[cell]);
                CHECK(std::abs(actual[cell] - sums[cell] / count) <=
                      2 * reference::kEpsilon * absolute[cell] / count);
              }
            }
          }
        }
      }
    }
  });
}

TEST_CASE("a row that sees nothing has weights of zero") {
  reference::Case c = random_case(1, 1, 1, 3, 5, 1, 4);
  c.q = {1.0f, 1.0f, 1.0f};
  std::fill(c.k.begin(), c.k.end(), -kInf);
  for (float weight : cells(c, run(c).lse, {.rows = 3, .cols = 5}, Stage::weight)) CHECK(weight == 0.0f);
}

TEST_CASE("the details of a row follow from one another and end in attend's output") {
  support::on_every_architecture([](const kernels::Table&) {
    support::Worst outputs, weights;
    for (reference::Case& c : cases()) {
      c.gate.assign(c.q_heads, -0.7f);
      const reference::Answer expected = reference::attention(c);
      const support::Result result = run(c);
      const std::size_t keys = c.kv_len, head_dim = c.head_dim, value_dim = c.value_dim;
      for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row++) {
        const int64_t b = row / c.q_len / c.q_heads, h = row / c.q_len % c.q_heads, i = row % c.q_len;
        Block products(keys * head_dim), dot(keys), scaled(keys), capped(keys), masked(keys), exponent(keys),
            weight(keys), weighted(keys * value_dim), out(value_dim);
        RowDetail detail{products.span(), dot.span(),    scaled.span(),   capped.span(), masked.span(),
                         exponent.span(), weight.span(), weighted.span(), out.span()};
        REQUIRE(explain_row(support::inputs_of(c), support::options_of(c), b, h, i, detail).ok());

        const std::vector<float> lse = result.lse;
        const Rectangle line = {.batch = b, .head = h, .first_row = i, .rows = 1, .cols = c.kv_len};
        CHECK(dot.copy() == cells(c, lse, line, Stage::dot));
        CHECK(scaled.copy() == cells(c, lse, line, Stage::scaled));
        CHECK(capped.copy() == cells(c, lse, line, Stage::capped));
        CHECK(masked.copy() == cells(c, lse, line, Stage::masked));
        const float* q = c.q.data() + row * c.head_dim;
        const int64_t g = h * c.kv_heads / c.q_heads;
        float maximum = -kInf;
        double total = 0;
        for (std::size_t j = 0; j < keys; j++) {
          const float* k =
              c.k.data() + ((b * c.kv_heads + g) * c.kv_len + static_cast<int64_t>(j)) * c.head_dim;
          const float* v =
              c.v.data() + ((b * c.kv_heads + g) * c.kv_len + static_cast<int64_t>(j)) * c.value_dim;
          for (std::size_t d = 0; d < head_dim; d++) CHECK(products[j * head_dim + d] == q[d] * k[d]);
          CHECK(scaled[j] == dot[j] * detail.scale);
          maximum = std::max(maximum, masked[j]);
          total += exponent[j];
          for (std::size_t d = 0; d < value_dim; d++) CHECK(weighted[j * value_dim + d] == weight[j] * v[d]);
        }
        CHECK(detail.maximum == maximum);
        CHECK(detail.total == doctest::Approx(total).epsilon(1e-6));
        for (std::size_t j = 0; j < keys; j++) {
          const int64_t cell = row * c.kv_len + static_cast<int64_t>(j);
          if (expected.weight[cell] == 0.0) {
            CHECK(exponent[j] == 0.0f);
            CHECK(weight[j] == 0.0f);
          } else {
            CHECK(exponent[j] ==
                  doctest::Approx(std::exp(static_cast<double>(masked[j]) - maximum)).epsilon(1e-6));
            CHECK(weight[j] == exponent[j] / detail.total);
            weights.see(std::abs(weight[j] - expected.weight[cell]),
                        bound(c, expected, h, cell, Stage::weight));
          }
        }
        for (std::size_t d = 0; d < value_dim; d++) {
          const std::size_t o = static_cast<std::size_t>(row) * value_dim + d;
          CHECK(std::abs(out[d] - result.out[o]) <= 1e-5 * expected.absolute_out[o]);
          outputs.see(std::abs(out[d] - expected.out[o]), 1e-5 * expected.absolute_out[o]);
        }
      }
    }
    CHECK(outputs.ratio() <= 1.0);
    CHECK(weights.ratio() <= 1.0);
    MESSAGE("row details: largest |error| / bound is " << weights.ratio() << " for weights, "
                                                       << outputs.ratio() << " for outputs");
  });
}

TEST_CASE("hidden NaNs reach neither weights nor weighted values of a row") {
  reference::Case c = random_case(1, 1, 1, 4, 9, 3, 2);
  c.key_lengths = {6};
  std::fill(c.k.begin() + 18, c.k.end(), std::nanf(""));
  std::fill(c.v.begin() + 12, c.v.end(), std::nanf(""));
  Block masked(9), weight(9), weighted(18), out(2);
  RowDetail detail{
      .masked = masked.span(), .weight = weight.span(), .weighted = weighted.span(), .out = out.span()};
  REQUIRE(explain_row(support::inputs_of(c), support::options_of(c), 0, 0, 2, detail).ok());
  for (std::size_t j = 6; j < 9; j++) {
    CHECK(masked[j] == -kInf);
    CHECK(weight[j] == 0.0f);
    CHECK(weighted[2 * j] == 0.0f);
    CHECK(weighted[2 * j + 1] == 0.0f);
  }
  CHECK(std::isfinite(out[0]));
  CHECK(std::isfinite(detail.total));
}
