#include "limelight/rotary.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "attention/shape.hpp"
#include "base/exponential.hpp"

namespace limelight {
namespace {

using Code = StatusCode;

long long number(int64_t value) {
  return static_cast<long long>(value);
}

constexpr double kLargestBase = 1e30;  // far beyond any, and a float

// The C library's cos and sin in double precision would bring kilobytes into what a visitor downloads.

struct Turn {
  double cos, sin;
};

/// Taylor's series within half a turn, to within 1e-15: its largest term is 4.7, the first left out 3e-16.
Turn turn_by(double angle) {
  constexpr double kWhole = 2.0 * std::numbers::pi;
  angle -= kWhole * std::nearbyint(angle / kWhole);
  Turn turn = {0.0, 0.0};
  double term = 1.0;
  for (int n = 0; n < 28; n += 2) {
    const double next = term * angle / (n + 1);
    turn.cos += term;
    turn.sin += next;
    term = -next * angle / (n + 2);
  }
  return turn;
}

Status check_rotary_dim(int64_t rotary_dim, int64_t largest) {
  if (rotary_dim >= 2 && rotary_dim <= largest && rotary_dim % 2 == 0) return {};
  return Status::error(Code::invalid_shape, "rotary_dim is %lld: it must be even and 2 to %lld",
                       number(rotary_dim), number(largest));
}

/// cos and sin have the same whole number of rows; writes how many.
Status check_tables(std::size_t cos, std::size_t sin, int64_t rotary_dim, int64_t& rows) {
  const auto width = static_cast<std::size_t>(rotary_dim / 2);
  if (cos != sin || cos % width != 0) {
    return Status::error(Code::invalid_shape,
                         "cos has %zu and sin %zu numbers: the same multiple of %zu is needed", cos, sin,
                         width);
  }
  rows = static_cast<int64_t>(cos / width);
  return {};
}

Status check_frequencies(const RotaryFrequencies& given) {
  const RotaryFrequencies::Llama3 llama = given.llama3.value_or(RotaryFrequencies::Llama3{});
  const struct {
    const char* name;
    double value;
  } numbers[] = {{"linear_scaling", given.linear_scaling},
                 {"llama3.factor", llama.factor},
                 {"llama3.low", llama.low},
                 {"llama3.high", llama.high},
                 {"llama3.original_positions", llama.original_positions}};
  for (const auto& [name, value] : numbers) {
    if (!(std::isfinite(value) && value > 0.0))
      return Status::error(Code::invalid_value, "%s is %g: it must be finite and above 0", name, value);
  }
  if (!(given.base >= 1.0 && given.base <= kLargestBase)) {
    return Status::error(Code::invalid_value, "base is %g: it must be 1 to %g", given.base, kLargestBase);
  }
  if (llama.low < llama.high) return {};
  return Status::error(Code::invalid_value, "llama3.low is %g: it must be below llama3.high, %g", llama.low,
                       llama.high);
}

double scaled_frequency(double frequency, const RotaryFrequencies::Llama3& llama) {
  // How often it turns within the texts that the model first learned on.
  const double turns = llama.original_positions * frequency / (2.0 * std::numbers::pi);
  const double kept = std::clamp((turns - llama.low) / (llama.high - llama.low), 0.0, 1.0);
  return kept * frequency + (1.0 - kept) * frequency / llama.factor;
}

Status check_rotate(const HeadsView<const float>& x, const RotaryOptions& options,
                    const HeadsView<float>& out) {
  const HeadsShape shape = {x.batch, x.heads, x.seq, x.dim};
  if (Status status = check_input("x", x, shape); !status.ok()) return status;
  if (Status status = check_output("out", out, shape); !status.ok()) return status;
  if (options.pairs != RotaryPairs::halves && options.pairs != RotaryPairs::interleaved) {
    return Status::error(Code::invalid_option, "pairs is %d: halves and interleaved are known",
                         static_cast<int>(options.pairs));
  }
  const int64_t rotary_dim = options.rotary_dim.value_or(x.dim);
  if (Status status = check_rotary_dim(rotary_dim, x.dim); !status.ok()) return status;
  int64_t rows = 0;
  if (Status status = check_tables(options.cos.size(), options.sin.size(), rotary_dim, rows); !status.ok())
    return status;
  if (options.positions.empty()) {
    if (options.first < 0 || x.seq > rows || options.first > rows - x.seq) {
      return Status::error(Code::invalid_value,
                           "first is %lld: the tables have %lld positions for %lld tokens",
                           number(options.first), number(rows), number(x.seq));
    }
    return {};
  }
  if (options.first != 0) {
    return Status::error(Code::invalid_option, "first is %lld beside positions: give one of them",
                         number(options.first));
  }
  if (options.positions.size() != static_cast<std::size_t>(x.batch * x.seq)) {
    return Status::error(Code::invalid_shape, "positions has %zu numbers for %lld sequences of %lld tokens",
                         options.positions.size(), number(x.batch), number(x.seq));
  }
  for (std::size_t i = 0; i < options.positions.size(); i++) {
    if (options.positions[i] < 0 || options.positions[i] >= rows) {
      return Status::error(Code::invalid_value, "positions[%zu] is %d: the tables have %lld", i,
                           static_cast<int>(options.positions[i]), number(rows));
    }
  }
  return {};
}

/// One vector; y may be x. Two numbers are read before either is written.
void rotate_row(const float* x, const float* cos, const float* sin, int64_t half, RotaryPairs pairs,
                bool inverse, float* y) {
  const float sign = inverse ? -1.0f : 1.0f;
  const bool neighbours = pairs == RotaryPairs::interleaved;
  const int64_t step = neighbours ? 2 : 1, other = neighbours ? 1 : half;
  for (int64_t i = 0; i < half; i++) {
    const float a = x[i * step], b = x[i * step + other], c = cos[i], s = sign * sin[i];
    y[i * step] = c * a - s * b;
    y[i * step + other] = s * a + c * b;
  }
}

}  // namespace

Status rotary_table(const RotaryFrequencies& frequencies, int64_t rotary_dim, std::span<float> cos,
                    std::span<float> sin) {
  if (Status status = check_rotary_dim(rotary_dim, kLargestDim); !status.ok()) return status;
  int64_t rows = 0;
  if (Status status = check_tables(cos.size(), sin.size(), rotary_dim, rows); !status.ok()) return status;
  if (Status status = check_frequencies(frequencies); !status.ok()) return status;
  const int64_t half = rotary_dim / 2;
  const double logarithm_of_base = logarithm(frequencies.base);
  for (int64_t i = 0; i < half; i++) {
    double frequency = exponential(-static_cast<double>(i) / static_cast<double>(half) * logarithm_of_base);
    if (frequencies.llama3) frequency = scaled_frequency(frequency, *frequencies.llama3);
    frequency /= frequencies.linear_scaling;
    for (int64_t position = 0; position < rows; position++) {
      const Turn turn = turn_by(static_cast<double>(position) * frequency);
      const auto to = static_cast<std::size_t>(position * half + i);
      cos[to] = static_cast<float>(turn.cos);
      sin[to] = static_cast<float>(turn.sin);
    }
  }
  return {};
}

Status rotate(const HeadsView<const float>& x, const RotaryOptions& options, HeadsView<float> out) {
  if (Status status = check_rotate(x, options, out); !status.ok()) return status;
  const int64_t rotary_dim = options.rotary_dim.value_or(x.dim), half = rotary_dim / 2;
  for (int64_t b = 0; b < x.batch; b++) {
    for (int64_t s = 0; s < x.seq; s++) {
      const int64_t position = options.positions.empty()
                                   ? options.first + s
                                   : options.positions[static_cast<std::size_t>(b * x.seq + s)];
      const float* cos = options.cos.data() + position * half;
      const float* sin = options.sin.data() + position * half;
      for (int64_t h = 0; h < x.heads; h++) {
        const float* from = x.row(b, h, s);
        float* to = out.row(b, h, s);
        rotate_row(from, cos, sin, half, options.pairs, options.inverse, to);
        if (to != from) std::copy(from + rotary_dim, from + x.dim, to + rotary_dim);
      }
    }
  }
  return {};
}

}  // namespace limelight
