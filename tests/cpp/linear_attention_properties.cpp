// What linear_attend() keeps, bit for bit: cuts of the sequence, threads, the future, neighbours, special
// cases of one rule that are another.
#include "limelight/thread_pool.hpp"
#include "linear_attention_support.hpp"

using namespace limelight;
using linear::Case;
using linear::check_same;
using linear::kRules;
using linear::random_case;
using linear::Result;
using linear::run;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Every rule with groups that are read in one pass and in several, with whole groups of columns and without.
template <class F>
void for_each_case(F&& body) {
  for (const LinearRule rule : kRules) {
    for (const int64_t group : {1, 2, 3, 4, 6}) {
      for (const int64_t value_dim : {16, 41, 96}) {
        CAPTURE(static_cast<int>(rule));
        CAPTURE(group);
        CAPTURE(value_dim);
        body(random_case(rule, {2, 2 * group, 2, 70, 11, value_dim}, group % 2 == 0, group == 2));
      }
    }
  }
}

/// Numbers [first, first + count) of every row of `dim` tokens.
void fill_tokens(std::vector<float>& x, const Case& c, int64_t dim, int64_t first, float value) {
  for (std::size_t i = 0; i < x.size(); i++) {
    if (static_cast<int64_t>(i) / dim % c.seq >= first) x[i] = value;
  }
}

bool same_tokens(const std::vector<float>& a, const std::vector<float>& b, const Case& c, int64_t end) {
  const int64_t row = c.seq * c.value_dim;
  for (int64_t at = 0; at < static_cast<int64_t>(a.size()); at += row) {
    if (std::memcmp(&a[at], &b[at], static_cast<std::size_t>(end * c.value_dim) * sizeof(float)) != 0)
      return false;
  }
  return true;
}

std::unique_ptr<ThreadPool> pool_of(int threads) {
#if defined(__EMSCRIPTEN__)
  return std::make_unique<ThreadPool>(threads);
#else
  std::unique_ptr<ThreadPool> pool;
  const Status status = ThreadPool::create(threads, pool);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  return pool;
#endif
}

}  // namespace

TEST_CASE("a prefill is decoding step by step, bit for bit, and any cuts between them") {
  support::on_every_architecture([&](const kernels::Table&) {
    for_each_case([](const Case& c) {
      const Result all = run(c);
      check_same(run(c, {.cuts = std::vector<int64_t>(70, 1)}), all);
      check_same(run(c, {.cuts = {0, 33, 1, 32, 0, 3}}), all);
      check_same(run(c, {.seq_first = true, .cuts = {17}}), all);
    });
  });
}

TEST_CASE("linear attention has the same bits with any number of threads") {
  for (const int threads : {1, 2, 3, 7}) {
    const auto pool = pool_of(threads);
    for (const LinearRule rule : kRules) {
      for (const auto& shape :
           {linear::Shape{1, 1, 1, 517, 128, 256}, {1, 2, 1, 403, 131, 211}, {3, 12, 4, 171, 64, 64}}) {
        const Case c = random_case(rule, shape);
        check_same(run(c, {.pool = pool.get()}), run(c));
      }
    }
  }
}

TEST_CASE("later tokens change no bit of earlier outputs, whatever they hold") {
  support::on_every_architecture([&](const kernels::Table&) {
    for_each_case([](const Case& c) {
      const Result before = run(c);
      for (const int64_t first : {1, 32, 69}) {
        Case changed = c;
        fill_tokens(changed.q, c, c.key_dim, first, kNaN);
        fill_tokens(changed.k, c, c.key_dim, first, kNaN);
        fill_tokens(changed.v, c, c.value_dim, first, kNaN);
        fill_tokens(changed.decay, c, c.decay_dim, first, kNaN);
        fill_tokens(changed.beta, c, 1, first, kNaN);
        const Result after = run(changed);
        CHECK(same_tokens(after.out, before.out, c, first));
        CHECK(std::isnan(after.out.back()));
        CHECK(std::isnan(after.state.back()));
      }
    });
  });
}

TEST_CASE("a NaN goes where the formula takes it and nowhere else") {
  // Whether the numbers at which `hit` says so are NaN, and all others as they were.
  const auto only = [](const std::vector<float>& got, const std::vector<float>& clean, auto&& hit) {
    for (std::size_t i = 0; i < got.size(); i++) {
      const bool right = hit(static_cast<int64_t>(i)) ? std::isnan(got[i]) : got[i] == clean[i];
      if (!right) return false;
    }
    return true;
  };
  support::on_every_architecture([&](const kernels::Table&) {
    for_each_case([&](const Case& c) {
      const Result clean = run(c);
      const int64_t group = c.q_heads / c.kv_heads, state = c.key_dim * c.value_dim;
      // In v: its column of its head, from its token on.
      Case in_v = c;
      in_v.v[40 * c.value_dim + 15] = kNaN;
      const Result v = run(in_v);
      CHECK(only(v.state, clean.state, [&](int64_t i) { return i < state && i % c.value_dim == 15; }));
      CHECK(only(v.out, clean.out, [&](int64_t i) {
        const int64_t row = i / c.value_dim;
        return row < group * c.seq && row % c.seq >= 40 && i % c.value_dim == 15;
      }));
      // In q: its row.
      Case in_q = c;
      in_q.q[7 * c.key_dim + 3] = kNaN;
      const Result q = run(in_q);
      CHECK(support::same_bits(q.state, clean.state));
      CHECK(only(q.out, clean.out, [&](int64_t i) { return i / c.value_dim == 7; }));
      // In k: its head, from its token on; the plain and the gated rule keep it in its row of the state.
      Case in_k = c;
      in_k.k[40 * c.key_dim + 3] = kNaN;
      const Result k = run(in_k);
      CHECK(only(k.state, clean.state,
                 [&](int64_t i) { return i < state && (linear::is_delta(c.rule) || i / c.value_dim == 3); }));
      CHECK(only(k.out, clean.out, [&](int64_t i) {
        const int64_t row = i / c.value_dim;
        return row < group * c.seq && row % c.seq >= 40;
      }));
    });
  });
}

