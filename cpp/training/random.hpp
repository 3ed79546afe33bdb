// Numbers that look random and are the same everywhere: SplitMix64 (Steele, Lea and Flood 2014).
#pragma once

#include <cstdint>

namespace limelight::training {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t bits() {
    uint64_t z = state_ += kStep;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// What this is when `draws` more numbers have been drawn.
  Random after(uint64_t draws) const { return Random(state_ + draws * kStep); }
  /// Even in [-1, 1).
  double number() { return static_cast<double>(bits() >> 11) * 0x1p-52 - 1.0; }
  /// Even in [0, n), n > 0, but for n / 2^64.
  int64_t below(int64_t n) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(n)); }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  uint64_t state_;
};

}  // namespace limelight::training
