// attend() against the float64 reference: every option and every shape has its comparison here.
#include "attention_support.hpp"

using namespace limelight;
using support::random_case;
using support::Ratios;
using support::report;
using support::run;

namespace {

void compare(const reference::Case& c, Ratios& ratios) {
  support::compare(c, reference::attention(c), run(c), ratios);
}

// Block and tile edges of keys (64), of rows (4, 6, 8, 32), of columns (4, 8, 16, 32), and primes.
constexpr int64_t kLengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 63, 64, 65, 97, 128, 131};

}  // namespace

TEST_CASE("attention equals the formula for every number of queries and keys") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : kLengths) {
      for (int64_t kv_len : kLengths) {
        CAPTURE(q_len);
        CAPTURE(kv_len);
        compare(random_case(1, 1, 1, q_len, kv_len, 8, 8), ratios);
      }
    }
  });
  report("lengths", ratios);
}

TEST_CASE("causal attention equals the formula for every number of queries and keys") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : kLengths) {
      for (int64_t kv_len : kLengths) {
        CAPTURE(q_len);
        CAPTURE(kv_len);
        reference::Case c = random_case(1, 1, 1, q_len, kv_len, 5, 9);
        c.causal = true;
        compare(c, ratios);
      }
    }
  });
  report("causal", ratios);
}

TEST_CASE("head_dim and value_dim may be any number from 1 on, each its own") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t q_len : {1, 3, 37}) {
      for (int64_t head_dim : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 67}) {
        for (int64_t value_dim : {1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 64, 67}) {
          CAPTURE(q_len);
          CAPTURE(head_dim);
          CAPTURE(value_dim);
          compare(random_case(1, 1, 1, q_len, 70, head_dim, value_dim), ratios);
        }
      }
    }
  });
  report("dims", ratios);
}

TEST_CASE("a long row with many key blocks stays within the bound") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    compare(random_case(1, 1, 1, 5, 3001, 64, 64), ratios);
    reference::Case causal = random_case(1, 1, 1, 301, 301, 32, 48);
    causal.causal = true;
    compare(causal, ratios);
  });
  report("long rows", ratios);
}

TEST_CASE("scores that grow along the keys are rescaled without loss") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (float slope : {0.02f, -0.02f, 0.5f, -0.5f}) {
      reference::Case c = random_case(1, 1, 1, 9, 300, 4, 11);
      for (int64_t j = 0; j < c.kv_len; j++) {
        for (int64_t d = 0; d < 4; d++) c.k[j * 4 + d] = slope * static_cast<float>(j);
      }
      for (float& q : c.q) q = 0.5f;
      compare(c, ratios);
    }
  });
  report("growing scores", ratios);
}

TEST_CASE("batches and grouped heads read their own keys and values") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (const auto& heads : {std::pair{1, 1}, {3, 3}, {6, 2}, {6, 1}, {8, 4}}) {
      const int64_t q_heads = heads.first, kv_heads = heads.second;
      for (int64_t q_len : {1, 2, 13, 70}) {
        CAPTURE(q_heads);
        CAPTURE(kv_heads);
        CAPTURE(q_len);
        compare(random_case(2, q_heads, kv_heads, q_len, 67, 12, 10), ratios);
        reference::Case causal = random_case(3, q_heads, kv_heads, q_len, 70, 12, 10);
        causal.causal = true;
        compare(causal, ratios);
      }
    }
  });
  report("heads", ratios);
}

TEST_CASE("scale may be any finite number") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (double scale : {0.0, 1.0, -0.75, 0.125, 3.0, 1e-20}) {
      CAPTURE(scale);
      reference::Case c = random_case(1, 2, 2, 21, 66, 6, 7);
      c.scale = scale;
      compare(c, ratios);
      c.causal = true;
      compare(c, ratios);
    }
  });
  report("scale", ratios);
}

TEST_CASE("past_len moves the causal diagonal") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (int64_t past : {0, 1, 5, 63, 64, 65, 200}) {
      for (int64_t q_len : {1, 9, 70}) {
        CAPTURE(past);
        CAPTURE(q_len);
        reference::Case c = random_case(1, 2, 1, q_len, 130, 5, 6);
        c.causal = true;
        c.past_len = past;
        compare(c, ratios);
      }
    }
  });
  report("past_len", ratios);
}

TEST_CASE("key_lengths cut each batch's keys off") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    for (bool causal : {false, true}) {
      reference::Case c = random_case(6, 2, 2, 40, 130, 8, 9);
      c.key_lengths = {0, 1, 63, 64, 65, 130};
      c.causal = causal;
      compare(c, ratios);
      reference::Case one = random_case(6, 4, 2, 1, 130, 8, 9);
      one.key_lengths = {130, 2, 62, 66, 0, 127};
      one.causal = causal;
      compare(one, ratios);
    }
  });
  report("key_lengths", ratios);
}

TEST_CASE("each head has its own temperature and gate") {
  Ratios ratios;
  support::on_every_architecture([&](const kernels::Table&) {
    reference::Case c = random_case(2, 4, 2, 33, 65, 8, 8);
    c.temperature = {1.0f, 0.25f, 2.0f, 7.5f};
    compare(c, ratios);
    c.gate = {1.0f, 0.0f, -1.0f, 0.3f};
    compare(c, ratios);
    c.temperature.clear();
    c.causal = true;
    compare(c, ratios);
  });
  report("temperature and gate", ratios);
}
