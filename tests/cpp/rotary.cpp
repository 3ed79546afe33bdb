// Rotary positions against the formula in float64, and what they are for: scores that depend on distances.
#include "limelight/rotary.hpp"
#include "attention_support.hpp"

using namespace limelight;
using support::Block;
using View = HeadsView<const float>;

namespace {

constexpr double kPi = 3.14159265358979323846;

struct Tables {
  std::vector<float> cos, sin;
};
Tables tables(int64_t positions, int64_t rotary_dim, const RotaryFrequencies& frequencies = {}) {
  const auto size = static_cast<std::size_t>(positions * rotary_dim / 2);
  Tables made{std::vector<float>(size), std::vector<float>(size)};
  REQUIRE(rotary_table(frequencies, rotary_dim, made.cos, made.sin).ok());
  return made;
}

/// The frequency of a pair as its source words it.
double frequency_of(const RotaryFrequencies& f, int64_t i, int64_t rotary_dim) {
  double frequency = 1.0 / std::pow(f.base, 2.0 * static_cast<double>(i) / static_cast<double>(rotary_dim));
  if (f.llama3) {
    const double wavelength = 2 * kPi / frequency, original = f.llama3->original_positions;
    const double longest = original / f.llama3->low, shortest = original / f.llama3->high;
    if (wavelength > longest) {
      frequency /= f.llama3->factor;
    } else if (wavelength >= shortest) {
      const double smooth = (original / wavelength - f.llama3->low) / (f.llama3->high - f.llama3->low);
      frequency = (1 - smooth) * frequency / f.llama3->factor + smooth * frequency;
    }
  }
  return frequency / f.linear_scaling;
}

struct Shape {
  int64_t batch, heads, seq, dim, rotary_dim;
};
constexpr Shape kShapes[] = {{1, 1, 1, 2, 2},   {2, 3, 5, 8, 8},   {1, 2, 7, 10, 6},
                             {2, 1, 3, 64, 64}, {1, 4, 9, 34, 34}, {3, 2, 4, 17, 2}};

std::vector<float> numbers(const Shape& s, uint64_t seed) {
  return reference::Random(seed).numbers(s.batch * s.heads * s.seq * s.dim, 2.0f);
}

std::vector<float> rotated(const Shape& s, const std::vector<float>& from, const RotaryOptions& options) {
  Block x(from), out(from.size());
  REQUIRE(rotate(View::heads_first(x.data(), s.batch, s.heads, s.seq, s.dim), options,
                 HeadsView<float>::heads_first(out.data(), s.batch, s.heads, s.seq, s.dim))
              .ok());
  return out.copy();
}

/// Every pairing, forward and back.
template <class F>
void on_every_way(F&& body) {
  for (const Shape& s : kShapes) {
    for (RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::interleaved}) {
      for (bool inverse : {false, true}) {
        CAPTURE(s.dim);
        CAPTURE(inverse);
        body(s, pairs, inverse);
      }
    }
  }
}

}  // namespace

TEST_CASE("a rotary table holds the cosines and sines of its frequencies, whatever scales them") {
  RotaryFrequencies linear{.linear_scaling = 4.0}, llama{.base = 500000.0};
  llama.llama3 = RotaryFrequencies::Llama3{};
  RotaryFrequencies both = llama;
  both.linear_scaling = 2.0;
  both.llama3->original_positions = 64.0;
  const RotaryFrequencies quick{.base = 1.0, .linear_scaling = 1.0 / 512.0}, slow{.base = 1e30};
  for (const RotaryFrequencies& f : {RotaryFrequencies{}, linear, llama, both, quick, slow}) {
    for (int64_t dim : {2, 6, 64, 128}) {
      const Tables table = tables(200, dim, f);
      double worst = 0;
      for (int64_t position = 0; position < 200; position++) {
        for (int64_t i = 0; i < dim / 2; i++) {
          const double angle = static_cast<double>(position) * frequency_of(f, i, dim);
          const auto at = static_cast<std::size_t>(position * dim / 2 + i);
          worst = std::max(
              {worst, std::abs(table.cos[at] - std::cos(angle)), std::abs(table.sin[at] - std::sin(angle))});
        }
      }
      CHECK(worst <= reference::kEpsilon);  // half an ulp of numbers up to 1
    }
  }
}

