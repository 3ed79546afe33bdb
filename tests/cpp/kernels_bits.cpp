// SSE2 natively and SIMD128 in WebAssembly are the same arithmetic, bit for bit: four lanes, and a
// multiply-add that rounds twice. The constant below is what both of them give.
//
// The others are as right, and differ in the last bits: relaxed SIMD, AVX2, AVX-512 and NEON round a
// multiply-add once (relaxed SIMD once or twice, as its host likes), and softmax and layer norm add up as
// many chains as there are lanes, so the 8 of AVX2 and the 16 of AVX-512 sum in another order. Log-sum-exps
// are left out: their logarithm comes from the C library.
#include "attention_support.hpp"

#if (defined(__wasm_simd128__) && !defined(__wasm_relaxed_simd__)) || defined(__SSE2__)

#include <bit>

using namespace limelight;
using support::Block;

namespace {

constexpr uint64_t kFingerprint = 0x3ca4751d838165dcu;

/// FNV-1a over the bits of numbers, byte by byte from the lowest.
class Fingerprint {
 public:
  void see(const std::vector<float>& numbers) {
    for (float number : numbers) {
      for (uint32_t bits = std::bit_cast<uint32_t>(number), byte = 0; byte < 4; byte++, bits >>= 8)
        hash_ = (hash_ ^ (bits & 0xff)) * 0x100000001b3u;
    }
  }
  uint64_t hash() const { return hash_; }

 private:
  uint64_t hash_ = 0xcbf29ce484222325u;
};

void see_attention(Fingerprint& all) {
  for (bool causal : {false, true}) {
    for (int64_t q_len : {1, 3, 4, 53, 97}) {
      for (int64_t dim : {5, 64}) {
        reference::Case c = support::random_case(2, 4, 2, q_len, 531, dim, 2 * dim - 1);
        c.causal = causal;
        c.key_lengths = {531, 130};
        c.gate = {1.0f, 0.7f, -2.0f, 0.0f};
        all.see(support::run(c).out);
      }
    }
  }
}

void see_products(const kernels::Table& table, reference::Random& random, Fingerprint& all) {
  for (int64_t rows : {1, 3, 6, 67}) {
    const int64_t in = 37, out = 45;
    const auto x = random.numbers(rows * in), w = random.numbers(out * in), bias = random.numbers(out);
    Block packed(kernels::packed_size(out, in)), y(static_cast<std::size_t>(rows * out));
    kernels::pack(w.data(), in, false, out, in, packed.data());
    table.linear(x.data(), in, rows, packed.data(), in, out, bias.data(), y.data(), out, false);
    all.see(y.copy());
  }
}

void see_rows(const kernels::Table& table, reference::Random& random, Fingerprint& all) {
  for (int64_t n : {1, 3, 8, 63, 770}) {
    const auto gain = random.numbers(n), shift = random.numbers(n);
    Block x(random.numbers(n, 8.0f)), y(static_cast<std::size_t>(n));
    table.layer_norm(x.data(), n, gain.data(), shift.data(), 1e-5f, y.data());
    all.see(y.copy());
    const auto in_place = [&](void (*kernel)(float*, int64_t)) {
      Block changed(x.copy());
      kernel(changed.data(), n);
      all.see(changed.copy());
    };
    in_place(table.softmax);
    in_place(table.gelu_erf);
    in_place(table.gelu_tanh);
  }
}

}  // namespace

TEST_CASE("four lanes without fused multiply-add give the same bits natively and in WebAssembly") {
  int tables = 0;
  support::on_every_architecture([&](const kernels::Table& table) {
    const std::string arch = table.arch;
    if (arch != "sse2" && arch != "wasm-simd128") return;
    tables++;
    reference::Random random(15);
    Fingerprint all;
    see_attention(all);
    see_products(table, random, all);
    see_rows(table, random, all);
    CHECK(all.hash() == kFingerprint);
  });
  CHECK(tables == 1);
}

#endif
