// What an operation is to a graph.
#pragma once

#include <cstdint>
#include <vector>

#include "training/graph.hpp"

namespace limelight::training {

/// Reads the values of its inputs and parameters and sets that of its output; on the way back reads the
/// gradient of its output, sets (or adds to) those of its inputs, and adds to those of its parameters.
/// Neither allocates; scratch holds nothing between calls.
class Operation {
 public:
  virtual ~Operation() = default;

  virtual Status forward(Graph& graph) const = 0;
  virtual Status backward(Graph& graph) const = 0;
  /// Sets what it keeps for good, once there is memory.
  virtual Status prepare(Graph&) const { return {}; }
  /// Floats that nobody else writes to.
  virtual int64_t kept_floats(const Graph&) const { return 0; }
  /// Floats of scratch. Values have memory when this is asked.
  virtual int64_t scratch_floats(Graph&, int) const { return 0; }

 protected:
  Operation(std::vector<Tensor> inputs, bool has_parameters)
      : inputs_(std::move(inputs)), has_parameters_(has_parameters) {}

  std::vector<Tensor> inputs_;
  Tensor output_;

 private:
  friend class Graph;
  bool has_parameters_;
  std::vector<bool> adds_;  ///< by input: another operation has set the gradient
  std::size_t kept_ = 0;
};

/// Whether a and b have one shape; if not, that is a mistake of `name`.
bool equal_shapes(Graph& graph, const char* name, Tensor a, Tensor b);

}  // namespace limelight::training
