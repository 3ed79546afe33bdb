#include "training/initialize.hpp"

#include <cmath>

#include "training/random.hpp"
#include "training/sinusoids.hpp"

namespace limelight::training {

void initialize(Graph& graph, uint64_t seed) {
  constexpr double kSqrt3 = 1.7320508075688772;
  for (const ParameterInfo& parameter : graph.parameter_list()) {
    const std::span<float> numbers =
        graph.parameters().subspan(parameter.offset, static_cast<std::size_t>(parameter.count));
    const auto deviation = static_cast<double>(parameter.initial.deviation);
    if (parameter.initial.sinusoids) {
      set_sinusoids(numbers, parameter.shape[0], parameter.shape[1], std::sqrt(2.0) * deviation);
      continue;
    }
    uint64_t hash = 0xcbf29ce484222325u;  // FNV-1a
    for (char letter : parameter.name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
    Random random(Random(seed).bits() ^ hash);
    const double width = kSqrt3 * deviation;
    for (float& number : numbers) {
      number = static_cast<float>(static_cast<double>(parameter.initial.mean) + width * random.number());
    }
  }
}

}  // namespace limelight::training
