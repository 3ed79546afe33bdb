// Cells of the attention matrix, computed again from q, k and the log-sum-exp with the arithmetic of
// attend().
#include <algorithm>
#include <cmath>
#include <limits>

#include "attention/shape.hpp"
#include "kernels/kernels.hpp"

namespace limelight {
namespace {

constexpr float kHidden = -std::numeric_limits<float>::infinity();

// Cells are made in pieces of 4 rows (the row tile of the scores kernel) by 256 columns: 4 KiB of stack.
constexpr int64_t kPieceRows = 4;
constexpr int64_t kPieceCols = 256;
// Sums of pooled cells that are open at once.
constexpr int64_t kOpenCells = 64;

/// One head's matrix: which cells exist and what they hold.
class Matrix {
 public:
  Matrix(const AttentionInputs& in, const AttentionOptions& options, std::span<const float> lse,
         int64_t batch, int64_t head, Stage stage)
      : in_(in),
        visible_(in, options, batch),
        batch_(batch),
        head_(head),
        kv_head_(kv_head_of(in, head)),
        factor_(score_factor(in, options, head)),
        stage_(stage),
        lse_(stage == Stage::weight ? lse.data() + (batch * in.q.heads + head) * in.q.seq : nullptr) {}

  const Visible& visible() const { return visible_; }

  /// Rows [row, row + rows) by columns [col, col + cols), at most kPieceRows by kPieceCols, into out with row
  /// stride ldo.
  void cells(int64_t row, int64_t rows, int64_t col, int64_t cols, float* out, int64_t ldo) const {
    const kernels::Table& kernel = kernels::table();
    kernel.scores(in_.q.row(batch_, head_, row), in_.q.seq_stride, rows, in_.k.row(batch_, kv_head_, col),
                  in_.k.seq_stride, cols, in_.q.dim, out, ldo);
    if (stage_ == Stage::dot) return;
    for (int64_t r = 0; r < rows; r++) {
      float* line = out + r * ldo;
      kernel.multiply(line, factor_, cols);
      if (stage_ == Stage::scaled) continue;
      const int64_t seen = std::clamp<int64_t>(visible_.end(row + r) - col, 0, cols);
      std::fill(line + seen, line + cols, kHidden);
      if (stage_ == Stage::masked) continue;
      // Hidden cells weigh nothing, nor does any cell of a row whose scores are all -inf.
      const float lse = lse_[row + r];
      const int64_t weighing = lse == kHidden ? 0 : seen;
      for (int64_t c = 0; c < weighing; c++) line[c] -= lse;
      kernel.exp(line, weighing, line);
      std::fill(line + weighing, line + cols, 0.0f);
    }
  }

