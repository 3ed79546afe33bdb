// What can be asked of a run, and what is refused.
#include <algorithm>

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

TEST_CASE("token ids that cannot be run are refused with the number that is wrong") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  std::unique_ptr<Run> run;
  std::vector<int32_t> ids = random_ids(140, s.vocabulary);
  CHECK_OK(Run::create(model, ids, {}, nullptr, run));
  run.reset();
  ids.push_back(0);
  CHECK_REFUSED(Run::create(model, ids, {}, nullptr, run), text_too_long,
                "141 tokens are more than the model's 140");
  CHECK_REFUSED(Run::create(model, {}, {}, nullptr, run), invalid_shape, "no token ids");
  ids.resize(5);
  ids[3] = 37;
  CHECK_REFUSED(Run::create(model, ids, {}, nullptr, run), invalid_token, "37 at position 3");
  ids[3] = -2147483647 - 1;
  CHECK_REFUSED(Run::create(model, ids, {}, nullptr, run), invalid_token, "-2147483648 at position 3");
  CHECK_REFUSED(Run::create(nullptr, ids, {}, nullptr, run), invalid_option, "model");
  CHECK(!run);
}

TEST_CASE("head changes that make no sense are refused") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const std::vector<int32_t> ids = {1};
  std::unique_ptr<Run> run;
  const auto create = [&](HeadChange change) {
    RunOptions options;
    options.heads = {change};
    return Run::create(model, ids, options, nullptr, run);
  };
  CHECK_REFUSED(create({.layer = 2, .head = 0}), invalid_option, "layer 2");
  CHECK_REFUSED(create({.layer = -1, .head = 0}), invalid_option, "layer -1");
  CHECK_REFUSED(create({.layer = 0, .head = 4}), invalid_option, "head 4");
  CHECK_REFUSED(create({.layer = 0, .head = -1}), invalid_option, "head -1");
  CHECK_REFUSED(create({.layer = 0, .head = 0, .gate = NAN}), invalid_value, "gate");
  CHECK_REFUSED(create({.layer = 0, .head = 0, .gate = INFINITY}), invalid_value, "gate");
  for (const float bad : {0.0f, -1.0f, NAN, INFINITY}) {
    CHECK_REFUSED(create({.layer = 0, .head = 0, .gate = 1, .temperature = bad}), invalid_value,
                  "temperature");
  }
  RunOptions product;
  product.heads = {{.layer = 0, .head = 0, .gate = 1e30f}, {.layer = 0, .head = 0, .gate = 1e30f}};
  CHECK_REFUSED(Run::create(model, ids, product, nullptr, run), invalid_value, "multiply");
}

TEST_CASE("a run records the sites that patterns name, and says of others that it did not") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(70, s.vocabulary);
  const auto full = finished_run(model, ids);
  const std::vector<std::string> all = full->sites();
  CHECK(all.size() == 2 + 2 * 14 + 1);
  CHECK(all.front() == "embed");
  CHECK(all.back() == "ln_final");

  const std::vector<std::string> kAlways = {"blocks.0.attn.q",   "blocks.0.attn.k",     "blocks.0.attn.v",
                                            "blocks.0.attn.lse", "blocks.0.attn.z",     "blocks.1.attn.q",
                                            "blocks.1.attn.k",   "blocks.1.attn.v",     "blocks.1.attn.lse",
                                            "blocks.1.attn.z",   "blocks.0.resid_post", "blocks.1.resid_pre"};
  const struct {
    std::vector<std::string> record;
    std::vector<std::string> extra;
  } kCases[] = {
      {{}, {}},
      {{"blocks.0.attn.q"}, {}},
      {{"blocks.*.mlp.post"}, {"blocks.0.mlp.post", "blocks.1.mlp.post"}},
      {{"blocks.1.mlp.*", "*embed"},
       {"embed", "pos_embed", "blocks.1.mlp.pre", "blocks.1.mlp.post", "blocks.1.mlp.out"}},
      {{"*1*pre"}, {"blocks.1.mlp.pre"}},
      {{"blocks.0.resid_post"}, {}},
      {{"blocks.1.resid_post"}, {"blocks.1.resid_post"}},
      {{"ln_final", "blocks.0.ln*", "blocks.0.resid_mid", "blocks.1.attn.out"},
       {"blocks.0.ln1", "blocks.0.resid_mid", "blocks.0.ln2", "blocks.1.attn.out", "ln_final"}},
  };
  const std::vector<float> logits_and_weights = everything(*full);
  for (const auto& c : kCases) {
    RunOptions options;
    options.record = c.record;
    const auto run = finished_run(model, ids, options);
    std::vector<std::string> expected = kAlways;
    expected.insert(expected.end(), c.extra.begin(), c.extra.end());
    std::vector<std::string> sites = run->sites();
    CHECK(std::is_permutation(sites.begin(), sites.end(), expected.begin(), expected.end()));
    // What is recorded does not depend on what else is; everything else is known and not there.
    for (const std::string& site : all) {
      const bool recorded = std::find(sites.begin(), sites.end(), site) != sites.end();
      for (const int64_t token : {0, 63, 64, 69}) {
        std::span<const float> a, b;
        CHECK_OK(full->vector(site, token, -1, a));
        if (recorded) {
          CHECK_OK(run->vector(site, token, -1, b));
          CHECK(same_bits(a, b));
        } else {
          CHECK_REFUSED(run->vector(site, token, -1, b), not_recorded, site);
        }
      }
    }
    std::vector<float> a(37), b(37);
    for (const int64_t token : {0, 69}) {
      CHECK_OK(full->logits(token, a));
      CHECK_OK(run->logits(token, b));
      CHECK(same_bits(a, b));
    }
  }
}

