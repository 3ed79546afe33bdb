#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kSse2Table;
constinit const Table kSse2Table = make_table<xsimd::sse2>("sse2");

}  // namespace limelight::kernels
