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
  table.query_rows = kQueryRows<A>;
#if !defined(__wasm__)
#define X(name) table.name = name<A>;
  LIMELIGHT_KERNELS(X)
#undef X
#endif
  return table;
}

}  // namespace limelight::kernels
