// A checkpoint as small as it is shipped.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "limelight/memory.hpp"
#include "limelight/status.hpp"

namespace limelight {

/// Rounds the checkpoint `config` and `file` (model.safetensors, of numbers in F32) to
///
///   matrices     I8 by output feature: W[o, i] = X_scale[o] q[o, i], X_scale[o] = max_i |W[o, i]| / 127
///   tables       (positions, token types) F16
///   the rest     (norms, biases) F32 as they are
///
/// and says so in its configuration. Tensors that the family carries without need are left out. Costs the
/// memory of both files. Errors: as parse_config and SafetensorsFile::open; unknown_tensor, misshapen_tensor
/// (not F32, or another shape); invalid_option (it is quantised already); invalid_value (a number beyond
/// f16).
Status quantise_checkpoint(std::string_view config, std::span<const std::byte> file,
                           std::string& quantised_config, Buffer<std::byte>& quantised);

}  // namespace limelight