 private:
  const AttentionInputs& in_;
  Visible visible_;
  int64_t batch_, head_, kv_head_;
  float factor_;
  Stage stage_;
  const float* lse_;
};

/// The cells i of `size` with floor(i * pooled / size) == cell are [start(cell), start(cell + 1)).
int64_t pool_start(int64_t cell, int64_t pooled, int64_t size) {
  return (cell * size + pooled - 1) / pooled;
}

/// One row of pooled cells, columns [first, first + count) of them.
void pool_cells(const Matrix& matrix, const Rectangle& rectangle, Stage stage, int64_t pooled_row,
                int64_t first, int64_t count, float* out) {
  const bool mean = rectangle.pool == Pool::mean;
  double sums[kOpenCells];
  int64_t counts[kOpenCells] = {};
  std::fill_n(sums, count, mean ? 0.0 : -std::numeric_limits<double>::infinity());

  const int64_t row_end = pool_start(pooled_row + 1, rectangle.pooled_rows, rectangle.rows);
  const int64_t col_begin = pool_start(first, rectangle.pooled_cols, rectangle.cols);
  const int64_t col_end = pool_start(first + count, rectangle.pooled_cols, rectangle.cols);
  float piece[kPieceRows * kPieceCols];
  for (int64_t row = pool_start(pooled_row, rectangle.pooled_rows, rectangle.rows); row < row_end;
       row += kPieceRows) {
    const int64_t rows = std::min(kPieceRows, row_end - row);
    for (int64_t col = col_begin; col < col_end; col += kPieceCols) {
      const int64_t cols = std::min(kPieceCols, col_end - col);
      matrix.cells(rectangle.first_row + row, rows, rectangle.first_col + col, cols, piece, kPieceCols);
      int64_t cell = col * rectangle.pooled_cols / rectangle.cols;
      int64_t next = pool_start(cell + 1, rectangle.pooled_cols, rectangle.cols);
      for (int64_t c = 0; c < cols; c++) {
        if (col + c == next) next = pool_start(++cell + 1, rectangle.pooled_cols, rectangle.cols);
        double& sum = sums[cell - first];
        for (int64_t r = 0; r < rows; r++) {
          const float value = piece[r * kPieceCols + c];
          if (mean) {
            const int64_t seen = matrix.visible().end(rectangle.first_row + row + r) - rectangle.first_col;
            if (stage == Stage::masked && col + c >= seen) continue;
            sum += static_cast<double>(value);
            counts[cell - first]++;
          } else if (!(static_cast<double>(value) <= sum)) {
            sum = static_cast<double>(value);  // NaN wins: it is not to be overlooked in a picture
          }
        }
      }
    }
  }
  for (int64_t c = 0; c < count; c++) {
    out[c] = !mean            ? static_cast<float>(sums[c])
             : counts[c] == 0 ? kHidden
                              : static_cast<float>(sums[c] / static_cast<double>(counts[c]));
  }
}

Status check_rectangle(const AttentionInputs& in, std::span<const float> lse, const Rectangle& rectangle,
                       Stage stage, std::span<float> out) {
  const auto refuse = [](const char* what, int64_t first, int64_t count, int64_t size) {
    return Status::error(StatusCode::invalid_shape, "rectangle has %s [%lld, +%lld) of %lld", what,
                         static_cast<long long>(first), static_cast<long long>(count),
                         static_cast<long long>(size));
  };
  const Rectangle& r = rectangle;
  if (r.batch < 0 || r.batch >= in.q.batch) return refuse("batch", r.batch, 1, in.q.batch);
  if (r.head < 0 || r.head >= in.q.heads) return refuse("head", r.head, 1, in.q.heads);
  if (r.first_row < 0 || r.rows < 0 || r.rows > in.q.seq || r.first_row > in.q.seq - r.rows) {
    return refuse("rows", r.first_row, r.rows, in.q.seq);
  }
  if (r.first_col < 0 || r.cols < 0 || r.cols > in.k.seq || r.first_col > in.k.seq - r.cols) {
    return refuse("cols", r.first_col, r.cols, in.k.seq);
  }
  const bool pooled = r.pooled_rows != 0 || r.pooled_cols != 0;
  if (pooled &&
      (r.pooled_rows < 1 || r.pooled_rows > r.rows || r.pooled_cols < 1 || r.pooled_cols > r.cols)) {
    return Status::error(StatusCode::invalid_shape, "%lld x %lld cells cannot be pooled to %lld x %lld",
                         static_cast<long long>(r.rows), static_cast<long long>(r.cols),
                         static_cast<long long>(r.pooled_rows), static_cast<long long>(r.pooled_cols));
  }
  const int64_t cells = pooled ? r.pooled_rows * r.pooled_cols : r.rows * r.cols;
  if (out.size() != static_cast<std::size_t>(cells)) {
    return Status::error(StatusCode::invalid_shape, "out has %zu numbers for %lld cells", out.size(),
                         static_cast<long long>(cells));
  }
  const int64_t all_rows = in.q.batch * in.q.heads * in.q.seq;
  if (stage == Stage::weight && lse.size() != static_cast<std::size_t>(all_rows)) {
    return Status::error(StatusCode::invalid_shape, "lse has %zu numbers for %lld rows", lse.size(),
                         static_cast<long long>(all_rows));
  }
  return {};
}

}  // namespace

Status explain(const AttentionInputs& in, const AttentionOptions& options, std::span<const float> lse,
               const Rectangle& rectangle, Stage stage, std::span<float> out) {
  if (Status status = validate_attention(in, options, Values::optional); !status.ok()) return status;
  if (Status status = check_rectangle(in, lse, rectangle, stage, out); !status.ok()) return status;
  const Matrix matrix(in, options, lse, rectangle.batch, rectangle.head, stage);

  if (rectangle.pooled_rows > 0) {
    for (int64_t row = 0; row < rectangle.pooled_rows; row++) {
      for (int64_t col = 0; col < rectangle.pooled_cols; col += kOpenCells) {
        pool_cells(matrix, rectangle, stage, row, col, std::min(kOpenCells, rectangle.pooled_cols - col),
                   out.data() + row * rectangle.pooled_cols + col);
      }
    }
    return {};
  }
  for (int64_t row = 0; row < rectangle.rows; row += kPieceRows) {
    for (int64_t col = 0; col < rectangle.cols; col += kPieceCols) {
      matrix.cells(rectangle.first_row + row, std::min(kPieceRows, rectangle.rows - row),
                   rectangle.first_col + col, std::min(kPieceCols, rectangle.cols - col),
                   out.data() + row * rectangle.cols + col, rectangle.cols);
    }
  }
  return {};
}

Status explain_row(const AttentionInputs& in, const AttentionOptions& options, int64_t batch, int64_t head,
                   int64_t row, RowDetail& detail) {
  if (Status status = validate(in, options); !status.ok()) return status;
  const struct {
    const char* name;
    int64_t index, size;
  } places[] = {{"batch", batch, in.q.batch}, {"head", head, in.q.heads}, {"row", row, in.q.seq}};
  for (const auto& place : places) {
    if (place.index < 0 || place.index >= place.size) {
      return Status::error(StatusCode::invalid_shape, "%s is %lld of %lld", place.name,
                           static_cast<long long>(place.index), static_cast<long long>(place.size));
    }
  }
  const int64_t keys = in.k.seq;
  const struct {
    const char* name;
    std::span<float> numbers;
    int64_t size;
  } parts[] = {{"products", detail.products, keys * in.q.dim},
               {"dot", detail.dot, keys},
               {"scaled", detail.scaled, keys},
               {"masked", detail.masked, keys},
               {"exponent", detail.exponent, keys},
               {"weight", detail.weight, keys},
               {"weighted", detail.weighted, keys * in.v.dim},
               {"out", detail.out, in.v.dim}};
  for (const auto& part : parts) {
    if (!part.numbers.empty() && part.numbers.size() != static_cast<std::size_t>(part.size)) {
      return Status::error(StatusCode::invalid_shape, "%s has %zu numbers, needed are %lld", part.name,
                           part.numbers.size(), static_cast<long long>(part.size));
    }
  }

  const kernels::Table& kernel = kernels::table();
  const int64_t kv_head = kv_head_of(in, head);
  const int64_t seen = std::max<int64_t>(0, Visible(in, options, batch).end(row));
  const float* q = in.q.row(batch, head, row);
  const float factor = score_factor(in, options, head);
  const float gate = options.gate.empty() ? 1.0f : options.gate[static_cast<std::size_t>(head)];
  const auto put = [](std::span<float> to, int64_t i, float value) {
    if (!to.empty()) to[static_cast<std::size_t>(i)] = value;
  };

  // What is not asked for is computed again where it is needed, a piece at a time, so this takes no memory.
  float scores[kPieceCols];
  const auto piece_of_scores = [&](int64_t key) {
    const int64_t count = std::min(kPieceCols, keys - key);
    kernel.scores(q, in.q.seq_stride, 1, in.k.row(batch, kv_head, key), in.k.seq_stride, count, in.q.dim,
                  scores, kPieceCols);
    return count;
  };

  float maximum = kHidden;
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_scores(key);
    for (int64_t i = 0; i < count; i++) {
      const int64_t j = key + i;
      const float scaled = scores[i] * factor;
      put(detail.dot, j, scores[i]);
      put(detail.scaled, j, scaled);
      put(detail.masked, j, j < seen ? scaled : kHidden);
      if (j < seen && !(scaled <= maximum)) maximum = scaled;
      if (!detail.products.empty()) {
        const float* k = in.k.row(batch, kv_head, j);
        for (int64_t d = 0; d < in.q.dim; d++) put(detail.products, j * in.q.dim + d, q[d] * k[d]);
      }
    }
  }

