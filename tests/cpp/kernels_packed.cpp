// linear_f16 and linear_i8: f16 against linear on the same numbers, int8 against sums in float64.
#include "attention_support.hpp"
#include "limelight/half.hpp"

using namespace limelight;
using support::Block;

namespace {

// Rows, panels and strips of 256 steps, each at their edges, and primes.
constexpr int64_t kRows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 63, 64, 65, 71};
constexpr int64_t kOuts[] = {1, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 33, 61, 64, 67};
constexpr int64_t kIns[] = {1, 2, 3, 8, 37};
constexpr int64_t kDeepIns[] = {255, 256, 257, 512, 521};

/// An array of exactly n numbers on the heap: redzones on both sides under asan.
template <class T>
struct Exact {
  std::unique_ptr<T[]> data;
  explicit Exact(std::size_t n) : data(new T[n]) { std::fill_n(data.get(), n, static_cast<T>(-1)); }
};

struct Problem {
  int64_t rows, in, out;
  std::vector<float> x, bias;

  Problem(int64_t rows_, int64_t in_, int64_t out_) : rows(rows_), in(in_), out(out_) {
    reference::Random random(seed());
    x = random.numbers(rows * in);
    bias = random.numbers(out);
  }
  uint64_t seed() const { return static_cast<uint64_t>(rows * 10007 + in * 101 + out); }
};

struct HalfProblem : Problem {
  std::vector<uint16_t> w;
  Exact<uint16_t> packed;
  Block expanded;

  /// Any finite f16: both signs, subnormals, zeros, the largest.
  HalfProblem(int64_t rows_, int64_t in_, int64_t out_)
      : Problem(rows_, in_, out_),
        packed(kernels::packed_size(out, in)),
        expanded(kernels::packed_size(out, in)) {
    reference::Random random(seed() + 1);
    std::vector<float> same;
    for (int64_t i = 0; i < out * in; i++) {
      uint16_t bits = 0x7c00;
      while ((bits & 0x7c00u) == 0x7c00u) bits = static_cast<uint16_t>(random.bits());
      w.push_back(bits);
      same.push_back(f16_to_f32(bits));
    }
    kernels::pack(w.data(), in, false, out, in, packed.data.get());
    kernels::pack(same.data(), in, false, out, in, expanded.data());
  }

  void check(const kernels::Table& table, bool with_bias) {
    CAPTURE(rows);
    CAPTURE(in);
    CAPTURE(out);
    Block x_block(x), bias_block(bias), y(rows * out), expected(rows * out);
    const float* b = with_bias ? bias_block.data() : nullptr;
    table.linear_f16(x_block.data(), in, rows, packed.data.get(), in, out, b, y.data(), out);
    table.linear(x_block.data(), in, rows, expanded.data(), in, out, b, expected.data(), out, false);
    CHECK(std::memcmp(y.data(), expected.data(), y.size() * sizeof(float)) == 0);
  }
};

struct ByteProblem : Problem {
  std::vector<int8_t> q;
  std::vector<float> scales;
  Exact<int8_t> packed;

  ByteProblem(int64_t rows_, int64_t in_, int64_t out_)
      : Problem(rows_, in_, out_), packed(kernels::packed_size(out, in)) {
    reference::Random random(seed() + 2);
    for (int64_t i = 0; i < out * in; i++) q.push_back(static_cast<int8_t>(random.below(256) - 128));
    scales = random.numbers(out, 0.125f);
    kernels::pack(q.data(), in, false, out, in, packed.data.get());
  }

  std::vector<float> multiply(const kernels::Table& table, bool with_bias) {
    Block x_block(x), bias_block(bias), scale_block(scales), y(rows * out);
    table.linear_i8(x_block.data(), in, rows, packed.data.get(), scale_block.data(), in, out,
                    with_bias ? bias_block.data() : nullptr, y.data(), out);
    return y.copy();
  }

  /// |error| <= (2 in + 2) eps (|bias| + sum |x||w|): a chain of `in` steps and the madd at its end, each
  /// rounded at most twice.
  void compare(const std::vector<float>& y, bool with_bias, support::Worst& worst) const {
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t o = 0; o < out; o++) {
        double sum = with_bias ? bias[o] : 0.0, absolute = std::abs(sum);
        for (int64_t i = 0; i < in; i++) {
          const double product = static_cast<double>(x[r * in + i]) * q[o * in + i] * scales[o];
          sum += product;
          absolute += std::abs(product);
        }
        const double unit = (2.0 * static_cast<double>(in) + 2) * reference::kEpsilon;
        worst.see(std::abs(y[r * out + o] - sum), unit * absolute);
      }
    }
  }
};

}  // namespace

TEST_CASE("f16 weights give the bits of the same weights in f32, at every edge of every tile") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : kRows) {
      for (int64_t out : kOuts) {
        for (int64_t in : kIns) HalfProblem(rows, in, out).check(table, (rows + out) % 2 == 0);
      }
    }
    for (int64_t rows : {1, 2, 5, 65}) {
      for (int64_t out : {1, 16, 37}) {
        for (int64_t in : kDeepIns) HalfProblem(rows, in, out).check(table, (rows + in) % 2 == 0);
      }
    }
  });
}

