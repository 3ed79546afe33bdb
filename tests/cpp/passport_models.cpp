// Passports and predictions of small random models against the float64 reference.
#include "passport_support.hpp"

namespace limelight::test {
namespace {

using passport::make_passports;
using passport::Outcome;
using passport::Passports;
using passport::Tally;

constexpr double kTolerance = 1e-5;  // of a weight: some hundred roundings of f32

Sizes small() {
  Sizes s;
  s.vocabulary = 13;
  s.positions = 20;
  return s;
}

bool is_causal(Family family) {
  return family != Family::bert;
}

Reference reference_run(const Checkpoint& c, const Sizes& s, Family family, const std::vector<int32_t>& ids,
                        const Text& text, ReferenceOptions options = {}) {
  options.source = text.source;
  return ReferenceModel(c, s).run(family, ids, options);
}

/// Mean loss over all that the texts predict.
double expected_loss(const Checkpoint& c, const Sizes& s, Family family, const std::vector<Text>& texts,
                     const ReferenceOptions& options) {
  double sum = 0;
  int64_t count = 0;
  const auto add = [&](const std::vector<double>& logits, int32_t id) {
    sum += reference_loss(logits, id);
    ++count;
  };
  for (const Text& text : texts) {
    if (is_causal(family)) {
      const Rows logits = reference_run(c, s, family, text.ids, text, options).logits;
      for (auto i = static_cast<std::size_t>(text.asked_from); i < text.ids.size(); ++i)
        add(logits[i - 1], text.ids[i]);
    }
    for (const auto& version : text.masked) {
      const Rows logits = reference_run(c, s, family, version, text, options).logits;
      for (std::size_t i = 0; i < version.size(); ++i) {
        if (version[i] != text.ids[i]) add(logits[i], text.ids[i]);
      }
    }
  }
  return sum / static_cast<double>(count);
}

ReferenceOptions silenced(const Sizes& s, AttentionKind kind, int64_t layer, int64_t head) {
  std::vector<std::vector<double>> gates(static_cast<std::size_t>(s.layers),
                                         std::vector<double>(static_cast<std::size_t>(s.heads), 1));
  gates[static_cast<std::size_t>(layer)][static_cast<std::size_t>(head)] = 0;
  ReferenceOptions options;
  (kind == AttentionKind::self    ? options.gate
   : kind == AttentionKind::cross ? options.cross_gate
                                  : options.encoder_gate) = gates;
  return options;
}

const Rows& weights_of(const Reference& r, AttentionKind kind, int64_t layer, int64_t head) {
  const auto& all = kind == AttentionKind::self    ? r.weights
                    : kind == AttentionKind::cross ? r.cross_weights
                                                   : r.encoder_weights;
  return all.at({layer, head});
}

Passports passports_of(const std::shared_ptr<const Model>& model, const std::vector<Text>& texts,
                       bool silencing = true, ThreadPool* pool = nullptr) {
  Passports made;
  CHECK_OK(make_passports(model, texts, silencing, pool, made));
  return made;
}

/// gpt2 whose queries are all 0.
Checkpoint without_queries(const Sizes& s) {
  Checkpoint c = make_gpt2(s);
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    for (const char* name : {"weight", "bias"}) {
      Tensor& t = *c.find("h." + std::to_string(layer) + ".attn.c_attn." + name);
      for (std::size_t i = 0; i < t.values.size(); ++i) {
        if (static_cast<int64_t>(i) % (3 * s.width) < s.width) t.values[i] = 0;
      }
    }
  }
  return c;
}

}  // namespace

