// Attention on arrays.
#include <algorithm>

#include "bindings/arrays/attention_fields.hpp"
#include "kernels/kernels.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {

/// f16 to f32; the halves may lie in the second half of the floats.
LIMELIGHT_CALL(widen)
void widen(Address halves, double count, Address floats) {
  kernels::table().widen_f16(reinterpret_cast<const uint16_t*>(halves), static_cast<int64_t>(count),
                             reinterpret_cast<float*>(floats));
}

LIMELIGHT_CALL(attentionFields)
double attention_fields() {
  return handle(kAttentionFields);
}

/// Lines [firstLine, firstLine + lines), so that a long call can be made in slices. Lines are the query rows
/// of one key-value head after the other, each for all query heads that share it: a slice then works on few
/// heads, whose keys and values stay in the cache, rather than on a few rows of every head.
LIMELIGHT_CALL(attention)
int attention(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const AttentionInputs in = inputs(f);
  const AttentionOptions o = options(f);
  if (!keep(validate(in, o))) return static_cast<int>(last.code);
  Buffer<float> workspace;
  if (!keep(workspace.resize(attend_workspace(in, o, threads())))) return static_cast<int>(last.code);
  const HeadsView<float> out = view<float>(f, f.out, f.heads, f.qLength, f.valueDim);
  const std::span<float> lse = lse_of(f);
  const auto end = static_cast<int64_t>(f.firstLine + f.lines);
  if (f.firstLine == 0 && end == in.k.batch * in.k.heads * in.q.seq)
    return code(attend(in, o, out, lse, workspace.span(), {}, pool));

  // Whole heads of a batch go together, so that threads share them out.
  for (auto line = static_cast<int64_t>(f.firstLine); line < end;) {
    RowRange part{line % in.q.seq, std::min(end - line, in.q.seq - line % in.q.seq)};
    part.batch = line / in.q.seq / in.k.heads;
    part.first_kv_head = line / in.q.seq % in.k.heads;
    part.kv_heads =
        part.count < in.q.seq ? 1 : std::min((end - line) / in.q.seq, in.k.heads - part.first_kv_head);
    if (!keep(attend(in, o, out, lse, workspace.span(), part, pool))) return static_cast<int>(last.code);
    line += part.kv_heads * part.count;
  }
  return 0;
}

}  // namespace limelight::bindings
