// A cache answers as attend() does over the same keys and values, bit for bit, however it came to hold them.
#include "cache_support.hpp"
#include "limelight/half.hpp"

using namespace limelight;
using support::append;
using support::Block;
using support::cache_for;
using support::check_same;
using support::run;
using support::View;

TEST_CASE("a cache gives the bits of attend, whatever the shape and the options") {
  support::on_every_architecture([](const kernels::Table&) {
    for (const int64_t kv_len : {1, 7, 8, 9, 63, 64, 65, 131}) {
      for (const int64_t q_len : {1, 2, 5, 37}) {
        for (const int64_t dim : {1, 5, 8, 13, 64}) {
          reference::Case c = support::random_case(2, 4, 2, q_len, kv_len, dim, 65 - dim);
          const auto cache = cache_for(c);
          REQUIRE(append(*cache, c, 0, kv_len).ok());
          CAPTURE(kv_len);
          CAPTURE(q_len);
          CAPTURE(dim);
          check_same(run(*cache, c), support::run(c));
          c.causal = true;
          check_same(run(*cache, c), support::run(c));
          c.gate = {0.5f, -2.0f, 0.0f, 1.0f};
          c.temperature = {0.5f, 2.0f, 1.0f, 3.0f};
          c.key_lengths = {static_cast<int32_t>(kv_len / 2), static_cast<int32_t>(kv_len)};
          c.scale = 0.25;
          check_same(run(*cache, c), support::run(c));
          c.past_len = 3;
          check_same(run(*cache, c), support::run(c));
        }
      }
    }
  });
}

TEST_CASE("in what pieces tokens come does not matter") {
  const reference::Case c = support::random_case(2, 6, 3, 3, 150, 12, 20);
  const auto expected = support::run(c);
  for (const std::vector<int64_t>& pieces :
       {std::vector<int64_t>{150}, {1, 149}, {64, 64, 22}, {63, 2, 85}, {7, 0, 8, 1, 130, 4}}) {
    const auto cache = cache_for(c);
    int64_t first = 0;
    for (const int64_t count : pieces) {
      REQUIRE(append(*cache, c, first, count).ok());
      first += count;
    }
    CHECK(cache->length() == 150);
    check_same(run(*cache, c), expected);
  }
  const auto one_by_one = cache_for(c, 150);
  for (int64_t token = 0; token < 150; token++) REQUIRE(append(*one_by_one, c, token, 1).ok());
  check_same(run(*one_by_one, c), expected);
}

TEST_CASE("tokens behind a cut leave no trace, whatever they held") {
  reference::Case c = support::random_case(1, 2, 1, 2, 70, 9, 11);
  reference::Case wild = c;
  std::fill(wild.k.begin(), wild.k.end(), std::nanf(""));
  std::fill(wild.v.begin(), wild.v.end(), std::nanf(""));
  const auto cache = cache_for(c);
  REQUIRE(append(*cache, c, 0, 66).ok());
  REQUIRE(append(*cache, wild, 0, 70).ok());
  const std::size_t bytes = cache->bytes();
  REQUIRE(cache->truncate(66).ok());
  CHECK(cache->bytes() == bytes);
  REQUIRE(append(*cache, c, 66, 4).ok());
  check_same(run(*cache, c), support::run(c));
  CHECK(cache->truncate(71).code == StatusCode::invalid_value);
  CHECK(cache->truncate(-1).code == StatusCode::invalid_value);
  CHECK(cache->length() == 70);
  REQUIRE(cache->truncate(0).ok());
  for (const float value : run(*cache, c).out) CHECK(value == 0.0f);
}

TEST_CASE("a slice of rows over a cache computes its rows only") {
  const reference::Case c = support::random_case(1, 4, 2, 9, 90, 8, 8);
  const auto cache = cache_for(c);
  REQUIRE(append(*cache, c, 0, 90).ok());
  const auto all = run(*cache, c), some = run(*cache, c, {4, 1});
  for (int64_t row = 0; row < 4 * 9; row++) {
    CAPTURE(row);
    for (int64_t d = 0; d < 8; d++) {
      const std::size_t at = static_cast<std::size_t>(row * 8 + d);
      if (row % 9 == 4) {
        CHECK(some.out[at] == all.out[at]);
      } else {
        CHECK(std::isnan(some.out[at]));
      }
    }
  }
}

TEST_CASE("a cache holds what it says, and gives it back") {
  const std::size_t before = live_bytes();
  {
    const reference::Case c = support::random_case(2, 3, 3, 1, 130, 5, 9);
    const auto cache = cache_for(c, 65);
    CHECK(cache->capacity() == 128);
    const auto block = static_cast<std::size_t>(4 * 2 * 3 * 64 * (5 + 16));
    CHECK(cache->bytes() == 2 * block);
    REQUIRE(append(*cache, c, 0, 130).ok());
    CHECK(cache->bytes() == 3 * block);
    CHECK(live_bytes() - before >= cache->bytes());
  }
  CHECK(live_bytes() == before);
}

