// linear, pack, scores and dot against sums in float64, at every edge of every tile.
#include "attention_support.hpp"

using namespace limelight;
using support::Block;

namespace {

// One row up to beyond a block of 64; the tile heights are 2 to 8, panels 8 wide, working tiles up to 64
// columns.
constexpr int64_t kRows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 63, 64, 65, 71};
constexpr int64_t kOuts[] = {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 61, 64, 67};
constexpr int64_t kIns[] = {1, 2, 3, 4, 5, 7, 8, 9, 37};

struct Product {
  int64_t rows, in, out;
  std::vector<float> x, w, bias, before;

  Product(int64_t rows_, int64_t in_, int64_t out_) : rows(rows_), in(in_), out(out_) {
    reference::Random random(static_cast<uint64_t>(rows * 10007 + in * 101 + out));
    x = random.numbers(rows * in);
    w = random.numbers(out * in);
    bias = random.numbers(out);
    before = random.numbers(rows * out);
  }

  std::vector<float> packed() const {
    Block block(kernels::packed_size(out, in));
    kernels::pack(w.data(), in, false, out, in, block.data());
    return block.copy();
  }

  /// |error| <= (2 in + 2) eps (|start| + sum |x||w|): a chain of `in` steps, each rounded at most twice.
  void compare(const std::vector<float>& y, bool with_bias, bool accumulate, support::Worst& worst) const {
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t o = 0; o < out; o++) {
        double sum = (with_bias ? bias[o] : 0.0) + (accumulate ? before[r * out + o] : 0.0);
        double absolute =
            (with_bias ? std::abs(bias[o]) : 0.0) + (accumulate ? std::abs(before[r * out + o]) : 0.0);
        for (int64_t i = 0; i < in; i++) {
          const double product = static_cast<double>(x[r * in + i]) * w[o * in + i];
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

TEST_CASE("linear equals the sum of products for every number of rows, inputs and outputs") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (int64_t rows : kRows) {
      for (int64_t out : kOuts) {
        for (int64_t in : kIns) {
          CAPTURE(rows);
          CAPTURE(out);
          CAPTURE(in);
          const Product p(rows, in, out);
          Block x(p.x), packed(p.packed()), bias(p.bias), y(p.before);
          const bool with_bias = (rows + out) % 2 == 0, accumulate = (rows + in) % 3 == 0;
          table.linear(x.data(), in, rows, packed.data(), in, out, with_bias ? bias.data() : nullptr,
                       y.data(), out, accumulate);
          p.compare(y.copy(), with_bias, accumulate, worst);
        }
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("linear: largest |error| / bound is " << worst.ratio());
}

TEST_CASE("linear with and without bias, setting and adding") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (bool with_bias : {false, true}) {
      for (bool accumulate : {false, true}) {
        const Product p(13, 101, 43);
        Block x(p.x), packed(p.packed()), bias(p.bias), y(p.before);
        table.linear(x.data(), 101, 13, packed.data(), 101, 43, with_bias ? bias.data() : nullptr, y.data(),
                     43, accumulate);
        p.compare(y.copy(), with_bias, accumulate, worst);
      }
    }
  });
  CHECK(worst.ratio() <= 1.0);
}

TEST_CASE("linear honours row strides and leaves what lies between rows alone") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    const int64_t ldx = 24, ldy = 50;
    const Product p(10, 19, 43);
    Block x(9 * ldx + 19), y(9 * ldy + 43), packed(p.packed());
    for (int64_t r = 0; r < 10; r++) std::copy_n(p.x.begin() + r * 19, 19, x.data() + r * ldx);
    table.linear(x.data(), ldx, 10, packed.data(), 19, 43, nullptr, y.data(), ldy, false);
    std::vector<float> dense;
    for (int64_t r = 0; r < 10; r++) {
      dense.insert(dense.end(), y.data() + r * ldy, y.data() + r * ldy + 43);
      for (int64_t gap = 43; gap < ldy && r < 9; gap++) CHECK(std::isnan(y[r * ldy + gap]));
    }
    p.compare(dense, false, false, worst);
  });
  CHECK(worst.ratio() <= 1.0);
}

