// How much of a product is held in registers at once, per architecture. A tile of R rows by V vectors of
// columns reads, for each step along the depth, V vectors of the right operand and R single floats that are
// spread over a vector, for R * V multiply-adds into as many accumulators. Registers: R * V + V + 1. No
// number depends on the choice, only speed: every cell is one chain of multiply-adds along the depth in every
// tile.
#pragma once

#include "kernels/kernels.hpp"
#include "kernels/simd.hpp"

namespace limelight::kernels {

/// Rows of the working tile, which is two vectors wide. An FMA unit takes 4 cycles and there are two of them,
/// so at least 8 accumulators have to be under way; x86 has 16 registers, of which the WebAssembly engines
/// keep one.
///   4 x 2: 8 accumulators + 2 + 1 = 11 registers; 6 loads for 8 multiply-adds, exactly as many as the
///   latency asks for. 6 x 2: 12 + 2 + 1 = 15 registers; 8 loads for 12, and slack for what else a step does.
/// Out of the first-level cache, GFLOP/s of 62 (AMD EPYC, 4 lanes): 4 x 2 gives 55 to 57 everywhere; 6 x 2
/// gives 59 to 65 in Chromium 156, Firefox 153 and Node 24, but 32 to 47 in Node 20 and 22, whose V8 spills
/// accumulators. Without FMA a product needs a register before it is added, and 6 x 2 falls to 34. 8 x 2,
/// with 32 registers, is 16 + 2 + 1.
template <class A>
inline constexpr int kTileRows = kRelaxed ? 6 : 4;
#if defined(__x86_64__)
template <>
inline constexpr int kTileRows<xsimd::fma3<xsimd::avx2>> = 6;
template <>
inline constexpr int kTileRows<xsimd::avx512bw> = 8;
#elif defined(__aarch64__)
template <>
inline constexpr int kTileRows<xsimd::neon64> = 8;
#endif

/// Panels of 8 columns beside each other in a tile of `rows`: two vectors wide, and wider where there are few
/// rows, so that there are always 8 accumulators to hide the latency.
template <class A>
constexpr int tile_panels(int rows) {
  const int vectors = rows >= 4 ? 2 : 8 / rows;
  return static_cast<int>(vectors * kLanes<A> / kPanel);
}

/// The next smaller tile for rows that are left over.
constexpr int smaller_tile(int rows) {
  return rows > 4 ? 4 : rows / 2;
}

/// Rows of the left operand that stay in the second-level cache while the packed panels pass by once: 64 rows
/// of 768 floats are 192 KiB.
inline constexpr int64_t kRowBlock = 64;

/// Query rows of one head that meet a block of keys together: whole tiles and whole panels. With kKeyBlock =
/// 64 keys of 64 dimensions, scores of 48 queries are 12 KiB, packed queries 12, their outputs 12; the 16 KiB
/// of keys, then of values, pass by once for each panel of queries or of outputs. That is the 32 to 48 KiB of
/// a first-level cache, and every key that was loaded from further away serves 48 rows.
template <class A>
inline constexpr int64_t kQueryRows = kTileRows<A> == 8 ? 64 : 48;
static_assert(48 % 6 == 0 && 48 % 16 == 0 && 48 <= kMostQueryRows && 64 <= kMostQueryRows);

/// Rows below which a query is taken by itself, a vector over 4 keys, since a panel of 8 queries would be
/// half empty.
inline constexpr int64_t kFewRows = 4;

}  // namespace limelight::kernels
