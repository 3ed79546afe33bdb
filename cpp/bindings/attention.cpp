// Attention on arrays.
#include <emscripten/bind.h>

#include "bindings/attention_fields.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {
namespace {

/// Rows [firstRow, firstRow + rows) of every head, so that a long call can be made in slices.
int attention(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const AttentionInputs in = inputs(f);
  const AttentionOptions o = options(f);
  if (!keep(validate(in, o))) return static_cast<int>(last.code);
  Buffer<float> workspace;
  if (!keep(workspace.resize(attend_workspace(in, o)))) return static_cast<int>(last.code);
  const RowRange rows{static_cast<int64_t>(f.firstRow), static_cast<int64_t>(f.rows)};
  return code(attend(in, o, view<float>(f, f.out, f.heads, f.qLength, f.valueDim), lse_of(f),
                     workspace.span(), rows));
}

int explain_attention(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  Rectangle r = rectangle(f.atHead, f.firstRow, f.rows, f.firstCol, f.cols, f.pooledRows, f.pooledCols,
                          static_cast<int>(f.pool));
  r.batch = static_cast<int64_t>(f.atBatch);
  return code(explain(inputs(f), options(f), f.lse == 0 ? std::span<const float>() : lse_of(f), r,
                      static_cast<Stage>(static_cast<int>(f.stage)),
                      span_at<float>(static_cast<Address>(f.out), cells(r))));
}

}  // namespace

EMSCRIPTEN_BINDINGS(attention) {
  using emscripten::function;
  function("attentionFields", &attention_fields);
  function("attention", &attention);
  function("explainAttention", &explain_attention);
}

}  // namespace limelight::bindings
