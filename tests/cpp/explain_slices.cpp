// Pictures that are made in pieces, samples, and log-sum-exps that nobody kept.
#include "explain_support.hpp"

using namespace limelight;
using support::cases;
using support::explained;
using support::Explained;
using support::random_case;
using support::run;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

void check_equal(const Explained& a, const Explained& b) {
  CHECK(a.cells == b.cells);
  CHECK(a.row_sums == b.row_sums);
  CHECK(a.col_sums == b.col_sums);
  CHECK(a.col_means == b.col_means);
}

/// Bands, blocks and their ends in every position; some rows pool more lines than a band usually has.
std::vector<Rectangle> rectangles() {
  const Rectangle whole = {.head = kEveryHead, .rows = 290, .cols = 200};
  std::vector<Rectangle> all = {whole, {.head = 1, .first_row = 289, .rows = 1, .first_col = 3, .cols = 190}};
  for (Pool pool : {Pool::mean, Pool::max}) {
    for (const auto& size : {std::pair{1, 1}, {2, 3}, {9, 65}, {290, 200}, {3, 150}, {289, 1}}) {
      Rectangle r = whole;
      r.pool = pool;
      r.pooled_rows = size.first;
      r.pooled_cols = size.second;
      all.push_back(r);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("a picture has the same bits in however many pieces it is made, with the log-sum-exp and without") {
  support::on_every_architecture([](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(1, 2, 2, 290, 200, 7, 3);
      c.causal = causal;
      c.key_lengths = {190};
      const std::vector<float> lse = run(c).lse;
      for (const Rectangle& r : rectangles()) {
        const Explained whole = explained(c, lse, r, Stage::weight, true);
        check_equal(whole, explained(c, lse, r, Stage::weight, true, 1));
        check_equal(whole, explained(c, {}, r, Stage::weight, true));
        check_equal(whole, explained(c, {}, r, Stage::weight, true, 5000));
      }
    }
  });
}

TEST_CASE("weights without a log-sum-exp have the bits of those with it, whatever is hidden") {
  support::on_every_architecture([](const kernels::Table&) {
    for (const reference::Case& c : cases()) {
      const std::vector<float> lse = run(c).lse;
      for (int64_t b = 0; b < c.batch; b++) {
        for (int64_t h = 0; h < c.q_heads; h++) {
          const Rectangle whole = {.batch = b, .head = h, .rows = c.q_len, .cols = c.kv_len};
          CHECK(support::cells(c, lse, whole, Stage::weight) == support::cells(c, {}, whole, Stage::weight));
          const Rectangle row = {
              .batch = b, .head = h, .first_row = c.q_len - 1, .rows = 1, .cols = c.kv_len};
          CHECK(support::cells(c, lse, row, Stage::weight) == support::cells(c, {}, row, Stage::weight));
        }
      }
    }
  });
}

TEST_CASE("a sample is the exact cell in the middle of what it stands for") {
  support::on_every_architecture([](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(1, 2, 1, 201, 407, 9, 3);
      c.causal = causal;
      c.past_len = causal ? std::optional<int64_t>(90) : std::nullopt;
      c.key_lengths = {400};
      const std::vector<float> lse = run(c).lse;
      for (Stage stage : support::kStages) {
        for (int64_t head : {int64_t{1}, kEveryHead}) {
          const Rectangle whole = {.head = head, .first_row = 1, .rows = 199, .first_col = 4, .cols = 403};
          const std::vector<float> all = support::cells(c, lse, whole, stage);
          for (const auto& size : {std::pair{1, 1}, {3, 7}, {40, 130}, {199, 403}, {150, 66}}) {
            Rectangle r = whole;
            r.pool = Pool::sample;
            r.pooled_rows = size.first;
            r.pooled_cols = size.second;
            const auto middle = [](int64_t cell, int64_t cells, int64_t n) {
              int64_t first = -1, last = -1;
              for (int64_t i = 0; i < n; i++) {
                if (i * cells / n != cell) continue;
                if (first < 0) first = i;
                last = i;
              }
              return (first + last) / 2;
            };
            const std::vector<float> actual = support::cells(c, lse, r, stage);
            CHECK(actual == support::cells(c, {}, r, stage));
            std::vector<int64_t> middles;
            for (int64_t col = 0; col < r.pooled_cols; col++)
              middles.push_back(middle(col, r.pooled_cols, 403));
            std::vector<float> expected;
            for (int64_t row = 0; row < r.pooled_rows; row++) {
              const int64_t i = middle(row, r.pooled_rows, 199);
              for (int64_t j : middles) expected.push_back(all[i * 403 + j]);
            }
            CHECK(actual == expected);
          }
        }
      }
    }
  });
}

TEST_CASE("NaN behind a mask reaches no weight, no sum and no pooled cell; before it, it is not overlooked") {
  reference::Case c = random_case(1, 1, 1, 70, 140, 3, 2);
  c.causal = true;
  c.past_len = 0;
  const std::vector<float> clean_lse = run(c).lse;
  reference::Case spoiled = c;
  std::fill(spoiled.k.begin() + 70 * 3, spoiled.k.end(), std::nanf(""));
  for (Pool pool : {Pool::mean, Pool::max}) {
    for (int64_t pooled : {0, 1, 9}) {
      Rectangle r = {.rows = 70, .cols = 140, .pool = pool};
      r.pooled_rows = r.pooled_cols = pooled;
      check_equal(explained(spoiled, {}, r, Stage::weight, true),
                  explained(c, clean_lse, r, Stage::weight, true));
      CHECK(support::cells(spoiled, {}, r, Stage::masked) == support::cells(c, {}, r, Stage::masked));
    }
    const Rectangle one = {.rows = 70, .cols = 140, .pooled_rows = 1, .pooled_cols = 1, .pool = pool};
    CHECK(std::isnan(support::cells(spoiled, {}, one, Stage::scaled)[0]));
  }
}

TEST_CASE("a row that sees only scores of minus infinity weighs nothing") {
  reference::Case c = random_case(1, 1, 1, 3, 5, 1, 4);
  c.q = {1.0f, 1.0f, 1.0f};
  std::fill(c.k.begin(), c.k.end(), -kInf);
  for (const std::vector<float>& lse : {run(c).lse, std::vector<float>{}}) {
    const Explained e = explained(c, lse, {.rows = 3, .cols = 5}, Stage::weight, true);
    for (const auto& part : {e.cells, e.row_sums, e.col_sums, e.col_means})
      for (float number : part) CHECK(number == 0.0f);
  }
}

TEST_CASE("a rectangle without rows or columns has sums of zero") {
  const reference::Case c = random_case(1, 1, 1, 3, 5, 1, 4);
  const Explained no_cols = explained(c, {}, {.rows = 3, .cols = 0}, Stage::weight, true);
  const Explained no_rows = explained(c, {}, {.rows = 0, .cols = 5}, Stage::weight, true);
  CHECK(no_cols.row_sums == std::vector<float>(3));
  CHECK(no_rows.col_sums == std::vector<float>(5));
  CHECK(no_rows.col_means == std::vector<float>(5));
}
