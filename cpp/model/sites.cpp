#include "model/sites.hpp"

#include <algorithm>

namespace limelight {

SiteTable make_sites(const ModelConfig& c) {
  SiteTable t;
  const bool pre_norm = c.norm == ModelConfig::Norm::pre;
  const bool normed_embedding = c.family == ModelConfig::Family::bert;
  t.globals.assign(static_cast<std::size_t>(ArrayKind::resid_pre), -1);
  t.blocks.assign(static_cast<std::size_t>(c.layers) * kArrayKinds, -1);

  const auto add = [&](ArrayKind kind, int64_t features, bool always, bool residual) {
    t.arrays.push_back({kind, features, always, residual});
    return static_cast<int>(t.arrays.size()) - 1;
  };
  const std::string stack = c.is_encoder ? "encoder." : c.encoder ? "decoder." : "";
  const auto name = [&](const std::string& text, int array, int64_t heads = 0) {
    t.sites.push_back({stack + text, array, heads});
  };
  const auto global = [&](ArrayKind kind, const char* text, bool residual) {
    const int array = add(kind, c.width, false, residual);
    t.globals[static_cast<std::size_t>(kind)] = array;
    name(text, array);
    return array;
  };

  global(ArrayKind::embed, "embed", false);
  if (!c.rotary) global(ArrayKind::pos_embed, "pos_embed", false);
  if (c.token_types > 0) global(ArrayKind::type_embed, "type_embed", false);
  int stream = normed_embedding ? global(ArrayKind::embed_ln, "embed_ln", true)
                                : add(ArrayKind::resid_pre, c.width, false, true);

  for (int64_t layer = 0; layer < c.layers; ++layer) {
    const std::string block = "blocks." + std::to_string(layer) + ".";
    int* arrays = t.blocks.data() + static_cast<std::size_t>(layer) * kArrayKinds;
    const auto own = [&](ArrayKind kind, const char* text, int64_t features, bool always = false,
                         int64_t heads = 0, bool residual = false) {
      const int array = arrays[static_cast<std::size_t>(kind)] = add(kind, features, always, residual);
      name(block + text, array, heads);
    };
    const auto alias = [&](ArrayKind kind, const char* text, int array) {
      arrays[static_cast<std::size_t>(kind)] = array;
      name(block + text, array);
    };
    alias(ArrayKind::resid_pre, "resid_pre", stream);
    if (pre_norm) {
      own(ArrayKind::ln1, "ln1", c.width);
    } else {
      alias(ArrayKind::ln1, "ln1", stream);
    }
    const int64_t q_width = c.heads * c.head_dim, kv_width = c.kv_heads * c.head_dim;
    const bool turned = c.rotary.has_value();
    own(ArrayKind::q, "attn.q", q_width, !turned, c.heads);
    own(ArrayKind::k, "attn.k", kv_width, !turned, c.kv_heads);
    own(ArrayKind::v, "attn.v", kv_width, true, c.kv_heads);
    if (turned) {
      own(ArrayKind::rot_q, "attn.rot_q", q_width, true, c.heads);
      own(ArrayKind::rot_k, "attn.rot_k", kv_width, true, c.kv_heads);
    } else {
      arrays[static_cast<std::size_t>(ArrayKind::rot_q)] = arrays[static_cast<std::size_t>(ArrayKind::q)];
      arrays[static_cast<std::size_t>(ArrayKind::rot_k)] = arrays[static_cast<std::size_t>(ArrayKind::k)];
    }
    own(ArrayKind::lse, "attn.lse", c.heads, true, c.heads);
    own(ArrayKind::z, "attn.z", q_width, true, c.heads);
    own(ArrayKind::attn_out, "attn.out", c.width);
    own(ArrayKind::resid_mid, "resid_mid", c.width);
    if (c.encoder) {
      own(ArrayKind::cross_ln, "cross.ln", c.width);
      own(ArrayKind::cross_q, "cross.q", q_width, true, c.heads);
      own(ArrayKind::cross_k, "cross.k", kv_width, true, c.kv_heads);
      own(ArrayKind::cross_v, "cross.v", kv_width, true, c.kv_heads);
      own(ArrayKind::cross_lse, "cross.lse", c.heads, true, c.heads);
      own(ArrayKind::cross_z, "cross.z", q_width, true, c.heads);
      own(ArrayKind::cross_out, "cross.out", c.width);
      own(ArrayKind::resid_cross, "resid_cross", c.width);
    }
    if (c.mlp_width > 0) {
      own(ArrayKind::ln2, "ln2", c.width);
      own(ArrayKind::mlp_pre, "mlp.pre", c.mlp_width);
      if (c.gated) own(ArrayKind::mlp_pre_linear, "mlp.pre_linear", c.mlp_width);
      own(ArrayKind::mlp_post, "mlp.post", c.mlp_width);
      own(ArrayKind::mlp_out, "mlp.out", c.width);
    }
    // What an encoder ends with, its decoder reads; and what stands behind cross-attention is not made again.
    const bool read = (c.is_encoder || c.encoder) && layer + 1 == c.layers;
    own(ArrayKind::resid_post, "resid_post", c.width, read, 0, true);
    if (layer + 1 == c.layers)
      t.arrays[static_cast<std::size_t>(stream)].always = true;  // predictions begin here
    stream = arrays[static_cast<std::size_t>(ArrayKind::resid_post)];
  }
  if (c.family != ModelConfig::Family::marian) global(ArrayKind::ln_final, "ln_final", false);
  return t;
}

const Site* SiteTable::find(std::string_view name) const {
  const auto at = std::find_if(sites.begin(), sites.end(), [&](const Site& s) { return s.name == name; });
  return at == sites.end() ? nullptr : &*at;
}

bool matches_any(const SiteTable& table, std::string_view pattern) {
  return std::any_of(table.sites.begin(), table.sites.end(),
                     [&](const Site& site) { return matches(pattern, site.name); });
}

bool matches(std::string_view pattern, std::string_view name) {
  // On a mismatch the last * takes one more character; earlier ones never need to be tried again.
  std::size_t p = 0, n = 0, star = std::string_view::npos, taken = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace limelight
