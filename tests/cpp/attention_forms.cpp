// Every way to hide, move and weigh that attention knows, one by one and together, in attend(), in a cache
// and in explain(), against the float64 reference.
#include "cache_support.hpp"
#include "explain_support.hpp"

using namespace limelight;
using support::Block;
using support::dressed;
using support::random_case;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int64_t kManyRows = 5;  // the reference, too, is slow there
#else
constexpr int64_t kManyRows = 53;
#endif

/// Shapes that end within tiles, blocks and chunks, and those of decoding.
std::vector<reference::Case> shapes() {
  return {random_case(2, 4, 2, 13, 70, 7, 5),         random_case(1, 2, 1, 66, 131, 16, 8),
          random_case(2, 6, 2, 1, 200, 8, 8),         random_case(1, 1, 1, 3, 65, 5, 9),
          random_case(1, 1, 1, kManyRows, 600, 4, 4), random_case(1, 2, 2, 1, 1, 1, 1)};
}

/// Each form by itself, neighbours together, and all.
std::vector<unsigned> combinations() {
  std::vector<unsigned> made = {support::kEveryForm, support::kEveryForm & ~support::kMask & ~support::kBias,
                                support::kLeft | support::kRight | support::kPasts,
                                support::kLeft | support::kCausal,
                                support::kSinks | support::kLeft | support::kRight};
  for (unsigned form = 1; form <= support::kTemperature; form *= 2) {
    made.push_back(form);
    made.push_back(form | support::kCausal | support::kPasts);
    made.push_back(form | form * 2 | form * 8 % 4096);
  }
  return made;
}

template <class F>
void on_every_form(F&& body) {
  uint64_t seed = 0;
  for (const reference::Case& shape : shapes()) {
    for (const unsigned forms : combinations()) {
      CAPTURE(forms);
      CAPTURE(shape.kv_len);
      body(dressed(shape, forms, ++seed));
    }
  }
}

}  // namespace

TEST_CASE("every form of attention equals the formula") {
  support::on_every_architecture([](const kernels::Table&) {
    support::Ratios ratios;
    on_every_form([&](const reference::Case& c) {
      support::compare(c, reference::attention(c), support::run(c), ratios);
    });
    support::report("forms", ratios);
  });
}

TEST_CASE("every form has the same bits in a cache, in some rows and in some heads") {
  support::on_every_architecture([](const kernels::Table&) {
    on_every_form([&](const reference::Case& c) {
      const support::Result whole = support::run(c);
      const auto cache = support::cache_for(c);
      REQUIRE(support::append(*cache, c, 0, c.kv_len).ok());
      support::check_same(support::run(*cache, c), whole);

      const RowRange part{c.q_len / 3, (c.q_len + 1) / 2, c.batch - 1, c.kv_heads - 1, 1};
      const support::Result some = support::run(c, part), cached = support::run(*cache, c, part);
      const int64_t group = c.q_heads / c.kv_heads;
      bool same = true;
      for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row++) {
        const int64_t i = row % c.q_len, h = row / c.q_len % c.q_heads, b = row / c.q_len / c.q_heads;
        const bool asked = b == part.batch && h / group == part.first_kv_head && i >= part.first &&
                           i < part.first + part.count;
        const auto d = static_cast<std::size_t>(c.value_dim);
        const auto r = static_cast<std::size_t>(row);
        same =
            same && (asked ? std::memcmp(&some.lse[r], &whole.lse[r], sizeof(float)) == 0 &&
                                 std::memcmp(&some.out[r * d], &whole.out[r * d], d * sizeof(float)) == 0 &&
                                 std::memcmp(&cached.out[r * d], &whole.out[r * d], d * sizeof(float)) == 0
                           : std::isnan(some.lse[r]) && std::isnan(some.out[r * d]));  // as the test made it
      }
      CHECK(same);
    });
  });
}

