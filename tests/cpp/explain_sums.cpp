// Sums of rows and columns and means over heads against the float64 reference, and what must hold between
// them.
#include "explain_support.hpp"

using namespace limelight;
using support::bound;
using support::cases;
using support::explained;
using support::Explained;
using support::random_case;
using support::run;

namespace {

int64_t past_of(const reference::Case& c) {
  return c.past_len.value_or(c.kv_len > c.q_len ? c.kv_len - c.q_len : 0);
}

bool sees(const reference::Case& c, int64_t batch, int64_t i, int64_t j) {
  if (!c.key_lengths.empty() && j >= c.key_lengths[batch]) return false;
  return !c.causal || j <= i + past_of(c);
}

/// The mean weight over some heads and the bound of its error: that of the heads' cells, and a rounding each.
struct Mean {
  double value = 0, bound = 0;
};
Mean mean_weight(const reference::Case& c, const reference::Answer& answer, int64_t batch,
                 const std::vector<int32_t>& heads, int64_t i, int64_t j) {
  Mean mean;
  const double n = static_cast<double>(heads.size());
  for (int32_t h : heads) {
    const int64_t cell = ((batch * c.q_heads + h) * c.q_len + i) * c.kv_len + j;
    mean.value += answer.weight[cell] / n;
    mean.bound += bound(c, answer, h, cell, Stage::weight) / n;
  }
  mean.bound += (n + 1) * reference::kEpsilon * mean.value;
  return mean;
}

void compare(const reference::Case& c, const Rectangle& rectangle, const std::vector<int32_t>& heads,
             support::Worst& worst) {
  const reference::Answer answer = reference::attention(c);
  const Explained actual = explained(c, run(c).lse, rectangle, Stage::weight, true);
  const Rectangle& r = rectangle;
  // A sum is exact but for its cells' errors and the last rounding.
  const auto see = [&](float value, const Mean& sum) {
    worst.see(std::abs(value - sum.value), sum.bound + 2 * reference::kEpsilon * sum.value);
  };
  std::vector<Mean> col_sums(r.cols);
  for (int64_t i = 0; i < r.rows; i++) {
    Mean row_sum;
    for (int64_t j = 0; j < r.cols; j++) {
      const Mean cell = mean_weight(c, answer, r.batch, heads, r.first_row + i, r.first_col + j);
      see(actual.cells[i * r.cols + j], cell);
      row_sum.value += cell.value;
      row_sum.bound += cell.bound;
      col_sums[j].value += cell.value;
      col_sums[j].bound += cell.bound;
    }
    see(actual.row_sums[i], row_sum);
  }
  for (int64_t j = 0; j < r.cols; j++) {
    see(actual.col_sums[j], col_sums[j]);
    double rows = 0;
    for (int64_t i = 0; i < r.rows; i++) rows += sees(c, r.batch, r.first_row + i, r.first_col + j);
    see(actual.col_means[j], rows == 0 ? Mean{} : Mean{col_sums[j].value / rows, col_sums[j].bound / rows});
  }
}

}  // namespace

TEST_CASE("sums of rows and columns are those of the formula, of one head and of the mean of several") {
  support::on_every_architecture([](const kernels::Table&) {
    support::Worst worst;
    for (const reference::Case& c : cases()) {
      const std::vector<int32_t> last = {static_cast<int32_t>(c.q_heads - 1)};
      std::vector<int32_t> all, some;
      for (int32_t h = 0; h < c.q_heads; h++) all.push_back(h);
      for (int32_t h = 0; h < c.q_heads; h += 2) some.push_back(h);
      for (int64_t b = 0; b < c.batch; b++) {
        const Rectangle whole = {.batch = b, .head = last[0], .rows = c.q_len, .cols = c.kv_len};
        compare(c, whole, last, worst);
        Rectangle mean = whole;
        mean.head = kEveryHead;
        compare(c, mean, all, worst);
        mean.heads = some;
        compare(c, mean, some, worst);
        mean.first_row = c.q_len / 3;
        mean.rows = c.q_len - mean.first_row;
        mean.first_col = c.kv_len / 4;
        mean.cols = (c.kv_len - mean.first_col + 1) / 2;
        compare(c, mean, some, worst);
      }
    }
    CHECK(worst.ratio() <= 1.0);
    MESSAGE("sums and means: largest |error| / bound is " << worst.ratio());
  });
}

TEST_CASE("full rows sum to one, and all columns together to the number of rows that see something") {
  for (const reference::Case& c : cases()) {
    const reference::Answer answer = reference::attention(c);
    for (int64_t b = 0; b < c.batch; b++) {
      const Explained e =
          explained(c, run(c).lse, {.batch = b, .head = kEveryHead, .rows = c.q_len, .cols = c.kv_len},
                    Stage::weight, true);
      double seeing = 0, columns = 0, allowed = 0;
      for (int64_t i = 0; i < c.q_len; i++) {
        const bool something = sees(c, b, i, 0);
        double row_bound = 4 * reference::kEpsilon;
        for (int64_t j = 0; j < c.kv_len; j++) {
          for (int64_t h = 0; h < c.q_heads; h++) {
            const int64_t cell = ((b * c.q_heads + h) * c.q_len + i) * c.kv_len + j;
            row_bound += bound(c, answer, h, cell, Stage::weight) / static_cast<double>(c.q_heads);
          }
        }
        row_bound += static_cast<double>(c.q_heads) * reference::kEpsilon;
        CHECK(std::abs(e.row_sums[i] - (something ? 1.0 : 0.0)) <= (something ? row_bound : 0.0));
        seeing += something;
        allowed += row_bound;
      }
      for (float sum : e.col_sums) columns += sum;
      CHECK(std::abs(columns - seeing) <= allowed + 2 * reference::kEpsilon * seeing);
    }
  }
}

