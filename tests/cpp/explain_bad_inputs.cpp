// What explain() refuses beside what attend() does: the code, the named value, and that nothing was written.
#include "explain_support.hpp"

using namespace limelight;
using support::Block;

namespace {

constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2;

struct Call {
  reference::Case c = support::random_case(2, 4, 2, 5, 7, 6, 8);
  AttentionInputs in = support::inputs_of(c);
  Block lse{2 * 4 * 5};
  std::vector<std::byte> workspace = std::vector<std::byte>(1 << 20);

  Status explain(const Rectangle& rectangle, Stage stage, const Picture& picture) {
    return limelight::explain(in, {}, lse.span(), rectangle, stage, picture, workspace);
  }
};

void check(const Status& status, StatusCode code, const char* named, Block& out) {
  CAPTURE(std::string(status.message));
  CHECK(status.code == code);
  CHECK(std::string(status.message).find(named) != std::string::npos);
  for (float value : out.copy()) CHECK(std::isnan(value));
}

}  // namespace

TEST_CASE("a rectangle that does not fit is refused by name") {
  const int32_t beyond[] = {1, 4}, below[] = {-1}, fine[] = {1, 2};
  struct {
    const char* what;
    Rectangle rectangle;
    std::size_t size;
    const char* named;
    StatusCode code = StatusCode::invalid_shape;
  } const bad[] = {
      {"batch below", {.batch = -1, .rows = 1, .cols = 1}, 1, "batch [-1"},
      {"batch above", {.batch = 2, .rows = 1, .cols = 1}, 1, "batch [2"},
      {"head above", {.head = 4, .rows = 1, .cols = 1}, 1, "head [4"},
      {"head below", {.head = -2, .rows = 1, .cols = 1}, 1, "head [-2"},
      {"one of the heads above", {.head = kEveryHead, .rows = 1, .cols = 1, .heads = beyond}, 1, "head [4"},
      {"one of the heads below", {.head = kEveryHead, .rows = 1, .cols = 1, .heads = below}, 1, "head [-1"},
      {"a head and heads",
       {.head = 2, .rows = 1, .cols = 1, .heads = fine},
       1,
       "head 2 and 2 heads",
       StatusCode::invalid_option},
      {"rows above", {.first_row = 3, .rows = 3, .cols = 1}, 3, "rows [3, +3) of 5"},
      {"rows below", {.first_row = -1, .rows = 1, .cols = 1}, 1, "rows [-1, +1)"},
      {"negative rows", {.rows = -1, .cols = 1}, 1, "rows [0, +-1)"},
      {"cols above", {.rows = 1, .first_col = 7, .cols = 1}, 1, "cols [7, +1) of 7"},
      {"cols that wrap", {.rows = 1, .first_col = 1, .cols = kHuge}, 1, "cols [1,"},
      {"only rows pooled", {.rows = 4, .cols = 4, .pooled_rows = 2}, 2, "pooled to 2 x 0"},
      {"invented rows", {.rows = 2, .cols = 4, .pooled_rows = 3, .pooled_cols = 2}, 6, "pooled to 3 x 2"},
      {"invented cols", {.rows = 4, .cols = 2, .pooled_rows = 2, .pooled_cols = 3}, 6, "pooled to 2 x 3"},
      {"negative pooling",
       {.rows = 4, .cols = 4, .pooled_rows = -1, .pooled_cols = -1},
       1,
       "pooled to -1 x -1"},
      {"out too small", {.rows = 2, .cols = 3}, 5, "cells has 5 numbers for 6 cells"},
      {"out too large",
       {.rows = 4, .cols = 4, .pooled_rows = 2, .pooled_cols = 2},
       16,
       "cells has 16 numbers for 4"},
  };
  for (const auto& row : bad) {
    CAPTURE(std::string(row.what));
    Call call;
    Block out(row.size);
    check(call.explain(row.rectangle, Stage::masked, {.cells = out.span()}), row.code, row.named, out);
    if (std::string(row.named).find("cells has") == std::string::npos)
      CHECK(explain_workspace(call.in, {}, row.rectangle) == 0);
  }
}

TEST_CASE("sums are refused where there are none to be had, or no room for them") {
  Call call;
  Block out(9);
  const auto part = [&](std::size_t n) { return out.span().first(n); };
  const Rectangle whole = {.rows = 3, .cols = 4};
  Rectangle pooled = whole;
  pooled.pooled_rows = pooled.pooled_cols = 2;
  Rectangle sampled = pooled;
  sampled.pool = Pool::sample;
  check(call.explain(whole, Stage::weight, {.row_sums = part(4)}), StatusCode::invalid_shape,
        "row_sums has 4 numbers, needed are 3", out);
  check(call.explain(whole, Stage::weight, {.col_sums = part(3)}), StatusCode::invalid_shape,
        "col_sums has 3 numbers, needed are 4", out);
  check(call.explain(pooled, Stage::weight, {.col_means = part(4)}), StatusCode::invalid_shape,
        "col_means has 4 numbers, needed are 2", out);
  check(call.explain(whole, Stage::weight, {.cells = part(5), .col_sums = part(4)}),
        StatusCode::invalid_shape, "cells has 5", out);
  check(call.explain(whole, Stage::weight, {}), StatusCode::invalid_shape, "cells has 0", out);
  check(call.explain(whole, Stage::masked, {.row_sums = part(3)}), StatusCode::invalid_option, "weights",
        out);
  check(call.explain(sampled, Stage::weight, {.row_sums = part(2)}), StatusCode::invalid_option, "samples",
        out);
}

TEST_CASE("a log-sum-exp of another length and a workspace that is too small are refused") {
  Call call;
  Block out(1);
  const Rectangle cell = {.rows = 1, .cols = 1};
  const auto with = [&](std::span<const float> lse, std::size_t bytes, Stage stage) {
    return explain(call.in, {}, lse, cell, stage, {.cells = out.span()},
                   std::span(call.workspace).first(bytes));
  };
  const std::size_t enough = explain_workspace(call.in, {}, cell);
  check(with(call.lse.span().first(5), enough, Stage::weight), StatusCode::invalid_shape,
        "lse has 5 numbers for 40 rows", out);
  check(with({}, enough - 1, Stage::weight), StatusCode::invalid_shape, "workspace has", out);
  CHECK(with({}, enough, Stage::masked).ok());
}

TEST_CASE("an explanation that was refused is finished, and advancing it does nothing") {
  Call call;
  Block out(1);
  Explanation explanation;
  CHECK(explanation.finished());
  CHECK_FALSE(explanation.begin(call.in, {}, {}, {.batch = 9}, Stage::dot, {.cells = out.span()}, {}).ok());
  explanation.advance(100);
  CHECK(explanation.finished());
  CHECK(std::isnan(out[0]));
}