TEST_CASE("a cache without memory for more tokens stays as it is") {
  const reference::Case c = support::random_case(1, 2, 2, 1, 300, 16, 16);
  const std::size_t before = live_bytes();
  const auto cache = cache_for(c);
  REQUIRE(append(*cache, c, 0, 50).ok());
  reference::Case short_case = support::random_case(1, 2, 2, 1, 300, 16, 16);
  set_memory_limit(live_bytes() + 3 * cache->bytes());
  const std::size_t held = cache->bytes();
  const Status status = append(*cache, c, 50, 250);
  set_memory_limit(0);
  CHECK(status.code == StatusCode::out_of_memory);
  CHECK(std::string(status.message).find("bytes") != std::string::npos);
  CHECK(cache->length() == 50);
  CHECK(cache->bytes() == held);
  REQUIRE(append(*cache, c, 50, 250).ok());
  check_same(run(*cache, c), support::run(c));
  CHECK(live_bytes() > before);
}

TEST_CASE("a cache refuses what does not fit it") {
  std::unique_ptr<KeyValueCache> none;
  for (const KeyValueCache::Shape& shape :
       {KeyValueCache::Shape{0, 1, 1, 1}, {1, -1, 1, 1}, {1, 1, 0, 1}, {1, 1, 1, 0}, {1, 1, 1 << 30, 1}}) {
    CHECK(KeyValueCache::create(shape, 0, none).code == StatusCode::invalid_shape);
  }
  CHECK(KeyValueCache::create({1, 1, 1, 1}, -1, none).code == StatusCode::invalid_shape);
  CHECK(KeyValueCache::create({1, 1, 64, 64}, int64_t{1} << 60, none).code == StatusCode::out_of_memory);
  CHECK(!none);

  const reference::Case c = support::random_case(1, 4, 2, 3, 10, 6, 7);
  const auto cache = cache_for(c);
  REQUIRE(append(*cache, c, 0, 10).ok());
  std::vector<float> numbers(1000);
  const auto view = [&](int64_t heads, int64_t seq, int64_t dim) {
    return View::heads_first(numbers.data(), 1, heads, seq, dim);
  };
  CHECK(cache->append(view(2, 1, 5), view(2, 1, 7)).code == StatusCode::invalid_shape);
  CHECK(cache->append(view(2, 1, 6), view(2, 2, 7)).code == StatusCode::invalid_shape);
  CHECK(cache->append(view(4, 1, 6), view(4, 1, 7)).code == StatusCode::invalid_shape);
  CHECK(cache->length() == 10);

  Block out(4 * 3 * 7), lse(4 * 3), workspace(cache->attend_workspace(view(4, 3, 6)));
  const auto refuses = [&](int64_t heads, int64_t dim, int64_t value_dim, std::span<float> space) {
    const auto to = HeadsView<float>::heads_first(out.data(), 1, heads, 3, value_dim);
    const Status status = cache->attend(view(heads, 3, dim), {}, to, lse.span().first(heads * 3), space);
    return status.code == StatusCode::invalid_shape;
  };
  CHECK(refuses(3, 6, 7, workspace.span()));
  CHECK(refuses(4, 5, 7, workspace.span()));
  CHECK(refuses(4, 6, 6, workspace.span()));
  CHECK(refuses(4, 6, 7, workspace.span().first(workspace.size() - 1)));
  CHECK(std::isnan(out[0]));
  CHECK(!refuses(4, 6, 7, workspace.span()));
}

TEST_CASE("a cache of f16 answers as one of f32 over the rounded numbers, bit for bit, in half the memory") {
  support::on_every_architecture([](const kernels::Table&) {
    for (const auto& [dim, value_dim] : {std::pair{6, 7}, {64, 64}, {1, 33}, {40, 8}}) {
      for (const int64_t rows : {1, 3, 70}) {
        reference::Case c = support::dressed(support::random_case(2, 4, 2, rows, 131, dim, value_dim),
                                             support::kCausal | support::kEdges | support::kMask);
        c.k[5] = 70000.0f;  // beyond the largest f16: infinite
        c.v[9] = 1e-6f;     // subnormal
        c.v[20] = -1e-9f;   // nothing
        c.v[31] = std::nanf("");
        reference::Case rounded = c;
        for (std::vector<float>* numbers : {&rounded.k, &rounded.v})
          for (float& x : *numbers) x = f16_to_f32(f32_to_f16(x));
        const auto half = cache_for(c, 0, KeyValueCache::Precision::f16), whole = cache_for(c);
        for (const auto& [first, count] : {std::pair{0, 50}, {50, 3}, {53, 78}}) {
          REQUIRE(append(*half, c, first, count).ok());
          REQUIRE(append(*whole, rounded, first, count).ok());
        }
        CHECK(2 * half->bytes() == whole->bytes());
        check_same(run(*half, c), run(*whole, rounded));
      }
    }
  });
}
