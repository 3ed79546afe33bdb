// What a Model is made of, for the files of this folder.
#pragma once

#include "model/sites.hpp"
#include "model/weights.hpp"

namespace limelight {

struct Model::State {
  ModelConfig config;
  Weights weights;
  SiteTable sites;
  int64_t parameters = 0;  ///< numbers in the tensors that the configuration needs
};

}  // namespace limelight
