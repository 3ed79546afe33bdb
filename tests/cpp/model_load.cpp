#include <algorithm>

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

const Sizes kTiny{.vocabulary = 11, .positions = 9, .width = 6, .layers = 1, .heads = 2, .mlp_width = 7};

std::vector<float> logits_of(std::shared_ptr<const Model> model) {
  const auto ids = random_ids(5, model->config().vocabulary);
  return everything(*finished_run(std::move(model), ids));
}

TEST_CASE("a file arrives in pieces of any size") {
  for (const Family family : kFamilies) {
    for (const char* dtype : {"F32", "F16", "BF16"}) {
      Checkpoint c = make(family, kTiny);
      const std::vector<float> whole = logits_of(load(c));
      c.set_dtype(dtype);
      for (const std::size_t piece : {1, 2, 3, 5, 7, 64, 1000, 1 << 20}) {
        CAPTURE(piece);
        CHECK(same_bits(logits_of(load(c, piece)), whole));
      }
    }
  }
}

TEST_CASE("tensors may come in any order and with mixed dtypes") {
  Checkpoint c = make_gpt2(kTiny);
  const std::vector<float> expected = logits_of(load(c));
  std::reverse(c.tensors.begin(), c.tensors.end());
  for (std::size_t i = 0; i < c.tensors.size(); i += 2) c.tensors[i].dtype = "F16";
  CHECK(same_bits(logits_of(load(c, 13)), expected));
}

TEST_CASE("a model says what it is made of") {
  const Checkpoint c = make_gpt2(kTiny);
  const auto model = load(c);
  std::size_t numbers = 0;
  for (const Tensor& t : c.tensors) numbers += t.values.size();
  CHECK(model->parameters() == static_cast<int64_t>(numbers));
  CHECK(model->weight_bytes() >= numbers * sizeof(float));
  CHECK(model->weight_bytes() <= live_bytes());
  CHECK(model->config().vocabulary == kTiny.vocabulary);
}

TEST_CASE("a prefix, old names of norms and tensors without need are accepted and reported") {
  const std::vector<float> expected = logits_of(load(make_gpt2(kTiny)));
  Checkpoint gpt2 = make_gpt2(kTiny, 1, "transformer.");
  gpt2.tensors.push_back({"transformer.h.0.attn.bias", {1, 1, 2, 2}, {1, 0, 1, 1}});
  gpt2.tensors.push_back({"transformer.h.0.attn.masked_bias", {}, {-1}});
  gpt2.tensors.push_back({"lm_head.weight", gpt2.tensors[0].shape, gpt2.tensors[0].values, "F16"});
  for (const bool head_first : {false, true}) {
    if (head_first) std::swap(gpt2.tensors.front(), gpt2.tensors.back());
    std::shared_ptr<const Model> model;
    std::vector<std::string> ignored;
    CHECK_OK(load(gpt2.config, gpt2.file(), model, 50, &ignored));
    REQUIRE(model);
    CHECK(same_bits(logits_of(model), expected));
    std::sort(ignored.begin(), ignored.end());
    CHECK(ignored == std::vector<std::string>{"lm_head.weight", "transformer.h.0.attn.bias",
                                              "transformer.h.0.attn.masked_bias"});
  }

  Checkpoint bert = make_bert(kTiny);
  const std::vector<float> expected_bert = logits_of(load(bert));
  for (Tensor& t : bert.tensors) {
    if (t.name.find("LayerNorm.weight") != t.name.npos) t.name.replace(t.name.size() - 6, 6, "gamma");
    if (t.name.find("LayerNorm.bias") != t.name.npos) t.name.replace(t.name.size() - 4, 4, "beta");
    if (t.name.starts_with("bert.")) t.name.erase(0, 5);
  }
  bert.tensors.push_back({"embeddings.position_ids", {1, 2}, {0, 1}});
  bert.tensors.push_back({"bert.pooler.dense.weight", {1}, {0}});
  bert.tensors.push_back({"cls.seq_relationship.bias", {2}, {0, 0}});
  bert.tensors.push_back(
      {"cls.predictions.decoder.bias", {kTiny.vocabulary}, bert.find("cls.predictions.bias")->values});
  bert.tensors.push_back({"cls.predictions.decoder.weight", bert.tensors[0].shape, bert.tensors[0].values});
  std::shared_ptr<const Model> model;
  std::vector<std::string> ignored;
  CHECK_OK(load(bert.config, bert.file(), model, 50, &ignored));
  REQUIRE(model);
  CHECK(same_bits(logits_of(model), expected_bert));
  CHECK(ignored.size() == 5);
}

