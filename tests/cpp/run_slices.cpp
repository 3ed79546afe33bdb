// What a run computes does not depend on how it is cut into slices, prefixes and extensions: not in one bit.
#include "checkpoint.hpp"
#include "kernels/kernels.hpp"

namespace limelight::test {
namespace {

std::unique_ptr<Run> in_steps(std::shared_ptr<const Model> model, std::span<const int32_t> ids,
                              const RunOptions& options = {}, const Run* base = nullptr) {
  auto run = start_run(std::move(model), ids, options, base);
  while (!run->finished()) CHECK_OK(run->advance(0));
  return run;
}

/// Once with the kernels of every instruction set that this processor has.
template <class Test>
void with_all_kernels(Test test) {
  const kernels::Table& chosen = kernels::table();
  for (const kernels::Table* table : kernels::tables()) {
    CAPTURE(table->arch);
    kernels::use_table(*table);
    test();
  }
  kernels::use_table(chosen);
}

TEST_CASE("a run advanced step by step equals one that is not interrupted") {
  const Sizes s;
  for (const Family family : kFamilies) {
    const auto model = load(make(family, s));
    for (const int64_t n : {1, 2, 64, 65, 130}) {
      const auto ids = random_ids(n, s.vocabulary);
      CHECK(same_bits(everything(*in_steps(model, ids)), everything(*finished_run(model, ids))));
    }
  }
}

TEST_CASE("progress grows from 0 to 1, a step is at least taken and at most 64 rows of one operation") {
  const Sizes s;
  const auto run = start_run(load(make_bert(s)), random_ids(130, s.vocabulary));
  CHECK(run->progress() == 0);
  CHECK(!run->finished());
  double last = 0;
  int steps = 0;
  while (!run->finished()) {
    CHECK_OK(run->advance(steps % 2 ? 0 : -1));
    CHECK(run->progress() > last - 1e-12);
    // A step is at most 64 of 130 rows of one of the products of one of the two blocks: here attention is the
    // costliest, 4 * 130 * 20 of the 34,000 FLOPs that a row takes in all.
    CHECK(run->progress() - last < 0.5 * 4 * 130 * 20 / 34'000);
    last = run->progress();
    ++steps;
  }
  CHECK(run->progress() == 1);
  // 130 rows are three steps of an operation; a block has eleven operations, and there are embedding and
  // head.
  CHECK(steps == 3 * (2 * 11 + 2));
  CHECK_OK(run->advance(1));
  CHECK(run->finished());
}

TEST_CASE("steps over very long texts take fewer rows, and slices and extensions still change nothing") {
  const Sizes s{.vocabulary = 11, .positions = 5000, .width = 6, .layers = 1, .heads = 1, .mlp_width = 7};
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(5000, s.vocabulary);
  RunOptions lean;
  lean.record = {"ln_final"};
  const auto whole = finished_run(model, ids, lean);
  auto run = finished_run(model, std::span(ids).first(1500), lean);
  CHECK_OK(run->extend(std::span(ids).subspan(1500)));
  int steps = 0;
  for (; !run->finished(); ++steps) CHECK_OK(run->advance(0));
  CHECK(steps == (11 + 2) * ((3500 + 25) / 26));  // 26 rows by 5,000 keys are no more than 64 by 2,048
  for (const int64_t token : {0, 1499, 1500, 1600, 4999}) {
    std::span<const float> a, b;
    CHECK_OK(whole->vector("ln_final", token, -1, a));
    CHECK_OK(run->vector("ln_final", token, -1, b));
    CHECK(same_bits(a, b));
  }
}

TEST_CASE("a run that takes over a prefix equals a run from nothing") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(130, s.vocabulary);
  with_all_kernels([&] {
    for (const int64_t length : {1, 40, 64, 100, 130}) {
      const auto now = std::span(ids).first(static_cast<std::size_t>(length));
      const std::vector<float> expected = everything(*finished_run(model, now));
      for (const int64_t shared : {0, 1, 2, 17, 63, 64, 65, 129, 130}) {
        CAPTURE(shared);
        CAPTURE(length);
        auto earlier = ids;
        if (shared < 130) {
          int32_t& id = earlier[static_cast<std::size_t>(shared)];
          id = (id + 1) % 37;
        }
        const auto base = finished_run(model, earlier);
        const auto reusing = finished_run(model, now, {}, base.get());
        CHECK(reusing->reused() == std::min(shared, length));
        CHECK(same_bits(everything(*reusing), expected));
      }
    }
  });
}

TEST_CASE("bert takes over what its first layer projects of a prefix, and nothing else changes") {
  const Sizes s;
  const auto model = load(make_bert(s));
  const auto ids = random_ids(130, s.vocabulary);
  RunOptions lean, silenced;
  lean.record = {};
  silenced.heads = {{.layer = 0, .head = 0, .gate = 0}};
  const auto steps_of = [](Run& run) {
    int steps = 0;
    for (; !run.finished(); ++steps) CHECK_OK(run.advance(0));
    return steps;
  };
  with_all_kernels([&] {
    for (const RunOptions& options : {RunOptions{}, lean}) {
      for (const int64_t length : {1, 64, 70, 130}) {
        const auto now = std::span(ids).first(static_cast<std::size_t>(length));
        const auto whole = start_run(model, now, options);
        const int steps = steps_of(*whole);
        for (const int64_t shared : {0, 1, 17, 64, 69, 130}) {
          CAPTURE(length);
          CAPTURE(shared);
          auto earlier = ids;
          if (shared < 130) {
            int32_t& id = earlier[static_cast<std::size_t>(shared)];
            id = (id + 1) % 37;
          }
          const auto base = finished_run(model, earlier, silenced);
          const auto run = start_run(model, now, options, base.get());
          CHECK(run->reused() == 0);
          // Norm, queries, keys and values, 64 rows a step.
          const auto projections = [](int64_t rows) { return 4 * static_cast<int>((rows + 63) / 64); };
          CHECK(steps_of(*run) ==
                steps - projections(length) + projections(length - std::min(shared, length)));
          CHECK(same_bits(everything(*run), everything(*whole)));
        }
      }
    }
  });
}

TEST_CASE("a run whose ids are all reused is finished at once") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(20, s.vocabulary);
  const auto base = finished_run(model, ids);
  const auto again = start_run(model, std::span(ids).first(12), {}, base.get());
  CHECK(again->finished());
  CHECK(again->progress() == 1);
  CHECK(again->reused() == 12);
}

TEST_CASE("nothing is taken over where it would not be the same") {
  const Sizes s;
  const auto ids = random_ids(20, s.vocabulary);
  const auto model = load(make_gpt2(s));
  const auto base = finished_run(model, ids);

  RunOptions silenced;
  silenced.heads = {{.layer = 0, .head = 0, .gate = 0}};
  CHECK(start_run(model, ids, silenced, base.get())->reused() == 0);
  const auto changed = finished_run(model, ids, silenced);
  CHECK(start_run(model, ids, silenced, changed.get())->reused() == 20);
  CHECK(start_run(model, ids, {}, changed.get())->reused() == 0);

  RunOptions warm;
  warm.heads = {{.layer = 1, .head = 2, .temperature = 2}};
  CHECK(start_run(model, ids, warm, base.get())->reused() == 0);
  CHECK(start_run(model, ids, warm, finished_run(model, ids, warm).get())->reused() == 20);

  RunOptions little;
  little.record = {"embed"};
  const auto lean = finished_run(model, ids, little);
  CHECK(start_run(model, ids, {}, lean.get())->reused() == 0);       // it lacks what is asked for
  CHECK(start_run(model, ids, little, base.get())->reused() == 20);  // it has more

  CHECK(start_run(load(make_gpt2(s)), ids, {}, base.get())->reused() ==
        0);  // another model, if with the same weights
  const auto bert = load(make_bert(s));
  const auto bidirectional = finished_run(bert, ids);
  CHECK(start_run(bert, ids, {}, bidirectional.get())->reused() == 0);

  const auto unfinished = start_run(model, ids);
  CHECK_OK(unfinished->advance(0));
  CHECK(start_run(model, ids, {}, unfinished.get())->reused() == 0);
}

TEST_CASE("an unfinished run lends what it had taken over itself") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  auto ids = random_ids(100, s.vocabulary);
  const auto first = finished_run(model, std::span(ids).first(70));
  const auto second = start_run(model, ids, {}, first.get());
  for (int i = 0; i < 7; ++i) CHECK_OK(second->advance(0));
  REQUIRE(!second->finished());
  ids[90] = (ids[90] + 1) % 37;
  const auto third = finished_run(model, ids, {}, second.get());
  CHECK(third->reused() == 70);
  CHECK(same_bits(everything(*third), everything(*finished_run(model, ids))));
}

