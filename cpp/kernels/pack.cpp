#include "kernels/kernels.hpp"

namespace limelight::kernels {

template <class T>
void pack(const T* w, int64_t ldw, bool transposed, int64_t out_features, int64_t in_features, T* packed) {
  const int64_t rows = transposed ? in_features : out_features;
  for (int64_t r = 0; r < rows; r++) {
    pack_row(w + r * ldw, r, transposed, out_features, in_features, packed);
  }
}

template <class T>
void pack_row(const T* row, int64_t index, bool transposed, int64_t out_features, int64_t in_features,
              T* packed) {
  const int64_t padded = rounded_to_panel(out_features);
  if (transposed) {
    for (int64_t o = 0; o < padded; o += kPanel) {
      T* to = packed + o * in_features + index * kPanel;
      for (int64_t lane = 0; lane < kPanel; lane++) to[lane] = o + lane < out_features ? row[o + lane] : T{0};
    }
    return;
  }
  T* panel = packed + index / kPanel * kPanel * in_features;
  for (int64_t i = 0; i < in_features; i++) panel[i * kPanel + index % kPanel] = row[i];
  if (index + 1 < out_features) return;
  for (int64_t o = out_features; o < padded; o++) {
    for (int64_t i = 0; i < in_features; i++) panel[i * kPanel + o % kPanel] = T{0};
  }
}

template <class T>
void unpack_row(const T* packed, int64_t in_features, int64_t o, T* row) {
  const T* panel = packed + o / kPanel * kPanel * in_features;
  for (int64_t i = 0; i < in_features; i++) row[i] = panel[i * kPanel + o % kPanel];
}

#define LIMELIGHT_PACK(T)                                                \
  template void pack(const T*, int64_t, bool, int64_t, int64_t, T*);     \
  template void pack_row(const T*, int64_t, bool, int64_t, int64_t, T*); \
  template void unpack_row(const T*, int64_t, int64_t, T*);
LIMELIGHT_PACK(float)
LIMELIGHT_PACK(uint16_t)
LIMELIGHT_PACK(int8_t)
#undef LIMELIGHT_PACK

}  // namespace limelight::kernels
