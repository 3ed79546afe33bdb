#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kAvx512Table;
constinit const Table kAvx512Table = make_table<xsimd::avx512bw>("avx512");

}  // namespace limelight::kernels
