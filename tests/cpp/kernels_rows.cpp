// exp, softmax, layer norm, GELU and the like against float64.
#include <bit>

#include "attention_support.hpp"
#include "limelight/half.hpp"

using namespace limelight;
using support::Block;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

/// Distance in units of the last place of the true result.
double ulps(float actual, double expected) {
  const float nearest = static_cast<float>(expected);
  const double unit = std::nextafter(nearest, kInf) - static_cast<double>(nearest);
  return std::abs(actual - expected) / unit;
}

float from_bits(uint32_t bits) {
  return std::bit_cast<float>(bits);
}

/// Which kernel of a table.
using Power = void (*(*)(const kernels::Table&))(const float*, int64_t, float*);

/// Passes the floats first, first + step, ... (as bits) up to last through every table's exp or exp2; the
/// largest distance from `exact` in ulp.
double worst_power(Power power, double (*exact)(double), uint32_t first, uint32_t last, uint32_t step) {
  constexpr int64_t kChunk = 4096;
  std::vector<float> x(kChunk), y(kChunk);
  std::vector<double> expected(kChunk);
  double worst = 0;
  for (uint64_t bits = first; bits <= last; bits += static_cast<uint64_t>(kChunk) * step) {
    int64_t n = 0;
    for (uint64_t b = bits; n < kChunk && b <= last; n++, b += step) {
      x[n] = from_bits(static_cast<uint32_t>(b));
      expected[n] = exact(static_cast<double>(x[n]));
    }
    for (const kernels::Table* table : kernels::tables()) {
      const auto raise = power(*table);
      raise(x.data(), n, y.data());
      for (int64_t i = 0; i < n; i++) {
        // The distance between floats at 2^e is 2^(e - 23); the exponent is read off the bits, ldexp would
        // take long.
        const uint64_t exponent = std::bit_cast<uint64_t>(expected[i]) & 0x7ff0000000000000u;
        const double unit = std::bit_cast<double>(exponent) * 0x1p-23;
        const double error = std::abs(y[i] - expected[i]);
        if (!(error <= worst * unit)) worst = error / unit;
      }
    }
  }
  return worst;
}

const uint32_t kMinusZero = 0x80000000u;
struct PowerCase {
  const char* name;
  Power power;
  double (*exact)(double);
  float last_normal;  ///< the power of it is just above, or at, 2^-126
};
const PowerCase kPowers[] = {
    {"exp", [](const kernels::Table& table) { return table.exp; }, [](double x) { return std::exp(x); },
     -87.3365402f},
    {"exp2", [](const kernels::Table& table) { return table.exp2; }, [](double x) { return std::exp2(x); },
     -126.0f},
};

}  // namespace

TEST_CASE("exp and exp2 are within 1.5 ulp from 0 down to the smallest normal result") {
  for (const PowerCase& p : kPowers) {
    const double worst =
        worst_power(p.power, p.exact, kMinusZero, std::bit_cast<uint32_t>(p.last_normal), 9973);
    CHECK(worst <= 1.5);
    MESSAGE(std::string(p.name) << ": at most " << worst << " ulp");
  }
}

#if defined(__OPTIMIZE__) && !defined(__wasm__) && !defined(__SANITIZE_ADDRESS__)
TEST_CASE("exp and exp2 are within 1.5 ulp for every float in their range") {
  // Below 2^-26 both round to 1: looked at without a logarithm's worth of patience.
  const uint32_t tiny = std::bit_cast<uint32_t>(-0x1p-26f);
  for (const PowerCase& p : kPowers) {
    const double worst = worst_power(p.power, p.exact, tiny, std::bit_cast<uint32_t>(p.last_normal), 1);
    CHECK(worst <= 1.5);
    MESSAGE(std::string(p.name) << ", every float: at most " << worst << " ulp");
    CHECK(worst_power(p.power, p.exact, kMinusZero, tiny, 101) <= 1.0);
  }
}
#endif

