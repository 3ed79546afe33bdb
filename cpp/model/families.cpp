#include "model/families.hpp"

#include <algorithm>
#include <string>

namespace limelight {
namespace {

// Source: transformers, modeling_gpt2.py. attn.bias and attn.masked_bias are the causal mask, once kept as
// buffers.
constexpr TensorRule kGpt2Rules[] = {
    {"wte.weight", Role::tokens},
    {"wpe.weight", Role::positions},
    {"ln_1.weight", Role::attention_gain},
    {"ln_1.bias", Role::attention_shift},
    {"attn.c_attn.weight", Role::qkv_weight},
    {"attn.c_attn.bias", Role::qkv_bias},
    {"attn.c_proj.weight", Role::out_weight},
    {"attn.c_proj.bias", Role::out_bias},
    {"ln_2.weight", Role::mlp_gain},
    {"ln_2.bias", Role::mlp_shift},
    {"mlp.c_fc.weight", Role::up_weight},
    {"mlp.c_fc.bias", Role::up_bias},
    {"mlp.c_proj.weight", Role::down_weight},
    {"mlp.c_proj.bias", Role::down_bias},
    {"ln_f.weight", Role::final_gain},
    {"ln_f.bias", Role::final_shift},
};
constexpr TensorRule kTiedHeadRules[] = {{"lm_head.weight", Role::tokens, true}};
constexpr TensorRule kOwnHeadRules[] = {{"lm_head.weight", Role::head_weight}};
constexpr std::string_view kGpt2BlockIgnored[] = {"attn.bias", "attn.masked_bias"};

// Source: transformers, modeling_bert.py. The pooler and the next-sentence head serve other tasks.
constexpr TensorRule kBertRules[] = {
    {"embeddings.word_embeddings.weight", Role::tokens},
    {"embeddings.position_embeddings.weight", Role::positions},
    {"embeddings.token_type_embeddings.weight", Role::types},
    {"embeddings.LayerNorm.weight", Role::embedding_gain},
    {"embeddings.LayerNorm.bias", Role::embedding_shift},
    {"attention.self.query.weight", Role::q_weight},
    {"attention.self.query.bias", Role::q_bias},
    {"attention.self.key.weight", Role::k_weight},
    {"attention.self.key.bias", Role::k_bias},
    {"attention.self.value.weight", Role::v_weight},
    {"attention.self.value.bias", Role::v_bias},
    {"attention.output.dense.weight", Role::out_weight},
    {"attention.output.dense.bias", Role::out_bias},
    {"attention.output.LayerNorm.weight", Role::attention_gain},
    {"attention.output.LayerNorm.bias", Role::attention_shift},
    {"intermediate.dense.weight", Role::up_weight},
    {"intermediate.dense.bias", Role::up_bias},
    {"output.dense.weight", Role::down_weight},
    {"output.dense.bias", Role::down_bias},
    {"output.LayerNorm.weight", Role::mlp_gain},
    {"output.LayerNorm.bias", Role::mlp_shift},
};
constexpr TensorRule kBertHeadRules[] = {
    {"cls.predictions.transform.dense.weight", Role::transform_weight},
    {"cls.predictions.transform.dense.bias", Role::transform_bias},
    {"cls.predictions.transform.LayerNorm.weight", Role::final_gain},
    {"cls.predictions.transform.LayerNorm.bias", Role::final_shift},
    {"cls.predictions.bias", Role::token_bias},
    {"cls.predictions.decoder.weight", Role::tokens, true},
    {"cls.predictions.decoder.bias", Role::token_bias, true},
};
constexpr std::string_view kBertIgnored[] = {"embeddings.position_ids", "embeddings.token_type_ids",
                                             "pooler.", "cls.seq_relationship."};

// Source: transformers, modeling_llama.py.
constexpr TensorRule kLlamaRules[] = {
    {"embed_tokens.weight", Role::tokens},
    {"input_layernorm.weight", Role::attention_gain},
    {"self_attn.q_proj.weight", Role::q_weight},
    {"self_attn.k_proj.weight", Role::k_weight},
    {"self_attn.v_proj.weight", Role::v_weight},
    {"self_attn.o_proj.weight", Role::out_weight},
    {"post_attention_layernorm.weight", Role::mlp_gain},
    {"mlp.gate_proj.weight", Role::gate_weight},
    {"mlp.up_proj.weight", Role::up_weight},
    {"mlp.down_proj.weight", Role::down_weight},
    {"norm.weight", Role::final_gain},
};
constexpr std::string_view kLlamaBlockIgnored[] = {"self_attn.rotary_emb.inv_freq"};

// Source: transformers, modeling_marian.py. The tables of positions are computed; the bias of the logits is a
// buffer, of zeros in most files.
constexpr TensorRule kMarianRules[] = {
    {"self_attn.q_proj.weight", Role::q_weight},
    {"self_attn.q_proj.bias", Role::q_bias},
    {"self_attn.k_proj.weight", Role::k_weight},
    {"self_attn.k_proj.bias", Role::k_bias},
    {"self_attn.v_proj.weight", Role::v_weight},
    {"self_attn.v_proj.bias", Role::v_bias},
    {"self_attn.out_proj.weight", Role::out_weight},
    {"self_attn.out_proj.bias", Role::out_bias},
    {"self_attn_layer_norm.weight", Role::attention_gain},
    {"self_attn_layer_norm.bias", Role::attention_shift},
    {"fc1.weight", Role::up_weight},
    {"fc1.bias", Role::up_bias},
    {"fc2.weight", Role::down_weight},
    {"fc2.bias", Role::down_bias},
    {"final_layer_norm.weight", Role::mlp_gain},
    {"final_layer_norm.bias", Role::mlp_shift},
};
constexpr TensorRule kMarianCrossRules[] = {
    {"encoder_attn.q_proj.weight", Role::cross_q_weight},
    {"encoder_attn.q_proj.bias", Role::cross_q_bias},
    {"encoder_attn.k_proj.weight", Role::cross_k_weight},
    {"encoder_attn.k_proj.bias", Role::cross_k_bias},
    {"encoder_attn.v_proj.weight", Role::cross_v_weight},
    {"encoder_attn.v_proj.bias", Role::cross_v_bias},
    {"encoder_attn.out_proj.weight", Role::cross_out_weight},
    {"encoder_attn.out_proj.bias", Role::cross_out_bias},
    {"encoder_attn_layer_norm.weight", Role::cross_gain},
    {"encoder_attn_layer_norm.bias", Role::cross_shift},
};
constexpr TensorRule kMarianEncoderRules[] = {{"encoder.embed_tokens.weight", Role::tokens}};
constexpr TensorRule kMarianDecoderRules[] = {{"decoder.embed_tokens.weight", Role::tokens}};
constexpr TensorRule kMarianSharedRules[] = {
    {"shared.weight", Role::tokens},
    {"encoder.embed_tokens.weight", Role::tokens, true},
    {"decoder.embed_tokens.weight", Role::tokens, true},
};
constexpr TensorRule kLogitsBias = {"final_logits_bias", Role::logits_bias, false, true};
constexpr TensorRule kMarianTiedHeadRules[] = {{"lm_head.weight", Role::tokens, true}, kLogitsBias};
constexpr TensorRule kMarianOwnHeadRules[] = {{"lm_head.weight", Role::head_weight}, kLogitsBias};
constexpr std::string_view kMarianIgnored[] = {"encoder.embed_positions.weight",
                                               "decoder.embed_positions.weight"};

constexpr Family kGpt2 = {"transformer.", "h.", {kGpt2Rules},     kTiedHeadRules,
                          kOwnHeadRules,  {},   kGpt2BlockIgnored};
constexpr Family kBert = {"bert.", "encoder.layer.", {kBertRules}, kBertHeadRules, {}, kBertIgnored, {}};
constexpr Family kLlama = {"model.",      "layers.", {kLlamaRules},     kTiedHeadRules,
                           kOwnHeadRules, {},        kLlamaBlockIgnored};
constexpr Family kMarianEncoder = {
    "model.", "encoder.layers.", {kMarianRules, kMarianEncoderRules}, {}, {}, {}, {}};
constexpr Family kMarianDecoder = {"model.",
                                   "decoder.layers.",
                                   {kMarianRules, kMarianCrossRules, kMarianDecoderRules},
                                   kMarianTiedHeadRules,
                                   kMarianOwnHeadRules,
                                   kMarianIgnored,
                                   {}};
// With one embedding for both.
constexpr Family kMarianPlainEncoder = {"model.", "encoder.layers.", {kMarianRules}, {}, {}, {}, {}};
constexpr Family kMarianSharedDecoder = {"model.",
                                         "decoder.layers.",
                                         {kMarianRules, kMarianCrossRules, kMarianSharedRules},
                                         kMarianTiedHeadRules,
                                         kMarianOwnHeadRules,
                                         kMarianIgnored,
                                         {}};

bool take_prefix(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

/// Takes "12." from the front of the name; a number with a leading zero is none.
bool take_layer(std::string_view& name, int64_t layers, int64_t& layer) {
  const std::size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits > 6 || digits == name.npos || name[digits] != '.' ||
      (digits > 1 && name[0] == '0'))
    return false;
  layer = 0;
  for (std::size_t i = 0; i < digits; ++i) layer = layer * 10 + (name[i] - '0');
  name.remove_prefix(digits + 1);
  return layer < layers;
}

bool listed(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view entry) {
    return entry.ends_with('.') ? name.starts_with(entry) : name == entry;
  });
}

