#include <algorithm>
#include <cmath>

#include "base/exponential.hpp"
#include "limelight/memory.hpp"
#include "limelight/model.hpp"

namespace limelight {
namespace {

/// Best first: larger logit, then lower id.
bool better(const Candidate& a, const Candidate& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.id < b.id;
}

/// The largest logit, after a look at all of them: -inf is allowed (never drawn), NaN and +inf are not.
Status largest(std::span<const float> logits, float& most) {
  if (logits.empty()) return Status::error(StatusCode::invalid_shape, "no logits were given");
  most = -INFINITY;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == INFINITY) {
      return Status::error(StatusCode::invalid_value, "the logit of id %zu is %g", i,
                           static_cast<double>(logits[i]));
    }
    most = std::max(most, logits[i]);
  }
  if (most == -INFINITY) return Status::error(StatusCode::invalid_value, "every logit is -inf");
  return {};
}

double share(float logit, float most, float temperature) {
  return exponential((static_cast<double>(logit) - static_cast<double>(most)) /
                     static_cast<double>(temperature));
}

/// Fills `best` with the best entries, best first. A heap whose top is the worst one kept: O(vocabulary * log
/// k).
void select_best(std::span<const float> logits, std::span<Candidate> best) {
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const Candidate candidate{static_cast<int32_t>(i), logits[i], 0};
    if (i < best.size()) {
      best[i] = candidate;
      std::push_heap(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(i) + 1, better);
    } else if (better(candidate, best.front())) {
      std::pop_heap(best.begin(), best.end(), better);
      best.back() = candidate;
      std::push_heap(best.begin(), best.end(), better);
    }
  }
  std::sort_heap(best.begin(), best.end(), better);
}

/// A number in [0, 1) from the 53 top bits. Source: Steele, Lea, Flood 2014, "Fast splittable pseudorandom
/// number generators".
double uniform(uint64_t seed, uint64_t step) {
  uint64_t z = seed + (step + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

}  // namespace

Status rank(std::span<const float> logits, float temperature, std::span<Candidate> candidates) {
  if (!(temperature > 0) || !std::isfinite(temperature)) {
    return Status::error(StatusCode::invalid_value, "a temperature of %g; it has to be above 0 and finite",
                         static_cast<double>(temperature));
  }
  if (candidates.size() > logits.size()) {
    return Status::error(StatusCode::invalid_shape, "%zu candidates of a vocabulary of %zu",
                         candidates.size(), logits.size());
  }
  float most = 0;
  if (Status s = largest(logits, most); !s.ok()) return s;
  if (candidates.empty()) return {};
  select_best(logits, candidates);
  double total = 0;
  for (const float logit : logits) total += share(logit, most, temperature);
  for (Candidate& c : candidates)
    c.probability = static_cast<float>(share(c.logit, most, temperature) / total);
  return {};
}

Status sample(std::span<const float> logits, float temperature, int64_t top_k, uint64_t seed, uint64_t step,
              int32_t& id) {
  if (!(temperature >= 0) || !std::isfinite(temperature)) {
    return Status::error(StatusCode::invalid_value, "a temperature of %g; it has to be at least 0 and finite",
                         static_cast<double>(temperature));
  }
  if (top_k < 0)
    return Status::error(StatusCode::invalid_value, "top_k is %lld; 0 means all",
                         static_cast<long long>(top_k));
  float most = 0;
  if (Status s = largest(logits, most); !s.ok()) return s;
  if (temperature == 0) {
    id = static_cast<int32_t>(std::find(logits.begin(), logits.end(), most) - logits.begin());
    return {};
  }
  Buffer<Candidate> best;
  if (top_k > 0 && top_k < static_cast<int64_t>(logits.size())) {
    if (Status s = best.resize(static_cast<std::size_t>(top_k)); !s.ok()) return s;
    select_best(logits, best.span());
  }
  const std::size_t count = best.size() ? best.size() : logits.size();
  const auto logit = [&](std::size_t i) { return best.size() ? best[i].logit : logits[i]; };
  double total = 0;
  for (std::size_t i = 0; i < count; ++i) total += share(logit(i), most, temperature);
  // The entry in whose part of [0, total) the number falls; rounding at the far end leaves the last one that
  // can be drawn.
  double left = uniform(seed, step) * total;
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double part = share(logit(i), most, temperature);
    if (part == 0) continue;
    drawn = i;
    if (left < part) break;
    left -= part;
  }
  id = best.size() ? best[drawn].id : static_cast<int32_t>(drawn);
  return {};
}

}  // namespace limelight
