// Where training starts.
#pragma once

#include <cstdint>

#include "training/graph.hpp"

namespace limelight::training {

/// Sets every parameter to numbers spread evenly over mean +- sqrt(3) deviation, which has that standard
/// deviation. They come from `seed` and the parameter's name alone, by integer arithmetic: the same on every
/// machine, and not changed by parameters that are added to the graph.
void initialize(Graph& graph, uint64_t seed);

}  // namespace limelight::training
