// Explanations: what is asked for is checked, laid out in the workspace and led through band by band.
#include <algorithm>
#include <limits>
#include <new>
#include <type_traits>

#include "attention/explain_state.hpp"

namespace limelight {
namespace {

using kernels::kKeyBlock;

constexpr uint64_t kAlignment = 64;

long long number(int64_t value) {
  return static_cast<long long>(value);
}

bool is_pooled(const Rectangle& r) {
  return r.pooled_rows != 0 || r.pooled_cols != 0;
}

Side side_of(int64_t first, int64_t size, int64_t shown, const Rectangle& r) {
  return {first, size, is_pooled(r) ? shown : size, is_pooled(r) && r.pool == Pool::sample};
}

int64_t heads_of(const AttentionInputs& in, const Rectangle& r) {
  if (r.head != kEveryHead) return 1;
  return r.heads.empty() ? in.q.heads : static_cast<int64_t>(r.heads.size());
}

/// Most lines of a band: as many display rows as fit, and at least one.
int64_t band_room_of(const Side& rows) {
  if (rows.lines() == 0) return 0;
  const int64_t one = rows.sampled ? 1 : (rows.size + rows.shown - 1) / rows.shown;
  return std::min(rows.lines(), std::max(kBandLines, one));
}

Status check_rectangle(const AttentionInputs& in, const Rectangle& r) {
  const auto refuse = [](const char* what, int64_t first, int64_t count, int64_t size) {
    return Status::error(StatusCode::invalid_shape, "rectangle has %s [%lld, +%lld) of %lld", what,
                         number(first), number(count), number(size));
  };
  if (r.batch < 0 || r.batch >= in.q.batch) return refuse("batch", r.batch, 1, in.q.batch);
  if (r.head != kEveryHead) {
    if (r.head < 0 || r.head >= in.q.heads) return refuse("head", r.head, 1, in.q.heads);
    if (!r.heads.empty()) {
      return Status::error(StatusCode::invalid_option,
                           "rectangle has head %lld and %zu heads: several need kEveryHead", number(r.head),
                           r.heads.size());
    }
  }
  for (int32_t head : r.heads) {
    if (head < 0 || head >= in.q.heads) return refuse("head", head, 1, in.q.heads);
  }
  if (r.first_row < 0 || r.rows < 0 || r.rows > in.q.seq || r.first_row > in.q.seq - r.rows) {
    return refuse("rows", r.first_row, r.rows, in.q.seq);
  }
  if (r.first_col < 0 || r.cols < 0 || r.cols > in.k.seq || r.first_col > in.k.seq - r.cols) {
    return refuse("cols", r.first_col, r.cols, in.k.seq);
  }
  if (is_pooled(r) &&
      (r.pooled_rows < 1 || r.pooled_rows > r.rows || r.pooled_cols < 1 || r.pooled_cols > r.cols)) {
    return Status::error(StatusCode::invalid_shape, "%lld x %lld cells cannot be pooled to %lld x %lld",
                         number(r.rows), number(r.cols), number(r.pooled_rows), number(r.pooled_cols));
  }
  return {};
}

Status check_picture(const Rectangle& r, Stage stage, const Picture& picture) {
  const auto rows = static_cast<std::size_t>(is_pooled(r) ? r.pooled_rows : r.rows);
  const auto cols = static_cast<std::size_t>(is_pooled(r) ? r.pooled_cols : r.cols);
  const struct {
    const char* name;
    std::size_t size, needed;
  } parts[] = {{"row_sums", picture.row_sums.size(), rows},
               {"col_sums", picture.col_sums.size(), cols},
               {"col_means", picture.col_means.size(), cols}};
  bool sums = false;
  for (const auto& part : parts) {
    sums = sums || part.size > 0;
    if (part.size > 0 && part.size != part.needed) {
      return Status::error(StatusCode::invalid_shape, "%s has %zu numbers, needed are %zu", part.name,
                           part.size, part.needed);
    }
  }
  if (sums && stage != Stage::weight)
    return Status::error(StatusCode::invalid_option, "sums are those of weights, and of no other stage");
  if (sums && is_pooled(r) && r.pool == Pool::sample)
    return Status::error(StatusCode::invalid_option, "sums need every cell: samples do not add up to them");
  // Only where sums are wanted may the cells be left out.
  if (picture.cells.size() != rows * cols && !(sums && picture.cells.empty())) {
    return Status::error(StatusCode::invalid_shape, "cells has %zu numbers for %zu cells",
                         picture.cells.size(), rows * cols);
  }
  return {};
}

/// Hands out the workspace from the front; without one it only counts.
class Cutter {
 public:
  explicit Cutter(std::byte* base) : base_(base) {}
  template <class T>
  T* take(int64_t count) {
    T* piece = base_ ? reinterpret_cast<T*>(base_ + used_) : nullptr;
    used_ += (static_cast<uint64_t>(count) * sizeof(T) + kAlignment - 1) / kAlignment * kAlignment;
    return piece;
  }
  uint64_t used() const { return used_; }

