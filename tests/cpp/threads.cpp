// Threads change how long a result takes and not one bit of it; a pool runs every task once, starts, stops,
// and does without helpers that never come.
#include <atomic>
#include <memory>
#include <vector>

#include "attention/split.hpp"
#include "attention_support.hpp"
#include "backward_support.hpp"
#include "checkpoint.hpp"
#include "limelight/key_value_cache.hpp"
#include "limelight/thread_pool.hpp"

using namespace limelight;
using support::Block;
using support::random_case;
using support::same_bits;

namespace {

std::unique_ptr<ThreadPool> pool_of(int threads) {
#if defined(__EMSCRIPTEN__)
  // Helpers are the business of who loads the module; without any, the caller does all that was cut for them.
  return std::make_unique<ThreadPool>(threads);
#else
  std::unique_ptr<ThreadPool> pool;
  const Status status = ThreadPool::create(threads, pool);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  CHECK(pool->threads() == threads);
  return pool;
#endif
}

std::vector<std::unique_ptr<ThreadPool>> pools() {
  std::vector<std::unique_ptr<ThreadPool>> made;
  for (int threads : {1, 2, 3, 7}) made.push_back(pool_of(threads));
  return made;
}

/// Shapes with work for seven threads: few heads and many rows, one row, one head, groups, padding, odd
/// sizes.
std::vector<reference::Case> cases() {
  std::vector<reference::Case> made = {
      random_case(1, 12, 12, 131, 131, 40, 40), random_case(1, 1, 1, 517, 503, 33, 31),
      random_case(1, 24, 24, 1, 5003, 64, 64),  random_case(2, 6, 2, 193, 259, 40, 24),
      random_case(3, 1, 1, 211, 307, 20, 65),   random_case(1, 5, 5, 97, 449, 37, 37),
  };
  for (std::size_t i = 0, plain = made.size(); i < plain; i++) {
    made.push_back(made[i]);
    made.back().causal = true;
  }
  made.push_back(random_case(2, 6, 2, 193, 259, 40, 24));
  made.back().key_lengths = {259, 70};
  made.back().temperature = {1, 2, 0.5, 1, 3, 1};
  made.back().gate = {1, 0, 0.5, 2, 1, 1};
  for (const reference::Case& c : made) {
    const AttentionInputs in = support::inputs_of(c);
    if (kThreadsAvailable) REQUIRE(attention_threads(in, 7, all_rows(in)) == 7);
  }
  return made;
}

}  // namespace

TEST_CASE("attention has the same bits with any number of threads") {
  const auto made = pools();
  support::on_every_architecture([&](const kernels::Table&) {
    for (const reference::Case& c : cases()) {
      CAPTURE(c.q_heads);
      CAPTURE(c.q_len);
      const support::Result alone = support::run(c);
      for (const auto& pool : made) {
        CAPTURE(pool->threads());
        const support::Result shared = support::run(c, {}, pool.get());
        CHECK(same_bits(shared.out, alone.out));
        CHECK(same_bits(shared.lse, alone.lse));
      }
    }
  });
}

TEST_CASE("some rows of attention are those rows with any number of threads, and others stay untouched") {
  const reference::Case c = random_case(1, 2, 1, 700, 700, 16, 16);
  const support::Result alone = support::run(c, {65, 501});
  for (const auto& pool : pools()) CHECK(same_bits(support::run(c, {65, 501}, pool.get()).out, alone.out));
}

TEST_CASE("a cache has the same bits with any number of threads") {
  const auto made = pools();
  for (const reference::Case& c : cases()) {
    CAPTURE(c.q_heads);
    CAPTURE(c.q_len);
    std::unique_ptr<KeyValueCache> cache;
    REQUIRE(KeyValueCache::create({c.batch, c.kv_heads, c.head_dim, c.value_dim}, 0, cache).ok());
    const AttentionInputs in = support::inputs_of(c);
    REQUIRE(cache->append(in.k, in.v).ok());
    const support::Result alone = support::run(c);
    for (const auto& pool : made) {
      CAPTURE(pool->threads());
      Block out(alone.out.size()), lse(alone.lse.size()),
          workspace(cache->attend_workspace(in.q, pool->threads()));
      REQUIRE(
          cache
              ->attend(in.q, support::options_of(c),
                       HeadsView<float>::heads_first(out.data(), c.batch, c.q_heads, c.q_len, c.value_dim),
                       lse.span(), workspace.span(), {}, pool.get())
              .ok());
      CHECK(same_bits(out.copy(), alone.out));
      CHECK(same_bits(lse.copy(), alone.lse));
    }
  }
}

