// Ways to compute one and the same attention, so that their costs can be compared. Each works in units of
// some milliseconds at most, so that a measurement can be left at any time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "limelight/memory.hpp"
#include "limelight/status.hpp"

namespace limelight::measure {

enum class Variant { fused, naive, scalar, causal, causal_masked, cached, uncached };

struct Shape {
  int64_t tokens = 0, heads = 0, head_dim = 0;
};

/// Queries, keys and values of every token, [heads, tokens, head_dim] each.
struct Problem {
  Shape shape;
  Buffer<float> q, k, v;

  int64_t numbers() const { return shape.heads * shape.tokens * shape.head_dim; }
  /// Where one head begins in an array of this shape.
  int64_t head(int64_t index) const { return index * shape.tokens * shape.head_dim; }
};

/// Whether query i sees keys up to i only.
bool is_causal(Variant variant);

/// Tokens that a decoding variant decodes: the last ones of the text, as many as keep the FLOPs of the
/// uncached way below 1e10, and at least one.
int64_t decoded(const Shape& shape);

/// FLOPs of one pass: 4 head_dim for every query and key that are multiplied, in every head; the softmax is
/// not counted. n = tokens:
///   fused, naive, scalar, causal_masked   n^2
///   causal                                n (n + 1) / 2
///   cached                                sum of t for the lengths t = n - decoded + 1 .. n
///   uncached                              sum of t (t + 1) / 2 for these
double flops(Variant variant, const Shape& shape);

/// One pass computes out [heads, tokens, head_dim], of the rows that the variant computes.
class Way {
 public:
  virtual ~Way() = default;
  /// Takes all memory that the way needs beside q, k, v and out. out_of_memory.
  virtual Status prepare() = 0;
  /// Of one pass.
  virtual int64_t units() const = 0;
  /// Units are done in order, from 0.
  virtual Status work(int64_t unit) = 0;
};

/// `problem` and `out` stay where they are as long as the way.
std::unique_ptr<Way> make_way(Variant variant, const Problem& problem, float* out);

}  // namespace limelight::measure