TEST_CASE("exp and exp2 of zero are one, of -inf and of anything below their range zero, of NaN NaN") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (const PowerCase& p : kPowers) {
      const std::vector<float> x = {0.0f, -0.0f, -kInf, -126.5f, -127.0f, -150.0f, -1000.0f, -3e38f, kNaN};
      Block from(x), to(x.size());
      p.power(table)(from.data(), static_cast<int64_t>(x.size()), to.data());
      CHECK(to[0] == 1.0f);
      CHECK(to[1] == 1.0f);
      for (std::size_t i = 2; i < 8; i++) CHECK(to[i] == 0.0f);
      CHECK(std::isnan(to[8]));
    }
  });
}

TEST_CASE("exp2 between the smallest normal result and zero is subnormal, to the spacing of those") {
  support::on_every_architecture([](const kernels::Table& table) {
    std::vector<float> x;
    for (float at = -126.0f; at > -126.5f; at = std::nextafter(at, -kInf)) x.push_back(at);
    Block from(x), to(x.size());
    table.exp2(from.data(), static_cast<int64_t>(x.size()), to.data());
    double worst = 0;
    for (std::size_t i = 0; i < x.size(); i++)
      worst = std::max(worst, std::abs(to[i] - std::exp2(static_cast<double>(x[i]))));
    CHECK(worst <= 0x1p-148);  // two of them
  });
}

TEST_CASE("softmax equals the formula at every length") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (int64_t n = 1; n <= 131; n++) {
      reference::Random random(static_cast<uint64_t>(n));
      const std::vector<float> x = random.numbers(n, 8.0f);
      const std::vector<double> expected = reference::softmax(x);
      Block y(x);
      table.softmax(y.data(), n);
      // x - max is rounded once, at up to 16: a relative error of 16 eps; exp, sum and division add 4 + n.
      for (int64_t i = 0; i < n; i++) {
        worst.see(std::abs(y[i] - expected[i]),
                  static_cast<double>(20 + n) * reference::kEpsilon * expected[i]);
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("softmax: largest |error| / bound is " << worst.ratio());
}

TEST_CASE("softmax gives hidden entries zero, and zeros where all are hidden") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t n : {1, 3, 4, 5, 8, 17, 33}) {
      Block hidden(std::vector<float>(n, -kInf));
      table.softmax(hidden.data(), n);
      for (float value : hidden.copy()) CHECK(value == 0.0f);
      Block one(std::vector<float>(n, -kInf));
      one[n - 1] = -300.0f;
      table.softmax(one.data(), n);
      for (int64_t i = 0; i < n; i++) CHECK(one[i] == (i == n - 1 ? 1.0f : 0.0f));
    }
  });
}

TEST_CASE("layer norm equals the formula, also far from zero and in place") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (float offset : {0.0f, 3.0f, -100.0f}) {
      for (int64_t n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 48, 97, 192, 768}) {
        reference::Random random(static_cast<uint64_t>(n) + 5);
        std::vector<float> x = random.numbers(n, 2.0f);
        for (float& value : x) value += offset;
        const std::vector<float> gain = random.numbers(n), shift = random.numbers(n);
        const std::vector<double> expected = reference::layer_norm(x, gain, shift, 1e-5);
        Block from(x), g(gain), s(shift), y(x.size());
        table.layer_norm(from.data(), n, g.data(), s.data(), 1e-5f, y.data());
        table.layer_norm(from.data(), n, g.data(), s.data(), 1e-5f, from.data());
        CHECK(from.copy() == y.copy());
        double mean = 0, variance = 0, size = 0;
        for (float value : x) mean += value / static_cast<double>(n);
        for (float value : x) variance += (value - mean) * (value - mean) / static_cast<double>(n);
        for (float value : x) size = std::max(size, std::abs(static_cast<double>(value)));
        for (int64_t i = 0; i < n; i++) {
          // The mean carries n eps max|x|, which the division by the deviation magnifies; the rest is
          // relative.
          const double unit = (expected[i] - shift[i]) + 0.0;
          const double bound =
              reference::kEpsilon *
              (static_cast<double>(n + 16) * std::abs(unit) + std::abs(shift[i]) +
               static_cast<double>(n + 4) * size * std::abs(gain[i]) / std::sqrt(variance + 1e-5));
          worst.see(std::abs(y[i] - expected[i]), bound);
        }
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("layer norm: largest |error| / bound is " << worst.ratio());
}

