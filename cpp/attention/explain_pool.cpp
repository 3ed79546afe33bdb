// Where the cells of a block go: into the picture as they are, into display cells, into sums of rows and
// columns. Everything is added up in double precision, in an order that depends on the rectangle alone.
#include <algorithm>
#include <cstring>

#include "attention/explain_state.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;

/// NaN stays: it is not to be overlooked in a picture.
double larger(double a, double b) {
  return ((a >= b) | (a != a)) ? a : b;
}

/// The sum of n <= kKeyBlock numbers: eight interleaved chains, which the compiler makes vectors of.
double sum_of(const float* numbers, int64_t n) {
  constexpr int64_t kChains = 8;
  double sums[kChains] = {};
  int64_t i = 0;
  for (; i + kChains <= n; i += kChains) {
    for (int64_t chain = 0; chain < kChains; chain++) sums[chain] += static_cast<double>(numbers[i + chain]);
  }
  for (; i < n; i++) sums[i % kChains] += static_cast<double>(numbers[i]);
  double sum = 0.0;
  for (double part : sums) sum += part;
  return sum;
}

/// Totals [start(cell), start(cell + 1)) of a side as its cell shows them; totals[0] belongs to line `first`.
float pooled(const Side& side, int64_t cell, Pool pool, const double* totals, int64_t first) {
  const int64_t begin = side.start(cell), end = side.start(cell + 1);
  double result = totals[begin - first];
  for (int64_t i = begin + 1; i < end; i++) {
    result = pool == Pool::max ? larger(result, totals[i - first]) : result + totals[i - first];
  }
  return static_cast<float>(pool == Pool::max ? result : result / static_cast<double>(end - begin));
}

}  // namespace

void Explanation::State::put(int64_t lines, int64_t width, const float* cells) {
  if (!merged && !picture.cells.empty()) {
    for (int64_t r = 0; r < lines; r++) {
      std::memcpy(picture.cells.data() + (line + r) * cols.lines() + col, cells + r * kKeyBlock,
                  static_cast<std::size_t>(width) * sizeof(float));
    }
  }
  if (!picture.row_sums.empty()) {
    for (int64_t r = 0; r < lines; r++) row_totals[line + r - band] += sum_of(cells + r * kKeyBlock, width);
  }
  if ((merged && !picture.cells.empty()) || sums()) pool(lines, width, cells);
}

/// Cells that no line sees add nothing to any sum or maximum.
void Explanation::State::put_hidden(int64_t lines, int64_t width) {
  if (merged || picture.cells.empty()) return;
  const float value = stage == Stage::weight ? 0.0f : kHidden;
  for (int64_t r = 0; r < lines; r++)
    std::fill_n(picture.cells.data() + (line + r) * cols.lines() + col, width, value);
}

/// Where the display cells that the columns [col, col + width) touch end, counted from col; the last one at
/// width at the latest. Asked once a block: a division for each cell of each row would cost more than the
/// cell.
int64_t Explanation::State::cell_ends(int64_t width, int64_t (&ends)[kOpenCols]) const {
  int64_t touched = 0;
  for (int64_t cell = cols.cell(col), end = 0; end < width; cell++) {
    end = std::min(width, cols.start(cell + 1) - col);
    ends[touched++] = end;
  }
  return touched;
}

/// Adds up columns first, over the lines of one display row, then the columns of each display cell.
void Explanation::State::pool(int64_t lines, int64_t width, const float* cells) {
  const bool columns = !picture.col_sums.empty() || !picture.col_means.empty();
  const bool display = merged && !picture.cells.empty();
  const bool largest = display && rectangle.pool == Pool::max;
  int64_t ends[kOpenCols];
  const int64_t touched = display ? cell_ends(width, ends) : 0;
  for (int64_t r = 0; r < lines;) {
    const int64_t row = rows.cell(line + r);
    const int64_t end = merged ? std::min(lines, rows.start(row + 1) - line) : lines;
    double totals[kKeyBlock] = {};
    double maxima[kKeyBlock];
    std::fill_n(maxima, kKeyBlock, static_cast<double>(kHidden));
    for (; r < end; r++) {
      const float* numbers = cells + r * kKeyBlock;
      if (columns || !largest) {
        if (stage == Stage::masked && bias.any()) {
          for (int64_t c = 0; c < width; c++)
            totals[c] += numbers[c] == kHidden ? 0.0 : static_cast<double>(numbers[c]);
        } else {
          const int64_t counted = stage == Stage::masked ? seen(line + r, width) : width;
          for (int64_t c = 0; c < counted; c++) totals[c] += static_cast<double>(numbers[c]);
        }
      }
      if (largest) {
        for (int64_t c = 0; c < width; c++) maxima[c] = larger(maxima[c], static_cast<double>(numbers[c]));
      }
    }
    if (columns) {
      for (int64_t c = 0; c < width; c++) col_totals[col + c] += totals[c];
    }
    if (!display) continue;
    double* cell = open + (row - rows.cell(band)) * kOpenCols;
    for (int64_t i = 0, c = 0; i < touched; i++) {
      double value = cell[i];
      for (; c < ends[i]; c++) value = largest ? larger(value, maxima[c]) : value + totals[c];
      cell[i] = value;
    }
  }
}