TEST_CASE(
    "marian's tensors may come with copies of what is shared, tables of positions and no bias of the "
    "logits") {
  Checkpoint c = make_marian(kTiny);
  Tensor& bias = *c.find("final_logits_bias");
  std::fill(bias.values.begin(), bias.values.end(), 0.0f);
  const std::vector<float> expected = logits_of(load(c));
  c.remove("final_logits_bias");
  const Tensor shared = *c.find("model.shared.weight");
  for (const char* name :
       {"model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight", "lm_head.weight"})
    c.tensors.push_back({name, shared.shape, shared.values});
  for (const char* name : {"model.encoder.embed_positions.weight", "model.decoder.embed_positions.weight"})
    c.tensors.push_back({name, {1}, {0.5f}});
  std::shared_ptr<const Model> model;
  std::vector<std::string> ignored;
  CHECK_OK(load(c.config, c.file(), model, 50, &ignored));
  CHECK(ignored.size() == 5);
  CHECK(same_bits(logits_of(model), expected));
  c.find("model.decoder.embed_tokens.weight")->values[3] += 1;
  CHECK_REFUSED(load(c.config, c.file(), model), unsupported_model, "model.decoder.embed_tokens.weight");
}

TEST_CASE("an encoder-decoder needs a source, and no other model takes one") {
  const auto marian = load(make_marian(kTiny)), gpt2 = load(make_gpt2(kTiny));
  std::unique_ptr<Run> run;
  const std::vector<int32_t> ids = {1};
  CHECK_REFUSED(Run::create(marian, ids, {}, nullptr, run), invalid_option, "needs a source");
  RunOptions options;
  options.source = {1, 2, 3};
  CHECK_REFUSED(Run::create(gpt2, ids, options, nullptr, run), invalid_option, "3 tokens");
  options.source = {1, 11};
  CHECK_REFUSED(Run::create(marian, ids, options, nullptr, run), invalid_token, "11");
  options.source.assign(10, 1);
  CHECK_REFUSED(Run::create(marian, ids, options, nullptr, run), text_too_long, "10 tokens");
  options.source = {1, 2, 3};
  options.heads = {{.layer = 9, .head = 0, .gate = 0, .kind = AttentionKind::encoder}};
  CHECK_REFUSED(Run::create(marian, ids, options, nullptr, run), invalid_option, "layer 9");
  options.source = {};
  options.heads = {{.layer = 0, .head = 0, .gate = 0, .kind = AttentionKind::cross}};
  CHECK_REFUSED(Run::create(gpt2, ids, options, nullptr, run), invalid_option, "cross-attention");
  const auto finished = finished_run(gpt2, ids);
  std::vector<float> cell(1);
  CHECK_REFUSED(
      finished->explain(0, {.rows = 1, .cols = 1}, Stage::weight, {.cells = cell}, AttentionKind::cross),
      invalid_option, "no encoder");
  CHECK(finished->source().empty());
  CHECK(finished_run(marian, ids)->source().size() == 7);
}

