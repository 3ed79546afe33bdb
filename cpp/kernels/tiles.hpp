// How much of a product is held in registers at once, per architecture. A tile of R rows by C columns reads,
// for each step along the depth, C/W vectors of the packed operand and R single floats that are spread over a
// vector, for R * C multiply-adds into R * C/W accumulators (W lanes). Registers: R * C/W + C/W + 1. No
// number depends on the choice, only speed: every cell is one chain of multiply-adds along the depth in every
// tile.
#pragma once

#include "kernels/kernels.hpp"
#include "kernels/simd.hpp"

namespace limelight::kernels {

struct Tile {
  int rows, panels;  ///< a panel is 8 columns
};

struct Tiles {
  Tile many;  ///< the working tile
  Tile few;   ///< for 2 .. few.rows leftover rows
  Tile one;   ///< for one row: wide, so that enough independent chains hide the latency of 4 cycles
};

/// Four lanes. 4x8: 8 accumulators + 2 + 1 = 11 of the 16 registers of x86 (and of what the engines map
/// 128-bit SIMD to); 6 vector loads for 8 multiply-adds. 6x8 would read 8 for 12, yet needs 15 registers:
/// Node 20 spills there. One row: 1x32 = 8 chains.
template <class A>
inline constexpr Tiles kTiles = {{4, 1}, {2, 2}, {1, 4}};

#if defined(__x86_64__)
/// Eight lanes, 16 registers. 6x16: 12 accumulators + 2 + 1 = 15; 12 chains fill two FMA units of latency 4.
template <>
inline constexpr Tiles kTiles<xsimd::fma3<xsimd::avx2>> = {{6, 2}, {3, 4}, {1, 8}};
/// Sixteen lanes, 32 registers. 8x32: 16 accumulators + 2 + 1 = 19.
template <>
inline constexpr Tiles kTiles<xsimd::avx512bw> = {{8, 4}, {4, 4}, {1, 8}};
#elif defined(__aarch64__)
/// Four lanes, 32 registers. 6x8: 12 accumulators + 2 + 2 = 16; 8 vector loads for 12 multiply-adds.
template <>
inline constexpr Tiles kTiles<xsimd::neon64> = {{6, 1}, {3, 2}, {1, 4}};
#endif

/// Rows of the left operand that stay in the second-level cache while the packed panels pass by once:
/// 64 rows of 768 floats are 192 KiB.
inline constexpr int64_t kRowBlock = 64;

/// The blocks of fused attention, kKeyBlock = 64 keys and kQueryBlock = 32 rows (kernels.hpp): at head_dim 64
/// packed keys are 16 KiB, packed values 16 KiB, 32 rows of queries, scores and outputs 8 KiB each. Each of
/// the two products then works on 32 KiB, the usual first-level cache, and every key that was loaded serves
/// 32 rows.
static_assert(kKeyBlock % (4 * kPanel) == 0 && kQueryBlock <= kRowBlock);

}  // namespace limelight::kernels
