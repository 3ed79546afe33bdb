// Failures of the program: one sentence, which main() prints.
#pragma once

#include <stdexcept>

#include "limelight/status.hpp"

namespace limelight::cli {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void check(const Status& status) {
  if (!status.ok()) throw Error(status.message);
}

}  // namespace limelight::cli