TEST_CASE("the mean over one head is that head, bit for bit") {
  const reference::Case c = random_case(2, 4, 2, 37, 150, 9, 4);
  const std::vector<float> lse = run(c).lse;
  const int32_t third[] = {3};
  for (Stage stage : support::kStages) {
    for (int64_t pooled : {0, 11}) {
      Rectangle one = {.batch = 1, .head = 3, .first_row = 1, .rows = 36, .first_col = 3, .cols = 147};
      one.pooled_rows = one.pooled_cols = pooled;
      Rectangle mean = one;
      mean.head = kEveryHead;
      mean.heads = third;
      const bool sums = stage == Stage::weight;
      const Explained a = explained(c, lse, one, stage, sums), b = explained(c, lse, mean, stage, sums);
      CHECK(a.cells == b.cells);
      CHECK(a.row_sums == b.row_sums);
      CHECK(a.col_sums == b.col_sums);
      CHECK(a.col_means == b.col_means);
    }
  }
}

TEST_CASE("at every stage the mean over heads is the mean of the heads' cells, before it is pooled") {
  reference::Case c = random_case(1, 3, 3, 40, 90, 5, 4);
  c.causal = true;
  const std::vector<float> lse = run(c).lse;
  for (Stage stage : support::kStages) {
    const Rectangle mean = {.head = kEveryHead, .rows = 40, .cols = 90};
    const std::vector<float> actual = support::cells(c, lse, mean, stage);
    std::vector<double> expected(actual.size()), absolute(actual.size());
    for (int64_t h = 0; h < 3; h++) {
      const std::vector<float> one = support::cells(c, lse, {.head = h, .rows = 40, .cols = 90}, stage);
      for (std::size_t i = 0; i < one.size(); i++) {
        expected[i] += one[i] / 3.0;
        absolute[i] += std::abs(one[i]) / 3.0;
      }
    }
    for (std::size_t i = 0; i < actual.size(); i++) {
      if (std::isinf(expected[i])) {
        CHECK(actual[i] == static_cast<float>(expected[i]));
      } else {
        CHECK(std::abs(actual[i] - expected[i]) <= 5 * reference::kEpsilon * absolute[i]);
      }
    }
    Rectangle largest = mean;
    largest.pooled_rows = largest.pooled_cols = 1;
    largest.pool = Pool::max;
    CHECK(support::cells(c, lse, largest, stage)[0] == *std::max_element(actual.begin(), actual.end()));
  }
}

TEST_CASE("pooled means times the cells behind them add up to the sums, and sums are pooled as cells are") {
  reference::Case c = random_case(1, 2, 1, 300, 333, 8, 4);
  c.causal = true;
  c.key_lengths = {320};
  const std::vector<float> lse = run(c).lse;
  const Rectangle whole = {.head = 1, .first_row = 1, .rows = 299, .first_col = 2, .cols = 331};
  const Explained exact = explained(c, lse, whole, Stage::weight, true);
  for (const auto& size : {std::pair{1, 1}, {2, 5}, {299, 331}, {7, 64}, {150, 300}, {299, 3}}) {
    Rectangle r = whole;
    r.pooled_rows = size.first;
    r.pooled_cols = size.second;
    for (Pool pool : {Pool::mean, Pool::max}) {
      r.pool = pool;
      const Explained pooled = explained(c, lse, r, Stage::weight, true);
      const auto side = [&](const std::vector<float>& all, const std::vector<float>& shown) {
        const auto n = static_cast<int64_t>(all.size()), cells = static_cast<int64_t>(shown.size());
        std::vector<double> sums(cells), counts(cells), largest(cells);
        for (int64_t i = 0; i < n; i++) {
          const int64_t cell = i * cells / n;
          sums[cell] += all[i];
          counts[cell]++;
          largest[cell] = std::max(largest[cell], static_cast<double>(all[i]));
        }
        for (int64_t cell = 0; cell < cells; cell++) {
          const double expected = pool == Pool::max ? largest[cell] : sums[cell] / counts[cell];
          CHECK(std::abs(shown[cell] - expected) <= 4 * reference::kEpsilon * expected);
        }
        return counts;
      };
      const std::vector<double> in_row = side(exact.row_sums, pooled.row_sums);
      const std::vector<double> in_col = side(exact.col_sums, pooled.col_sums);
      side(exact.col_means, pooled.col_means);
      if (pool == Pool::max) continue;
      for (int64_t row = 0; row < r.pooled_rows; row++) {
        double sum = 0;
        for (int64_t col = 0; col < r.pooled_cols; col++)
          sum += pooled.cells[row * r.pooled_cols + col] * in_row[row] * in_col[col];
        CHECK(std::abs(sum - pooled.row_sums[row] * in_row[row]) <= 4 * reference::kEpsilon * sum);
      }
    }
  }
}
