// What is special about a run of an encoder-decoder: two texts, three kinds of attention, and whose work is
// taken over.
#include "reference_model.hpp"

namespace limelight::test {
namespace {

const Sizes kSizes;

RunOptions with_source(std::vector<int32_t> source) {
  RunOptions options;
  options.source = std::move(source);
  return options;
}

std::vector<double> logits_of(const Run& run, int64_t token) {
  std::vector<float> logits(static_cast<std::size_t>(run.model().config().vocabulary));
  CHECK_OK(run.logits(token, logits));
  return {logits.begin(), logits.end()};
}

}  // namespace

TEST_CASE(
    "sources of any length, shared and separate embeddings, tied and own heads give the reference's logits") {
  for (const bool shared : {true, false}) {
    for (const bool tied : {true, false}) {
      Sizes s = kSizes;
      s.shared = shared;
      s.tied = tied;
      const Checkpoint c = make_marian(s);
      const auto model = load(c);
      for (const int64_t length : {1, 2, 64, 65, 130}) {
        CAPTURE(length);
        const auto ids = random_ids(9, s.vocabulary);
        ReferenceOptions options;
        options.source = random_ids(length, model->config().encoder->vocabulary, 5);
        const Reference expected = ReferenceModel(c, s).marian(ids, options);
        const auto run = finished_run(model, ids, with_source(options.source));
        for (int64_t t = 0; t < 9; ++t) {
          const std::vector<double> logits = logits_of(*run, t);
          for (std::size_t i = 0; i < logits.size(); ++i)
            CHECK(logits[i] ==
                  doctest::Approx(expected.logits[static_cast<std::size_t>(t)][i]).epsilon(1e-4).scale(1));
        }
      }
    }
  }
}

TEST_CASE("heads of encoder, decoder and cross-attention are changed each on their own") {
  const Checkpoint c = make_marian(kSizes);
  const auto model = load(c);
  const auto ids = random_ids(12, kSizes.vocabulary);
  RunOptions options;
  options.heads = {{.layer = 0, .head = 1, .gate = 0},
                   {.layer = 1, .head = 2, .gate = -1.5f, .kind = AttentionKind::cross},
                   {.layer = 0, .head = 3, .gate = 0.5f, .kind = AttentionKind::encoder}};
  ReferenceOptions expected;
  expected.source = some_source(*model);
  expected.gate = {{1, 0, 1, 1}, {1, 1, 1, 1}};
  expected.cross_gate = {{1, 1, 1, 1}, {1, 1, -1.5, 1}};
  expected.encoder_gate = {{1, 1, 1, 0.5}, {1, 1, 1, 1}};
  const Reference reference = ReferenceModel(c, kSizes).marian(ids, expected);
  const auto run = finished_run(model, ids, options);
  const std::vector<double> logits = logits_of(*run, 11);
  for (std::size_t i = 0; i < logits.size(); ++i)
    CHECK(logits[i] == doctest::Approx(reference.logits[11][i]).epsilon(1e-4).scale(1));
  CHECK(logits != logits_of(*finished_run(model, ids), 11));
}

TEST_CASE("a longer target takes over what was computed for the same source, and nothing for another") {
  const auto model = load(make_marian(kSizes));
  const auto ids = random_ids(20, kSizes.vocabulary);
  const auto first = finished_run(model, std::span(ids).first(12));
  const auto next = finished_run(model, ids, {}, first.get());
  CHECK(next->reused() == 12);
  CHECK(same_bits(everything(*next), everything(*finished_run(model, ids))));

  const RunOptions other = with_source({5, 4, 3, 2});
  const auto elsewhere = finished_run(model, ids, other, first.get());
  CHECK(elsewhere->reused() == 0);
  CHECK(same_bits(everything(*elsewhere), everything(*finished_run(model, ids, other))));

  RunOptions changed;
  changed.heads = {{.layer = 0, .head = 0, .gate = 0, .kind = AttentionKind::encoder}};
  const auto silenced = finished_run(model, ids, changed, first.get());
  CHECK(silenced->reused() == 0);
  CHECK(same_bits(everything(*silenced), everything(*finished_run(model, ids, changed))));
}

TEST_CASE("a target that is extended token by token equals one that was there at once") {
  const auto model = load(make_marian(kSizes));
  const auto ids = random_ids(70, kSizes.vocabulary);
  const auto run = finished_run(model, std::span(ids).first(1));
  for (std::size_t t = 1; t < ids.size(); ++t) {
    CHECK_OK(run->extend(std::span(ids).subspan(t, 1)));
    CHECK_OK(run->advance(kForever));
  }
  CHECK(same_bits(everything(*run), everything(*finished_run(model, ids))));
}

TEST_CASE("what is to be recorded is said of both stacks at once") {
  const auto model = load(make_marian(kSizes));
  const auto sites_with = [&](std::vector<std::string> record) {
    RunOptions options;
    options.record = std::move(record);
    const std::vector<std::string> names =
        finished_run(model, random_ids(3, kSizes.vocabulary), options)->sites();
    return [names](const std::string& name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
  };
  const auto both = sites_with({"*.mlp.post"}), encoder = sites_with({"encoder.blocks.1.mlp.post"}),
             none = sites_with({});
  CHECK(both("encoder.blocks.0.mlp.post"));
  CHECK(both("decoder.blocks.0.mlp.post"));
  CHECK(!both("decoder.blocks.0.mlp.pre"));
  CHECK(encoder("encoder.blocks.1.mlp.post"));
  CHECK(!encoder("decoder.blocks.1.mlp.post"));
  for (const char* always :
       {"encoder.blocks.0.attn.q", "encoder.blocks.1.resid_post", "decoder.blocks.0.cross.k",
        "decoder.blocks.1.cross.z", "decoder.blocks.1.resid_post"})
    CHECK(none(always));
  CHECK(!none("encoder.blocks.0.resid_mid"));
  std::unique_ptr<Run> run;
  RunOptions options = with_source({1});
  options.record = {"blocks.0.attn.q"};
  CHECK_REFUSED(Run::create(model, random_ids(3, kSizes.vocabulary), options, nullptr, run), unknown_site,
                "blocks.0.attn.q");
}

TEST_CASE("encoder and decoder advance in slices, one after the other, to the same bits") {
  const auto model = load(make_marian(kSizes));
  const RunOptions options = with_source(random_ids(130, kSizes.vocabulary, 3));
  const auto ids = random_ids(67, kSizes.vocabulary);
  const auto run = start_run(model, ids, options);
  double before = run->progress();
  CHECK(before == 0);
  std::vector<float> cell(1);
  CHECK_REFUSED(
      run->explain(0, {.rows = 1, .cols = 1}, Stage::weight, {.cells = cell}, AttentionKind::encoder),
      not_finished, "");
  while (!run->finished()) {
    CHECK_OK(run->advance(0));
    CHECK(run->progress() > before);
    before = run->progress();
  }
  CHECK(run->progress() == 1);
  CHECK(same_bits(everything(*run), everything(*finished_run(model, ids, options))));
}

TEST_CASE("rows of cross-attention add up to the z that was recorded, over every token of the source") {
  const auto model = load(make_marian(kSizes));
  const auto run = finished_run(model, random_ids(9, kSizes.vocabulary));
  const std::size_t keys = run->source().size(), d = static_cast<std::size_t>(model->config().head_dim);
  std::vector<float> products(keys * d), weighted(keys * d), dot(keys), scaled(keys), masked(keys),
      exponent(keys), weight(keys), out(d);
  for (const int64_t row : {0, 4, 8}) {
    RowDetail detail{products, dot, scaled, {}, masked, exponent, weight, weighted, out};
    CHECK_OK(run->explain_row(1, 2, row, detail, AttentionKind::cross));
    std::span<const float> z;
    CHECK_OK(run->vector("decoder.blocks.1.cross.z", row, 2, z));
    double sum = 0;
    for (const float w : weight) sum += static_cast<double>(w);
    CHECK(sum == doctest::Approx(1));
    for (std::size_t i = 0; i < d; ++i)
      CHECK(static_cast<double>(out[i]) == doctest::Approx(static_cast<double>(z[i])).epsilon(1e-4).scale(1));
  }
}

TEST_CASE(
    "memory of an encoder-decoder's runs comes back, and running out of it fails a call and nothing else") {
  const auto model = load(make_marian(kSizes));
  const auto ids = random_ids(30, kSizes.vocabulary);
  const std::size_t before = live_bytes();
  std::size_t taken = 0;
  {
    const auto run = finished_run(model, ids);
    taken = live_bytes() - before;
    const auto shared = finished_run(model, ids, {}, run.get());
  }
  CHECK(live_bytes() == before);
  for (std::size_t room = 0; room < taken; room += 1 + taken / 40) {
    const MemoryLimit limit(before + room);
    std::unique_ptr<Run> run;
    RunOptions options = with_source(some_source(*model));
    CHECK_REFUSED(Run::create(model, ids, options, nullptr, run), out_of_memory, "");
    CHECK(live_bytes() == before);
  }
}

}  // namespace limelight::test
