// Model families as data: which tensor names a checkpoint carries, and what each one is for.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "model/weights.hpp"

namespace limelight {

/// One name, below the family's prefix; roles of a block are named below `<blocks><layer>.`.
struct TensorRule {
  std::string_view name;
  Role role;
  /// A copy of another tensor that some files carry (a tied head): compared with it and reported as ignored.
  bool copy = false;
  bool optional = false;  ///< zeros where a file has none
};

struct Family {
  std::string_view prefix;                     ///< may be left out in a file
  std::string_view blocks;                     ///< what stands before the layer number, after the prefix
  std::span<const TensorRule> rules[3];        ///< under the prefix, or in a block where the role says so
  std::span<const TensorRule> head_rules;      ///< names that never have the prefix
  std::span<const TensorRule> own_head_rules;  ///< instead, where the head is not tied to the embedding
  std::span<const std::string_view> ignored;   ///< names, or beginnings of names where they end in "."
  std::span<const std::string_view> block_ignored;  ///< the same within a block
};
const Family& family(const ModelConfig& config);
std::span<const TensorRule> head_rules(const ModelConfig& config);
/// Whether a model has what a rule of its family is about.
inline bool has(const ModelConfig& config, Role role) {
  return config.mlp_width > 0 || !in_mlp(role);
}

/// What a tensor name means under a configuration.
struct NamedTensor {
  enum class Use { unknown, ignored, copy, needed } use = Use::unknown;
  Role role = Role::tokens;
  int64_t layer = 0;
  bool encoder = false;  ///< of the encoder of an encoder-decoder
};
NamedTensor look_up(const ModelConfig& config, std::string_view name);

/// The name of a rule's tensor in a file that writes the family's prefix, or in one that does not.
std::string full_name(const ModelConfig& config, const TensorRule& rule, int64_t layer, bool prefixed);

/// Calls `each(rule, layer)` for every tensor that the configuration needs; its encoder has needs of its own.
template <class Each>
void for_each_needed(const ModelConfig& config, Each each) {
  const Family& f = family(config);
  for (const auto rules : {f.rules[0], f.rules[1], f.rules[2], head_rules(config)}) {
    for (const TensorRule& rule : rules) {
      if (rule.copy || rule.optional || !has(config, rule.role)) continue;
      const int64_t layers = in_block(rule.role) ? config.layers : 1;
      for (int64_t layer = 0; layer < layers; ++layer) each(rule, layer);
    }
  }
}

}  // namespace limelight
