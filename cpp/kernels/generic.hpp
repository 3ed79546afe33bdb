// Every kernel is written once over xsimd::batch<float, A>; each arch_*.cpp instantiates make_table<A>() for
// one A.
#pragma once

#include "kernels/backward.hpp"
#include "kernels/fused.hpp"
#include "kernels/linear_attention.hpp"
#include "kernels/packed.hpp"
#include "kernels/products.hpp"
#include "kernels/rows.hpp"

namespace limelight::kernels {

template <class A>
constexpr Table make_table(const char* arch) {
  Table table{};
  table.arch = arch;
  table.linear = linear<A>;
  table.linear_f16 = linear_f16<A>;
  table.linear_i8 = linear_i8<A>;
  table.softmax = softmax<A>;
  table.layer_norm = layer_norm<A>;
  table.rms_norm = rms_norm<A>;
  table.gelu_erf = gelu_erf<A>;
  table.gelu_tanh = gelu_tanh<A>;
  table.silu = silu<A>;
  table.exp = exp<A>;
  table.weigh = weigh<A>;
  table.exp2 = exp2<A>;
  table.widen_f16 = widen_f16<A>;
  table.softcap = softcap<A>;
  table.finite = finite<A>;
  table.add = add<A>;
  table.multiply_by = multiply_by<A>;
  table.multiply = multiply<A>;
  table.dot = dot<A>;
  table.copy_rows = copy_rows<A>;
  table.scores = scores<A>;
  table.pack_keys = pack_keys<A>;
  table.pack_panel = pack_panel<A>;
  table.pack_values = pack_values<A>;
  table.pack_queries = pack_queries<A>;
  table.pack_bias = pack_bias<A>;
  table.query_rows = kQueryRows<A>;
  table.attend_block = attend_block<A>;
  table.backward_block = backward_block<A>;
  table.linear_attend = linear_attend<A>;
  return table;
}

}  // namespace limelight::kernels