TEST_CASE("every stage of every form equals the formula, with and without log-sum-exps given") {
  support::on_every_architecture([](const kernels::Table&) {
    support::Worst worst;
    on_every_form([&](const reference::Case& c) {
      const reference::Answer expected = reference::attention(c);
      const std::vector<float> lse = support::run(c).lse;
      for (Stage stage : support::kStages) {
        const int64_t b = c.batch - 1, h = c.q_heads - 1;
        const Rectangle whole = {.batch = b, .head = h, .rows = c.q_len, .cols = c.kv_len};
        const std::vector<float> actual = support::cells(c, lse, whole, stage);
        if (stage == Stage::weight) CHECK(support::same_bits(support::cells(c, {}, whole, stage), actual));
        bool exact = true;  // where there is nothing to round
        double largest = 0;
        for (int64_t i = 0; i < c.q_len * c.kv_len; i++) {
          const int64_t cell = (b * c.q_heads + h) * c.q_len * c.kv_len + i;
          if (i % c.kv_len == 0) largest = support::largest_of_row(c, expected, h, cell / c.kv_len);
          const double value = support::stage_of(expected, stage)[cell];
          if (value == -reference::kInfinity || value == 0.0) {
            exact = exact && actual[i] == static_cast<float>(value);
          } else {
            worst.see(std::abs(actual[i] - value), support::bound(c, expected, h, cell, stage, largest));
          }
        }
        CHECK(exact);
      }
    });
    CHECK(worst.ratio() <= 1.0);
    MESSAGE("stages: largest |error| / bound is " << worst.ratio());
  });
}

TEST_CASE("pictures of every form are made of its cells: pooled, summed, sampled and averaged over heads") {
  on_every_form([&](const reference::Case& c) {
    const std::vector<float> lse = support::run(c).lse;
    const int64_t n = c.kv_len, m = c.q_len;
    for (Stage stage : {Stage::masked, Stage::weight}) {
      std::vector<double> mean(static_cast<std::size_t>(m * n));
      std::vector<double> seen(static_cast<std::size_t>(n));
      for (int64_t h = 0; h < c.q_heads; h++) {
        const std::vector<float> one = support::cells(c, lse, {.head = h, .rows = m, .cols = n}, stage);
        for (int64_t i = 0; i < m * n; i++) {
          mean[i] += static_cast<double>(one[i]) / static_cast<double>(c.q_heads);
          seen[i % n] += reference::bias_of(c, 0, h, i / n, i % n) == -reference::kInfinity
                             ? 0.0
                             : 1.0 / static_cast<double>(c.q_heads);
        }
      }
      Rectangle r = {.head = kEveryHead, .rows = m, .cols = n};
      const support::Explained whole = support::explained(c, {}, r, stage, stage == Stage::weight);
      bool means = true;
      for (int64_t i = 0; i < m * n; i++) {
        const bool hidden = mean[i] == -reference::kInfinity;
        means = means &&
                (hidden ? whole.cells[i] == -kInf : whole.cells[i] == doctest::Approx(mean[i]).epsilon(1e-5));
      }
      CHECK(means);
      if (stage == Stage::weight) {
        for (int64_t j = 0; j < n; j++) {
          double sum = 0;
          for (int64_t i = 0; i < m; i++) sum += mean[i * n + j];
          CHECK(whole.col_sums[j] == doctest::Approx(sum).epsilon(1e-5));
          CHECK(whole.col_means[j] == doctest::Approx(seen[j] > 1e-9 ? sum / seen[j] : 0.0).epsilon(1e-5));
        }
      }
      r.pooled_rows = (m + 2) / 3;
      r.pooled_cols = (n + 3) / 4;
      for (Pool pool : {Pool::mean, Pool::max}) {
        r.pool = pool;
        const std::vector<float> pooled = support::cells(c, lse, r, stage);
        std::vector<double> sum(pooled.size()), count(pooled.size()),
            largest(pooled.size(), -reference::kInfinity);
        for (int64_t i = 0; i < m * n; i++) {
          const auto to =
              static_cast<std::size_t>(i / n * r.pooled_rows / m * r.pooled_cols + i % n * r.pooled_cols / n);
          largest[to] = std::max(largest[to], mean[i]);
          if (mean[i] == -reference::kInfinity) continue;
          sum[to] += mean[i];
          count[to]++;
        }
        for (std::size_t i = 0; i < pooled.size(); i++) {
          const double expected = pool == Pool::max ? largest[i]
                                  : count[i] == 0.0 ? -reference::kInfinity
                                                    : sum[i] / count[i];
          if (expected == -reference::kInfinity) {
            CHECK(pooled[i] == -kInf);
          } else {
            CHECK(pooled[i] == doctest::Approx(expected).epsilon(2e-5).scale(1.0));
          }
        }
      }
    }
  });
}

