// Scores whose values follow from the weights without arithmetic: heads that look at everything alike, or at
// one thing.
#include "passport_support.hpp"

namespace limelight::test {
namespace {

using passport::KeyMap;
using passport::ScoreSums;

ModelConfig config_of(bool causal) {
  ModelConfig config;
  config.causal = causal;
  config.positions = 64;
  return config;
}

/// [n, n] of a head that spreads each row over what `looks` says; all that it sees where that is nothing.
std::vector<float> weights_of(int64_t n, bool causal, const std::function<bool(int64_t, int64_t)>& looks) {
  std::vector<float> weights(static_cast<std::size_t>(n * n), 0.0f);
  for (int64_t i = 0; i < n; ++i) {
    std::vector<int64_t> keys, seen;
    for (int64_t j = 0; j < (causal ? i + 1 : n); ++j) {
      seen.push_back(j);
      if (looks(i, j)) keys.push_back(j);
    }
    if (keys.empty()) keys = seen;
    for (const int64_t j : keys)
      weights[static_cast<std::size_t>(i * n + j)] = 1.0f / static_cast<float>(keys.size());
  }
  return weights;
}

Scores scores_of(const Text& text, bool causal, const std::function<bool(int64_t, int64_t)>& looks) {
  const KeyMap map(text, AttentionKind::self, config_of(causal));
  ScoreSums sums;
  sums.add(map, weights_of(std::ssize(text.ids), causal, looks));
  return sums.scores();
}

constexpr auto kEverything = [](int64_t, int64_t) { return true; };

}  // namespace

TEST_CASE("a causal head that looks at all alike has one part in i + 1 on the word before") {
  Text text;
  text.ids = {1, 2, 3, 4, 5, 6};
  const Scores scores = scores_of(text, true, kEverything);
  // i = 1 .. 5 see 2 .. 6 keys.
  const double expected = (1.0 / 2 + 1.0 / 3 + 1.0 / 4 + 1.0 / 5 + 1.0 / 6) / 5;
  for (const KeyKind kind : {KeyKind::previous, KeyKind::itself, KeyKind::first}) {
    CHECK(scores[kind].mean == doctest::Approx(expected));
    CHECK(scores[kind].uniform == doctest::Approx(expected));
    CHECK(scores[kind].count == 5);
  }
  CHECK(scores[KeyKind::next].count == 0);
  CHECK(scores[KeyKind::duplicate].count == 0);
  CHECK(scores.evenness == doctest::Approx(1));
  CHECK(scores.entropy.mean == doctest::Approx(std::log2(720.0) / 5));
  CHECK(scores.distance.mean == doctest::Approx((0.5 + 1 + 1.5 + 2 + 2.5) / 5));
}

TEST_CASE("a head that reads both ways and looks at all alike has one part in n on each token") {
  Text text;
  text.ids = {0, 5, 6, 5, 7, 1};
  text.special = {0, 5};
  text.punctuation = {4};
  const Scores scores = scores_of(text, false, kEverything);
  for (const KeyKind kind :
       {KeyKind::previous, KeyKind::next, KeyKind::itself, KeyKind::first, KeyKind::punctuation}) {
    CHECK(scores[kind].mean == doctest::Approx(1.0 / 6));
    CHECK(scores[kind].count == 4);  // of six, two are special and do not ask
  }
  CHECK(scores[KeyKind::separator].mean == doctest::Approx(2.0 / 6));
  CHECK(scores[KeyKind::duplicate].count == 1);
  CHECK(scores[KeyKind::duplicate].mean == doctest::Approx(1.0 / 6));
  CHECK(scores.entropy.mean == doctest::Approx(std::log2(6.0)));
}

TEST_CASE("a head that looks at one thing has all of its weight there, and no entropy") {
  Text text;
  text.ids = {4, 5, 6, 4, 5, 6, 4};
  const auto at = [&](int64_t i) { return text.ids[static_cast<std::size_t>(i)]; };
  SUBCASE("the word before") {
    const Scores scores = scores_of(text, true, [](int64_t i, int64_t j) { return j == i - 1; });
    CHECK(scores[KeyKind::previous].mean == 1);
    CHECK(scores[KeyKind::itself].mean == 0);
    CHECK(scores.entropy.mean == 0);
    CHECK(scores.distance.mean == 1);
  }
  SUBCASE("what followed the same token before") {
    const Scores scores =
        scores_of(text, true, [&](int64_t i, int64_t j) { return j > 0 && j < i && at(j - 1) == at(i); });
    CHECK(scores[KeyKind::induction].mean == doctest::Approx(1));
    CHECK(scores[KeyKind::induction].count == 4);
    CHECK(scores[KeyKind::induction].uniform == doctest::Approx((1.0 / 4 + 1.0 / 5 + 1.0 / 6 + 2.0 / 7) / 4));
    CHECK(scores[KeyKind::duplicate].mean == 0);
  }
  SUBCASE("the same token before") {
    const Scores scores =
        scores_of(text, true, [&](int64_t i, int64_t j) { return j < i && at(j) == at(i); });
    CHECK(scores[KeyKind::duplicate].mean == doctest::Approx(1));
    CHECK(scores[KeyKind::duplicate].count == 4);
  }
}

TEST_CASE("what follows an equal token is looked for before the asking one alone") {
  Text text;
  text.ids = {3, 3, 3};
  const KeyMap map(text, AttentionKind::self, config_of(true));
  ScoreSums sums;
  sums.add(map, std::vector<float>{1, 0, 0, 0.5f, 0.5f, 0, 0.25f, 0.25f, 0.5f});
  CHECK(sums.scores()[KeyKind::induction].count == 1);
  CHECK(sums.scores()[KeyKind::induction].mean == 0.25);
}

TEST_CASE(
    "a pronoun's weight is that on every mention, and the strongest of the nouns is the one that is meant") {
  Text text;
  text.ids = {9, 8, 7, 9, 6};
  text.links = {{.kind = "pronoun", .at = 4, .of = {{0}, {3}}, .others = {{1, 2}}}};
  const KeyMap map(text, AttentionKind::self, config_of(true));
  std::vector<float> weights = weights_of(5, true, kEverything);
  const std::vector<float> row = {0.1f, 0.2f, 0.1f, 0.4f, 0.2f};
  std::copy(row.begin(), row.end(), weights.begin() + 20);
  ScoreSums sums;
  sums.add(map, weights);
  const passport::LinkScore link = sums.scores().links.at("pronoun");
  CHECK(link.score.mean == doctest::Approx(0.5));
  CHECK(link.score.uniform == doctest::Approx(2.0 / 5));
  CHECK(link.strongest == 1);
  CHECK(link.chance == doctest::Approx(2.0 / 3));

  // A tie is not right.
  weights[22] = 0.2f;
  ScoreSums tied;
  tied.add(map, weights);
  CHECK(tied.scores().links.at("pronoun").strongest == 0);
}

TEST_CASE("nothing is measured where a head has no choice, or where nobody asks") {
  Text text;
  text.ids = {1};
  const Scores alone = scores_of(text, true, kEverything);
  for (const Score& score : alone.kinds) CHECK(score.count == 0);
  CHECK(alone.entropy.count == 0);
  text.ids = {1, 1, 1};
  text.special = {0, 1, 2};
  CHECK(scores_of(text, false, kEverything).entropy.count == 0);
}

}  // namespace limelight::test
