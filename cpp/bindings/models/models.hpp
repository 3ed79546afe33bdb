// A loaded model behind its handle.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bindings/calls.hpp"
#include "limelight/model.hpp"

namespace limelight::bindings {

struct LoadedModel {
  std::shared_ptr<const Model> model;
  std::vector<std::string> ignored;
};

inline LoadedModel& model_at(Address model) {
  return *reinterpret_cast<LoadedModel*>(model);
}

}  // namespace limelight::bindings