TEST_CASE("what a lean run of bert records equals what a full one does") {
  const Sizes s;
  const auto model = load(make_bert(s));
  const auto ids = random_ids(130, s.vocabulary);
  const auto full = finished_run(model, ids);
  for (const char* pattern :
       {"embed_ln", "blocks.0.ln2", "blocks.1.resid_pre", "blocks.1.mlp.pre", "ln_final", "type_embed"}) {
    RunOptions options;
    options.record = {pattern};
    const auto run = finished_run(model, ids, options);
    for (const std::string& site : run->sites()) {
      for (int64_t t = 0; t < 130; ++t) {
        std::span<const float> a, b;
        CHECK_OK(full->vector(site, t, -1, a));
        CHECK_OK(run->vector(site, t, -1, b));
        CHECK(same_bits(a, b));
      }
    }
  }
}

TEST_CASE("a run that keeps nothing behind the last attention stops there, and predicts the same bits") {
  const Sizes s;
  RunOptions lean, last;
  lean.record = {};
  last.record = {"blocks.1.attn.out"};
  for (const Family family : kFamilies) {
    if (family == Family::marian) continue;  // keeps what stands behind its cross-attention
    CAPTURE(static_cast<int>(family));
    const auto model = load(make(family, s));
    const auto ids = random_ids(70, s.vocabulary);
    const auto full = finished_run(model, ids);
    const auto steps_of = [&](const RunOptions& options) {
      const auto run = start_run(model, ids, options);
      int steps = 0;
      for (; !run->finished(); ++steps) CHECK_OK(run->advance(0));
      CHECK(run->progress() == 1);
      std::vector<float> a(37), b(37);
      for (int64_t token = 0; token < 70; ++token) {
        CHECK_OK(full->logits(token, a));
        CHECK_OK(run->logits(token, b));
        CHECK(same_bits(a, b));
      }
      return steps;
    };
    // 70 rows are two steps of an operation; behind a block's attention come six, three of them the MLP's.
    const bool mlp = family != Family::attention_only;
    const int block = mlp ? 11 : 8, behind = mlp ? 6 : 3;
    CHECK(steps_of(last) == 2 * (1 + 2 * block));
    CHECK(steps_of(lean) == 2 * (1 + 2 * block - behind));
  }
}

TEST_CASE("recording less takes less memory") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  const auto ids = random_ids(140, s.vocabulary);
  const std::size_t before = live_bytes();
  const auto full = finished_run(model, ids);
  const std::size_t everything_kept = live_bytes() - before;
  RunOptions lean;
  lean.record = {};
  const auto run = finished_run(model, ids, lean);
  CHECK(live_bytes() - before - everything_kept < everything_kept * 3 / 4);
}

TEST_CASE("a pattern that matches nothing is refused, not ignored") {
  const auto model = load(make_gpt2(Sizes{}));
  const std::vector<int32_t> ids = {1};
  std::unique_ptr<Run> run;
  for (const char* pattern : {"blocks.2.attn.q", "attn.q", "type_embed", "blocks.*.mlp", "", "Embed",
                              "embed*x", "blocks.0.attn.scores"}) {
    RunOptions options;
    options.record = {"*", pattern};
    CHECK_REFUSED(Run::create(model, ids, options, nullptr, run), unknown_site, pattern);
  }
}

