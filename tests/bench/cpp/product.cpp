// The core's matrix product as C functions: the public API has none, models are made of it.
#include <cstdint>
#include <cstdlib>

#include "kernels/kernels.hpp"

namespace kernels = limelight::kernels;

extern "C" {

float* bench_floats(int32_t count) { return static_cast<float*>(std::malloc(sizeof(float) * static_cast<std::size_t>(count))); }
void bench_free(void* block) { std::free(block); }

/// b [depth, columns] packed for bench_product(); released with bench_free().
float* bench_pack(const float* b, int32_t depth, int32_t columns) {
  float* packed = bench_floats(static_cast<int32_t>(kernels::packed_size(columns, depth)));
  kernels::pack(b, columns, true, columns, depth, packed);
  return packed;
}

void bench_product(const float* a, const float* packed, float* out, int32_t rows, int32_t depth, int32_t columns) {
  kernels::table().linear(a, depth, rows, packed, depth, columns, nullptr, out, columns, false);
}
}
