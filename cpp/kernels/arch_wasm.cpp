#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kWasmTable;
constinit const Table kWasmTable = make_table<xsimd::wasm>(kRelaxed ? "wasm-relaxed" : "wasm-simd128");

#define X(name) constinit decltype(Table::name) Table::name = kernels::name<xsimd::wasm>;
LIMELIGHT_KERNELS(X)
#undef X

}  // namespace limelight::kernels
