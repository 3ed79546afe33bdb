// Rotary positions: queries and keys are turned by angles that grow with their positions, so that a dot
// product of two depends on how far they are apart.
//
//   (y_a, y_b) = (c x_a - s x_b, s x_a + c x_b)        c = cos(angle), s = sin(angle)
//   angle      = position * frequency_i                 frequency_i = base^(-2 i / rotary_dim)
//
// for i = 0 .. rotary_dim / 2 - 1, where the pair (a, b) is (i, i + rotary_dim / 2) or (2 i, 2 i + 1);
// numbers from rotary_dim on stay as they are. Sources: Su et al. 2021, "RoFormer" (pairs of neighbours);
// ONNX RotaryEmbedding, opset 23; Chen et al. 2023, "Position Interpolation" (linear scaling); Llama 3.1 for
// its scaling of frequencies.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "limelight/attention.hpp"
#include "limelight/status.hpp"

namespace limelight {

/// Which two numbers of a vector are turned together.
enum class RotaryPairs {
  halves,       ///< i and i + rotary_dim / 2: GPT-NeoX, Llama as Hugging Face stores it
  interleaved,  ///< 2 i and 2 i + 1: the original, GPT-J, Llama as Meta stores it
};

struct RotaryFrequencies {
  double base = 10000.0;  ///< 1 to 1e30
  /// Positions are divided by it, > 0: a model learns on short texts and reads longer ones.
  double linear_scaling = 1.0;
  /// Llama 3.1: frequencies with a wavelength above original_positions / low are divided by `factor`, those
  /// below original_positions / high stay, and between them the two are mixed. All above 0, low < high.
  struct Llama3 {
    double factor = 8.0, low = 1.0, high = 4.0, original_positions = 8192.0;
  };
  std::optional<Llama3> llama3 = {};
};

/// cos and sin, each [positions, rotary_dim / 2] for positions 0, 1, ...: as many as there is room for. The
/// angles are double precision, a number is within an ulp as long as they are sane (an angle of a million is
/// known to 1e-10). Errors: invalid_shape (rotary_dim that is odd, not positive or beyond 2^20, spans that
/// differ or hold no whole number of positions), invalid_value (a frequency's settings). A failed call writes
/// nothing.
Status rotary_table(const RotaryFrequencies& frequencies, int64_t rotary_dim, std::span<float> cos,
                    std::span<float> sin);

struct RotaryOptions {
  /// Each [positions, rotary_dim / 2], as rotary_table() makes them or a model brings them.
  std::span<const float> cos = {}, sin = {};
  std::optional<int64_t> rotary_dim = {};  ///< nullopt: all of dim
  RotaryPairs pairs = RotaryPairs::halves;
  int64_t first = 0;                        ///< position of token 0; the others follow
  std::span<const int32_t> positions = {};  ///< [batch, seq] instead: of every token
  bool inverse = false;                     ///< by the negative angles: undoes it, and is its gradient
};

/// Turns every vector of x [batch, heads, seq, dim] into `out`, which may be x itself (the same data and
/// strides) and else must not overlap it, nor its own rows each other. Each number is two products and a sum,
/// rounded each: |error| <= 2 eps (|c x_a| + |s x_b|) beside what the tables lack; norms are kept within
/// that. Does not allocate. Cost: 6 FLOPs a pair; a table's row is read once a token and head.
/// Errors: invalid_shape (views, a rotary_dim that is odd or outside 2 .. dim, tables of another width,
/// positions that are not batch * seq), invalid_value (a position outside the tables), invalid_option
/// (`first` beside positions; pairs that do not exist). A failed call writes nothing.
Status rotate(const HeadsView<const float>& x, const RotaryOptions& options, HeadsView<float> out);

}  // namespace limelight