TEST_CASE(
    "gradients have the same bits with any number of threads, also those that sum over heads and batches") {
  const auto made = pools();
  for (bool causal : {false, true}) {
    for (const int64_t bias : {0, 1, 2}) {
      reference::Case c = random_case(2, 6, 3, 311, 203, 24, 20);
      c.causal = causal;
      const std::vector<float> d_out = backward::random_d_out(c);
      const backward::How how{bias, bias == 1 ? 1 : 3 * bias, bias == 1};
      const auto alone = backward::run(c, d_out, how);
      for (const auto& pool : made) {
        for (const int64_t slice : {-1, 13}) {
          backward::How shared = how;
          shared.pool = pool.get();
          shared.slice = slice;
          const auto made_of_it = backward::run(c, d_out, shared);
          CHECK(same_bits(made_of_it.dq, alone.dq));
          CHECK(same_bits(made_of_it.dk, alone.dk));
          CHECK(same_bits(made_of_it.dv, alone.dv));
          CHECK(same_bits(made_of_it.d_bias, alone.d_bias));
          CHECK(same_bits(made_of_it.d_gate, alone.d_gate));
          CHECK(same_bits(made_of_it.d_temperature, alone.d_temperature));
        }
      }
    }
  }
}

TEST_CASE("a run of a model, its extension and its logits have the same bits with any number of threads") {
  const test::Sizes sizes{
      .vocabulary = 20'003, .positions = 140, .width = 268, .layers = 2, .mlp_width = 1027};
  const auto made = pools();
  for (const WeightFormat format : {WeightFormat::f32, WeightFormat::f16, WeightFormat::int8}) {
    const auto model = test::load(test::make_gpt2(sizes), 1 << 20, format);
    const auto ids = test::random_ids(131, sizes.vocabulary);
    const auto numbers = [&](ThreadPool* pool) {
      RunOptions options;
      options.pool = pool;
      std::unique_ptr<Run> run;
      const auto some = std::span(ids).first(100);
      REQUIRE(Run::create(model, some, options, nullptr, run).ok());
      while (!run->finished()) REQUIRE(run->advance(1).ok());
      REQUIRE(run->extend(std::span(ids).subspan(100)).ok());
      while (!run->finished()) REQUIRE(run->advance(1).ok());
      std::vector<float> all = test::everything(*run);
      std::vector<float> logits(static_cast<std::size_t>(sizes.vocabulary));
      REQUIRE(run->logits(130, logits).ok());
      all.insert(all.end(), logits.begin(), logits.end());
      return all;
    };
    const auto alone = numbers(nullptr);
    for (const auto& pool : made) CHECK(same_bits(numbers(pool.get()), alone));
  }
}

TEST_CASE("a split covers every row of every head once, whatever the sizes") {
  for (const int64_t batch : {1, 3}) {
    for (const int64_t kv_heads : {1, 2, 5, 12}) {
      for (const int64_t rows : {0, 1, 31, 32, 64, 65, 127, 300, 1024}) {
        for (const int threads : {1, 2, 3, 7, 64}) {
          for (const int64_t heads_of_task : {int64_t{1}, kv_heads}) {
            const reference::Case c = random_case(batch, kv_heads, kv_heads, rows + 5, 1, 1, 1);
            const AttentionInputs in = support::inputs_of(c);
            const Split split(in, {3, rows}, heads_of_task, threads);
            std::vector<int> seen(static_cast<std::size_t>(batch * kv_heads * (rows + 5)));
            for (int64_t i = 0; i < split.tasks(); i++) {
              const Task task = split.task(i);
              for (int64_t h = task.first_kv_head; h < task.end_kv_head; h++) {
                for (int64_t row = task.rows.first; row < task.rows.first + task.rows.count; row++)
                  seen[static_cast<std::size_t>((task.batch * kv_heads + h) * (rows + 5) + row)]++;
              }
            }
            bool once = true;
            for (std::size_t i = 0; i < seen.size(); i++) {
              const auto row = static_cast<int64_t>(i) % (rows + 5);
              once = once && seen[i] == (row >= 3 && row < 3 + rows ? 1 : 0);
            }
            CAPTURE(rows);
            CAPTURE(threads);
            CHECK(once);
          }
        }
      }
    }
  }
}

TEST_CASE("a pool runs every task once, and calls at the same time have different numbers") {
  for (const auto& pool : pools()) {
    const int threads = pool->threads();
    for (const int64_t tasks : {0, 1, 2, 5, 1000}) {
      std::vector<std::atomic<int>> done(static_cast<std::size_t>(tasks)),
          inside(static_cast<std::size_t>(threads));
      std::atomic<int> clashes{0};
      pool->run(tasks, threads, [&](int64_t index, int thread) {
        if (thread < 0 || thread >= threads) {
          clashes++;
          return;
        }
        if (inside[static_cast<std::size_t>(thread)]++ != 0) clashes++;
        done[static_cast<std::size_t>(index)]++;
        inside[static_cast<std::size_t>(thread)]--;
      });
      CHECK(clashes == 0);
      bool once = true;
      for (const std::atomic<int>& count : done) once = once && count == 1;
      CHECK(once);
    }
  }
}

TEST_CASE("runs follow one another without a task of one falling into the other") {
  for (const auto& pool : pools()) {
    int64_t wrong = 0;
    for (int64_t round = 0; round < 3000; round++) {
      std::atomic<int64_t> sum{0};
      pool->run(7, pool->threads(), [&](int64_t index, int) { sum += index + round; });
      wrong += sum != 21 + 7 * round;
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("a pool whose helpers never come does all the work itself") {
  ThreadPool pool(8);
  std::vector<int> threads;
  pool.run(20, 8, [&](int64_t, int thread) { threads.push_back(thread); });
  CHECK(threads == std::vector<int>(20, 0));
}

TEST_CASE("a run takes no more threads than it asks for") {
  const auto pool = pool_of(7);
  for (int round = 0; round < 200; round++) {
    std::atomic<int> beyond{0};
    pool->run(64, 2, [&](int64_t, int thread) { beyond += thread > 1; });
    CHECK(beyond == 0);
  }
}

TEST_CASE("pools start and stop, with and without work") {
  for (int round = 0; round < 50; round++) {
    const auto pool = pool_of(1 + round % 7);
    std::atomic<int> done{0};
    if (round % 2) pool->run(100, pool->threads(), [&](int64_t, int) { done++; });
    CHECK(done == (round % 2 ? 100 : 0));
  }
}

TEST_CASE("a number of threads that cannot be is refused by name") {
  std::unique_ptr<ThreadPool> pool;
  for (const int threads : {0, -3, 257}) {
    const Status status = ThreadPool::create(threads, pool);
    CHECK(status.code == StatusCode::invalid_option);
    CHECK(std::string(status.message).find(std::to_string(threads)) == 0);
    CHECK(!pool);
  }
}

TEST_CASE("small work stays on the calling thread") {
  CHECK(threads_worth(kWorkOfThread, 8) == 1);
  CHECK(threads_worth(0, 8) == 1);
  if (kThreadsAvailable) {
    CHECK(threads_worth(4.5 * kWorkOfThread, 8) == 4);
    CHECK(threads_worth(1e12, 8) == 8);
  }
}

TEST_CASE("a workspace that is too small for the threads is refused, and nothing is written") {
  const reference::Case c = random_case(1, 12, 12, 131, 131, 32, 32);
  const AttentionInputs in = support::inputs_of(c);
  const auto pool = pool_of(3);
  const std::size_t needed = attend_workspace(in, {}, 3);
  CHECK(needed == (kThreadsAvailable ? 3 : 1) * attend_workspace(in, {}));
  std::vector<float> out(c.q.size(), 7.0f), workspace(needed - 1);
  const Status status = attend(in, {}, HeadsView<float>::heads_first(out.data(), 1, 12, 131, 32), {},
                               workspace, {}, pool.get());
  CHECK(status.code == StatusCode::invalid_shape);
  CHECK(out == std::vector<float>(out.size(), 7.0f));
}
