// The three products of a linear layer through `linear` of the kernels, which multiplies rows as they lie by
// a packed matrix. With y [rows, out], x [rows, in] and w [out, in]:
//
//   y  = x w^T     outputs `out`, depth `in`:   w packed as keys are (rows of w become panels)
//   dx = dy w      outputs `in`, depth `out`:   w packed as values are (columns of w become panels)
//   dw = dy^T x    outputs `in`, depth `rows`:  x packed as values are, dy turned, so that its columns lie
//
// A weight that is stored [in, out] swaps the first two packings and, in the third, the roles of x and dy.
// Packing costs out * in moves against rows * out * in multiply-adds; for dw it is rows * (out + in) moves.
// Every cell is one chain along the depth, whatever the tiles and threads are.
#pragma once

#include <cstdint>

#include "limelight/thread_pool.hpp"

namespace limelight::training {

/// Packs w as the right operand of a product with `outputs` columns along `depth`: w is [outputs, depth], or
/// [depth, outputs] where `depth_first`. packed_size(outputs, depth) floats.
void pack_right(const float* w, bool depth_first, int64_t outputs, int64_t depth, float* packed,
                ThreadPool* pool);

/// y [rows, outputs] = or += x [rows, depth] times the packed matrix, + bias (may be null).
void multiply(const float* x, int64_t rows, const float* packed, int64_t depth, int64_t outputs,
              const float* bias, float* y, bool add, ThreadPool* pool);

/// Floats of scratch for add_outer_products().
int64_t outer_products_scratch(int64_t rows, int64_t left_width, int64_t right_width);
/// sums [left_width, right_width] += left^T right, of left [rows, left_width] and right [rows, right_width].
void add_outer_products(const float* left, int64_t left_width, const float* right, int64_t right_width,
                        int64_t rows, float* sums, float* scratch, ThreadPool* pool);

/// sums [width] += the rows of x [rows, width], one chain of additions each.
void add_rows(const float* x, int64_t rows, int64_t width, float* sums, ThreadPool* pool);

}  // namespace limelight::training