TEST_CASE("every head's passport is what the reference's weights and losses say, in every family") {
  const Sizes s = small();
  for (const Family family : kFamilies) {
    CAPTURE(static_cast<int>(family));
    const Checkpoint c = make(family, s);
    const auto model = load(c);
    const std::vector<Text> texts = some_texts(model->config());
    const Passports made = passports_of(model, texts);
    CHECK(made.texts == 3);
    CHECK(std::ssize(made.heads) == s.layers * s.heads * (family == Family::marian ? 3 : 1));
    const double loss = expected_loss(c, s, family, texts, {});
    CHECK(made.predictions.loss / static_cast<double>(made.predictions.count) ==
          doctest::Approx(loss).epsilon(1e-5));
    for (const passport::HeadPassport& head : made.heads) {
      CAPTURE(static_cast<int>(head.attention));
      CAPTURE(head.layer);
      CAPTURE(head.head);
      std::vector<Asked> asked;
      std::vector<Rows> weights;
      for (const Text& text : texts) {
        asked.push_back(asked_of(text, head.attention, is_causal(family)));
        weights.push_back(
            weights_of(reference_run(c, s, family, text.ids, text), head.attention, head.layer, head.head));
      }
      check_scores(head.scores, asked, weights, kTolerance);
      const double without =
          expected_loss(c, s, family, texts, silenced(s, head.attention, head.layer, head.head));
      REQUIRE(head.loss_increase.has_value());
      CHECK(std::abs(*head.loss_increase - (without - loss)) < 1e-4);
    }
  }
}

TEST_CASE("a head without queries looks at everything alike") {
  const auto model = load(without_queries(small()));
  for (const passport::HeadPassport& head : passports_of(model, some_texts(model->config()), false).heads) {
    for (const Score& score : head.scores.kinds) {
      if (score.count > 0) CHECK(score.mean == doctest::Approx(score.uniform).epsilon(1e-5));
    }
    CHECK(head.scores.evenness == doctest::Approx(1).epsilon(1e-5));
    CHECK_FALSE(head.loss_increase.has_value());
  }
}

TEST_CASE("threads change no bit of a passport") {
  std::unique_ptr<ThreadPool> pool;
  if (!ThreadPool::create(3, pool).ok()) return;
  const auto model = load(make_bert(small()));
  const std::vector<Text> texts = some_texts(model->config());
  const Passports alone = passports_of(model, texts), shared = passports_of(model, texts, true, pool.get());
  CHECK(alone.predictions.loss == shared.predictions.loss);
  for (std::size_t i = 0; i < alone.heads.size(); ++i) {
    CHECK(alone.heads[i].scores.entropy.mean == shared.heads[i].scores.entropy.mean);
    CHECK(alone.heads[i].scores[KeyKind::next].mean == shared.heads[i].scores[KeyKind::next].mean);
    CHECK(*alone.heads[i].loss_increase == *shared.heads[i].loss_increase);
  }
}

TEST_CASE("a stream is predicted token by token, each in the first window that holds it") {
  const Sizes s = small();
  const Checkpoint c = make_gpt2(s);
  const auto model = load(c);
  struct Case {
    int64_t tokens, window, stride;
  };
  for (const auto [tokens, window, stride] : {Case{2, 2, 1}, Case{7, 20, 10}, Case{20, 20, 1}, Case{47, 8, 3},
                                              Case{41, 20, 19}, Case{200, 20, 10}}) {
    CAPTURE(tokens);
    CAPTURE(window);
    CAPTURE(stride);
    const auto ids = random_ids(tokens, s.vocabulary, 3);
    std::vector<Outcome> outcomes(ids.size() - 1);
    CHECK_OK(passport::judge_stream(model, ids, window, stride, nullptr, outcomes));
    for (int64_t i = 1; i < tokens; ++i) {
      int64_t start = 0;
      while (start + window <= i) start += stride;
      const std::vector<int32_t> before(ids.begin() + start, ids.begin() + i);
      const std::vector<double> logits = ReferenceModel(c, s).gpt2(before).logits.back();
      const Outcome& outcome = outcomes[static_cast<std::size_t>(i - 1)];
      CHECK(outcome.loss ==
            doctest::Approx(reference_loss(logits, ids[static_cast<std::size_t>(i)])).epsilon(1e-4));
      CHECK(outcome.rank == reference_rank(logits, ids[static_cast<std::size_t>(i)]));
    }
  }
}