TEST_CASE("a run extended token by token, or by many, equals a whole run") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(140, s.vocabulary);
  RunOptions lean;
  lean.record = {"blocks.0.resid_mid"};
  with_all_kernels([&] {
    for (const RunOptions& options : {RunOptions{}, lean}) {
      auto run = finished_run(model, std::span(ids).first(3), options);
      std::size_t have = 3;
      for (const std::size_t more : {1, 1, 1, 1, 1, 57, 1, 66, 1, 1, 6}) {
        CHECK_OK(run->extend(std::span(ids).subspan(have, more)));
        have += more;
        CHECK(run->ids().size() == have);
        CHECK(!run->finished());
        while (!run->finished()) CHECK_OK(run->advance(0));
      }
      REQUIRE(have == 140);
      CHECK(same_bits(everything(*run), everything(*finished_run(model, ids, options))));
      const auto next = start_run(model, std::span(ids).first(139), options, run.get());
      CHECK(next->reused() == 139);
    }
  });
}

TEST_CASE("extending one token at a time moves the recording a few times, not every time") {
  const Sizes s;
  const auto ids = random_ids(140, s.vocabulary);
  auto run = finished_run(load(make_gpt2(s)), std::span(ids).first(1));
  int moves = 0;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const std::size_t before = live_bytes();
    CHECK_OK(run->extend(std::span(ids).subspan(i, 1)));
    moves += live_bytes() != before;
    CHECK_OK(run->advance(kForever));
  }
  CHECK(moves <= 8);  // 2, 4, 8, ... 128, 140
}

