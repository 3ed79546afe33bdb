// Running out of memory is a status, at whichever allocation it happens, and leaves everything as it was.
#include "checkpoint.hpp"

namespace limelight::test {
namespace {

TEST_CASE("creating a run fails cleanly at every allocation") {
  const Sizes s;
  for (const Family family : kFamilies) {
    const auto model = load(make(family, s));
    const auto ids = random_ids(70, s.vocabulary);
    const auto base = finished_run(model, std::span(ids).first(9));
    RunOptions lean;
    lean.record = {"*embed"};
    for (RunOptions options : {RunOptions{}, lean}) {
      if (family == Family::marian) options.source = some_source(*model);
      const std::size_t before = live_bytes();
      int refused = 0;
      bool created = false;
      for (std::size_t room = 1; !created; room += 1024) {
        const MemoryLimit limit(before + room);
        std::unique_ptr<Run> run;
        const Status status = Run::create(model, ids, options, base.get(), run);
        created = status.ok();
        if (created) {
          CHECK_OK(run->advance(kForever));  // nothing more is taken once a run exists
          continue;
        }
        ++refused;
        REQUIRE_MESSAGE(status.code == StatusCode::out_of_memory, status.message);
        REQUIRE(!run);
        REQUIRE(live_bytes() == before);
      }
      CHECK(refused > 20);
      CHECK(live_bytes() == before);
    }
  }
}

TEST_CASE("an extension without memory changes nothing, and works when there is some") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(100, s.vocabulary);
  const auto whole = finished_run(model, ids);
  auto run = finished_run(model, std::span(ids).first(20));
  const std::vector<float> before = everything(*run);
  const std::size_t bytes = live_bytes();
  int refused = 0;
  bool extended = false;
  for (std::size_t room = 1; !extended; room += 4096) {
    {
      const MemoryLimit limit(bytes + room);
      const Status status = run->extend(std::span(ids).subspan(20));
      extended = status.ok();
      if (!extended) REQUIRE_MESSAGE(status.code == StatusCode::out_of_memory, status.message);
    }
    if (extended) continue;
    ++refused;
    REQUIRE(run->finished());
    REQUIRE(run->ids().size() == 20);
    REQUIRE(live_bytes() == bytes);
    if (refused % 16 == 1) REQUIRE(same_bits(everything(*run), before));
  }
  CHECK(refused > 20);
  CHECK_OK(run->advance(kForever));
  CHECK(same_bits(everything(*run), everything(*whole)));
}

TEST_CASE("where there is no memory for twice the room, an extension takes just enough") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(61, s.vocabulary);
  auto roomy = finished_run(model, std::span(ids).first(60)),
       tight = finished_run(model, std::span(ids).first(60));
  const std::size_t before = live_bytes();
  CHECK_OK(roomy->extend(std::span(ids).subspan(60)));
  const std::size_t generous = live_bytes() - before;
  const std::size_t now = live_bytes();
  {
    // Old and new recording are there at once: room for one that grew a little, not for one that doubled.
    const MemoryLimit limit(now + generous + generous / 4);
    CHECK_OK(tight->extend(std::span(ids).subspan(60)));
  }
  CHECK(live_bytes() - now < generous / 4);
  CHECK_OK(tight->advance(kForever));
  CHECK(same_bits(everything(*tight), everything(*finished_run(model, ids))));
}

TEST_CASE("models and runs give back every byte, in whatever order they go") {
  const std::size_t before = live_bytes();
  {
    const Sizes s;
    auto model = load(make_gpt2(s));
    auto first = finished_run(model, random_ids(30, s.vocabulary));
    auto second = finished_run(model, random_ids(40, s.vocabulary), {}, first.get());
    first.reset();
    model.reset();  // the run keeps the model that it needs
    std::vector<float> logits(37);
    CHECK_OK(second->logits(39, logits));
    CHECK(second->model().config().vocabulary == 37);
  }
  CHECK(live_bytes() == before);
}

TEST_CASE("sampling from the best k fails cleanly without memory") {
  std::vector<float> logits(1000);
  for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(i % 7);
  int32_t id = -5;
  const MemoryLimit limit(live_bytes() + 1);
  CHECK_REFUSED(sample(logits, 1, 500, 0, 0, id), out_of_memory, "memory");
  CHECK(id == -5);
  CHECK_OK(sample(logits, 1, 0, 0, 0, id));
}

}  // namespace
}  // namespace limelight::test
