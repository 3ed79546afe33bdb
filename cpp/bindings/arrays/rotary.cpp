// Rotary positions on arrays.
#include "limelight/rotary.hpp"

#include "bindings/calls.hpp"

namespace limelight::bindings {
namespace {

template <class T>
T* at(Address address) {
  return reinterpret_cast<T*>(address);
}

int64_t whole(double number) {
  return static_cast<int64_t>(number);
}

}  // namespace

/// cos and sin of `size` numbers each; llama3 is the address of factor, low, high and original positions.
LIMELIGHT_CALL(rotaryTable)
int rotary_table(double rotary_dim, double base, double linear_scaling, Address llama3, Address cos,
                 Address sin, double size) {
  RotaryFrequencies frequencies{.base = base, .linear_scaling = linear_scaling};
  if (const double* given = at<const double>(llama3))
    frequencies.llama3 = RotaryFrequencies::Llama3{given[0], given[1], given[2], given[3]};
  return code(limelight::rotary_table(frequencies, whole(rotary_dim), span_at<float>(cos, size),
                                      span_at<float>(sin, size)));
}

/// In place. `positions`: batch * seq numbers or none. `layout` and `pairs` as in the engine's lists.
LIMELIGHT_CALL(rotate)
int rotate(Address x, double batch, double heads, double seq, double dim, int heads_first, Address cos,
           Address sin, double size, double rotary_dim, int pairs, double first, Address positions,
           int inverse) {
  const auto view = [&]<class T>(T* data) {
    return heads_first ? HeadsView<T>::heads_first(data, whole(batch), whole(heads), whole(seq), whole(dim))
                       : HeadsView<T>::seq_first(data, whole(batch), whole(heads), whole(seq), whole(dim));
  };
  RotaryOptions options{.cos = span_at<const float>(cos, size),
                        .sin = span_at<const float>(sin, size),
                        .rotary_dim = whole(rotary_dim),
                        .pairs = static_cast<RotaryPairs>(pairs),
                        .first = whole(first),
                        .inverse = inverse != 0};
  if (positions) options.positions = span_at<const int32_t>(positions, batch * seq);
  return code(limelight::rotate(view(at<const float>(x)), options, view(at<float>(x))));
}

}  // namespace limelight::bindings
