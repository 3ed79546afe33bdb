// Passports in float64, from the reference's weights and logits, by the formulas of passport/scores.hpp as
// they are written there: a set of keys for each position, and a mean.
#pragma once

#include <functional>

#include "passport/passport.hpp"
#include "reference_model.hpp"

namespace limelight::test {

using passport::KeyKind;
using passport::Link;
using passport::Score;
using passport::Scores;
using passport::Text;

/// What a text is to one kind of attention.
struct Asked {
  std::vector<int32_t> asking, answering;
  std::vector<int32_t> silent, special, punctuation;  ///< who does not ask; keys
  bool causal = false, across = false;
  std::vector<const Link*> links;
};

inline Asked asked_of(const Text& text, AttentionKind kind, bool causal) {
  Asked a;
  const bool encoder = kind == AttentionKind::encoder, self = kind == AttentionKind::self;
  a.asking = encoder ? text.source : text.ids;
  a.answering = self ? text.ids : text.source;
  a.silent = encoder ? text.source_special : text.special;
  a.special = self ? text.special : text.source_special;
  a.punctuation = self ? text.punctuation : text.source_punctuation;
  a.causal = self && causal;
  a.across = kind == AttentionKind::cross;
  for (const Link& link : text.links) {
    if (link.attention == kind) a.links.push_back(&link);
  }
  return a;
}

inline bool is_in(const std::vector<int32_t>& list, std::size_t value) {
  return std::find(list.begin(), list.end(), static_cast<int32_t>(value)) != list.end();
}

/// Whether key j is of this kind to asker i.
inline bool is_of(const Asked& a, KeyKind kind, std::size_t i, std::size_t j) {
  switch (kind) {
    case KeyKind::previous:
      return !a.across && j + 1 == i;
    case KeyKind::next:
      return !a.across && j == i + 1;
    case KeyKind::itself:
      return !a.across && j == i;
    case KeyKind::duplicate:
      return !a.across && j < i && a.answering[j] == a.asking[i];
    case KeyKind::first:
      return j == 0;
    case KeyKind::separator:
      return is_in(a.special, j);
    case KeyKind::punctuation:
      return is_in(a.punctuation, j);
    case KeyKind::induction:
      return !a.across && j > 0 && j < i && a.answering[j - 1] == a.asking[i];
  }
  return false;
}

struct Mean {
  double sum = 0, uniform = 0;
  int64_t count = 0;
  void add(double value, double even) {
    sum += value;
    uniform += even;
    ++count;
  }
};

inline void check_mean(const Score& score, const Mean& expected, double tolerance) {
  CHECK(score.count == expected.count);
  if (expected.count == 0) return;
  CHECK(std::abs(score.mean - expected.sum / static_cast<double>(expected.count)) < tolerance);
  CHECK(std::abs(score.uniform - expected.uniform / static_cast<double>(expected.count)) < 1e-12);
}

/// Holds `scores` against texts and, for each, the reference's weights of the head.
inline void check_scores(const Scores& scores, const std::vector<Asked>& texts,
                         const std::vector<Rows>& weights, double tolerance) {
  for (std::size_t k = 0; k < passport::kKeyKinds.size(); ++k) {
    CAPTURE(passport::kKeyKinds[k]);
    Mean mean;
    for (std::size_t t = 0; t < texts.size(); ++t) {
      const Asked& a = texts[t];
      for (std::size_t i = 0; i < a.asking.size(); ++i) {
        if (is_in(a.silent, i)) continue;
        const std::size_t visible = a.causal ? i + 1 : a.answering.size();
        double weight = 0;
        std::size_t members = 0;
        for (std::size_t j = 0; j < visible; ++j) {
          if (!is_of(a, static_cast<KeyKind>(k), i, j)) continue;
          weight += weights[t][i][j];
          ++members;
        }
        if (members > 0 && members < visible)
          mean.add(weight, static_cast<double>(members) / static_cast<double>(visible));
      }
    }
    check_mean(scores.kinds[k], mean, tolerance);
  }
  Mean entropy, distance, evenness;
  std::map<std::string, Mean> links, strongest;
  for (std::size_t t = 0; t < texts.size(); ++t) {
    const Asked& a = texts[t];
    for (std::size_t i = 0; i < a.asking.size(); ++i) {
      const std::size_t visible = a.causal ? i + 1 : a.answering.size();
      if (is_in(a.silent, i) || visible < 2) continue;
      double bits = 0, far = 0, even = 0;
      for (std::size_t j = 0; j < visible; ++j) {
        const double away = std::abs(static_cast<double>(i) - static_cast<double>(j));
        bits -= weights[t][i][j] * std::log2(weights[t][i][j]);
        far += weights[t][i][j] * away;
        even += away / static_cast<double>(visible);
      }
      entropy.add(bits, std::log2(static_cast<double>(visible)));
      evenness.add(bits / std::log2(static_cast<double>(visible)), 0);
      if (!a.across) distance.add(far, even);
    }
    for (const Link* link : a.links) {
      const auto at = static_cast<std::size_t>(link->at);
      const std::size_t visible = a.causal ? at + 1 : a.answering.size();
      const auto total = [&](const std::vector<int32_t>& mention) {
        double sum = 0;
        for (const int32_t j : mention) {
          if (static_cast<std::size_t>(j) < visible) sum += weights[t][at][static_cast<std::size_t>(j)];
        }
        return sum;
      };
      double weight = 0, best = 0, other = 0;
      std::size_t members = 0;
      for (const auto& mention : link->of) {
        weight += total(mention);
        best = std::max(best, total(mention));
        for (const int32_t j : mention) members += static_cast<std::size_t>(j) < visible ? 1 : 0;
      }
      if (members == 0) continue;
      links[link->kind].add(weight, static_cast<double>(members) / static_cast<double>(visible));
      if (link->others.empty()) continue;
      for (const auto& mention : link->others) other = std::max(other, total(mention));
      strongest[link->kind].add(best > other, static_cast<double>(link->of.size()) /
                                                  static_cast<double>(link->of.size() + link->others.size()));
    }
  }
  const double bits_tolerance = 20 * tolerance;  // |dH/dw| = |log2 w + 1 / ln 2|, w above 2^-18
  check_mean(scores.entropy, entropy, bits_tolerance);
  check_mean(scores.distance, distance, 140 * tolerance);
  if (evenness.count > 0)
    CHECK(std::abs(scores.evenness - evenness.sum / static_cast<double>(evenness.count)) < bits_tolerance);
  REQUIRE(scores.links.size() == links.size());
  for (const auto& [kind, score] : scores.links) {
    CAPTURE(kind);
    check_mean(score.score, links[kind], tolerance);
    const Mean& most = strongest[kind];
    CHECK(score.compared == most.count);
    if (most.count == 0) continue;
    CHECK(score.strongest == doctest::Approx(most.sum / static_cast<double>(most.count)).epsilon(1e-12));
    CHECK(score.chance == doctest::Approx(most.uniform / static_cast<double>(most.count)).epsilon(1e-12));
  }
}

inline double reference_loss(const std::vector<double>& logits, int32_t id) {
  const double most = *std::max_element(logits.begin(), logits.end());
  double total = 0;
  for (const double logit : logits) total += std::exp(logit - most);
  return std::log(total) + most - logits[static_cast<std::size_t>(id)];
}

inline int64_t reference_rank(const std::vector<double>& logits, int32_t id) {
  return std::count_if(logits.begin(), logits.end(),
                       [&](double logit) { return logit > logits[static_cast<std::size_t>(id)]; });
}

/// Texts with a bit of everything; tokens come again often.
inline std::vector<Text> some_texts(const ModelConfig& config) {
  std::vector<Text> texts;
  for (const int64_t length : {9, 17, 5}) {
    Text text;
    text.ids = random_ids(length, 8, static_cast<uint64_t>(length));
    text.special = {0, static_cast<int32_t>(length) - 1};
    text.punctuation = {2, 3};
    if (config.encoder) {
      text.source = random_ids(length + 2, 8, static_cast<uint64_t>(length) + 50);
      text.source_special = {static_cast<int32_t>(length) + 1};
      text.source_punctuation = {4};
      text.links.push_back({.kind = "alignment",
                            .attention = AttentionKind::cross,
                            .at = 3,
                            .of = {{1, 2}},
                            .others = {{0}, {4}}});
      text.links.push_back({.kind = "agreement", .attention = AttentionKind::encoder, .at = 2, .of = {{4}}});
    }
    text.links.push_back({.kind = "pronoun", .at = 4, .of = {{0, 1}, {3}}, .others = {{2}}});
    text.links.push_back({.kind = "name", .at = 2, .of = {{0}}});
    if (config.causal && length > 9) text.asked_from = 5;
    if (!config.causal) {
      text.masked.push_back(text.ids);
      text.masked.push_back(text.ids);
      for (const std::size_t hidden : {1, 2}) text.masked[0][hidden] = 9;
      text.masked[1][3] = 9;
      text.masked[1][1] = 9;
    }
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace limelight::test
