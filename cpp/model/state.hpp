// What a Model is made of, for the files of this folder.
#pragma once

#include "model/sites.hpp"
#include "model/weights.hpp"

namespace limelight {

struct Model::State {
  ModelConfig config;
  Weights weights;
  SiteTable sites;
  std::shared_ptr<const Model> encoder;   ///< of an encoder-decoder
  const Matrix* shared_tokens = nullptr;  ///< of an encoder without an embedding of its own: the decoder's
  int64_t parameters = 0;  ///< numbers in the tensors that the configuration needs, its encoder's too

  const Matrix& tokens() const { return shared_tokens ? *shared_tokens : weights.tokens; }
};

}  // namespace limelight
