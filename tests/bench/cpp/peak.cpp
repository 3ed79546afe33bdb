// What the benchmark asks the machine for: multiply-adds in registers, and tiles of a product whose operands stay in the
// first-level cache. Compiled once per WebAssembly build, so that each build is held against its own limit.
#include <wasm_simd128.h>

#include <cstdint>

#include "kernels/simd.hpp"

namespace {

using limelight::kernels::Batch;
using limelight::kernels::madd;
using limelight::kernels::unroll;
using Arch = xsimd::default_arch;
using Vector = Batch<Arch>;

float sink(Vector x) { return xsimd::reduce_add(x); }

/// N chains that do not wait for each other; 8 FLOPs a step and chain. Fused: the chain is the addend, which is
/// the register that an FMA overwrites. Unfused: the chain is a factor, so that no product is a constant.
template <int N>
float chains(int32_t steps) {
  Vector chain[N];
  unroll<N>([&](auto i) { chain[i] = Vector(1.0f + static_cast<float>(int{i})); });
  const Vector a(0.999f), b(1e-3f);
  for (int32_t step = 0; step < steps; step++) {
    unroll<N>([&](auto i) {
      if constexpr (limelight::kernels::kRelaxed) {
        chain[i] = madd<Arch>(a, b, chain[i]);
      } else {
        chain[i] = madd<Arch>(chain[i], a, b);
      }
    });
  }
  Vector sum(0.0f);
  unroll<N>([&](auto i) { sum += chain[i]; });
  return sink(sum);
}

constexpr int32_t kMostDepth = 512;
alignas(64) float left[6 * kMostDepth], right[8 * kMostDepth], cells[6 * 8];

/// cells [Rows][8] += left [Rows][depth] * right [depth][8], `repeats` times: 2 * Rows * 8 * depth FLOPs each.
/// A function of its own: two such loops in one make Firefox keep accumulators in memory.
template <int Rows>
__attribute__((noinline)) void tile(int32_t depth, int32_t repeats) {
  for (int32_t repeat = 0; repeat < repeats; repeat++) {
    Vector sum[Rows][2];
    unroll<Rows>([&](auto r) {
      sum[r][0] = Vector::load_aligned(cells + 8 * r);
      sum[r][1] = Vector::load_aligned(cells + 8 * r + 4);
    });
    for (int32_t i = 0; i < depth; i++) {
      const Vector b0 = Vector::load_aligned(right + 8 * i), b1 = Vector::load_aligned(right + 8 * i + 4);
      unroll<Rows>([&](auto r) {
        const Vector a(left[r * depth + i]);
        sum[r][0] = madd<Arch>(a, b0, sum[r][0]);
        sum[r][1] = madd<Arch>(a, b1, sum[r][1]);
      });
    }
    unroll<Rows>([&](auto r) {
      sum[r][0].store_aligned(cells + 8 * r);
      sum[r][1].store_aligned(cells + 8 * r + 4);
    });
  }
}

}  // namespace

extern "C" {

float bench_chains(int32_t count, int32_t steps) {
  if (count == 10) return chains<10>(steps);
  return count == 12 ? chains<12>(steps) : chains<14>(steps);
}

float bench_tile(int32_t rows, int32_t depth, int32_t repeats) {
  for (float& x : cells) x = 0;
  for (float& x : left) x = 0.001f;
  for (float& x : right) x = 0.001f;
  rows == 4 ? tile<4>(depth, repeats) : tile<6>(depth, repeats);
  return cells[0] + cells[8 * rows - 1];
}
}