TEST_CASE("a checkpoint that disagrees with its configuration is refused by name") {
  const auto refuse = [](Family family, const char* code, const std::string& named, auto change) {
    Checkpoint c = make(family, kTiny);
    change(c);
    std::shared_ptr<const Model> model;
    const std::size_t before = live_bytes();
    const Status s = load(c.config, c.file(), model);
    INFO(s.message);
    CHECK(std::string(status_name(s.code)) == code);
    CHECK(mentions(s, named));
    CHECK(!model);
    CHECK(live_bytes() == before);
  };
  // Every tensor is needed, and says so by its own name.
  for (const Family family : kFamilies) {
    const Checkpoint whole = make(family, kTiny);
    for (const Tensor& t : whole.tensors) {
      if (t.name != "final_logits_bias")  // zeros, where there is none
        refuse(family, "missing-tensor", quoted(t.name), [&](Checkpoint& c) { c.remove(t.name); });
      refuse(family, "misshapen-tensor", quoted(t.name), [&](Checkpoint& c) {
        c.find(t.name)->shape[0] += 1;
        c.find(t.name)->values.resize(c.find(t.name)->values.size() / static_cast<std::size_t>(t.shape[0]) *
                                      static_cast<std::size_t>(t.shape[0] + 1));
      });
      refuse(family, "misshapen-tensor", quoted(t.name),
             [&](Checkpoint& c) { c.find(t.name)->shape.push_back(1); });
      refuse(family, "misshapen-tensor", quoted(t.name) + " is I32",
             [&](Checkpoint& c) { c.find(t.name)->dtype = "I32"; });
      refuse(family, "misshapen-tensor", quoted(t.name) + " is Q4",
             [&](Checkpoint& c) { c.find(t.name)->dtype = "Q4"; });
      for (const float bad : {NAN, INFINITY, -INFINITY}) {
        refuse(family, "invalid-value", quoted(t.name),
               [&](Checkpoint& c) { c.find(t.name)->values.back() = bad; });
      }
    }
  }
  refuse(Family::gpt2, "misshapen-tensor", "[18, 6]; [6, 18] is needed",
         [](Checkpoint& c) { c.find("h.0.attn.c_attn.weight")->shape = {18, 6}; });
  refuse(Family::gpt2, "missing-tensor", "transformer.ln_f.bias", [](Checkpoint& c) {
    c = make_gpt2(kTiny, 1, "transformer.");
    c.remove("transformer.ln_f.bias");
  });
  for (const char* name : {"h.1.ln_1.weight", "h.00.ln_1.weight", "h..ln_1.weight", "h.x.ln_1.weight", "h.0",
                           "h.0.", "h.99999999999999999999.ln_1.weight", "bert.wte.weight", "wte.weight2",
                           "transformer.lm_head.weight", "ln_1.weight", "transformer.", ""}) {
    refuse(Family::gpt2, "unknown-tensor", quoted(name),
           [&](Checkpoint& c) { c.tensors.push_back({name, {1}, {0}}); });
  }
  refuse(Family::bert, "unknown-tensor", "bert.cls.predictions.bias",
         [](Checkpoint& c) { c.tensors.push_back({"bert.cls.predictions.bias", {1}, {0}}); });
  refuse(Family::bert, "unknown-tensor", "encoder.layer.3",
         [](Checkpoint& c) { c.tensors.push_back({"encoder.layer.3.output.dense.bias", {1}, {0}}); });
  refuse(Family::gpt2, "unknown-tensor", "two names for one", [](Checkpoint& c) {
    c.tensors.push_back(*c.find("ln_f.bias"));
    c.tensors.back().name = "transformer.ln_f.bias";
  });
  refuse(Family::bert, "unknown-tensor", "LayerNorm.gamma", [](Checkpoint& c) {
    c.tensors.push_back(*c.find("bert.embeddings.LayerNorm.weight"));
    c.tensors.back().name = "bert.embeddings.LayerNorm.gamma";
  });
  for (const bool head_first : {false, true}) {
    refuse(Family::gpt2, "unsupported-model", "tie_word_embeddings", [&](Checkpoint& c) {
      Tensor head = *c.find("wte.weight");
      head.name = "lm_head.weight";
      head.values.back() += 0.5f;
      c.tensors.insert(head_first ? c.tensors.begin() : c.tensors.end(), head);
    });
  }
  refuse(Family::bert, "unsupported-model", "cls.predictions.decoder.bias", [](Checkpoint& c) {
    Tensor head = *c.find("cls.predictions.bias");
    head.name = "cls.predictions.decoder.bias";
    head.values.front() += 0.5f;
    c.tensors.push_back(head);
  });
  refuse(Family::gpt2, "missing-tensor", "wte.weight",
         [](Checkpoint& c) { c.find("wte.weight")->name = "lm_head.weight"; });
}

TEST_CASE("a file cut short anywhere is refused as truncated, and one that goes on as corrupt") {
  const Checkpoint c = make_gpt2(kTiny);
  const std::string file = c.file();
  const std::size_t before = live_bytes();
  for (std::size_t n = 0; n < file.size(); n = n < 3000 ? n + 1 : n + 17) {
    std::shared_ptr<const Model> model;
    CAPTURE(n);
    CHECK_REFUSED(load(c.config, file.substr(0, n), model), truncated_file, "the file ends");
    CHECK(!model);
  }
  std::shared_ptr<const Model> model;
  CHECK_REFUSED(load(c.config, file.substr(0, file.size() - 1), model), truncated_file, "ln_f.bias");
  CHECK_REFUSED(load(c.config, file + '\0', model), corrupt_file, "goes on");
  CHECK_REFUSED(load(c.config, file + '\0', model, 1), corrupt_file, "goes on");
  CHECK(live_bytes() == before);
}