TEST_CASE("a decay of 0 is no decay, and one number per head is the same number in every dimension") {
  support::on_every_architecture([&](const kernels::Table&) {
    for (const int64_t group : {1, 3, 4}) {
      for (const auto& [gated, plain] :
           {std::pair{LinearRule::gated, LinearRule::linear}, {LinearRule::gated_delta, LinearRule::delta}}) {
        Case c = random_case(gated, {2, 2 * group, 2, 41, 9, 23}, false);
        Case per_dim = c;
        per_dim.decay_dim = 9;
        per_dim.decay.clear();
        for (const float g : c.decay) per_dim.decay.insert(per_dim.decay.end(), 9, g);
        check_same(run(per_dim), run(c));
        c.decay.assign(c.decay.size(), 0.0f);
        Case without = c;
        without.rule = plain;
        check_same(run(c), run(without));
      }
    }
  });
}

TEST_CASE("a delta rule with beta 0 leaves the state as it is") {
  support::on_every_architecture([&](const kernels::Table&) {
    Case c = random_case(LinearRule::delta, {1, 2, 2, 40, 16, 33});
    c.beta.assign(c.beta.size(), 0.0f);
    CHECK(run(c).state == c.state);
  });
}

TEST_CASE("a delta rule with beta 1 and a key of length 1 finds what it wrote last") {
  support::on_every_architecture([&](const kernels::Table&) {
    Case c = random_case(LinearRule::delta, {1, 1, 1, 40, 8, 21});
    c.beta.assign(c.beta.size(), 1.0f);
    c.scale = 1.0;
    c.k.assign(c.k.size(), 0.0f);
    for (int64_t t = 0; t < 40; t++) c.k[t * 8 + t % 8] = 1.0f;
    c.q = c.k;
    const std::vector<float> out = run(c).out;
    // v - s and s + (v - s) are rounded once each, with numbers of at most 2.
    for (std::size_t i = 0; i < out.size(); i++) CHECK(std::abs(out[i] - c.v[i]) <= 4 * reference::kEpsilon);
  });
}

TEST_CASE("the plain rule without past is a sum over scores: causal attention without softmax") {
  support::on_every_architecture([&](const kernels::Table&) {
    Case c = random_case(LinearRule::linear, {1, 1, 1, 33, 7, 18});
    c.state.assign(c.state.size(), 0.0f);
    const std::vector<float> out = run(c).out;
    for (int64_t i = 0; i < 33; i++) {
      for (int64_t m = 0; m < 18; m++) {
        double sum = 0, absolute = 0;
        for (int64_t j = 0; j <= i; j++) {
          for (int64_t d = 0; d < 7; d++) {
            const double part = static_cast<double>(c.q[i * 7 + d]) * c.k[j * 7 + d] * c.v[j * 18 + m];
            sum += part / std::sqrt(7.0);
            absolute += std::abs(part) / std::sqrt(7.0);
          }
        }
        // A chain over the tokens, one over key_dim, the scale: 2 roundings each.
        CHECK(std::abs(out[i * 18 + m] - sum) <= 2 * (33 + 7 + 2) * reference::kEpsilon * absolute);
      }
    }
  });
}

TEST_CASE("no tokens change nothing") {
  Case c = random_case(LinearRule::gated_delta, {2, 4, 2, 3, 5, 6});
  const Result result = run(c, {.cuts = {0, 0, 3, 0}});
  check_same(result, run(c));
}

TEST_CASE("batches and heads are each as if they were alone") {
  const Case all = random_case(LinearRule::gated_delta, {3, 4, 2, 35, 12, 20});
  const Result together = run(all);
  for (int64_t b = 0; b < 3; b++) {
    for (int64_t h = 0; h < 2; h++) {
      Case one = all;
      one.batch = one.kv_heads = one.beta_heads = 1;
      one.q_heads = 2;
      const auto part = [&](const std::vector<float>& x, int64_t count) {
        const auto begin = x.begin() + (b * 2 + h) * count;
        return std::vector<float>(begin, begin + count);
      };
      one.q = part(all.q, 2 * 35 * 12);
      one.k = part(all.k, 35 * 12);
      one.v = part(all.v, 35 * 20);
      one.decay = part(all.decay, 35 * 12);
      one.beta = part(all.beta, 35);
      one.state = part(all.state, 12 * 20);
      check_same(run(one), {part(together.out, 2 * 35 * 20), part(together.state, 12 * 20)});
    }
  }
}