TEST_CASE("rotation equals its formula, in every pairing, whole and partial, at any positions") {
  on_every_way([](const Shape& s, RotaryPairs pairs, bool inverse) {
    const Tables table = tables(40, s.rotary_dim);
    const std::vector<float> x = numbers(s, 3);
    std::vector<int32_t> anywhere;
    reference::Random random(4);
    for (int64_t i = 0; i < s.batch * s.seq; i++) anywhere.push_back(static_cast<int32_t>(random.below(40)));
    for (bool listed : {false, true}) {
      RotaryOptions options{.cos = table.cos, .sin = table.sin, .pairs = pairs, .inverse = inverse};
      options.rotary_dim = s.rotary_dim;
      if (listed) options.positions = anywhere;
      if (!listed) options.first = 11;
      const std::vector<float> actual = rotated(s, x, options);
      support::Worst worst;
      bool kept = true;
      for (int64_t row = 0; row < s.batch * s.heads * s.seq; row++) {
        const int64_t token = row % s.seq, b = row / s.seq / s.heads;
        const int64_t position = listed ? anywhere[b * s.seq + token] : 11 + token;
        const float *from = &x[row * s.dim], *to = &actual[row * s.dim];
        for (int64_t i = 0; i < s.rotary_dim / 2; i++) {
          const double angle =
              static_cast<double>(inverse ? -position : position) * frequency_of({}, i, s.rotary_dim);
          const bool halves = pairs == RotaryPairs::halves;
          const int64_t a = halves ? i : 2 * i, z = halves ? i + s.rotary_dim / 2 : 2 * i + 1;
          const double c = std::cos(angle), n = std::sin(angle);
          // Each factor and each product is rounded once, and their sum.
          const double bound = 3 * reference::kEpsilon * (std::abs(from[a]) + std::abs(from[z]));
          worst.see(std::abs(to[a] - (c * from[a] - n * from[z])), bound);
          worst.see(std::abs(to[z] - (n * from[a] + c * from[z])), bound);
        }
        for (int64_t d = s.rotary_dim; d < s.dim; d++) kept = kept && to[d] == from[d];
      }
      CHECK(worst.ratio() <= 1.0);
      CHECK(kept);
    }
  });
}

TEST_CASE("a rotation keeps the length of vectors, and its inverse undoes it") {
  on_every_way([](const Shape& s, RotaryPairs pairs, bool inverse) {
    const Tables table = tables(s.seq + 5, s.rotary_dim);
    RotaryOptions options{.cos = table.cos, .sin = table.sin, .pairs = pairs, .first = 5, .inverse = inverse};
    options.rotary_dim = s.rotary_dim;
    const std::vector<float> x = numbers(s, 6), there = rotated(s, x, options);
    options.inverse = !inverse;
    const std::vector<float> back = rotated(s, there, options);
    for (int64_t row = 0; row < s.batch * s.heads * s.seq; row++) {
      double before = 0, after = 0, away = 0;
      for (int64_t i = row * s.dim; i < (row + 1) * s.dim; i++) {
        before += static_cast<double>(x[i]) * x[i];
        after += static_cast<double>(there[i]) * there[i];
        away += (static_cast<double>(back[i]) - x[i]) * (static_cast<double>(back[i]) - x[i]);
      }
      CHECK(after == doctest::Approx(before).epsilon(8 * reference::kEpsilon));
      CHECK(std::sqrt(away) <= 8 * reference::kEpsilon * std::sqrt(before));
    }
  });
}

TEST_CASE("the dot product of two rotated vectors depends on how far they are apart") {
  constexpr int64_t dim = 32, positions = 300;
  const Tables table = tables(positions, dim);
  const Shape one{1, 1, 1, dim, dim};
  const std::vector<float> q = numbers(one, 7), k = numbers(one, 8);
  double size = 0;
  for (int64_t d = 0; d < dim; d++) size += std::abs(static_cast<double>(q[d]) * k[d]);
  for (RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::interleaved}) {
    const auto score = [&](int64_t m, int64_t n) {
      RotaryOptions options{.cos = table.cos, .sin = table.sin, .pairs = pairs, .first = m};
      const std::vector<float> query = rotated(one, q, options);
      options.first = n;
      const std::vector<float> key = rotated(one, k, options);
      double sum = 0;
      for (int64_t d = 0; d < dim; d++) sum += static_cast<double>(query[d]) * key[d];
      return sum;
    };
    for (int64_t distance : {0, 1, 5, 64, 200}) {
      const double at_zero = score(distance, 0);
      for (int64_t n : {1, 17, 99}) {
        // An angle's error is 2 eps of it at most, in each of the two.
        CHECK(std::abs(score(n + distance, n) - at_zero) <= 16 * reference::kEpsilon * size);
        CHECK(std::abs(score(n, n + distance) - score(0, distance)) <= 16 * reference::kEpsilon * size);
      }
    }
    CHECK(std::abs(score(64, 0) - score(0, 0)) > 0.01 * size);
  }
}

TEST_CASE("a view is rotated in place and in any strides, to the same bits") {
  on_every_way([](const Shape& s, RotaryPairs pairs, bool inverse) {
    const Tables table = tables(s.seq, s.rotary_dim);
    RotaryOptions options{.cos = table.cos, .sin = table.sin, .pairs = pairs, .inverse = inverse};
    options.rotary_dim = s.rotary_dim;
    const std::vector<float> x = numbers(s, 9), expected = rotated(s, x, options);
    Block packed(x.size());
    const auto view = HeadsView<float>::seq_first(packed.data(), s.batch, s.heads, s.seq, s.dim);
    for (int64_t row = 0; row < s.batch * s.heads * s.seq; row++)
      std::copy_n(&x[row * s.dim], s.dim,
                  view.row(row / s.seq / s.heads, row / s.seq % s.heads, row % s.seq));
    const View in = View::seq_first(packed.data(), s.batch, s.heads, s.seq, s.dim);
    REQUIRE(rotate(in, options, view).ok());
    for (int64_t row = 0; row < s.batch * s.heads * s.seq; row++) {
      CHECK(std::memcmp(view.row(row / s.seq / s.heads, row / s.seq % s.heads, row % s.seq),
                        &expected[row * s.dim], static_cast<std::size_t>(s.dim) * sizeof(float)) == 0);
    }
  });
}