TEST_CASE("while an extension is computed, earlier tokens can be read and later ones not") {
  const Sizes s;
  const auto ids = random_ids(10, s.vocabulary);
  auto run = finished_run(load(make_gpt2(s)), std::span(ids).first(9));
  CHECK_OK(run->extend(std::span(ids).subspan(9)));
  std::span<const float> row;
  std::vector<float> logits(static_cast<std::size_t>(s.vocabulary)), cell(1);
  CHECK_OK(run->vector("blocks.1.resid_post", 8, -1, row));
  CHECK_OK(run->logits(8, logits));
  CHECK_REFUSED(run->vector("blocks.1.resid_post", 9, -1, row), not_finished, "token 9");
  CHECK_REFUSED(run->logits(9, logits), not_finished, "token 9");
  CHECK_REFUSED(run->explain(0, {.rows = 1, .cols = 1}, Stage::weight, {.cells = cell}), not_finished, "end");
  CHECK_REFUSED(run->extend(std::span(ids).first(1)), not_finished, "end");
}

TEST_CASE("predictions at earlier tokens do not disturb an extension that is under way") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(75, s.vocabulary);
  RunOptions lean;
  lean.record = {};
  const auto whole = finished_run(model, ids, lean);
  auto run = finished_run(model, std::span(ids).first(9), lean);
  CHECK_OK(run->extend(std::span(ids).subspan(9)));
  std::vector<float> logits(static_cast<std::size_t>(s.vocabulary)), expected(logits);
  while (!run->finished()) {
    CHECK_OK(run->logits(8, logits));
    CHECK_OK(whole->logits(8, expected));
    CHECK(same_bits(logits, expected));
    CHECK_OK(run->advance(0));
  }
  CHECK(same_bits(everything(*run), everything(*whole)));
}

TEST_CASE("an extension that is refused changes nothing") {
  const Sizes s;
  const auto ids = random_ids(139, s.vocabulary);
  auto run = finished_run(load(make_gpt2(s)), ids);
  const std::vector<float> before = everything(*run);
  const std::size_t bytes = live_bytes();
  const std::vector<int32_t> two = {1, 2}, unknown = {37}, negative = {-1};
  CHECK_REFUSED(run->extend({}), invalid_shape, "no token ids");
  CHECK_REFUSED(run->extend(two), text_too_long, "141 tokens are more than the model's 140");
  CHECK_REFUSED(run->extend(unknown), invalid_token, "37 at position 139");
  CHECK_REFUSED(run->extend(negative), invalid_token, "-1 at position 139");
  CHECK(run->finished());
  CHECK(run->ids().size() == 139);
  CHECK(live_bytes() == bytes);
  CHECK(same_bits(everything(*run), before));

  auto bidirectional = finished_run(load(make_bert(s)), std::span(ids).first(4));
  CHECK_REFUSED(bidirectional->extend(two), invalid_option, "causal");
}

}  // namespace
}  // namespace limelight::test
