// What one head looks at, in numbers.
//
// i asks, j answers; w(i, j) is the head's weight, V(i) are the keys that i sees: all, or those up to i.
// Every token asks that is not special. Of a kind of key, let K(i) be those of V(i) that are of this kind:
//
//   previous     j = i - 1
//   next         j = i + 1
//   itself       j = i
//   duplicate    j < i and id_j = id_i
//   first        j = 0
//   separator    j is special
//   punctuation  j is punctuation
//   induction    0 < j < i and id_{j-1} = id_i: what followed the same token before
//
// Where the keys are those of another text (cross-attention) only first, separator and punctuation exist. Let
// A be the i that ask and whose K(i) is neither empty nor all of V(i), so that the head had a choice:
//
//   mean     1/|A| sum_{i in A} sum_{j in K(i)} w(i, j)
//   uniform  1/|A| sum_{i in A} |K(i)| / |V(i)|            what a head gets that looks at everything alike
//
// and over the i that ask and see two keys or more:
//
//   entropy   mean of H(i) = -sum_j w(i, j) log2 w(i, j), in bits; uniform: mean of log2 |V(i)|
//   evenness  mean of H(i) / log2 |V(i)|: 0 one key alone, 1 all keys alike
//   distance  mean of sum_j w(i, j) |i - j|; uniform: mean of 1/|V(i)| sum_{j in V(i)} |i - j|. Not across.
//
// Of links (text.hpp), for every kind of them: K is the tokens of `of` for i = `at`, special or not, and A as
// above; further, where a link has `others`,
//
//   strongest  the share of links for which the most that a mention in `of` gets, its tokens added up, is
//   more
//              than what any in `others` gets
//   chance     the mean of |of| / (|of| + |others|), counting mentions
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "passport/text.hpp"

namespace limelight::passport {

enum class KeyKind { previous, next, itself, duplicate, first, separator, punctuation, induction };
inline constexpr std::array<const char*, 8> kKeyKinds = {"previous", "next",      "itself",      "duplicate",
                                                         "first",    "separator", "punctuation", "induction"};

/// Means over `count` positions; 0 where there are none.
struct Score {
  double mean = 0, uniform = 0;
  int64_t count = 0;
};

struct LinkScore {
  Score score;
  double strongest = 0, chance = 0;
  int64_t compared = 0;  ///< links that have others
};

struct Scores {
  std::array<Score, kKeyKinds.size()> kinds;  ///< by KeyKind
  Score entropy, distance;
  double evenness = 0;
  std::map<std::string, LinkScore> links;  ///< by Link::kind

  const Score& operator[](KeyKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};

/// What a text's keys are to those that ask in one kind of attention: the same for every head.
class KeyMap {
 public:
  KeyMap(const Text& text, AttentionKind attention, const ModelConfig& config);

  int64_t rows() const { return rows_; }
  int64_t keys() const { return keys_; }
  AttentionKind attention() const { return attention_; }

 private:
  friend class ScoreSums;
  bool sees(int64_t i, int64_t j) const { return !causal_ || j <= i; }
  int64_t visible(int64_t i) const { return causal_ ? i + 1 : keys_; }

  AttentionKind attention_;
  int64_t rows_ = 0, keys_ = 0;
  bool causal_ = false, across_ = false;
  std::vector<bool> asks_;                                      // by row
  std::vector<uint8_t> kinds_;                                  // [rows, keys], a bit for each kind
  std::vector<std::array<int64_t, kKeyKinds.size()>> members_;  // |K(i)|, by row
  std::vector<const Link*> links_;                              // of the text, which outlives this
};

/// Adds up one head's weights over texts, in double precision and in the order in which they are given.
class ScoreSums {
 public:
  /// `weights` [rows, keys] of the map.
  void add(const KeyMap& map, std::span<const float> weights);
  Scores scores() const;

 private:
  void add_kinds(const KeyMap& map, int64_t row, const float* weights);
  void add_entropy(const KeyMap& map, int64_t row, const float* weights);
  void add_link(const KeyMap& map, const Link& link, const float* weights);

  Scores sums_;
};

}  // namespace limelight::passport