 private:
  std::byte* base_;
  uint64_t used_ = 0;
};

}  // namespace

/// Where everything lies; the state itself is in front.
uint64_t Explanation::State::lay_out(std::byte* base, State& s) {
  const int64_t dim = s.in.q.dim;
  Cutter cut(base);
  cut.take<State>(1);
  s.row_totals = cut.take<double>(s.band_room);
  s.col_totals = cut.take<double>(s.cols.lines());
  s.col_seen = s.bias.any() ? cut.take<double>(s.cols.lines()) : nullptr;
  s.open = cut.take<double>(s.merged ? kBandLines * kOpenCols : 0);
  s.packed = cut.take<float>(s.heads * kKeyBlock * dim);
  s.keys = cut.take<float>(s.cols.sampled ? kKeyBlock * dim : 0);
  s.queries = cut.take<float>(s.rows.sampled ? kBlockLines * dim : 0);
  s.block = cut.take<float>(kBlockLines * kKeyBlock);
  s.other = cut.take<float>(kBlockLines * kKeyBlock);
  s.scaled = cut.take<float>(static_cast<int64_t>(kernels::packed_queries(dim)));
  s.scratch = cut.take<float>(kernels::kBlockScratch);
  s.added = cut.take<float>(s.bias.any() ? kernels::kPackedBias : 0);
  s.packed_bias = cut.take<float>(s.bias.any() ? kernels::kPackedBias : 0);
  s.maximum = cut.take<float>(s.heads * s.band_room);
  s.total = cut.take<float>(s.heads * s.band_room);
  return cut.used();
}

Explanation::State::State(const AttentionInputs& inputs, const AttentionOptions& given, const Rectangle& r)
    : in(inputs),
      options(given),
      rectangle(r),
      visible(inputs, given, r.batch),
      bias(in, options, r.batch, visible),
      rows(side_of(r.first_row, r.rows, r.pooled_rows, r)),
      cols(side_of(r.first_col, r.cols, r.pooled_cols, r)),
      heads(heads_of(inputs, r)),
      merged(is_pooled(r) && r.pool != Pool::sample),
      band_room(band_room_of(rows)) {}

std::size_t explain_workspace(const AttentionInputs& in, const AttentionOptions& options,
                              const Rectangle& rectangle) {
  if (!validate_attention(in, options, Values::optional).ok() || !check_rectangle(in, rectangle).ok())
    return 0;
  return Explanation::workspace(in, options, rectangle);
}

std::size_t Explanation::workspace(const AttentionInputs& in, const AttentionOptions& options,
                                   const Rectangle& rectangle) {
  State state(in, options, rectangle);
  // One alignment more, for a workspace that begins anywhere; what no address reaches cannot be had.
  const uint64_t bytes = State::lay_out(nullptr, state) + kAlignment;
  return bytes > SIZE_MAX ? SIZE_MAX : static_cast<std::size_t>(bytes);
}

Status Explanation::begin(const AttentionInputs& in, const AttentionOptions& options,
                          std::span<const float> lse, const Rectangle& rectangle, Stage stage,
                          const Picture& picture, std::span<std::byte> workspace) {
  static_assert(std::is_trivially_destructible_v<State>, "nobody destroys it");
  state_ = nullptr;
  if (Status status = validate_attention(in, options, Values::optional); !status.ok()) return status;
  if (Status status = check_rectangle(in, rectangle); !status.ok()) return status;
  if (Status status = check_picture(rectangle, stage, picture); !status.ok()) return status;
  const int64_t all_rows = in.q.batch * in.q.heads * in.q.seq;
  if (stage == Stage::weight && !lse.empty() && lse.size() != static_cast<std::size_t>(all_rows)) {
    return Status::error(StatusCode::invalid_shape, "lse has %zu numbers for %lld rows", lse.size(),
                         number(all_rows));
  }
  const std::size_t needed = Explanation::workspace(in, options, rectangle);
  if (workspace.size() < needed) {
    return Status::error(StatusCode::invalid_shape, "workspace has %zu bytes, needed are %zu",
                         workspace.size(), needed);
  }
  const auto address = reinterpret_cast<uintptr_t>(workspace.data());
  std::byte* base = workspace.data() + (kAlignment - address % kAlignment) % kAlignment;
  state_ = new (base) State(in, options, rectangle);
  State::lay_out(base, *state_);
  state_->lse = lse;
  state_->stage = stage;
  state_->picture = picture;
  std::fill_n(state_->col_totals, state_->cols.lines(), 0.0);
  if (state_->col_seen) std::fill_n(state_->col_seen, state_->cols.lines(), 0.0);
  if (state_->cols.lines() > 0) {
    state_->open_band(0);
  } else {
    std::fill(picture.row_sums.begin(), picture.row_sums.end(), 0.0f);
    state_->close();
  }
  return {};
}

void Explanation::State::open_band(int64_t first) {
  if (first >= rows.lines()) {
    close();
    return;
  }
  band = line = first;
  col = 0;
  // Whole display rows, as many as there is room for.
  const int64_t row = rows.cell(first);
  int64_t end = row + 1;
  while (end < rows.shown && rows.start(end + 1) - first <= band_room) end++;
  band_end = rows.start(end);
  open_cells();
  phase = Phase::cells;
  if (stage != Stage::weight || !lse.empty()) return;
  phase = Phase::log_sum_exps;
  for (int64_t index = 0; index < heads; index++) {
    const FirstState state = first_state(options, head(index));
    std::fill_n(maximum + index * band_room, band_end - band, state.maximum);
    std::fill_n(total + index * band_room, band_end - band, state.total);
  }
  if (visible.end(rows.at(band_end - 1)) == 0) finish_log_sum_exps();
}

/// The block of `lines` x `width` cells at (line, col) is done.
void Explanation::State::next_block(int64_t lines, int64_t width) {
  line += lines;
  if (line < band_end) return;
  close_columns(width);
  line = band;
  col += width;
  if (col < cols.lines()) return;
  close_band();
  open_band(band_end);
}

void Explanation::advance(int64_t cells) {
  while (!finished() && cells > 0) {
    cells -= state_->phase == State::Phase::cells ? state_->make_cells() : state_->take_keys_in();
  }
}

bool Explanation::finished() const {
  return !state_ || state_->phase == State::Phase::finished;
}

double Explanation::progress() const {
  if (finished()) return 1.0;
  const State& s = *state_;
  const auto share = [](int64_t part, int64_t whole) {
    return std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  };
  const bool two_passes = s.stage == Stage::weight && s.lse.empty();
  double of_band = 0.0;
  if (s.phase == State::Phase::cells) {
    of_band = share(s.col, s.cols.lines());
    if (two_passes) of_band = 0.5 + 0.5 * of_band;
  } else {
    of_band = 0.5 * share(s.col, s.visible.end(s.rows.at(s.band_end - 1)));
  }
  return share(s.band, s.rows.lines()) + of_band * share(s.band_end - s.band, s.rows.lines());
}

Status explain(const AttentionInputs& in, const AttentionOptions& options, std::span<const float> lse,
               const Rectangle& rectangle, Stage stage, const Picture& picture,
               std::span<std::byte> workspace) {
  Explanation explanation;
  if (Status status = explanation.begin(in, options, lse, rectangle, stage, picture, workspace); !status.ok())
    return status;
  explanation.advance(std::numeric_limits<int64_t>::max());
  return {};
}

}  // namespace limelight
