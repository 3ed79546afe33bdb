// A checkpoint's folder as a model.
#pragma once

#include <filesystem>
#include <memory>

#include "limelight/model.hpp"

namespace limelight::cli {

/// Reads config.json and model.safetensors. Throws Error.
std::shared_ptr<const Model> load_model(const std::filesystem::path& folder);

}  // namespace limelight::cli
