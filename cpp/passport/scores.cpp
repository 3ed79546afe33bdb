#include "passport/scores.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace limelight::passport {
namespace {

constexpr std::size_t kKinds = kKeyKinds.size();

uint8_t bit(KeyKind kind) {
  return static_cast<uint8_t>(1u << static_cast<unsigned>(kind));
}

std::vector<bool> marks(const Tokens& places, int64_t count) {
  std::vector<bool> marked(static_cast<std::size_t>(count), false);
  for (const int32_t place : places) marked[static_cast<std::size_t>(place)] = true;
  return marked;
}

void add(Score& sum, double weight, double uniform) {
  sum.mean += weight;
  sum.uniform += uniform;
  ++sum.count;
}

Score averaged(Score sum) {
  if (sum.count == 0) return sum;
  const auto count = static_cast<double>(sum.count);
  return {sum.mean / count, sum.uniform / count, sum.count};
}

}  // namespace

KeyMap::KeyMap(const Text& text, AttentionKind attention, const ModelConfig& config)
    : attention_(attention), across_(attention == AttentionKind::cross) {
  const bool asks_source = attention == AttentionKind::encoder;
  const std::vector<int32_t>& asking = asks_source ? text.source : text.ids;
  const std::vector<int32_t>& answering = attention == AttentionKind::self ? text.ids : text.source;
  rows_ = std::ssize(asking);
  keys_ = std::ssize(answering);
  causal_ = attention == AttentionKind::self && config.causal;
  asks_ = marks(asks_source ? text.source_special : text.special, rows_);
  asks_.flip();
  const bool own = attention == AttentionKind::self;
  const std::vector<bool> special = marks(own ? text.special : text.source_special, keys_),
                          punctuation = marks(own ? text.punctuation : text.source_punctuation, keys_);
  kinds_.assign(static_cast<std::size_t>(rows_ * keys_), 0);
  members_.assign(static_cast<std::size_t>(rows_), {});
  for (int64_t i = 0; i < rows_; ++i) {
    for (int64_t j = 0; j < keys_ && sees(i, j); ++j) {
      const auto key = static_cast<std::size_t>(j);
      uint8_t kinds = 0;
      if (j == 0) kinds |= bit(KeyKind::first);
      if (special[key]) kinds |= bit(KeyKind::separator);
      if (punctuation[key]) kinds |= bit(KeyKind::punctuation);
      if (!across_) {
        const int32_t id = asking[static_cast<std::size_t>(i)];
        if (j == i - 1) kinds |= bit(KeyKind::previous);
        if (j == i + 1) kinds |= bit(KeyKind::next);
        if (j == i) kinds |= bit(KeyKind::itself);
        if (j < i && answering[key] == id) kinds |= bit(KeyKind::duplicate);
        if (0 < j && j < i && answering[key - 1] == id) kinds |= bit(KeyKind::induction);
      }
      kinds_[static_cast<std::size_t>(i * keys_ + j)] = kinds;
      for (std::size_t k = 0; k < kKinds; ++k) members_[static_cast<std::size_t>(i)][k] += kinds >> k & 1;
    }
  }
  for (const Link& link : text.links) {
    if (link.attention == attention) links_.push_back(&link);
  }
}

void ScoreSums::add(const KeyMap& map, std::span<const float> weights) {
  for (int64_t i = 0; i < map.rows(); ++i) {
    if (!map.asks_[static_cast<std::size_t>(i)]) continue;
    const float* row = weights.data() + i * map.keys();
    add_kinds(map, i, row);
    add_entropy(map, i, row);
  }
  for (const Link* link : map.links_) add_link(map, *link, weights.data() + link->at * map.keys());
}

void ScoreSums::add_kinds(const KeyMap& map, int64_t row, const float* weights) {
  const int64_t visible = map.visible(row);
  const uint8_t* kinds = map.kinds_.data() + row * map.keys();
  std::array<double, kKinds> got{};
  for (int64_t j = 0; j < visible; ++j) {
    for (unsigned left = kinds[j], k = 0; left != 0; left >>= 1, ++k) {
      if (left & 1u) got[k] += static_cast<double>(weights[j]);
    }
  }
  for (std::size_t k = 0; k < kKinds; ++k) {
    const int64_t members = map.members_[static_cast<std::size_t>(row)][k];
    if (members == 0 || members == visible) continue;
    passport::add(sums_.kinds[k], got[k], static_cast<double>(members) / static_cast<double>(visible));
  }
}

void ScoreSums::add_entropy(const KeyMap& map, int64_t row, const float* weights) {
  const int64_t visible = map.visible(row);
  if (visible < 2) return;
  double entropy = 0, distance = 0, even = 0;
  for (int64_t j = 0; j < visible; ++j) {
    const auto weight = static_cast<double>(weights[j]), far = static_cast<double>(std::abs(row - j));
    if (weight > 0) entropy -= weight * std::log2(weight);
    distance += weight * far;
    even += far;
  }
  const double most = std::log2(static_cast<double>(visible));
  passport::add(sums_.entropy, entropy, most);
  sums_.evenness += entropy / most;
  if (!map.across_) passport::add(sums_.distance, distance, even / static_cast<double>(visible));
}

void ScoreSums::add_link(const KeyMap& map, const Link& link, const float* weights) {
  const int64_t visible = map.visible(link.at);
  const auto of_mention = [&](const Tokens& mention) {
    double sum = 0;
    for (const int32_t j : mention) sum += map.sees(link.at, j) ? static_cast<double>(weights[j]) : 0.0;
    return sum;
  };
  const auto strongest = [&](const std::vector<Tokens>& mentions) {
    double most = 0;
    for (const Tokens& mention : mentions) most = std::max(most, of_mention(mention));
    return most;
  };
  double weight = 0;
  int64_t members = 0;
  for (const Tokens& mention : link.of) {
    weight += of_mention(mention);
    members += std::count_if(mention.begin(), mention.end(), [&](int32_t j) { return map.sees(link.at, j); });
  }
  if (members == 0 || members == visible) return;
  LinkScore& sum = sums_.links[link.kind];
  passport::add(sum.score, weight, static_cast<double>(members) / static_cast<double>(visible));
  if (link.others.empty()) return;
  ++sum.compared;
  sum.strongest += strongest(link.of) > strongest(link.others) ? 1 : 0;
  sum.chance +=
      static_cast<double>(link.of.size()) / static_cast<double>(link.of.size() + link.others.size());
}

Scores ScoreSums::scores() const {
  Scores means = sums_;
  for (Score& score : means.kinds) score = averaged(score);
  if (means.entropy.count > 0) means.evenness /= static_cast<double>(means.entropy.count);
  means.entropy = averaged(means.entropy);
  means.distance = averaged(means.distance);
  for (auto& [kind, link] : means.links) {
    link.score = averaged(link.score);
    if (link.compared == 0) continue;
    link.strongest /= static_cast<double>(link.compared);
    link.chance /= static_cast<double>(link.compared);
  }
  return means;
}

}  // namespace limelight::passport