TEST_CASE("both forms of GELU are within 2e-7 |x| of the formula over all that matters") {
  support::Worst erf, tanh;
  support::on_every_architecture([&](const kernels::Table& table) {
    std::vector<float> x;
    for (double value = -14; value < 14; value += 0.00013) x.push_back(static_cast<float>(value));
    for (int exponent = -126; exponent < 100; exponent++) {
      for (float sign : {1.0f, -1.0f}) x.push_back(sign * std::ldexp(1.37f, exponent));
    }
    Block a(x), b(x);
    table.gelu_erf(a.data(), static_cast<int64_t>(x.size()));
    table.gelu_tanh(b.data(), static_cast<int64_t>(x.size()));
    for (std::size_t i = 0; i < x.size(); i++) {
      const double size = std::abs(static_cast<double>(x[i]));
      erf.see(std::abs(a[i] - reference::gelu_erf(x[i])), 2e-7 * size + 1e-44);
      tanh.see(std::abs(b[i] - reference::gelu_tanh(x[i])), 2e-7 * size + 1e-44);
    }
  });
  CHECK(erf.ratio() <= 1.0);
  CHECK(tanh.ratio() <= 1.0);
  MESSAGE("gelu: largest |error| / (2e-7 |x|) is " << erf.ratio() << " with erf, " << tanh.ratio()
                                                   << " with tanh");
}

TEST_CASE("SiLU is within 4e-7 of the formula's result wherever that is a normal number") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    std::vector<float> x = {0.0f, -0.0f};
    for (double value = -80; value < 80; value += 0.00037) x.push_back(static_cast<float>(value));
    for (int exponent = -120; exponent < 100; exponent++) x.push_back(std::ldexp(1.37f, exponent));
    Block y(x);
    table.silu(y.data(), static_cast<int64_t>(x.size()));
    for (std::size_t i = 0; i < x.size(); i++) {
      const double expected = x[i] / (1 + std::exp(-static_cast<double>(x[i])));
      worst.see(std::abs(y[i] - expected), 4e-7 * std::abs(expected) + 1e-37);
    }
    Block far(std::vector<float>{-1e4f, -3e38f, 3e38f});
    table.silu(far.data(), 3);
    CHECK(std::abs(far[0]) == 0.0f);
    CHECK(std::abs(far[1]) == 0.0f);
    CHECK(far[2] == 3e38f);
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("silu: largest |error| / (4e-7 |result|) is " << worst.ratio());
}

