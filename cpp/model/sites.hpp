// Which named sites a model has, and which arrays of a recording they name. Several names may mean one array:
// in every model a block's resid_pre is the resid_post of the block before.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "limelight/model.hpp"

namespace limelight {

/// What an array of the recording is; every block has one of each from resid_pre on.
enum class ArrayKind : uint8_t {
  embed,
  pos_embed,
  type_embed,
  embed_ln,
  ln_final,
  resid_pre,
  ln1,
  q,
  k,
  v,
  rot_q,  // without rotary positions q itself
  rot_k,  // likewise k
  lse,
  z,
  attn_out,
  resid_mid,
  cross_ln,
  cross_q,
  cross_k,
  cross_v,
  cross_lse,
  cross_z,
  cross_out,
  resid_cross,
  ln2,
  mlp_pre,
  mlp_pre_linear,
  mlp_post,
  mlp_out,
  resid_post,
};
inline constexpr int kArrayKinds = static_cast<int>(ArrayKind::resid_post) + 1;

/// One array of a recording, [tokens, features]; tokens of the source where of_source().
struct RecordedArray {
  ArrayKind kind;
  int64_t features;
  bool always;    ///< kept whatever the options say
  bool residual;  ///< part of the stream that flows from block to block
  bool of_source() const { return kind == ArrayKind::cross_k || kind == ArrayKind::cross_v; }
};

struct Site {
  std::string name;
  int array;
  int64_t heads;  ///< 0: rows are not divided into heads
};

struct SiteTable {
  std::vector<RecordedArray> arrays;
  std::vector<Site> sites;  ///< in the order of computation

  /// Index of an array; `layer` counts only for kinds that blocks have. The array exists.
  int array(ArrayKind kind, int64_t layer = 0) const {
    const auto k = static_cast<std::size_t>(kind);
    return kind < ArrayKind::resid_pre ? globals[k]
                                       : blocks[static_cast<std::size_t>(layer) * kArrayKinds + k];
  }
  const Site* find(std::string_view name) const;

  std::vector<int> globals, blocks;
};

SiteTable make_sites(const ModelConfig& config);

/// Whether `pattern`, in which * stands for any characters, matches all of `name`. O(pattern * name), no
/// recursion.
bool matches(std::string_view pattern, std::string_view name);
bool matches_any(const SiteTable& table, std::string_view pattern);

}  // namespace limelight