TEST_CASE("a row of linear has the same bits however many rows are computed with it") {
  support::on_every_architecture([](const kernels::Table& table) {
    const Product p(71, 33, 45);
    const std::vector<float> packed = p.packed();
    Block whole(71 * 45);
    table.linear(p.x.data(), 33, 71, packed.data(), 33, 45, p.bias.data(), whole.data(), 45, false);
    for (int64_t rows : {1, 2, 3, 4, 5, 6, 7, 9, 64}) {
      for (int64_t first = 0; first + rows <= 71; first += rows) {
        Block part(rows * 45);
        table.linear(p.x.data() + first * 33, 33, rows, packed.data(), 33, 45, p.bias.data(), part.data(), 45,
                     false);
        CHECK(std::memcmp(part.data(), whole.data() + first * 45, part.size() * sizeof(float)) == 0);
      }
    }
  });
}

TEST_CASE("packing keeps every weight, transposed or not, with zeros behind the last") {
  const Product p(1, 5, 11);
  std::vector<float> transposed(5 * 13, 9.0f);  // [in, out] with a row stride of 13
  for (int64_t o = 0; o < 11; o++) {
    for (int64_t i = 0; i < 5; i++) transposed[i * 13 + o] = p.w[o * 5 + i];
  }
  Block packed(kernels::packed_size(11, 5));
  CHECK(packed.size() == 80);
  kernels::pack(transposed.data(), 13, true, 11, 5, packed.data());
  CHECK(packed.copy() == p.packed());
  for (int64_t o = 0; o < 11; o++) {
    Block row(5);
    kernels::unpack_row(packed.data(), 5, o, row.data());
    CHECK(row.copy() == std::vector<float>(p.w.begin() + o * 5, p.w.begin() + o * 5 + 5));
  }
  for (int64_t i = 0; i < 5; i++) {
    for (int64_t lane = 3; lane < 8; lane++) CHECK(packed[40 + i * 8 + lane] == 0.0f);
  }
}

TEST_CASE("scores of keys as they lie have the bits of linear on packed keys") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t rows : {1, 2, 3, 4, 5, 9}) {
      for (int64_t keys : {1, 3, 4, 5, 8, 9, 15, 16, 17, 33, 64}) {
        for (int64_t dim : {1, 2, 3, 4, 5, 7, 8, 31, 64}) {
          CAPTURE(rows);
          CAPTURE(keys);
          CAPTURE(dim);
          const Product p(rows, dim, keys);
          Block q(p.x), k(p.w), scores(rows * keys), packed(kernels::packed_size(keys, dim)),
              linear(rows * keys);
          table.scores(q.data(), dim, rows, k.data(), dim, keys, dim, scores.data(), keys);
          table.pack_keys(k.data(), dim, keys, dim, packed.data());
          table.linear(q.data(), dim, rows, packed.data(), dim, keys, nullptr, linear.data(), keys, false);
          CHECK(std::memcmp(scores.data(), linear.data(), scores.size() * sizeof(float)) == 0);
        }
      }
    }
  });
}

TEST_CASE("packed values are the values, panel by panel, with zeros behind the last column") {
  support::on_every_architecture([](const kernels::Table& table) {
    for (int64_t dim : {1, 7, 8, 9, 24}) {
      for (int64_t keys : {1, 5, 64}) {
        const Product p(keys, dim, 1);
        Block v(p.x), packed(kernels::packed_size(dim, keys));
        table.pack_values(v.data(), dim, keys, dim, packed.data());
        for (int64_t j = 0; j < keys; j++) {
          for (int64_t d = 0; d < (dim + 7) / 8 * 8; d++) {
            CHECK(packed[d / 8 * keys * 8 + j * 8 + d % 8] == (d < dim ? p.x[j * dim + d] : 0.0f));
          }
        }
      }
    }
  });
}

TEST_CASE("dot equals the sum of products at every length") {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table& table) {
    for (int64_t n = 0; n <= 131; n++) {
      const Product p(1, n, 1);
      Block a(p.x), b(p.w);
      double sum = 0, absolute = 0;
      for (int64_t i = 0; i < n; i++) {
        sum += static_cast<double>(p.x[i]) * p.w[i];
        absolute += std::abs(static_cast<double>(p.x[i]) * p.w[i]);
      }
      worst.see(std::abs(table.dot(a.data(), b.data(), n) - sum), 2.0 * n * reference::kEpsilon * absolute);
    }
  });
  CHECK(worst.ratio() <= 1.0);
  MESSAGE("dot: largest |error| / bound is " << worst.ratio());
}