TEST_CASE("RMS norm equals the formula at every length, also in place") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (int64_t n = 1; n <= 70; n++) {
      for (const float epsilon : {1e-6f, 0.5f}) {
        reference::Random random(static_cast<uint64_t>(n));
        const std::vector<float> x = random.numbers(n, 2.0f), gain = random.numbers(n);
        Block from(x), g(gain), y(x.size());
        table.rms_norm(from.data(), n, g.data(), epsilon, y.data());
        table.rms_norm(from.data(), n, g.data(), epsilon, from.data());
        CHECK(from.copy() == y.copy());
        double squares = 0;
        for (float value : x) squares += static_cast<double>(value) * value / static_cast<double>(n);
        for (int64_t i = 0; i < n; i++) {
          const double expected =
              x[i] / std::sqrt(squares + static_cast<double>(epsilon)) * static_cast<double>(gain[i]);
          worst.see(std::abs(y[i] - expected),
                    reference::kEpsilon * static_cast<double>(n + 8) * std::abs(expected));
        }
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("RMS norm: largest |error| / bound is " << worst.ratio());
}

TEST_CASE("element-wise kernels touch exactly their elements, at every length") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t n = 0; n <= 37; n++) {
      reference::Random random(static_cast<uint64_t>(n));
      const std::vector<float> x = random.numbers(n), y = random.numbers(n);
      Block sum(x), other(y), product(x), pairs(x), erf(x), tanh(x), silu(x), negative(n), exp(n);
      table.add(sum.data(), other.data(), n);
      table.multiply(product.data(), -1.5f, n);
      table.multiply_by(pairs.data(), other.data(), n);
      table.gelu_erf(erf.data(), n);
      table.gelu_tanh(tanh.data(), n);
      table.silu(silu.data(), n);
      for (int64_t i = 0; i < n; i++) negative[i] = -std::abs(x[i]);
      table.exp(negative.data(), n, exp.data());
      for (int64_t i = 0; i < n; i++) {
        CHECK(sum[i] == x[i] + y[i]);
        CHECK(product[i] == -1.5f * x[i]);
        CHECK(pairs[i] == x[i] * y[i]);
        CHECK(std::abs(silu[i] - x[i] / (1 + std::exp(-static_cast<double>(x[i])))) <= 4e-7 * std::abs(x[i]));
        CHECK(std::abs(erf[i] - reference::gelu_erf(x[i])) <= 2e-7);
        CHECK(std::abs(tanh[i] - reference::gelu_tanh(x[i])) <= 2e-7);
        CHECK(ulps(exp[i], std::exp(static_cast<double>(negative[i]))) <= 1.5);
      }
    }
  });
}

TEST_CASE("every f16 is widened exactly, infinities and NaN too, at every length") {
  support::on_every_architecture([](const kernels::Table& table) {
    std::vector<uint16_t> all(0x10000);
    for (std::size_t i = 0; i < all.size(); i++) all[i] = static_cast<uint16_t>(i);
    for (const std::size_t n :
         {all.size(), std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{17}}) {
      support::Block wide(n);
      table.widen_f16(all.data() + all.size() - n, static_cast<int64_t>(n), wide.data());
      bool same = true;
      for (std::size_t i = 0; i < n; i++) {
        const float expected = f16_to_f32(all[all.size() - n + i]);
        same = same && (std::isnan(expected) ? std::isnan(wide[i])
                                             : std::memcmp(&expected, &wide[i], sizeof(float)) == 0);
      }
      CHECK(same);
    }
  });
}

TEST_CASE("the soft cap is within 4 eps of the formula, and finite() finds what is not") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (const float cap : {0.01f, 1.0f, 30.0f}) {
      std::vector<float> x;
      for (float size = 1e-30f; size < 1e30f; size *= 1.01f) {
        x.push_back(size);
        x.push_back(-size);
      }
      x.insert(x.end(),
               {0.0f, std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()});
      support::Block y(x);
      table.softcap(y.data(), cap, static_cast<int64_t>(y.size()));
      support::Worst worst;
      for (std::size_t i = 0; i < x.size(); i++) {
        const double share = static_cast<double>(x[i]) / static_cast<double>(cap);
        const double expected = static_cast<double>(cap) * std::tanh(share);
        // x / cap is rounded, or made with a rounded 1 / cap: 2 eps more where tanh is steep.
        worst.see(std::abs(static_cast<double>(y[i]) - expected),
                  6 * reference::kEpsilon * std::abs(expected));
      }
      CHECK(worst.ratio() <= 1.0);
      MESSAGE("soft cap " << cap << ": largest error is " << 6 * worst.ratio() << " eps");
    }
    for (const int64_t n : {1, 3, 4, 5, 31, 32, 33}) {
      support::Block x(static_cast<std::size_t>(3 * n));
      std::fill_n(x.data(), 3 * n, std::numeric_limits<float>::max());
      CHECK(table.finite(x.data(), n, 3, n));
      for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
        for (int64_t i = 0; i < 3 * n; i++) {
          const float before = x[static_cast<std::size_t>(i)];
          x[static_cast<std::size_t>(i)] = bad;
          CHECK(!table.finite(x.data(), n, 3, n));
          x[static_cast<std::size_t>(i)] = before;
        }
      }
    }
  });
}