/// Sums begin at 0, and so do the largest weights, which hidden ones are part of.
double Explanation::State::cell_start() const {
  return rectangle.pool == Pool::mean || stage == Stage::weight ? 0.0 : static_cast<double>(kHidden);
}

void Explanation::State::open_cells() {
  std::fill_n(row_totals, band_end - band, 0.0);
  if (!merged) return;
  std::fill_n(open, (rows.cell(band_end - 1) + 1 - rows.cell(band)) * kOpenCols, cell_start());
}

/// How many of the matrix cells of a display cell, `count` columns from `first` on, its rows see; of a mean
/// over heads those that all of them see.
double Explanation::State::cells_seen(int64_t row, int64_t first, int64_t count) const {
  int64_t cells = 0;
  for (int64_t i = rows.start(row); i < rows.start(row + 1); i++) {
    if (!bias.any()) {
      cells += std::clamp<int64_t>(visible.end(rows.at(i)) - cols.at(first), 0, count);
      continue;
    }
    for (int64_t c = 0; c < count; c += kKeyBlock) {
      const int64_t width = std::min(kKeyBlock, count - c);
      bool unseen[kKeyBlock] = {};
      float to[kKeyBlock];
      for (int64_t index = 0; index < heads; index++) {
        bias_of(index, i, first + c, width, to);
        for (int64_t j = 0; j < width; j++) unseen[j] |= to[j] == kHidden;
      }
      cells += std::count(unseen, unseen + width, false);
    }
  }
  return static_cast<double>(cells);
}

/// The columns [col, col + width) of the band are through: shows the cells that end there.
void Explanation::State::close_columns(int64_t width) {
  if (!merged || picture.cells.empty()) return;
  const int64_t first = cols.cell(col);
  int64_t complete = cols.cell(col + width - 1) + 1 - first;
  if (cols.start(first + complete) > col + width) complete--;
  int64_t starts[kOpenCols + 1];
  for (int64_t c = 0; c <= complete; c++) starts[c] = cols.start(first + c);
  for (int64_t row = rows.cell(band); row <= rows.cell(band_end - 1); row++) {
    double* cells = open + (row - rows.cell(band)) * kOpenCols;
    const int64_t height = rows.start(row + 1) - rows.start(row);
    for (int64_t c = 0; c < complete; c++) {
      double value = cells[c];
      if (rectangle.pool == Pool::mean) {
        const int64_t columns = starts[c + 1] - starts[c];
        const double count = stage == Stage::masked ? cells_seen(row, starts[c], columns)
                                                    : static_cast<double>(height * columns);
        value = count == 0.0 ? static_cast<double>(kHidden) : value / count;
      }
      picture.cells[static_cast<std::size_t>(row * cols.shown + first + c)] = static_cast<float>(value);
    }
    // The one that goes on begins the next block.
    const double begun = cells[complete];
    std::fill_n(cells, complete + 1, cell_start());
    cells[0] = begun;
  }
}

void Explanation::State::close_band() {
  if (picture.row_sums.empty()) return;
  for (int64_t row = rows.cell(band); row <= rows.cell(band_end - 1); row++)
    picture.row_sums[static_cast<std::size_t>(row)] = pooled(rows, row, rectangle.pool, row_totals, band);
}

/// Rows of the rectangle that see a column; of a mean over heads the mean of that.
double Explanation::State::rows_that_see(int64_t col_) const {
  if (col_seen) return col_seen[col_] / static_cast<double>(heads);
  const int64_t key = cols.at(col_);
  return static_cast<double>(visible.rows_that_see(key, key + 1, rows.first, rows.first + rows.size).count);
}

void Explanation::State::close() {
  phase = Phase::finished;
  for (int64_t c = 0; c < cols.shown && !picture.col_sums.empty(); c++)
    picture.col_sums[static_cast<std::size_t>(c)] = pooled(cols, c, rectangle.pool, col_totals, 0);
  if (picture.col_means.empty()) return;
  for (int64_t c = 0; c < cols.lines(); c++) {
    const double count = rows_that_see(c);
    col_totals[c] = count == 0.0 ? 0.0 : col_totals[c] / count;
  }
  for (int64_t c = 0; c < cols.shown; c++)
    picture.col_means[static_cast<std::size_t>(c)] = pooled(cols, c, rectangle.pool, col_totals, 0);
}

}  // namespace limelight
