// The inner loops, once per instruction set, behind one table of function pointers. Raw pointers and shapes; no
// allocation, no policy, no checks: callers have validated. All strides are in floats.
#pragma once

#include <cstddef>
#include <cstdint>

namespace limelight::kernels {

/// Rows of a packed matrix are grouped in panels of this many output features.
inline constexpr int64_t kPanel = 8;

/// Floats of a weight matrix [out_features, in_features] packed for `linear`: panels [ceil(out / 8)][in][8], zero padded.
constexpr std::size_t packed_size(int64_t out_features, int64_t in_features) {
  return static_cast<std::size_t>((out_features + kPanel - 1) / kPanel * kPanel * in_features);
}

struct Table {
  const char* arch;  ///< "wasm-simd128", "wasm-relaxed", "sse2", "avx2", "avx512", "neon64"

  /// y[r, o] = sum_i x[r, i] * w[o, i] + bias[o]   (bias may be null); adds to y instead of setting where `accumulate`.
  /// x [rows, in] with row stride ldx, w packed, y [rows, out] with row stride ldy. A result row does not depend, bit for
  /// bit, on how many rows are computed together (so that a reused prefix equals a full run).
  void (*linear)(const float* x, int64_t ldx, int64_t rows, const float* packed, int64_t in, int64_t out, const float* bias,
                 float* y, int64_t ldy, bool accumulate);

  /// y = x / sum(x) after x = exp((x - max) ); in place over n values; -inf gives 0; a row of only -inf gives zeros.
  void (*softmax)(float* x, int64_t n);

  /// y[i] = (x[i] - mean) / sqrt(var + epsilon) * gain[i] + shift[i], one row; biased variance. x may be y.
  void (*layer_norm)(const float* x, int64_t n, const float* gain, const float* shift, float epsilon, float* y);

  /// GELU with erf (BERT's "gelu"), in place.
  void (*gelu_erf)(float* x, int64_t n);
  /// GELU with tanh (GPT-2's "gelu_new"), in place.
  void (*gelu_tanh)(float* x, int64_t n);
  /// y[i] = exp(x[i]) for x <= 0 up to 2 ulp; below the smallest normal result gives 0.
  void (*exp)(const float* x, int64_t n, float* y);
  /// x[i] += y[i].
  void (*add)(float* x, const float* y, int64_t n);
  float (*dot)(const float* a, const float* b, int64_t n);

  /// One block of fused attention for one head (see attention/attend.cpp); its shape belongs to whoever owns the kernels.
};

/// Packs w [out, in] (row stride ldw) or, where `transposed`, w [in, out] (GPT-2's Conv1D), for `linear`.
void pack(const float* w, int64_t ldw, bool transposed, int64_t out_features, int64_t in_features, float* packed);
/// Row `o` of a packed matrix: row[i] = w[o, i].
void unpack_row(const float* packed, int64_t in_features, int64_t o, float* row);

/// The best table that this processor can run; chosen once.
const Table& table();

}  // namespace limelight::kernels