TEST_CASE("any one bit flipped in the header is noticed") {
  const Checkpoint c = make_gpt2(kTiny);
  const std::string file = c.file();
  const std::size_t header_end = file.find("}}") + 2, before = live_bytes();
  int accepted = 0;
  for (std::size_t bit = 0; bit < header_end * 8; ++bit) {
    std::string flipped = file;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    std::shared_ptr<const Model> model;
    const Status s = load(c.config, flipped, model);
    accepted += s.ok();
    if (s.ok()) MESSAGE("accepted: bit ", bit, " near ", flipped.substr(bit / 8 < 20 ? 0 : bit / 8 - 20, 40));
  }
  CHECK(accepted == 0);
  CHECK(live_bytes() == before);
}

TEST_CASE("a header length beyond the format's limit is refused before any memory is taken") {
  const Checkpoint c = make_gpt2(kTiny);
  const std::string file = c.file();
  for (const uint64_t length :
       {uint64_t{0}, uint64_t{1}, uint64_t{kMaxHeaderBytes + 1}, ~uint64_t{0}, uint64_t{1} << 63}) {
    std::string changed = file;
    for (int i = 0; i < 8; ++i)
      changed[static_cast<std::size_t>(i)] = static_cast<char>(length >> (8 * i) & 0xff);
    std::shared_ptr<const Model> model;
    CHECK_REFUSED(load(c.config, changed, model), corrupt_file, "announces");
  }
  // The largest length that is allowed costs only what has come of it.
  std::string announced = file.substr(0, 100);
  for (int i = 0; i < 8; ++i)
    announced[static_cast<std::size_t>(i)] = static_cast<char>(kMaxHeaderBytes >> (8 * i) & 0xff);
  ModelLoader loader;
  CHECK_OK(loader.configure(c.config));
  const std::size_t before = live_bytes();
  CHECK_OK(loader.feed(bytes_of(announced)));
  CHECK(live_bytes() - before < 1000);
}

TEST_CASE("a loader is used in order: configure, feed, finish") {
  const Checkpoint c = make_gpt2(kTiny);
  const std::string file = c.file();
  std::shared_ptr<const Model> model;
  ModelLoader loader;
  CHECK_REFUSED(loader.feed(bytes_of(file)), invalid_option, "configure()");
  CHECK_REFUSED(loader.finish(model), invalid_option, "configure()");
  CHECK_REFUSED(loader.configure("{}"), unsupported_model, "model_type");
  CHECK_OK(loader.configure(c.config));  // a refused configuration can be corrected
  CHECK_REFUSED(loader.configure(c.config), invalid_option, "once");
  CHECK_OK(loader.feed({}));
  CHECK_OK(loader.feed(bytes_of(file)));
  CHECK_OK(loader.finish(model));
  CHECK(model);
  CHECK_REFUSED(loader.finish(model), invalid_option, "already");
  CHECK_REFUSED(loader.feed(bytes_of(file)), invalid_option, "already");

  ModelLoader broken;
  CHECK_OK(broken.configure(c.config));
  CHECK_REFUSED(broken.feed(bytes_of(std::string(9, '\xff'))), corrupt_file, "announces");
  CHECK_REFUSED(broken.feed(bytes_of(file)), corrupt_file, "announces");  // the reason stays
  CHECK_REFUSED(broken.finish(model), corrupt_file, "announces");
  CHECK(model);
}

TEST_CASE("loading fails cleanly at every allocation") {
  for (const Family family : kFamilies) {
    const Checkpoint c = make(family, kTiny);
    const std::string file = c.file();
    const std::size_t before = live_bytes();
    int refused = 0;
    bool loaded = false;
    for (std::size_t room = 1; !loaded; room += 64) {
      const MemoryLimit limit(before + room);
      std::shared_ptr<const Model> model;
      const Status s = load(c.config, file, model, 4096);
      loaded = s.ok();
      if (!loaded) {
        ++refused;
        REQUIRE_MESSAGE(s.code == StatusCode::out_of_memory, s.message);
        REQUIRE(!model);
        REQUIRE(live_bytes() == before);
      }
    }
    CHECK(refused > 50);
    CHECK(live_bytes() == before);
  }
}

}  // namespace
}  // namespace limelight::test
