// Attention in plain loops, one number at a time: what SIMD is measured against (float), and what every
// result is compared with (double).
#pragma once

#include <cstdint>

namespace limelight::measure {

/// Rows of one head: q [rows, dim], k and v [keys, dim], out [rows, dim], all contiguous. `weights`: room for
/// as many numbers as there are keys.
template <class T>
void scalar_attention(const float* q, const float* k, const float* v, int64_t rows, int64_t dim, int64_t keys,
                      T* weights, T* out);

}  // namespace limelight::measure