TEST_CASE("the details of a row of every form are its cells and end in attend's output") {
  on_every_form([&](const reference::Case& c) {
    const support::Result result = support::run(c);
    const reference::Answer expected = reference::attention(c);
    const support::Options options = support::options_of(c);
    for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row += 1 + c.q_len / 4) {
      const int64_t b = row / c.q_len / c.q_heads, h = row / c.q_len % c.q_heads, i = row % c.q_len;
      const auto keys = static_cast<std::size_t>(c.kv_len);
      Block capped(keys), masked(keys), exponent(keys), weight(keys),
          out(static_cast<std::size_t>(c.value_dim));
      RowDetail detail{.capped = capped.span(),
                       .masked = masked.span(),
                       .exponent = exponent.span(),
                       .weight = weight.span(),
                       .out = out.span()};
      REQUIRE(explain_row(support::inputs_of(c), options, b, h, i, detail).ok());
      const Rectangle line = {.batch = b, .head = h, .first_row = i, .rows = 1, .cols = c.kv_len};
      CHECK(capped.copy() == support::cells(c, {}, line, Stage::capped));
      CHECK(masked.copy() == support::cells(c, {}, line, Stage::masked));
      double total = static_cast<double>(detail.sink);
      support::Worst weights;
      for (std::size_t j = 0; j < keys; j++) {
        total += static_cast<double>(exponent[j]);
        const int64_t cell = row * c.kv_len + static_cast<int64_t>(j);
        weights.see(std::abs(weight[j] - expected.weight[cell]),
                    support::bound(c, expected, h, cell, Stage::weight));
      }
      CHECK(weights.ratio() <= 1.0);
      CHECK(detail.total == doctest::Approx(total).epsilon(1e-6));
      for (std::size_t d = 0; d < out.size(); d++) {
        const std::size_t o = static_cast<std::size_t>(row * c.value_dim) + d;
        CHECK(std::abs(out[d] - result.out[o]) <= 1e-5 * expected.absolute_out[o] + 1e-30);
      }
    }
  });
}

TEST_CASE("NaN and infinity behind a mask, a bias, a window or an edge reach nothing") {
  support::on_every_architecture([](const kernels::Table&) {
    for (const auto& shape : shapes()) {
      for (const unsigned forms : {support::kMask + 0u, support::kBias + 0u, support::kLeft | support::kRight,
                                   support::kEdges | support::kMask | support::kSinks}) {
        reference::Case c = dressed(shape, forms, 77);
        for (reference::Case::Edge& edge : c.edges) edge.weight.reset();
        // One key is hidden from every other row; it holds nonsense in the second case.
        const int64_t key = c.kv_len / 2;
        const auto hide = [&](std::vector<uint8_t>& mask, int64_t columns) {
          for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row += 2) mask[row * columns + key] = 0;
        };
        if (c.mask.empty()) {
          c.mask_columns = c.kv_len;
          c.mask.assign(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len * c.kv_len), 1);
        }
        if (key < c.mask_columns) hide(c.mask, c.mask_columns);
        reference::Case spoiled = c;
        for (int64_t g = 0; g < c.batch * c.kv_heads; g++) {
          spoiled.k[(g * c.kv_len + key) * c.head_dim] = g % 2 ? std::nanf("") : kInf;
          spoiled.v[(g * c.kv_len + key) * c.value_dim] = g % 2 ? -kInf : std::nanf("");
        }
        const support::Result clean = support::run(c), dirty = support::run(spoiled);
        const auto cache = support::cache_for(spoiled);
        REQUIRE(support::append(*cache, spoiled, 0, c.kv_len).ok());
        support::check_same(support::run(*cache, spoiled), dirty);
        int64_t hidden = 0;
        for (int64_t row = 0; row < c.batch * c.q_heads * c.q_len; row++) {
          const int64_t b = row / c.q_len / c.q_heads, h = row / c.q_len % c.q_heads, i = row % c.q_len;
          if (reference::bias_of(c, b, h, i, key) != -reference::kInfinity) continue;
          hidden++;
          CHECK(std::memcmp(&clean.lse[row], &dirty.lse[row], sizeof(float)) == 0);
          CHECK(std::memcmp(&clean.out[row * c.value_dim], &dirty.out[row * c.value_dim],
                            static_cast<std::size_t>(c.value_dim) * sizeof(float)) == 0);
        }
        CHECK(hidden > 0);
      }
    }
  });
}
