#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kWasmTable;
constinit const Table kWasmTable = make_table<xsimd::wasm>(kRelaxed ? "wasm-relaxed" : "wasm-simd128");

}  // namespace limelight::kernels
