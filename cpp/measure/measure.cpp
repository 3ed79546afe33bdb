#include "measure/measure.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/clock.hpp"
#include "measure/scalar.hpp"

namespace limelight::measure {
namespace {

constexpr double kSampleMilliseconds = 5, kBudgetMilliseconds = 250, kLongMilliseconds = 1000;
constexpr int64_t kLeastSamples = 3;
// Where the products of a head's shape are below this, comparing with double precision takes some 50 ms.
constexpr double kMostExactProducts = 1 << 24;

/// Number `index` of splitmix64 from seed 0, as a number in [-1, 1).
float noise(uint64_t index) {
  uint64_t z = (index + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return static_cast<float>(static_cast<int32_t>((z ^ (z >> 31)) >> 32)) * 0x1p-31f;
}

Status check(const char* name, int64_t size, int64_t most) {
  if (size >= 1 && size <= most) return {};
  return Status::error(StatusCode::invalid_shape, "%s is %lld; it has to be one of 1 to %lld", name,
                       static_cast<long long>(size), static_cast<long long>(most));
}

}  // namespace

Status Measurement::create(Variant variant, const Shape& shape, std::unique_ptr<Measurement>& made) {
  if (Status s = check("tokens", shape.tokens, kMostTokens); !s.ok()) return s;
  if (Status s = check("heads", shape.heads, kMostHeads); !s.ok()) return s;
  if (Status s = check("headDim", shape.head_dim, kMostDim); !s.ok()) return s;
  std::unique_ptr<Measurement> fresh(new Measurement(variant, shape));
  if (Status s = fresh->prepare(); !s.ok()) return s;
  made = std::move(fresh);
  return {};
}

Status Measurement::prepare() {
  const auto numbers = static_cast<uint64_t>(problem_.numbers());
  if (numbers > SIZE_MAX / sizeof(double)) {
    return Status::error(StatusCode::out_of_memory, "no memory for %llu numbers",
                         static_cast<unsigned long long>(numbers));
  }
  const auto count = static_cast<std::size_t>(numbers);
  for (Buffer<float>* array : {&problem_.q, &problem_.k, &problem_.v, &out_, &expected_}) {
    if (Status s = array->resize(count); !s.ok()) return s;
  }
  if (wants_exact()) {
    if (Status s = exact_.resize(count); !s.ok()) return s;
    if (Status s = exact_weights_.resize(static_cast<std::size_t>(problem_.shape.tokens)); !s.ok()) return s;
  }
  reference_ = make_way(is_causal(variant_) ? Variant::causal : Variant::fused, problem_, expected_.data());
  if (Status s = reference_->prepare(); !s.ok()) return s;
  const std::size_t before = live_bytes();
  way_ = make_way(variant_, problem_, out_.data());
  if (Status s = way_->prepare(); !s.ok()) return s;
  bytes_ = static_cast<double>(live_bytes() - before);
  return {};
}

bool Measurement::wants_exact() const {
  const Shape& s = problem_.shape;
  return static_cast<double>(s.tokens * s.tokens) * static_cast<double>(s.heads * s.head_dim) <=
         kMostExactProducts;
}

int64_t Measurement::units() const {
  const int64_t rows = problem_.shape.heads * problem_.shape.tokens;
  switch (stage_) {
    case Stage::expected:
      return reference_->units();
    case Stage::passes:
      return way_->units();
    case Stage::exact:
      return wants_exact() ? rows : 0;
    default:
      return rows;
  }
}

Status Measurement::work() {
  switch (stage_) {
    case Stage::noise:
      make_noise(unit_);
      break;
    case Stage::expected:
      return reference_->work(unit_);
    case Stage::exact:
      compute_exactly(unit_);
      break;
    case Stage::passes:
      return way_->work(unit_);
    case Stage::comparison:
      compare(unit_);
      break;
    case Stage::done:
      break;
  }
  return {};
}

Status Measurement::advance(double milliseconds) {
  const double start = milliseconds_now();
  double before = start;
  while (!finished()) {
    if (unit_ < units()) {
      if (Status s = work(); !s.ok()) return s;
      ++unit_;
    }
    const bool complete = unit_ >= units();
    if (complete) {
      unit_ = 0;
      ++pass_;
    }
    const bool over = complete && (stage_ != Stage::passes || pass_ == passes_);
    if (!over && ++unseen_ < units_to_look_) continue;
    unseen_ = 0;
    const double now = milliseconds_now();
    if (stage_ == Stage::passes) spent_ += now - before;
    before = now;
    if (over && stage_ == Stage::passes) {
      take_sample();
    } else if (over) {
      pass_ = 0;
      stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
    }
    progress_ = std::max(progress_, share_done());
    if (now - start >= milliseconds) break;
  }
  return {};
}

/// `passes_` passes took `spent_` milliseconds.
void Measurement::take_sample() {
  const double sample = spent_;
  const bool lone = wanted_ == 0 && passes_ == 1 && sample > kLongMilliseconds;
  // Looking at the clock twice a millisecond costs nothing beside the work.
  units_to_look_ = std::max<int64_t>(
      1, static_cast<int64_t>(static_cast<double>(way_->units() * passes_) / std::max(2 * sample, 1.0)));
  spent_ = 0;
  pass_ = 0;
  if (wanted_ == 0 && !lone) {
    if (sample < kSampleMilliseconds) {
      // The clock may not have seen it at all; the estimate aims a fifth above.
      passes_ *=
          std::clamp<int64_t>(static_cast<int64_t>(1.2 * kSampleMilliseconds / std::max(sample, 0.1)), 2, 16);
      return;
    }
    wanted_ =
        std::clamp<int64_t>(static_cast<int64_t>(kBudgetMilliseconds / sample), kLeastSamples, kMostSamples);
    return;
  }
  if (lone) wanted_ = 1;
  sample_[samples_++] = sample / static_cast<double>(passes_);
  if (samples_ == wanted_) stage_ = Stage::comparison;
}

void Measurement::make_noise(int64_t row) {
  const auto dim = static_cast<uint64_t>(problem_.shape.head_dim), first = static_cast<uint64_t>(row) * dim;
  for (uint64_t i = first; i < first + dim; ++i) {
    problem_.q[i] = noise(3 * i);
    problem_.k[i] = noise(3 * i + 1);
    problem_.v[i] = noise(3 * i + 2);
  }
}

void Measurement::compute_exactly(int64_t row) {
  const Shape& s = problem_.shape;
  const int64_t keys = problem_.head(row / s.tokens), at = row * s.head_dim;
  scalar_attention(problem_.q.data() + at, problem_.k.data() + keys, problem_.v.data() + keys, 1, s.head_dim,
                   is_causal(variant_) ? row % s.tokens + 1 : s.tokens, exact_weights_.data(),
                   exact_.data() + at);
}

void Measurement::compare(int64_t row) {
  const Shape& s = problem_.shape;
  // Of the rows before those that it decodes, the cached way computes none.
  if (variant_ == Variant::cached && row % s.tokens < s.tokens - decoded(s)) return;
  const auto dim = static_cast<std::size_t>(s.head_dim), first = static_cast<std::size_t>(row) * dim;
  for (std::size_t i = first; i < first + dim; ++i) {
    const auto out = static_cast<double>(out_[i]);
    difference_ = std::max(difference_, std::fabs(out - static_cast<double>(expected_[i])));
    if (wants_exact()) error_ = std::max(error_, std::fabs(out - exact_[i]));
  }
}

std::span<const float> Measurement::last_row() const {
  const Shape& s = problem_.shape;
  return out_.span().subspan(static_cast<std::size_t>((s.tokens - 1) * s.head_dim),
                             static_cast<std::size_t>(s.head_dim));
}

double Measurement::share_done() const {
  if (finished()) return 1;
  if (stage_ < Stage::passes) return 0;
  if (stage_ > Stage::passes) return 0.99;
  const double of_sample =
      (static_cast<double>(pass_) + static_cast<double>(unit_) / static_cast<double>(units())) /
      static_cast<double>(passes_);
  const auto of = static_cast<double>(wanted_ == 0 ? kLeastSamples : wanted_);
  return 0.99 * (static_cast<double>(samples_) + of_sample) / (of + 1);
}

Result Measurement::result() const {
  Result result;
  double sorted[kMostSamples];
  std::copy_n(sample_, samples_, sorted);
  // Insertion: these are 25 numbers.
  for (int64_t i = 1; i < samples_; ++i) {
    for (int64_t j = i; j > 0 && sorted[j] < sorted[j - 1]; --j) std::swap(sorted[j], sorted[j - 1]);
  }
  result.milliseconds = (sorted[(samples_ - 1) / 2] + sorted[samples_ / 2]) / 2;
  result.repeats = samples_;
  result.passes = passes_;
  const bool decodes = variant_ == Variant::cached || variant_ == Variant::uncached;
  result.decoded = decodes ? decoded(problem_.shape) : 0;
  result.flops = flops(variant_, problem_.shape);
  result.bytes = bytes_;
  result.difference = difference_;
  if (wants_exact()) result.error = error_;
  return result;
}

}  // namespace limelight::measure