TEST_CASE("every finite f16 widens exactly, with its sign") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : {1, 2}) {
      for (uint32_t first = 0; first < 0x10000; first += 64) {
        if ((first & 0x7c00u) == 0x7c00u) continue;
        uint16_t packed[64];
        for (uint32_t i = 0; i < 64; i++) packed[i] = static_cast<uint16_t>(first + i);
        const float x[2] = {1, 1};
        // A bias of -0 keeps the sign of a zero.
        const std::vector<float> bias(64, -0.0f);
        float y[2][64];
        table.linear_f16(x, 1, rows, packed, 1, 64, bias.data(), y[0], 64);
        for (uint32_t i = 0; i < 64; i++) {
          const float expected = f16_to_f32(static_cast<uint16_t>(first + i));
          CHECK(std::memcmp(&y[0][i], &expected, sizeof(float)) == 0);
          if (rows == 2) CHECK(std::memcmp(&y[1][i], &expected, sizeof(float)) == 0);
        }
      }
    }
  });
}

TEST_CASE("int8 weights equal the sum of products with the scale, at every edge of every tile") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (int64_t rows : kRows) {
      for (int64_t out : kOuts) {
        for (int64_t in : kIns) {
          ByteProblem p(rows, in, out);
          const bool with_bias = (rows + out) % 2 == 0;
          p.compare(p.multiply(table, with_bias), with_bias, worst);
        }
      }
    }
    for (int64_t rows : {1, 2, 5, 65}) {
      for (int64_t in : kDeepIns) {
        ByteProblem p(rows, in, 37);
        p.compare(p.multiply(table, true), true, worst);
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("linear_i8: largest |error| / bound is " << worst.ratio());
}

TEST_CASE("int8 weights with scales of one give the bits of the same weights in f32") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : {1, 2, 7, 65}) {
      ByteProblem p(rows, 259, 43);
      p.scales.assign(43, 1.0f);
      const std::vector<float> same(p.q.begin(), p.q.end());
      Block packed(kernels::packed_size(43, 259)), expected(rows * 43);
      kernels::pack(same.data(), 259, false, 43, 259, packed.data());
      table.linear(p.x.data(), 259, rows, packed.data(), 259, 43, nullptr, expected.data(), 43, false);
      CHECK(p.multiply(table, false) == expected.copy());
    }
  });
}

TEST_CASE("a row has the same bits however many are computed with it, packed as f16 or int8") {
  support::on_every_architecture([](const kernels::Table& table) {
    const int64_t in = 300, out = 45;
    const HalfProblem half(71, in, out);
    ByteProblem byte(71, in, out);
    const auto multiply = [&](int64_t first, int64_t rows, float* halves, float* bytes) {
      table.linear_f16(half.x.data() + first * in, in, rows, half.packed.data.get(), in, out,
                       half.bias.data(), halves, out);
      table.linear_i8(byte.x.data() + first * in, in, rows, byte.packed.data.get(), byte.scales.data(), in,
                      out, byte.bias.data(), bytes, out);
    };
    Block halves(71 * out), bytes(71 * out);
    multiply(0, 71, halves.data(), bytes.data());
    for (int64_t rows : {1, 2, 3, 4, 5, 7, 9, 64}) {
      for (int64_t first = 0; first + rows <= 71; first += rows) {
        Block some_halves(rows * out), some_bytes(rows * out);
        multiply(first, rows, some_halves.data(), some_bytes.data());
        CHECK(std::memcmp(some_halves.data(), halves.data() + first * out, rows * out * sizeof(float)) == 0);
        CHECK(std::memcmp(some_bytes.data(), bytes.data() + first * out, rows * out * sizeof(float)) == 0);
      }
    }
  });
}

TEST_CASE("packed weights honour row strides and leave what lies between rows alone") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : {1, 3, 10}) {
      const HalfProblem half(rows, 19, 43);
      ByteProblem byte(rows, 19, 43);
      const std::vector<float> dense = byte.multiply(table, true);
      Block x((rows - 1) * 24 + 19), y((rows - 1) * 50 + 43);
      for (int64_t r = 0; r < rows; r++) std::copy_n(byte.x.begin() + r * 19, 19, x.data() + r * 24);
      table.linear_i8(x.data(), 24, rows, byte.packed.data.get(), byte.scales.data(), 19, 43,
                      byte.bias.data(), y.data(), 50);
      for (int64_t r = 0; r < rows; r++) {
        CHECK(std::memcmp(y.data() + r * 50, dense.data() + r * 43, 43 * sizeof(float)) == 0);
        for (int64_t gap = 43; gap < 50 && r + 1 < rows; gap++) CHECK(std::isnan(y[r * 50 + gap]));
      }
      Block z((rows - 1) * 50 + 43);
      table.linear_f16(x.data(), 24, rows, half.packed.data.get(), 19, 43, nullptr, z.data(), 50);
      for (int64_t r = 0; r + 1 < rows; r++) {
        for (int64_t gap = 43; gap < 50; gap++) CHECK(std::isnan(z[r * 50 + gap]));
      }
    }
  });
}

TEST_CASE("f32 to f16 rounds to nearest, ties to even, and back is exact") {
  for (uint32_t bits = 0; bits < 0x7c00; bits++) {
    const float value = f16_to_f32(static_cast<uint16_t>(bits));
    CHECK(f32_to_f16(value) == bits);
    CHECK(f32_to_f16(-value) == (bits | 0x8000u));
    const float next = bits == 0x7bff ? 65536.0f : f16_to_f32(static_cast<uint16_t>(bits + 1));
    const float middle = (value + next) / 2;
    CHECK(f32_to_f16(middle) == (bits % 2 == 0 ? bits : bits + 1));
    CHECK(f32_to_f16(std::nextafter(middle, 0.0f)) == bits);
    CHECK(f32_to_f16(std::nextafter(middle, 1e9f)) == bits + 1);
  }
  CHECK(f32_to_f16(INFINITY) == 0x7c00);
  CHECK(std::isnan(f16_to_f32(f32_to_f16(NAN))));
}
