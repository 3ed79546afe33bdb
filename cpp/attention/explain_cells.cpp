// Cells of the attention matrix, computed again from queries, keys and log-sum-exps, a block of 32 rows by 64
// columns at a time.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "attention/explain_state.hpp"

namespace limelight {

using kernels::kKeyBlock;

namespace {

// As in attend(): below this many rows keys are read where they lie. The numbers are the same bit for bit.
constexpr int64_t kRowsWorthPacking = 8;

}  // namespace

bool Explanation::State::packs() const {
  return cols.sampled || band_end - band >= kRowsWorthPacking;
}

/// Heads that share keys and follow each other share the packed ones, too.
float* Explanation::State::packed_of(int64_t index) const {
  while (index > 0 && kv_head_of(in, head(index - 1)) == kv_head_of(in, head(index))) index--;
  return packed + index * kKeyBlock * in.q.dim;
}

/// Packs the keys of the columns from `col` on for every head.
void Explanation::State::pack(int64_t width) {
  const kernels::Table& kernel = kernels::table();
  for (int64_t index = 0; index < heads; index++) {
    float* to = packed_of(index);
    if (to != packed + index * kKeyBlock * in.q.dim) continue;
    const int64_t kv_head = kv_head_of(in, head(index));
    if (!cols.sampled) {
      kernel.pack_keys(in.k.row(rectangle.batch, kv_head, cols.at(col)), in.k.seq_stride, width, in.q.dim,
                       to);
      continue;
    }
    for (int64_t c = 0; c < width; c++) {
      std::memcpy(keys + c * in.q.dim, in.k.row(rectangle.batch, kv_head, cols.at(col + c)),
                  static_cast<std::size_t>(in.q.dim) * sizeof(float));
    }
    kernel.pack_keys(keys, in.q.dim, width, in.q.dim, to);
  }
}

/// Copies the keys of the block for every head close together, as attend() does.
void Explanation::State::copy_keys(int64_t width) {
  for (int64_t index = 0; index < heads; index++) {
    float* to = packed_of(index);
    if (to != packed + index * kKeyBlock * in.q.dim) continue;
    const float* from = in.k.row(rectangle.batch, kv_head_of(in, head(index)), col);
    kernels::table().copy_rows(from, in.k.seq_stride, width, in.q.dim, to, in.q.dim, in.q.dim);
  }
}

/// The queries of lines [line, line + lines): where they lie, or gathered.
const float* Explanation::State::queries_of(int64_t index, int64_t lines, int64_t& stride) {
  if (!rows.sampled) {
    stride = in.q.seq_stride;
    return in.q.row(rectangle.batch, head(index), rows.at(line));
  }
  for (int64_t r = 0; r < lines; r++) {
    std::memcpy(queries + r * in.q.dim, in.q.row(rectangle.batch, head(index), rows.at(line + r)),
                static_cast<std::size_t>(in.q.dim) * sizeof(float));
  }
  stride = in.q.dim;
  return queries;
}

int64_t Explanation::State::seen(int64_t line_, int64_t width) const {
  const int64_t end = visible.end(rows.at(line_));
  if (!cols.sampled) return std::clamp<int64_t>(end - cols.at(col), 0, width);
  while (width > 0 && cols.at(col + width - 1) >= end) width--;
  return width;
}

bool Explanation::State::hidden(int64_t line_, int64_t lines, int64_t width) const {
  return visible.end(rows.at(line_ + lines - 1)) <= cols.at(col) ||
         visible.begin(rows.at(line_)) > cols.at(col + width - 1);
}

/// Bias::cells of a line's row for the columns [first, first + count).
void Explanation::State::bias_of(int64_t index, int64_t line_, int64_t first, int64_t count,
                                 float* to) const {
  if (!cols.sampled) {
    bias.cells(head(index), rows.at(line_), cols.at(first), count, to);
    return;
  }
  for (int64_t c = 0; c < count; c++) bias.cells(head(index), rows.at(line_), cols.at(first + c), 1, to + c);
}

float Explanation::State::lse_of(int64_t index, int64_t line_) const {
  if (lse.empty()) return maximum[index * band_room + line_ - band];
  const int64_t row = (rectangle.batch * in.q.heads + head(index)) * in.q.seq + rows.at(line_);
  return lse[static_cast<std::size_t>(row)];
}

/// Takes a block of keys into the running maximum and sum of lines [line, line + 32): the fused forward
/// without values.
int64_t Explanation::State::take_keys_in() {
  const kernels::Table& kernel = kernels::table();
  const int64_t lines = std::min(kBlockLines, band_end - line);
  const int64_t width = std::min(kKeyBlock, visible.keys - col);
  // Columns are keys here, from 0 on.
  const auto unseen = [&](int64_t from, int64_t count) {
    return visible.end(rows.at(from + count - 1)) <= col || visible.begin(rows.at(from)) >= col + width;
  };
  if (line == band && !unseen(band, band_end - band)) copy_keys(width);
  const bool passed_by = unseen(line, lines);

  for (int64_t index = 0; index < heads && !passed_by; index++) {
    int64_t q_stride = 0;
    const float* q = queries_of(index, lines, q_stride);
    const float factor = query_factor(in, options, head(index));
    kernels::AttentionBlock part{};
    part.q = scaled;
    part.head_dim = in.q.dim;
    part.k = packed_of(index);
    part.k_stride = in.q.dim;
    part.keys = width;
    part.maximum = maximum + index * band_room + line - band;
    part.total = total + index * band_room + line - band;
    part.out = block;
    part.scratch = scratch;
    // The ends of rows that are picked do not grow by one from row to row.
    const bool one_by_one = visible.to_right && rows.sampled;
    part.rows = one_by_one ? 1 : lines;
    part.end_step = visible.to_right && !one_by_one ? 1 : 0;
    part.softcap = log2_softcap(options);
    for (int64_t r = 0; r < lines; r += part.rows) {
      part.first_end = visible.unbounded_end(rows.at(line + r)) - col;
      kernel.pack_queries(q + r * q_stride, q_stride, part.rows, in.q.dim, factor, scaled);
      if (bias.any()) {
        for (int64_t i = 0; i < part.rows; i++)
          bias.cells(head(index), rows.at(line + r + i), col, width, added + i * kKeyBlock);
        kernel.pack_bias(added, part.rows, width, packed_bias);
        part.bias = packed_bias;
      }
      kernel.attend_block(part);
      part.maximum += part.rows;
      part.total += part.rows;
    }
  }

  line += lines;
  if (line == band_end) {
    line = band;
    col += kKeyBlock;
    if (col >= visible.end(rows.at(band_end - 1))) finish_log_sum_exps();
  }
  return passed_by ? lines : heads * lines * width;
}

void Explanation::State::finish_log_sum_exps() {
  for (int64_t index = 0; index < heads; index++) {
    for (int64_t i = index * band_room; i < index * band_room + band_end - band; i++)
      maximum[i] = finish_row(nullptr, 0, maximum[i], total[i], 1.0f);
  }
  line = band;
  col = 0;
  phase = Phase::cells;
}

void Explanation::State::score(int64_t index, int64_t lines, int64_t width, float* cells) {
  const kernels::Table& kernel = kernels::table();
  int64_t stride = 0;
  const float* q = queries_of(index, lines, stride);
  if (packs()) {
    // Whole panels: the surplus columns lie in the block, and nobody looks at them.
    kernel.linear(q, stride, lines, packed_of(index), in.q.dim, kernels::rounded_to_panel(width), nullptr,
                  cells, kKeyBlock, false);
  } else {
    kernel.scores(q, stride, lines, in.k.row(rectangle.batch, kv_head_of(in, head(index)), cols.at(col)),
                  in.k.seq_stride, width, in.q.dim, cells, kKeyBlock);
  }
}

/// From dot products to the stage. A stage after the weights would begin here.
void Explanation::State::show(int64_t index, int64_t lines, int64_t width, float* cells) {
  if (stage == Stage::dot) return;
  const kernels::Table& kernel = kernels::table();
  const float factor = score_factor(in, options, head(index));
  for (int64_t r = 0; r < lines; r++) {
    float* row = cells + r * kKeyBlock;
    if (stage == Stage::scaled || (stage == Stage::capped && !options.softcap)) {
      kernel.multiply(row, factor, width);
      continue;
    }
    if (options.softcap || bias.any()) {
      kernel.multiply(row, factor, width);
      if (options.softcap) kernel.softcap(row, *options.softcap, width);
      if (stage != Stage::capped) show_biased(index, line + r, width, row);
      continue;
    }
    const int64_t visible_cells = seen(line + r, width);
    if (stage == Stage::masked) {
      kernel.multiply(row, factor, visible_cells);
      std::fill(row + visible_cells, row + width, kHidden);
      continue;
    }
    // Hidden cells weigh nothing, nor does any cell of a row whose scores are all -inf.
    const float normalizer = lse_of(index, line + r);
    const int64_t weighing = normalizer == kHidden ? 0 : visible_cells;
    kernel.weigh(row, weighing, factor, normalizer);
    std::fill(row + weighing, row + width, 0.0f);
  }
}

/// From capped scores of a line to its masked scores or weights.
void Explanation::State::show_biased(int64_t index, int64_t line_, int64_t width, float* row) {
  float to[kKeyBlock];
  bias_of(index, line_, col, width, to);
  for (int64_t c = 0; c < width; c++) row[c] = to[c] == kHidden ? kHidden : row[c] + to[c];
  if (stage == Stage::masked) return;
  if (col_seen) {
    for (int64_t c = 0; c < width; c++) col_seen[col + c] += to[c] == kHidden ? 0.0 : 1.0;
  }
  const float normalizer = lse_of(index, line_);
  if (normalizer == kHidden) {
    std::fill_n(row, width, 0.0f);
  } else {
    kernels::table().weigh(row, width, 1.0f, normalizer);
  }
  if (options.edges.empty()) return;
  const auto place = [&](int64_t key, float weight) {
    for (int64_t c = 0; c < width; c++) {
      if (cols.at(col + c) == key) row[c] = weight;
    }
  };
  const float rest = bias.pinned(head(index), rows.at(line_), [](int64_t, float) {});
  kernels::table().multiply(row, rest, width);
  bias.pinned(head(index), rows.at(line_), place);
}

int64_t Explanation::State::make_cells() {
  const kernels::Table& kernel = kernels::table();
  const int64_t lines = std::min(kBlockLines, band_end - line);
  const int64_t width = std::min(kKeyBlock, cols.lines() - col);
  // A pinned weight may stand where the ends of a row hide everything.
  const bool skips = hides() && options.edges.empty();
  if (line == band && packs() && !(skips && hidden(band, band_end - band, width))) pack(width);

  const bool passed_by = skips && hidden(line, lines, width);
  if (passed_by) {
    put_hidden(lines, width);
  } else {
    score(0, lines, width, block);
    show(0, lines, width, block);
    for (int64_t index = 1; index < heads; index++) {
      score(index, lines, width, other);
      show(index, lines, width, other);
      kernel.add(block, other, lines * kKeyBlock);
    }
    if (heads > 1) kernel.multiply(block, 1.0f / static_cast<float>(heads), lines * kKeyBlock);
    put(lines, width, block);
  }
  next_block(lines, width);
  return passed_by ? lines : heads * lines * width;
}

}  // namespace limelight
