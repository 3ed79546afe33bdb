// Attention on arrays.
#include <algorithm>

#include "bindings/attention_fields.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {

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
  const int64_t group = in.q.heads / in.k.heads;
  for (auto line = static_cast<int64_t>(f.firstLine); line < end;) {
    const int64_t kv_head = line / in.q.seq % in.k.heads, b = line / in.q.seq / in.k.heads;
    RowRange rows{line % in.q.seq, std::min(end - line, in.q.seq - line % in.q.seq)};
    const int64_t kv_heads =
        rows.count < in.q.seq ? 1 : std::min((end - line) / in.q.seq, in.k.heads - kv_head);
    const int64_t first = kv_head * group, heads = kv_heads * group;
    AttentionOptions part = o;
    const auto some = [](const auto& of, int64_t from, int64_t count) {
      return of.empty() ? of : of.subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(count));
    };
    part.key_lengths = some(o.key_lengths, b, 1);
    part.temperature = some(o.temperature, first, heads);
    part.gate = some(o.gate, first, heads);
    const Status status = attend({in.q.heads_of(b, first, heads), in.k.heads_of(b, kv_head, kv_heads),
                                  in.v.heads_of(b, kv_head, kv_heads)},
                                 part, out.heads_of(b, first, heads),
                                 some(lse, (b * in.q.heads + first) * in.q.seq, heads * in.q.seq),
                                 workspace.span(), rows, pool);
    if (!keep(status)) return static_cast<int>(last.code);
    line += kv_heads * rows.count;
  }
  return 0;
}

}  // namespace limelight::bindings
