// What attention costs, by how it is computed: one variant at one shape, timed here and now, in slices.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "measure/ways.hpp"

namespace limelight::measure {

/// Largest sizes; with them every count of bytes and FLOPs fits 63 bits.
inline constexpr int64_t kMostTokens = 32768, kMostHeads = 64, kMostDim = 1024;

struct Result {
  double milliseconds = 0;      ///< of one pass: the median of `repeats` samples
  int64_t repeats = 0;          ///< samples that were taken
  int64_t passes = 0;           ///< that one sample is the mean of
  int64_t decoded = 0;          ///< tokens that a pass decodes; 0 where all are computed at once
  double flops = 0;             ///< of one pass, by formula
  double bytes = 0;             ///< taken beside q, k, v and the output
  double difference = 0;        ///< largest |out - out of attend()|
  std::optional<double> error;  ///< largest |out - out in double precision|, for small shapes
};

/// Queries, keys and values are noise in [-1, 1): numbers 3 i, 3 i + 1 and 3 i + 2 of splitmix64 from seed 0,
/// of each the upper 32 bits as a signed fraction, are element i of q, k and v. A first pass, which also
/// warms caches and compilers up, says how many passes fill 5 ms; that many make a sample, so that a coarse
/// clock is precise enough. Then come as many samples as fit 250 ms, at least 3 and at most 25; where the
/// first pass took more than a second, it is the only sample. Clocks run while work is done, not between
/// slices.
class Measurement {
 public:
  /// invalid_shape, naming the size that is not within its limits; out_of_memory.
  static Status create(Variant variant, const Shape& shape, std::unique_ptr<Measurement>& made);

  /// Works for about so many milliseconds: until a unit ends after them.
  Status advance(double milliseconds);
  bool finished() const { return stage_ == Stage::done; }
  /// From 0 to 1; it may stand still or jump, but never goes back.
  double progress() const { return progress_; }
  /// Once it is finished.
  Result result() const;
  /// What was computed for the last token in the first head, [head_dim].
  std::span<const float> last_row() const;

 private:
  enum class Stage { noise, expected, exact, passes, comparison, done };

  Measurement(Variant variant, const Shape& shape) : variant_(variant) { problem_.shape = shape; }
  Status prepare();
  int64_t units() const;
  Status work();
  // Of one row of all [heads, tokens].
  void make_noise(int64_t row);
  void compute_exactly(int64_t row);
  void compare(int64_t row);
  void take_sample();
  double share_done() const;
  bool wants_exact() const;

  static constexpr int64_t kMostSamples = 25;

  Variant variant_;
  Problem problem_;
  Buffer<float> out_, expected_;
  Buffer<double> exact_, exact_weights_;
  std::unique_ptr<Way> way_, reference_;
  double bytes_ = 0;

  Stage stage_ = Stage::noise;
  int64_t unit_ = 0;
  int64_t pass_ = 0, passes_ = 1;           // of this sample
  double spent_ = 0;                        // milliseconds of this sample
  int64_t unseen_ = 0, units_to_look_ = 1;  // units since the last look at the clock, and to the next one
  int64_t samples_ = 0, wanted_ = 0;        // wanted_ 0: still finding out how many passes make a sample
  double sample_[kMostSamples] = {};
  double difference_ = 0, error_ = 0, progress_ = 0;
};

}  // namespace limelight::measure
