// Cells of the attention matrix, computed again with the arithmetic of attend(), a block of 32 rows by 64
// columns at a time.
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>

#include "attention/explain_state.hpp"

namespace limelight {

using kernels::kKeyBlock;
using kernels::kPanel;
using kernels::kQueryBlock;

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

/// Packs keys for every head: `width` of them from `first` on, or, where `gather`, those of the columns from
/// `first` on.
void Explanation::State::pack(int64_t first, int64_t width, bool gather) {
  const kernels::Table& kernel = kernels::table();
  for (int64_t index = 0; index < heads; index++) {
    float* to = packed_of(index);
    if (to != packed + index * kKeyBlock * in.q.dim) continue;
    const int64_t kv_head = kv_head_of(in, head(index));
    if (!gather) {
      kernel.pack_keys(in.k.row(rectangle.batch, kv_head, first), in.k.seq_stride, width, in.q.dim, to);
      continue;
    }
    for (int64_t c = 0; c < width; c++) {
      std::memcpy(keys + c * in.q.dim, in.k.row(rectangle.batch, kv_head, cols.at(first + c)),
                  static_cast<std::size_t>(in.q.dim) * sizeof(float));
    }
    kernel.pack_keys(keys, in.q.dim, width, in.q.dim, to);
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

float Explanation::State::lse_of(int64_t index, int64_t line_) const {
  if (lse.empty()) return maximum[index * band_room + line_ - band];
  const int64_t row = (rectangle.batch * in.q.heads + head(index)) * in.q.seq + rows.at(line_);
  return lse[static_cast<std::size_t>(row)];
}

/// Takes a block of keys into the running maximum and sum of lines [line, line + 32): the fused forward
/// without values.
int64_t Explanation::State::take_keys_in() {
  const int64_t lines = std::min(kQueryBlock, band_end - line);
  const int64_t width = std::min(kKeyBlock, visible.keys - col);
  if (line == band && packs()) pack(col, width, false);
  const bool hidden = visible.end(rows.at(line + lines - 1)) <= col;

  for (int64_t index = 0; index < heads && !hidden; index++) {
    kernels::AttentionBlock part{};
    part.q = queries_of(index, lines, part.q_stride);
    part.head_dim = in.q.dim;
    part.packed = packs();
    part.k = part.packed ? packed_of(index) : in.k.row(rectangle.batch, kv_head_of(in, head(index)), col);
    part.k_stride = in.k.seq_stride;
    part.v = part.k;  // none of them is read
    part.keys = width;
    part.factor = score_factor(in, options, head(index));
    part.maximum = maximum + index * band_room + line - band;
    part.total = total + index * band_room + line - band;
    part.out = block;
    part.scratch = scratch;
    if (visible.causal && rows.sampled) {
      // The ends of rows that are picked do not grow by one from row to row.
      part.rows = 1;
      for (int64_t r = 0; r < lines; r++) {
        part.first_end = visible.end(rows.at(line + r)) - col;
        kernels::table().attend_block(part);
        part.q += part.q_stride;
        part.maximum++;
        part.total++;
      }
    } else {
      part.rows = lines;
      part.first_end = visible.causal ? rows.at(line) + visible.past + 1 - col : width;
      part.end_step = visible.causal ? 1 : 0;
      kernels::table().attend_block(part);
    }
  }

  line += lines;
  if (line == band_end) {
    line = band;
    col += kKeyBlock;
    if (col >= visible.end(rows.at(band_end - 1))) finish_log_sum_exps();
  }
  return hidden ? lines : heads * lines * width;
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
    kernel.linear(q, stride, lines, packed_of(index), in.q.dim, (width + kPanel - 1) / kPanel * kPanel,
                  nullptr, cells, kKeyBlock, false);
  } else {
    kernel.scores(q, stride, lines, in.k.row(rectangle.batch, kv_head_of(in, head(index)), cols.at(col)),
                  in.k.seq_stride, width, in.q.dim, cells, kKeyBlock);
  }
}

/// From dot products to the stage. A stage after the weights would begin here.
void Explanation::State::show(int64_t index, int64_t lines, int64_t width, float* cells) const {
  if (stage == Stage::dot) return;
  const kernels::Table& kernel = kernels::table();
  const float factor = score_factor(in, options, head(index));
  for (int64_t r = 0; r < lines; r++) {
    float* row = cells + r * kKeyBlock;
    if (stage == Stage::scaled) {
      kernel.multiply(row, factor, width);
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

int64_t Explanation::State::make_cells() {
  const kernels::Table& kernel = kernels::table();
  const int64_t lines = std::min(kQueryBlock, band_end - line);
  const int64_t width = std::min(kKeyBlock, cols.lines() - col);
  if (line == band && packs() && !(hides() && seen(band_end - 1, width) == 0))
    pack(cols.sampled ? col : cols.at(col), width, cols.sampled);

  const bool hidden = hides() && seen(line + lines - 1, width) == 0;
  if (hidden) {
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
  return hidden ? lines : heads * lines * width;
}

}  // namespace limelight
