// The reverse pass of attention on arrays.
#include "bindings/arrays/attention_fields.hpp"
#include "limelight/attention_backward.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {

/// How many parts a call comes to; 0: it is refused.
LIMELIGHT_CALL(attentionGradientParts)
double attention_gradient_parts(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const AttentionInputs in = inputs(f);
  const AttentionOptions o = options(f);
  if (!keep(validate(in, o))) return 0;
  return static_cast<double>(attend_backward_parts(in, o));
}

/// Parts [firstPart, firstPart + parts), so that a long call can be made in slices.
LIMELIGHT_CALL(attentionGradient)
int attention_gradient(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const AttentionInputs in = inputs(f);
  const AttentionOptions o = options(f);
  if (!keep(validate(in, o))) return static_cast<int>(last.code);
  Buffer<float> workspace;
  if (!keep(workspace.resize(attend_backward_workspace(in, o, threads()))))
    return static_cast<int>(last.code);
  AttentionGradients to = {view<float>(f, f.dq, f.heads, f.qLength, f.headDim),
                           view<float>(f, f.dk, f.kvHeads, f.kvLength, f.headDim),
                           view<float>(f, f.dv, f.kvHeads, f.kvLength, f.valueDim)};
  if (f.dBias != 0) {
    to.d_bias = HeadsView<float>::heads_first(reinterpret_cast<float*>(static_cast<Address>(f.dBias)),
                                              static_cast<int64_t>(f.dBiasBatch),
                                              static_cast<int64_t>(f.dBiasHeads), in.q.seq, in.k.seq);
  }
  if (f.dGate != 0) to.d_gate = span_at<float>(static_cast<Address>(f.dGate), f.heads);
  if (f.dTemperature != 0) to.d_temperature = span_at<float>(static_cast<Address>(f.dTemperature), f.heads);
  const AttentionForward forward = {view<const float>(f, f.out, f.heads, f.qLength, f.valueDim), lse_of(f),
                                    view<const float>(f, f.dOut, f.heads, f.qLength, f.valueDim)};
  return code(attend_backward(in, o, forward, to, workspace.span(),
                              {static_cast<int64_t>(f.firstPart), static_cast<int64_t>(f.parts)}, pool));
}

}  // namespace limelight::bindings