TEST_CASE("a vector is asked for by site, token and head") {
  const Sizes s;
  const auto run = finished_run(load(make_gpt2(s)), random_ids(6, s.vocabulary));
  std::span<const float> all, one;
  CHECK_OK(run->vector("blocks.0.attn.q", 4, -1, all));
  REQUIRE(all.size() == 20);
  for (int64_t head = 0; head < 4; ++head) {
    CHECK_OK(run->vector("blocks.0.attn.q", 4, head, one));
    CHECK(same_bits(one, all.subspan(static_cast<std::size_t>(head) * 5, 5)));
  }
  CHECK_OK(run->vector("blocks.0.attn.lse", 4, -1, all));
  REQUIRE(all.size() == 4);
  CHECK_OK(run->vector("blocks.0.attn.lse", 4, 2, one));
  REQUIRE(one.size() == 1);
  CHECK(same_bits(one, all.subspan(2, 1)));

  CHECK_REFUSED(run->vector("blocks.0.attn.scores", 0, -1, one), unknown_site, "blocks.0.attn.scores");
  CHECK_REFUSED(run->vector("type_embed", 0, -1, one), unknown_site, "type_embed");
  CHECK_REFUSED(run->vector("embed", 6, -1, one), invalid_shape, "token 6");
  CHECK_REFUSED(run->vector("embed", -1, -1, one), invalid_shape, "token -1");
  CHECK_REFUSED(run->vector("embed", 0, 0, one), invalid_option, "has no heads");
  CHECK_REFUSED(run->vector("blocks.0.attn.q", 0, 4, one), invalid_shape, "head 4");
  CHECK_REFUSED(run->vector("blocks.0.attn.q", 0, -2, one), invalid_shape, "head -2");
  CHECK_REFUSED(run->vector(std::string(5000, 'x'), 0, -1, one), unknown_site, "xxx");
}

TEST_CASE("names of one array give the same numbers") {
  const Sizes s;
  for (const Family family : kFamilies) {
    const auto run = finished_run(load(make(family, s)), random_ids(6, s.vocabulary));
    std::span<const float> a, b;
    const std::string stack = family == Family::marian ? "decoder." : "";
    CHECK_OK(run->vector(stack + "blocks.0.resid_post", 3, -1, a));
    CHECK_OK(run->vector(stack + "blocks.1.resid_pre", 3, -1, b));
    CHECK(a.data() == b.data());
    if (family != Family::bert) continue;
    CHECK_OK(run->vector("blocks.1.ln1", 3, -1, b));
    CHECK(a.data() == b.data());
    CHECK_OK(run->vector("embed_ln", 3, -1, a));
    CHECK_OK(run->vector("blocks.0.resid_pre", 3, -1, b));
    CHECK(a.data() == b.data());
  }
}

TEST_CASE("explain, explain_row and logits refuse what is out of range") {
  const Sizes s;
  const auto run = finished_run(load(make_gpt2(s)), random_ids(6, s.vocabulary));
  std::vector<float> out(36), logits(37);
  const Rectangle whole{.rows = 6, .cols = 6};
  CHECK_OK(run->explain(1, whole, Stage::masked, {.cells = out}));
  CHECK_REFUSED(run->explain(2, whole, Stage::masked, {.cells = out}), invalid_shape, "layer 2");
  CHECK_REFUSED(run->explain(-1, whole, Stage::masked, {.cells = out}), invalid_shape, "layer -1");
  CHECK_REFUSED(run->explain(0, {.head = 4, .rows = 6, .cols = 6}, Stage::masked, {.cells = out}),
                invalid_shape, "head 4");
  CHECK_REFUSED(run->explain(0, {.batch = 1, .rows = 6, .cols = 6}, Stage::masked, {.cells = out}),
                invalid_shape, "batch 1");
  CHECK(run->explain(0, {.rows = 7, .cols = 5}, Stage::masked, {.cells = out}).code ==
        StatusCode::invalid_shape);
  CHECK(run->explain(0, whole, Stage::masked, {.cells = std::span(out).first(35)}).code ==
        StatusCode::invalid_shape);
  RowDetail detail;
  CHECK_REFUSED(run->explain_row(0, 4, 0, detail), invalid_shape, "head 4");
  CHECK(run->explain_row(0, 0, 6, detail).code == StatusCode::invalid_shape);
  CHECK_OK(run->logits(5, logits));
  CHECK_REFUSED(run->logits(6, logits), invalid_shape, "token 6");
  CHECK_REFUSED(run->logits(5, out), invalid_shape, "36");

  const auto fresh = start_run(load(make_gpt2(s)), random_ids(6, s.vocabulary));
  std::span<const float> row;
  CHECK_REFUSED(fresh->explain(0, whole, Stage::masked, {.cells = out}), not_finished, "end");
  CHECK_REFUSED(fresh->explain_row(0, 0, 0, detail), not_finished, "end");
  CHECK_REFUSED(fresh->vector("embed", 0, -1, row), not_finished, "token 0");
}

// --- options as JSON
// -----------------------------------------------------------------------------------------------