/// Files converted from TensorFlow call a norm's weight and bias gamma and beta.
std::string modern_name(std::string_view name) {
  std::string modern(name);
  for (const auto& [old_ending, ending] :
       {std::pair<std::string_view, std::string_view>{"LayerNorm.gamma", "weight"},
        {"LayerNorm.beta", "bias"}}) {
    if (name.ends_with(old_ending)) modern.replace(name.rfind('.') + 1, std::string::npos, ending);
  }
  return modern;
}

bool find_rule(std::span<const TensorRule> rules, std::string_view name, bool block, NamedTensor& found) {
  for (const TensorRule& rule : rules) {
    if (rule.name != name || in_block(rule.role) != block) continue;
    found.use = rule.copy ? NamedTensor::Use::copy : NamedTensor::Use::needed;
    found.role = rule.role;
    return true;
  }
  return false;
}
bool find_rule(const Family& f, std::string_view name, bool block, NamedTensor& found) {
  return std::any_of(std::begin(f.rules), std::end(f.rules),
                     [&](const auto& rules) { return find_rule(rules, name, block, found); });
}

}  // namespace

const Family& family(const ModelConfig& config) {
  switch (config.family) {
    case ModelConfig::Family::gpt2:
      return kGpt2;
    case ModelConfig::Family::bert:
      return kBert;
    case ModelConfig::Family::llama:
      return kLlama;
    case ModelConfig::Family::marian:
      break;
  }
  if (config.is_encoder) return config.shared_embedding ? kMarianPlainEncoder : kMarianEncoder;
  return config.shared_embedding ? kMarianSharedDecoder : kMarianDecoder;
}

