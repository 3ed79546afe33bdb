// Compiled without SIMD and without vectorising (cpp/CMakeLists.txt).
#include "measure/scalar.hpp"

#include <algorithm>
#include <cmath>

#include "base/exponential.hpp"

namespace limelight::measure {

template <class T>
void scalar_attention(const float* q, const float* k, const float* v, int64_t rows, int64_t dim, int64_t keys,
                      T* weights, T* out) {
  const T scale = T(1) / std::sqrt(static_cast<T>(dim));
  for (int64_t r = 0; r < rows; ++r, q += dim, out += dim) {
    T maximum = -INFINITY;
    for (int64_t j = 0; j < keys; ++j) {
      T dot = 0;
      for (int64_t d = 0; d < dim; ++d) dot += static_cast<T>(q[d]) * static_cast<T>(k[j * dim + d]);
      weights[j] = dot * scale;
      maximum = std::max(maximum, weights[j]);
    }
    T total = 0;
    for (int64_t j = 0; j < keys; ++j)
      total += weights[j] = static_cast<T>(exponential(static_cast<double>(weights[j] - maximum)));
    for (int64_t d = 0; d < dim; ++d) out[d] = 0;
    for (int64_t j = 0; j < keys; ++j) {
      const T weight = weights[j] / total;
      for (int64_t d = 0; d < dim; ++d) out[d] += weight * static_cast<T>(v[j * dim + d]);
    }
  }
}

template void scalar_attention(const float*, const float*, const float*, int64_t, int64_t, int64_t, float*,
                               float*);
template void scalar_attention(const float*, const float*, const float*, int64_t, int64_t, int64_t, double*,
                               double*);

}  // namespace limelight::measure