TEST_CASE("bad rotations are refused by name and write nothing") {
  const Shape s{2, 2, 3, 8, 8};
  const Tables table = tables(5, 8), narrow = tables(5, 4);
  const std::vector<float> x = numbers(s, 1);
  const auto refused = [&](const RotaryOptions& options, const char* what) {
    Block out(x.size());
    const Status status = rotate(View::heads_first(x.data(), s.batch, s.heads, s.seq, s.dim), options,
                                 HeadsView<float>::heads_first(out.data(), s.batch, s.heads, s.seq, s.dim));
    CHECK_MESSAGE(std::string(status.message).find(what) != std::string::npos, std::string(status.message));
    for (float number : out.copy()) CHECK(std::isnan(number));
    return status.code;
  };
  const RotaryOptions good{.cos = table.cos, .sin = table.sin};
  RotaryOptions bad = good;
  for (int64_t dim : {-2, 0, 3, 10}) {
    bad.rotary_dim = dim;
    CHECK(refused(bad, "rotary_dim") == StatusCode::invalid_shape);
  }
  bad = good;
  bad.sin = narrow.sin;
  CHECK(refused(bad, "cos has 20 and sin 10 numbers") == StatusCode::invalid_shape);
  bad.cos = bad.sin = std::span(table.cos).first(18);
  CHECK(refused(bad, "cos has 18") == StatusCode::invalid_shape);
  for (int64_t first : {int64_t{-1}, int64_t{3}, std::numeric_limits<int64_t>::max()}) {
    bad = good;
    bad.first = first;
    CHECK(refused(bad, "first is") == StatusCode::invalid_value);
  }
  const std::vector<int32_t> few(5), outside = {0, 1, 2, 3, 4, 5}, negative = {0, 0, -1, 0, 0, 0}, fine(6);
  bad = good;
  bad.positions = few;
  CHECK(refused(bad, "positions has 5 numbers") == StatusCode::invalid_shape);
  bad.positions = outside;
  CHECK(refused(bad, "positions[5] is 5") == StatusCode::invalid_value);
  bad.positions = negative;
  CHECK(refused(bad, "positions[2] is -1") == StatusCode::invalid_value);
  bad.positions = fine;
  bad.first = 1;
  CHECK(refused(bad, "first is 1 beside positions") == StatusCode::invalid_option);
  bad = good;
  bad.pairs = static_cast<RotaryPairs>(2);
  CHECK(refused(bad, "pairs is 2") == StatusCode::invalid_option);
}

TEST_CASE("bad rotary tables are refused by name and write nothing") {
  const auto refused = [](const RotaryFrequencies& f, int64_t dim, std::size_t cos, std::size_t sin,
                          const char* what) {
    Block a(cos), b(sin);
    const Status status = rotary_table(f, dim, a.span(), b.span());
    CHECK_MESSAGE(std::string(status.message).find(what) != std::string::npos, std::string(status.message));
    for (float number : a.copy()) CHECK(std::isnan(number));
    return status.code;
  };
  for (int64_t dim : {-2, 0, 7, 1 << 21})
    CHECK(refused({}, dim, 4, 4, "rotary_dim") == StatusCode::invalid_shape);
  CHECK(refused({}, 8, 8, 12, "cos has 8 and sin 12") == StatusCode::invalid_shape);
  CHECK(refused({}, 8, 7, 7, "cos has 7") == StatusCode::invalid_shape);
  CHECK(refused({.base = 0.0}, 8, 8, 8, "base is 0") == StatusCode::invalid_value);
  CHECK(refused({.base = 1e31}, 8, 8, 8, "base is 1e+31") == StatusCode::invalid_value);
  CHECK(refused({.base = std::nan("")}, 8, 8, 8, "base is") == StatusCode::invalid_value);
  CHECK(refused({.linear_scaling = -1.0}, 8, 8, 8, "linear_scaling is -1") == StatusCode::invalid_value);
  RotaryFrequencies llama;
  llama.llama3 = RotaryFrequencies::Llama3{.factor = 0.0};
  CHECK(refused(llama, 8, 8, 8, "llama3.factor is 0") == StatusCode::invalid_value);
  llama.llama3 = RotaryFrequencies::Llama3{.low = 4.0, .high = 4.0};
  CHECK(refused(llama, 8, 8, 8, "llama3.low is 4") == StatusCode::invalid_value);
}
