#include "kernels/kernels.hpp"

namespace limelight::kernels {

void pack(const float* w, int64_t ldw, bool transposed, int64_t out_features, int64_t in_features,
          float* packed) {
  for (int64_t first = 0; first < out_features; first += kPanel) {
    float* panel = packed + first * in_features;
    for (int64_t i = 0; i < in_features; i++) {
      for (int64_t lane = 0; lane < kPanel; lane++) {
        const int64_t o = first + lane;
        panel[i * kPanel + lane] = o >= out_features ? 0.0f : transposed ? w[i * ldw + o] : w[o * ldw + i];
      }
    }
  }
}

void unpack_row(const float* packed, int64_t in_features, int64_t o, float* row) {
  const float* panel = packed + o / kPanel * kPanel * in_features;
  for (int64_t i = 0; i < in_features; i++) row[i] = panel[i * kPanel + o % kPanel];
}

}  // namespace limelight::kernels
