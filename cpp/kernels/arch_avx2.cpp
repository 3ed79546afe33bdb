#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kAvx2Table;
constinit const Table kAvx2Table = make_table<xsimd::fma3<xsimd::avx2>>("avx2");

}  // namespace limelight::kernels