TEST_CASE("a hidden word is found when all of its tokens are") {
  const Sizes s = small();
  const Checkpoint c = make_bert(s);
  const auto model = load(c);
  Text text;
  text.ids = {1, 2, 3, 4, 5, 6, 7};
  // Words of two tokens, of one, and of two.
  text.masked = {{1, 9, 9, 4, 9, 6, 7}, {9, 9, 3, 4, 5, 6, 7}};
  const Rows first = ReferenceModel(c, s).bert(text.masked[0]).logits,
             second = ReferenceModel(c, s).bert(text.masked[1]).logits;
  const auto worst = [&](const Rows& logits, std::vector<std::size_t> places) {
    int64_t rank = 0;
    for (const std::size_t i : places) rank = std::max(rank, reference_rank(logits[i], text.ids[i]));
    return rank;
  };
  int64_t among_five = 0, right = 0;
  for (const int64_t rank : {worst(first, {1, 2}), worst(first, {4}), worst(second, {0, 1})}) {
    among_five += rank < 5 ? 1 : 0;
    right += rank == 0 ? 1 : 0;
  }
  passport::WordTally tally;
  CHECK_OK(passport::tally_words(model, text, nullptr, tally));
  CHECK(tally.words == 3);
  CHECK(tally.tokens.count == 5);
  CHECK(tally.first == right);
  CHECK(tally.among_five == among_five);
}

TEST_CASE("texts that a model cannot read, and labels that lead nowhere, are refused") {
  const auto gpt = load(make_gpt2(small()));
  const auto refuse = [&](const std::shared_ptr<const Model>& model, const Text& text, StatusCode code,
                          const char* words) {
    Passports made;
    const Status status = make_passports(
        model,
        std::vector<Text>{{.ids = {1}, .source = text.source.empty() ? text.source : std::vector<int32_t>{1}},
                          text},
        false, nullptr, made);
    CAPTURE(status.message);
    CHECK(status.code == code);
    CHECK(mentions(status, words));
  };
  Text text;
  refuse(gpt, text, StatusCode::invalid_shape, "text 2: a text has no ids");
  text.ids = random_ids(21, 13);
  refuse(gpt, text, StatusCode::text_too_long, "21 tokens");
  text.ids = {1, 2, 3};
  text.special = {3};
  refuse(gpt, text, StatusCode::invalid_shape, "special: 3");
  text.special = {};
  text.punctuation = {1, 1};
  refuse(gpt, text, StatusCode::invalid_shape, "punctuation: 1 is there twice");
  text.punctuation = {};
  text.masked = {{1, 9, 3}};
  refuse(gpt, text, StatusCode::invalid_option, "masked");
  text.masked = {};
  text.asked_from = 0;
  refuse(gpt, text, StatusCode::invalid_shape, "asked from token 0");
  text.asked_from = 1;
  text.links = {{.kind = "pronoun", .at = 3, .of = {{0}}}};
  refuse(gpt, text, StatusCode::invalid_shape, "a link: 3");
  text.links = {{.kind = "pronoun", .at = 2, .of = {}}};
  refuse(gpt, text, StatusCode::invalid_shape, "leads to nothing");
  text.links = {{.kind = "pronoun", .at = 2, .of = {{0}}, .others = {{0}}}};
  refuse(gpt, text, StatusCode::invalid_shape, "0 is there twice");
  text.links = {{.kind = "alignment", .attention = AttentionKind::cross, .at = 2, .of = {{0}}}};
  refuse(gpt, text, StatusCode::invalid_option, "encoder-decoder");
  text.links = {};
  text.ids = {1, 13};
  refuse(gpt, text, StatusCode::invalid_token, "13");
  std::vector<Outcome> outcomes(1);
  CHECK_REFUSED(passport::judge_stream(gpt, std::vector<int32_t>{1, 2}, 21, 5, nullptr, outcomes),
                invalid_shape, "21");
  CHECK_REFUSED(passport::judge_stream(gpt, std::vector<int32_t>{1, 2}, 8, 8, nullptr, outcomes),
                invalid_shape, "every 8");
  CHECK_REFUSED(
      passport::judge_stream(load(make_bert(small())), std::vector<int32_t>{1, 2}, 8, 4, nullptr, outcomes),
      invalid_option, "causal");
}

}  // namespace limelight::test
