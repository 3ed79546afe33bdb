// What an Explanation is made of. explain.cpp checks, lays out and leads through the rectangle;
// explain_cells.cpp computes blocks of cells; explain_pool.cpp puts them where they belong.
//
// The rectangle is worked on in bands of lines (rows), a band in blocks of 64 columns, a block in 32 lines at
// a time: keys are packed once for all lines of a band. A band holds whole display rows, so a display cell is
// complete when the columns that it stands for have passed, and only the sums of those that are open are
// kept.
#pragma once

#include "attention/bias.hpp"
#include "attention/shape.hpp"
#include "kernels/kernels.hpp"
#include "limelight/explain.hpp"

namespace limelight {

/// Lines of a band. Packing a block of keys costs about as much as 3 lines; among 128 that is 2 %.
inline constexpr int64_t kBandLines = 128;
/// Lines whose scores against a block of keys are held at once.
inline constexpr int64_t kBlockLines = 32;
/// Display columns that a block of kKeyBlock columns can touch.
inline constexpr int64_t kOpenCols = kernels::kKeyBlock + 1;

/// The rows, or the columns, of a rectangle. A line is one that is computed: every one, or with Pool::sample
/// only the middle one of each display cell.
struct Side {
  int64_t first = 0, size = 0, shown = 0;
  bool sampled = false;

  int64_t lines() const { return sampled ? shown : size; }
  /// The lines of a display cell are [start(cell), start(cell + 1)).
  int64_t start(int64_t cell) const { return sampled ? cell : pool_start(cell); }
  int64_t cell(int64_t line) const { return sampled ? line : line * shown / size; }
  /// The row (column) of the matrix.
  int64_t at(int64_t line) const {
    return first + (sampled ? (pool_start(line) + pool_start(line + 1) - 1) / 2 : line);
  }

 private:
  /// The i of `size` with floor(i * shown / size) == cell begin here.
  int64_t pool_start(int64_t cell) const { return (cell * size + shown - 1) / shown; }
};

struct Explanation::State {
  enum class Phase { log_sum_exps, cells, finished };

  AttentionInputs in;
  AttentionOptions options;
  std::span<const float> lse;
  Rectangle rectangle;
  Stage stage = Stage::dot;
  Picture picture;

  Visible visible;
  Bias bias;
  Side rows, cols;
  int64_t heads = 1;    // that are averaged
  bool merged = false;  // display cells stand for several cells and need them all
  Phase phase = Phase::finished;
  int64_t band = 0, band_end = 0;  // lines
  int64_t line = 0, col = 0;       // the next block; col counts keys while log-sum-exps are made

  // Pieces of the workspace.
  float *packed = nullptr, *keys = nullptr, *queries = nullptr;  // [heads][64][dim], [64][dim], [32][dim]
  float *block = nullptr, *other = nullptr;                      // [32][64] each
  float *scaled = nullptr, *scratch = nullptr;                   // for attend_block
  float *maximum = nullptr, *total = nullptr;                    // [heads][band lines]
  float *added = nullptr, *packed_bias = nullptr;       // [32][64] rows of Bias::cells, and for attend_block
  double *row_totals = nullptr, *col_totals = nullptr;  // [band lines], [columns]
  double* col_seen = nullptr;  // [columns] rows that see them, of all heads; null where Visible tells
  double* open = nullptr;      // [display rows of the band][kOpenCols]
  int64_t band_room = 0;       // most lines of a band

  State(const AttentionInputs& inputs, const AttentionOptions& given, const Rectangle& r);
  static uint64_t lay_out(std::byte* base, State& state);

  int64_t head(int64_t index) const {
    if (rectangle.head != kEveryHead) return rectangle.head;
    return rectangle.heads.empty() ? index : rectangle.heads[static_cast<std::size_t>(index)];
  }
  /// Whether hidden cells look different, so that blocks of them need no scores.
  bool hides() const { return stage == Stage::masked || stage == Stage::weight; }
  bool sums() const {
    return !picture.row_sums.empty() || !picture.col_sums.empty() || !picture.col_means.empty();
  }
  /// How many of the columns [col, col + width) are before the end of a line's row.
  int64_t seen(int64_t line_, int64_t width) const;
  /// Whether the columns [col, col + width) are hidden from all these lines by the ends of their rows.
  bool hidden(int64_t line_, int64_t lines, int64_t width) const;

  // explain.cpp
  void open_band(int64_t first);
  void next_block(int64_t lines, int64_t width);

  // explain_cells.cpp: each works on one block and returns how many cells that were
  int64_t take_keys_in();
  int64_t make_cells();
  void finish_log_sum_exps();

  // explain_pool.cpp
  void put(int64_t lines, int64_t width, const float* cells);
  void put_hidden(int64_t lines, int64_t width);
  void pool(int64_t lines, int64_t width, const float* cells);
  void open_cells();
  void close_columns(int64_t width);
  void close_band();
  void close();

 private:
  const float* queries_of(int64_t index, int64_t lines, int64_t& stride);
  float* packed_of(int64_t index) const;
  void pack(int64_t width);
  void copy_keys(int64_t width);
  void show(int64_t index, int64_t lines, int64_t width, float* cells);
  void show_biased(int64_t index, int64_t line_, int64_t width, float* row);
  void bias_of(int64_t index, int64_t line_, int64_t first, int64_t count, float* to) const;
  void score(int64_t index, int64_t lines, int64_t width, float* cells);
  float lse_of(int64_t index, int64_t line_) const;
  bool packs() const;
  double rows_that_see(int64_t col_) const;
  double cell_start() const;
  double cells_seen(int64_t row, int64_t first, int64_t count) const;
  int64_t cell_ends(int64_t width, int64_t (&ends)[kOpenCols]) const;
};

}  // namespace limelight
