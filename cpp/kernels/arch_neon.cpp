#include "kernels/generic.hpp"

namespace limelight::kernels {

extern const Table kNeonTable;
constinit const Table kNeonTable = make_table<xsimd::neon64>("neon64");

}  // namespace limelight::kernels
