// Linear attention on arrays.
#include "limelight/linear_attention.hpp"

#include <cmath>

#include "bindings/calls.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {
namespace {

// One block of doubles describes a call; linearAttentionFields() tells the caller their order. NaN stands for
// a scale that is not given, address 0 for an array that is not.
// clang-format off
#define LIMELIGHT_LINEAR_ATTENTION_FIELDS(X)                                              \
  X(q) X(k) X(v) X(decay) X(beta) X(state) X(out)                                         \
  X(batch) X(heads) X(kvHeads) X(length) X(headDim) X(valueDim) X(decayDim) X(betaHeads)  \
  X(headsFirst) X(rule) X(scale) X(firstToken) X(tokens)
// clang-format on

struct Fields {
#define X(name) double name;
  LIMELIGHT_LINEAR_ATTENTION_FIELDS(X)
#undef X
};

/// Tokens [firstToken, firstToken + tokens) of an array, none where it has no address.
template <class T>
HeadsView<T> view(const Fields& f, double address, double heads, double dim) {
  if (address == 0) return {};
  T* data = reinterpret_cast<T*>(static_cast<Address>(address));
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  HeadsView<T> all = f.headsFirst != 0
                         ? HeadsView<T>::heads_first(data, n(f.batch), n(heads), n(f.length), n(dim))
                         : HeadsView<T>::seq_first(data, n(f.batch), n(heads), n(f.length), n(dim));
  all.data = all.row(0, 0, n(f.firstToken));
  all.seq = n(f.tokens);
  return all;
}

}  // namespace

LIMELIGHT_CALL(linearAttentionFields)
double linear_attention_fields() {
#define X(name) #name ","
  return handle(LIMELIGHT_LINEAR_ATTENTION_FIELDS(X));
#undef X
}

/// Takes some tokens into the state, so that a long call can be made in slices.
LIMELIGHT_CALL(linearAttention)
int linear_attention(Address block) {
  const auto& f = *reinterpret_cast<const Fields*>(block);
  const LinearAttentionInputs in = {
      view<const float>(f, f.q, f.heads, f.headDim), view<const float>(f, f.k, f.kvHeads, f.headDim),
      view<const float>(f, f.v, f.kvHeads, f.valueDim), view<const float>(f, f.decay, f.kvHeads, f.decayDim),
      view<const float>(f, f.beta, f.betaHeads, 1)};
  LinearAttentionOptions options;
  options.rule = static_cast<LinearRule>(static_cast<int>(f.rule));
  if (!std::isnan(f.scale)) options.scale = static_cast<float>(f.scale);
  if (!keep(validate(in, options))) return static_cast<int>(last.code);
  Buffer<float> workspace;
  if (!keep(workspace.resize(linear_attend_workspace(in, options, threads()))))
    return static_cast<int>(last.code);
  return code(linear_attend(
      in, options, view<float>(f, f.out, f.heads, f.valueDim),
      span_at<float>(static_cast<Address>(f.state), f.batch * f.kvHeads * f.headDim * f.valueDim),
      workspace.span(), pool));
}

}  // namespace limelight::bindings