std::span<const TensorRule> head_rules(const ModelConfig& config) {
  const Family& f = family(config);
  return config.tied ? f.head_rules : f.own_head_rules;
}

NamedTensor look_up(const ModelConfig& config, std::string_view full_name) {
  if (config.encoder) {
    NamedTensor found = look_up(*config.encoder, full_name);
    found.encoder = true;
    if (found.use != NamedTensor::Use::unknown) return found;
  }
  const Family& f = family(config);
  const std::string modern = modern_name(full_name);
  NamedTensor found;
  if (find_rule(head_rules(config), modern, false, found)) return found;
  std::string_view name = modern;
  take_prefix(name, f.prefix);
  if (find_rule(f, name, false, found)) return found;
  if (listed(f.ignored, name)) {
    found.use = NamedTensor::Use::ignored;
  } else if (take_prefix(name, f.blocks) && take_layer(name, config.layers, found.layer)) {
    if (!find_rule(f, name, true, found) && listed(f.block_ignored, name))
      found.use = NamedTensor::Use::ignored;
    if (!has(config, found.role)) found.use = NamedTensor::Use::unknown;
  }
  return found;
}

std::string full_name(const ModelConfig& config, const TensorRule& rule, int64_t layer, bool prefixed) {
  const Family& f = family(config);
  const std::span<const TensorRule> heads = head_rules(config);
  const bool of_head =
      std::any_of(heads.begin(), heads.end(), [&](const TensorRule& r) { return &r == &rule; });
  std::string name(prefixed && !of_head ? f.prefix : "");
  if (in_block(rule.role)) name += std::string(f.blocks) + std::to_string(layer) + ".";
  return name.append(rule.name);
}

}  // namespace limelight