  const auto piece_of_exponents = [&](int64_t key) {
    const int64_t count = piece_of_scores(key);
    for (int64_t i = 0; i < count; i++) {
      const float scaled = scores[i] * factor;
      // -inf in a visible place weighs nothing even where the maximum is -inf as well.
      scores[i] = key + i < seen && scaled != kHidden ? scaled - maximum : kHidden;
    }
    kernel.exp(scores, count, scores);
    return count;
  };
  double total = 0.0;
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_exponents(key);
    for (int64_t i = 0; i < count; i++) {
      put(detail.exponent, key + i, scores[i]);
      total += static_cast<double>(scores[i]);
    }
  }
  detail.scale = factor;
  detail.maximum = maximum;
  detail.total = static_cast<float>(total);

  std::fill(detail.out.begin(), detail.out.end(), 0.0f);
  for (int64_t key = 0; key < keys; key += kPieceCols) {
    const int64_t count = piece_of_exponents(key);
    for (int64_t i = 0; i < count; i++) {
      const int64_t j = key + i;
      const bool counts = j < seen && detail.total != 0.0f;
      const float weight = counts ? scores[i] / detail.total : 0.0f;
      put(detail.weight, j, weight);
      const float* v = in.v.row(batch, kv_head, j);
      for (int64_t d = 0; d < in.v.dim; d++) {
        const float weighted = counts ? weight * v[d] : 0.0f;
        put(detail.weighted, j * in.v.dim + d, weighted);
        if (!detail.out.empty() && counts) detail.out[static_cast<std::size_t>(d)] += weighted;
      }
    }
  }
  for (float& number : detail.out) number *= gate;
  return {};
}

}  // namespace limelight
