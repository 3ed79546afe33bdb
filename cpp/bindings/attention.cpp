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

}  // namespace

EMSCRIPTEN_BINDINGS(attention) {
  using emscripten::function;
  function("attentionFields", &attention_fields);
  function("attention", &attention);
}

}  // namespace limelight::bindings
