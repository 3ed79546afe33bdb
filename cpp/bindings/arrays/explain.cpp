// Pictures of attention on arrays, made in pieces.
#include <memory>

#include "bindings/arrays/attention_fields.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {
namespace {

struct LiveExplanation {
  Explanation explanation;
  Buffer<std::byte> workspace;
};
LiveExplanation& explanation_at(Address explanation) {
  return *reinterpret_cast<LiveExplanation*>(explanation);
}

}  // namespace

/// A handle, or 0. What the block points to has to stay until it is released; lse, atHeads and each of cells,
/// rowSums, colSums and colMeans may be 0.
LIMELIGHT_CALL(explainBegin)
double explain_begin(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  Rectangle r = rectangle(f.atHead, f.firstRow, f.rows, f.firstCol, f.cols, f.pooledRows, f.pooledCols,
                          static_cast<int>(f.pool));
  r.batch = static_cast<int64_t>(f.atBatch);
  r.heads = optional_array<int32_t>(f.atHeads, f.atHeadCount);
  const bool pooled = r.pooled_rows > 0;
  const auto part = [](double address, double count) {
    return address == 0 ? std::span<float>() : span_at<float>(static_cast<Address>(address), count);
  };
  const auto rows = static_cast<double>(pooled ? r.pooled_rows : r.rows);
  const auto cols = static_cast<double>(pooled ? r.pooled_cols : r.cols);
  const Picture picture = {part(f.cells, rows * cols), part(f.rowSums, rows), part(f.colSums, cols),
                           part(f.colMeans, cols)};
  auto made = std::make_unique<LiveExplanation>();
  if (!keep(made->workspace.resize(explain_workspace(inputs(f), options(f), r)))) return 0;
  if (!keep(made->explanation.begin(inputs(f), options(f), f.lse == 0 ? std::span<const float>() : lse_of(f),
                                    r, static_cast<Stage>(static_cast<int>(f.stage)), picture,
                                    made->workspace.span())))
    return 0;
  return handle(made.release());
}
/// Computes at least this many cells; how far it has come then, 1 at the end.
LIMELIGHT_CALL(explainAdvance)
double explain_advance(Address explanation, double cells) {
  Explanation& e = explanation_at(explanation).explanation;
  e.advance(static_cast<int64_t>(cells));
  return e.finished() ? 1.0 : std::min(e.progress(), 0.999);
}
LIMELIGHT_CALL(explainRelease)
void explain_release(Address explanation) {
  delete &explanation_at(explanation);
}

}  // namespace limelight::bindings
