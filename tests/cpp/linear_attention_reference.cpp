// linear_attend() against the float64 reference: every rule, every kind of decay and beta, every shape.
#include "linear_attention_support.hpp"

using namespace limelight;
using linear::Case;
using linear::kRules;
using linear::random_case;
using linear::Ratios;
using linear::run;

namespace {

// One, a group of columns (16), strips of 32 and 64 of them, a block of tokens (32): each one short, met, one
// beyond; and primes.
constexpr int64_t kDims[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 65, 67};
constexpr int64_t kLengths[] = {1, 2, 3, 5, 31, 32, 33, 37, 63, 64, 65, 97};

}  // namespace

TEST_CASE("linear attention equals the formula for every key_dim and value_dim") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const LinearRule rule : kRules) {
      for (const int64_t key_dim : kDims) {
        for (const int64_t value_dim : kDims) {
          CAPTURE(static_cast<int>(rule));
          CAPTURE(key_dim);
          CAPTURE(value_dim);
          const Case c = random_case(rule, {1, 1, 1, 5, key_dim, value_dim});
          linear::compare(c, run(c), ratios);
        }
      }
    }
  });
  linear::report("dims", ratios);
}

TEST_CASE("linear attention equals the formula for every number of tokens") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const LinearRule rule : kRules) {
      for (const int64_t seq : kLengths) {
        for (const bool per_dim : {false, true}) {
          CAPTURE(static_cast<int>(rule));
          CAPTURE(seq);
          const Case c = random_case(rule, {1, 2, 2, seq, 13, 19}, per_dim);
          linear::compare(c, run(c), ratios);
          linear::compare(c, run(c, {.seq_first = true}), ratios);
        }
      }
    }
  });
  linear::report("lengths", ratios);
}

TEST_CASE("query heads read the state of their key-value head, in both layouts") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const LinearRule rule : kRules) {
      for (const int64_t kv_heads : {1, 2, 3}) {
        for (const int64_t group : {1, 2, 3, 4, 5, 6, 7, 8, 13}) {
          for (const bool shared : {false, true}) {
            CAPTURE(static_cast<int>(rule));
            CAPTURE(kv_heads);
            CAPTURE(group);
            const Case c = random_case(rule, {2, kv_heads * group, kv_heads, 34, 6, 35}, shared, shared);
            linear::compare(c, run(c), ratios);
            linear::compare(c, run(c, {.seq_first = true}), ratios);
          }
        }
      }
    }
  });
  linear::report("heads", ratios);
}

TEST_CASE("scale may be any finite number") {
  Ratios ratios;
  for (const LinearRule rule : kRules) {
    for (const double scale : {0.0, 1.0, -0.75, 0x1p-20}) {
      CAPTURE(scale);
      Case c = random_case(rule, {1, 2, 1, 9, 8, 17});
      c.scale = scale;
      linear::compare(c, run(c), ratios);
    }
  }
  linear::report("scale", ratios);
}

TEST_CASE("a long sequence stays within the bound") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const LinearRule rule : kRules) {
      CAPTURE(static_cast<int>(rule));
      const Case c = random_case(rule, {1, 1, 1, 2003, 64, 64}, false);
      linear::compare(c, run(c, {.seq_first = true}), ratios);
    }
  });
  linear::report("long sequences", ratios);
}

TEST_CASE("decays may be of any size, above zero too") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const int64_t key_dim : {1, 5, 23}) {
      Case c = random_case(LinearRule::gated, {1, 1, 1, 8, key_dim, 16});
      reference::Random random(3);
      for (float& g : c.decay) g = 8 * random.number();
      linear::compare(c, run(c), ratios);
      c.state.assign(c.state.size(), 0x1p-126f);
      c.v.assign(c.v.size(), 0.0f);
      c.decay.assign(c.decay.size(), 0.0f);
      std::fill_n(c.decay.begin(), key_dim, 88.0f);
      linear::compare(c, run(c), ratios);
    }
  });
  linear::report("large decays", ratios);
}

TEST_CASE("a decay of minus infinity forgets all, one of plus infinity overflows, as exp does") {
  support::on_every_architecture([&](const kernels::Table&) {
    Case c = random_case(LinearRule::gated, {1, 1, 1, 1, 4, 16});
    constexpr float kInf = std::numeric_limits<float>::infinity();
    c.decay = {-kInf, 0.0f, 89.0f, kInf};
    c.state.assign(c.state.size(), 1.0f);
    c.k.assign(c.k.size(), 0.0f);
    const std::vector<float> state = run(c).state;
    for (int64_t m = 0; m < 16; m++) {
      CHECK(state[m] == 0.0f);
      CHECK(state[16 + m] == 1.0f);
      CHECK(state[32 + m] == kInf);
      CHECK(state[48 + m] == kInf);
    }
  });
}