TEST_CASE("options in JSON mean what they say") {
  ModelConfig config;
  CHECK_OK(parse_config(make_gpt2(Sizes{}).config, config));
  RunOptions o;
  CHECK_OK(parse_run_options("{}", config, o));
  CHECK(o.heads.empty());
  CHECK(o.record == std::vector<std::string>{"*"});

  CHECK_OK(parse_run_options(
      R"({"record":["blocks.*.q","embed"],"interventions":[{"silence":{"layer":1,"head":3}},)"
      R"({"scale":{"layer":0,"head":0,"by":-2.5}},{"temperature":{"head":2,"value":0.5}}]})",
      config, o));
  CHECK(o.record == std::vector<std::string>{"blocks.*.q", "embed"});
  REQUIRE(o.heads.size() == 4);
  CHECK(o.heads[0].layer == 0);
  CHECK(o.heads[0].head == 0);
  CHECK(o.heads[0].gate == -2.5f);
  CHECK(o.heads[0].temperature == 1);
  CHECK(o.heads[1].head == 2);
  CHECK(o.heads[1].temperature == 0.5f);
  CHECK(o.heads[2].layer == 1);
  CHECK(o.heads[2].temperature == 0.5f);
  CHECK(o.heads[3].head == 3);
  CHECK(o.heads[3].gate == 0);

  CHECK_OK(parse_run_options(R"({"interventions":[{"silence":{}}],"record":[]})", config, o));
  CHECK(o.heads.size() == 8);  // layer and head left out: all of them
  CHECK(o.record.empty());
  CHECK_OK(parse_run_options(
      R"({"interventions":[{"scale":{"layer":1,"by":2}},{"scale":{"layer":1,"head":0,"by":0.5}}]})", config,
      o));
  CHECK(o.heads.size() == 3);  // 2 times 0.5 changes nothing
}

TEST_CASE("options in JSON that mean nothing are refused, and the options are left as they were") {
  ModelConfig config;
  CHECK_OK(parse_config(make_gpt2(Sizes{}).config, config));
  const struct {
    const char* text;
    StatusCode code;
    const char* named;
  } kBad[] = {
      {"", StatusCode::corrupt_file, "options"},
      {"{", StatusCode::corrupt_file, "options"},
      {"[]", StatusCode::invalid_option, "no object"},
      {R"({"interventoins":[]})", StatusCode::invalid_option, "interventoins"},
      {R"({"interventions":{}})", StatusCode::invalid_option, "no array"},
      {R"({"record":"*"})", StatusCode::invalid_option, "record"},
      {R"({"record":[1]})", StatusCode::invalid_option, "record"},
      {R"({"interventions":[1]})", StatusCode::invalid_option, "intervention"},
      {R"({"interventions":[{}]})", StatusCode::invalid_option, "one member"},
      {R"({"interventions":[{"silence":{},"scale":{"by":1}}]})", StatusCode::invalid_option, "one member"},
      {R"({"interventions":[{"mute":{}}]})", StatusCode::invalid_option, "mute"},
      {R"({"interventions":[{"silence":1}]})", StatusCode::invalid_option, "silence"},
      {R"({"interventions":[{"silence":{"layer":2}}]})", StatusCode::invalid_option, "layer"},
      {R"({"interventions":[{"silence":{"head":4}}]})", StatusCode::invalid_option, "head"},
      {R"({"interventions":[{"silence":{"head":-1}}]})", StatusCode::invalid_option, "head"},
      {R"({"interventions":[{"silence":{"head":1.5}}]})", StatusCode::invalid_option, "head"},
      {R"({"interventions":[{"silence":{"head":"1"}}]})", StatusCode::invalid_option, "head"},
      {R"({"interventions":[{"silence":{"by":0}}]})", StatusCode::invalid_option, "by"},
      {R"({"interventions":[{"scale":{"value":0}}]})", StatusCode::invalid_option, "value"},
      {R"({"interventions":[{"scale":{}}]})", StatusCode::invalid_option, "by"},
      {R"({"interventions":[{"scale":{"by":"2"}}]})", StatusCode::invalid_option, "by"},
      {R"({"interventions":[{"scale":{"by":1e39}}]})", StatusCode::invalid_value, "finite"},
      {R"({"interventions":[{"temperature":{"value":0}}]})", StatusCode::invalid_value, "above 0"},
      {R"({"interventions":[{"temperature":{"value":-1}},{"temperature":{"value":-1}}]})",
       StatusCode::invalid_value, "above 0"},
      {R"({"interventions":[{"temperature":{"value":1e-60}}]})", StatusCode::invalid_value, "above 0"},
      {R"({"record":[],"record":[]})", StatusCode::corrupt_file, "twice"},
  };
  for (const auto& bad : kBad) {
    CAPTURE(bad.text);
    RunOptions o;
    o.record = {"kept"};
    const Status s = parse_run_options(bad.text, config, o);
    INFO(s.message);
    CHECK(std::string(status_name(s.code)) == status_name(bad.code));
    CHECK(mentions(s, bad.named));
    CHECK(o.record == std::vector<std::string>{"kept"});
  }
}

}  // namespace
}  // namespace limelight::test
