// config.json of Hugging Face checkpoints: what of it this library computes, and a refusal for what it does
// not.
#include <algorithm>
#include <cmath>

#include "io/json.hpp"
#include "limelight/model.hpp"

namespace limelight {
namespace {

// Far above any real model, and low enough that products of three sizes fit 63 bits.
constexpr int64_t kMaxSize = int64_t{1} << 20;
constexpr int64_t kMaxLayers = 1024;

/// Reads members of the configuration; the first thing that does not fit is kept in `status`.
class Reader {
 public:
  explicit Reader(const JsonText& json) : json_(json) {}

  Status status;

  /// A positive integer, or one of at least `least`. `fallback` 0 means that it has to be there.
  int64_t size(const char* key, int64_t fallback, int64_t most = kMaxSize, uint64_t least = 1) {
    const JsonNode* node = member(key);
    if (!node) {
      if (fallback > 0) return fallback;
      fail(Status::error(StatusCode::invalid_shape, "config.json has no %s", key));
      return 1;
    }
    if (!node->is_integer || node->integer < least || node->integer > static_cast<uint64_t>(most)) {
      const auto largest = static_cast<long long>(most);
      if (node->is_integer) {
        fail(Status::error(
            StatusCode::invalid_shape, "config.json: %s is %llu; an integer from %llu to %lld is needed", key,
            static_cast<unsigned long long>(node->integer), static_cast<unsigned long long>(least), largest));
      } else if (node->kind == JsonKind::number) {
        fail(Status::error(StatusCode::invalid_shape,
                           "config.json: %s is %g; an integer from %llu to %lld is needed", key, node->number,
                           static_cast<unsigned long long>(least), largest));
      } else {
        fail(Status::error(StatusCode::invalid_shape, "config.json: %s is no number", key));
      }
      return 1;
    }
    return static_cast<int64_t>(node->integer);
  }

  double positive(const char* key, double fallback) { return positive(key, fallback, 0); }
  /// Of the member `object` of the configuration; 0: of the configuration itself.
  double positive(const char* key, double fallback, uint32_t object) {
    const JsonNode* node = member(key, object);
    if (!node) return fallback;
    if (node->kind != JsonKind::number || !(static_cast<float>(node->number) > 0) ||
        !std::isfinite(static_cast<float>(node->number))) {
      fail(Status::error(StatusCode::invalid_value, "config.json: %s is no positive number", key));
    }
    return node->number;
  }
  float epsilon(const char* key, double fallback) { return static_cast<float>(positive(key, fallback)); }

  /// The id of a token, which has to be there.
  int32_t token(const char* key, int64_t vocabulary) {
    const int64_t id = size(key, 0, vocabulary - 1, 0);
    return static_cast<int32_t>(id);
  }

  bool has(const char* key) const { return member(key) != nullptr; }

  /// Where an object is; 0 if there is none.
  uint32_t object(const char* key) {
    const JsonNode* node = member(key);
    if (node && node->kind != JsonKind::object)
      fail(Status::error(StatusCode::unsupported_model, "config.json: %s is no object", key));
    return node && node->kind == JsonKind::object ? static_cast<uint32_t>(node - &json_[0]) : 0;
  }

  bool boolean(const char* key, bool fallback) {
    const JsonNode* node = member(key);
    if (!node) return fallback;
    if (node->kind != JsonKind::boolean)
      fail(Status::error(StatusCode::unsupported_model, "config.json: %s is neither true nor false", key));
    return node->number != 0;
  }

  std::string_view text(const char* key, std::string_view fallback, uint32_t object = 0) {
    const JsonNode* node = member(key, object);
    if (!node) return fallback;
    if (node->kind != JsonKind::string) {
      fail(Status::error(StatusCode::unsupported_model, "config.json: %s is no string", key));
    }
    return node->text;
  }

  /// A switch that this library can only serve in one position, which is also what a missing one means.
  void fixed(const char* key, bool value) {
    const JsonNode* node = member(key);
    if (node && (node->kind != JsonKind::boolean || (node->number != 0) != value)) {
      fail(Status::error(StatusCode::unsupported_model, "config.json: %s is not %s, the only value served",
                         key, value ? "true" : "false"));
    }
  }

  /// Whether matrices may be int8; any other quantisation is refused.
  bool int8() {
    if (!has("quantization_config")) return false;
    const uint32_t config = object("quantization_config");
    const std::string_view name = config ? text("quant_method", "", config) : "";
    if (name != "limelight-int8") {
      fail(Status::error(
          StatusCode::unsupported_model,
          "config.json: quant_method of quantization_config is \"%.*s\"; only limelight-int8 is "
          "served",
          static_cast<int>(std::min<std::size_t>(name.size(), 60)), name.data()));
    }
    return true;
  }

  void fail(Status s) {
    if (status.ok()) status = s;
  }

 private:
  /// null means the same as absent, as in Hugging Face's own reader.
  const JsonNode* member(const char* key, uint32_t object = 0) const {
    const uint32_t i = json_.find(object, key);
    return i == 0 || json_[i].kind == JsonKind::null ? nullptr : &json_[i];
  }
  const JsonText& json_;
};

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 60));
}

ModelConfig::Activation activation(Reader& reader, const char* key, std::string_view fallback) {
  using Activation = ModelConfig::Activation;
  const std::string_view name = reader.text(key, fallback);
  if (name == "gelu") return Activation::gelu_erf;
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return Activation::gelu_tanh;
  if (name == "relu") return Activation::relu;
  if (name == "silu" || name == "swish") return Activation::silu;
  reader.fail(Status::error(
      StatusCode::unsupported_model,
      "config.json: %s is \"%.*s\"; gelu, gelu_new, gelu_pytorch_tanh, relu, silu and swish are served", key,
      shown(name), name.data()));
  return Activation::relu;
}

void read_gpt2(Reader& reader, ModelConfig& c) {
  c.family = ModelConfig::Family::gpt2;
  c.norm = ModelConfig::Norm::pre;
  c.causal = true;
  c.vocabulary = reader.size("vocab_size", 0);
  c.positions = reader.size("n_positions", 0);
  c.width = reader.size("n_embd", 0);
  c.layers = reader.size("n_layer", 0, kMaxLayers);
  c.heads = reader.size("n_head", 0);
  c.mlp_width = reader.size("n_inner", 4 * c.width, kMaxSize, 0);
  c.token_types = 0;
  c.activation = activation(reader, "activation_function", "gelu_new");
  c.norm_epsilon = reader.epsilon("layer_norm_epsilon", 1e-5f);
  reader.fixed("scale_attn_weights", true);
  reader.fixed("scale_attn_by_inverse_layer_idx", false);
  reader.fixed("add_cross_attention", false);
}

void read_bert(Reader& reader, ModelConfig& c) {
  c.family = ModelConfig::Family::bert;
  c.norm = ModelConfig::Norm::post;
  c.causal = false;
  c.vocabulary = reader.size("vocab_size", 0);
  c.positions = reader.size("max_position_embeddings", 0);
  c.width = reader.size("hidden_size", 0);
  c.layers = reader.size("num_hidden_layers", 0, kMaxLayers);
  c.heads = reader.size("num_attention_heads", 0);
  c.mlp_width = reader.size("intermediate_size", 0);
  c.token_types = reader.size("type_vocab_size", 2);
  c.activation = activation(reader, "hidden_act", "gelu");
  c.norm_epsilon = reader.epsilon("layer_norm_eps", 1e-12f);
  reader.fixed("is_decoder", false);
  reader.fixed("add_cross_attention", false);
  const std::string_view positions = reader.text("position_embedding_type", "absolute");
  if (positions != "absolute") {
    reader.fail(Status::error(StatusCode::unsupported_model,
                              "config.json: position_embedding_type is \"%.*s\"; only absolute is served",
                              shown(positions), positions.data()));
  }
}

/// How the angles of rotary positions grow. Source: transformers, modeling_rope_utils.py; newer files have
/// everything in rope_parameters.
RotaryFrequencies rotary(Reader& reader) {
  RotaryFrequencies frequencies;
  const uint32_t newer = reader.object("rope_parameters");
  const uint32_t scaling = newer ? newer : reader.object("rope_scaling");
  frequencies.base = reader.positive("rope_theta", frequencies.base, newer);
  if (scaling == 0) return frequencies;
  const std::string_view type = reader.text("rope_type", reader.text("type", "default", scaling), scaling);
  if (type == "linear") {
    frequencies.linear_scaling = reader.positive("factor", 1, scaling);
  } else if (type == "llama3") {
    RotaryFrequencies::Llama3 llama3;
    llama3.factor = reader.positive("factor", llama3.factor, scaling);
    llama3.low = reader.positive("low_freq_factor", llama3.low, scaling);
    llama3.high = reader.positive("high_freq_factor", llama3.high, scaling);
    llama3.original_positions =
        reader.positive("original_max_position_embeddings", llama3.original_positions, scaling);
    frequencies.llama3 = llama3;
  } else if (type != "default") {
    reader.fail(Status::error(StatusCode::unsupported_model,
                              "config.json: rope_type is \"%.*s\"; default, linear and llama3 are served",
                              shown(type), type.data()));
  }
  return frequencies;
}

void read_llama(Reader& reader, ModelConfig& c) {
  c.family = ModelConfig::Family::llama;
  c.norm = ModelConfig::Norm::pre;
  c.causal = c.rms_norm = c.gated = true;
  c.vocabulary = reader.size("vocab_size", 0);
  c.positions = reader.size("max_position_embeddings", 0);
  c.width = reader.size("hidden_size", 0);
  c.layers = reader.size("num_hidden_layers", 0, kMaxLayers);
  c.heads = reader.size("num_attention_heads", 0);
  c.kv_heads = reader.size("num_key_value_heads", c.heads);
  c.mlp_width = reader.size("intermediate_size", 0);
  if (reader.has("head_dim")) c.head_dim = reader.size("head_dim", 0);
  c.activation = activation(reader, "hidden_act", "silu");
  c.norm_epsilon = reader.epsilon("rms_norm_eps", 1e-6);
  c.rotary = rotary(reader);
  reader.fixed("attention_bias", false);
  reader.fixed("mlp_bias", false);
}

/// Source: transformers, modeling_marian.py. Encoder and decoder may differ in all but width and positions.
void read_marian(Reader& reader, ModelConfig& c) {
  c.family = ModelConfig::Family::marian;
  c.norm = ModelConfig::Norm::post;
  c.sinusoids = true;
  c.width = reader.size("d_model", 0);
  c.positions = reader.size("max_position_embeddings", 0);
  c.activation = activation(reader, "activation_function", "gelu");
  c.scaled_embedding = reader.boolean("scale_embedding", false);
  c.shared_embedding = reader.boolean("share_encoder_decoder_embeddings", true);
  reader.fixed("static_position_embeddings", true);
  reader.fixed("normalize_before", false);
  reader.fixed("normalize_embedding", false);
  reader.fixed("add_final_layer_norm", false);

  ModelConfig encoder = c;
  encoder.causal = false;
  encoder.is_encoder = true;
  encoder.vocabulary = reader.size("vocab_size", 0);
  encoder.layers = reader.size("encoder_layers", 0, kMaxLayers);
  encoder.heads = encoder.kv_heads = reader.size("encoder_attention_heads", 0);
  encoder.mlp_width = reader.size("encoder_ffn_dim", 0);

  c.vocabulary = reader.size("decoder_vocab_size", encoder.vocabulary);
  c.layers = reader.size("decoder_layers", 0, kMaxLayers);
  c.heads = reader.size("decoder_attention_heads", 0);
  c.mlp_width = reader.size("decoder_ffn_dim", 0);
  c.start_token = reader.token("decoder_start_token_id", c.vocabulary);
  c.end_token = reader.token("eos_token_id", c.vocabulary);
  if (c.width % 2 != 0) {
    reader.fail(Status::error(StatusCode::invalid_shape,
                              "config.json: a d_model of %lld has no halves for sines and cosines",
                              static_cast<long long>(c.width)));
  }
  if (c.shared_embedding && c.vocabulary != encoder.vocabulary) {
    reader.fail(
        Status::error(StatusCode::invalid_shape,
                      "config.json: decoder_vocab_size is %lld and vocab_size %lld, but the two share "
                      "their embeddings",
                      static_cast<long long>(c.vocabulary), static_cast<long long>(encoder.vocabulary)));
  }
  if (encoder.width % encoder.heads != 0) {
    reader.fail(
        Status::error(StatusCode::invalid_shape,
                      "config.json: a width of %lld does not divide into %lld encoder_attention_heads",
                      static_cast<long long>(encoder.width), static_cast<long long>(encoder.heads)));
  }
  encoder.head_dim = encoder.width / encoder.heads;
  c.encoder = std::make_shared<const ModelConfig>(encoder);
}

}  // namespace

Status parse_config(std::string_view text, ModelConfig& config) {
  JsonText json;
  if (Status s = json.parse(text, "config.json"); !s.ok()) return s;
  if (json.root().kind != JsonKind::object) {
    return Status::error(StatusCode::corrupt_file, "config.json is no object");
  }
  Reader reader(json);
  ModelConfig c;
  const std::string_view type = reader.text("model_type", "");
  if (!reader.status.ok()) return reader.status;
  if (type == "gpt2") {
    read_gpt2(reader, c);
  } else if (type == "llama") {
    read_llama(reader, c);
  } else if (type == "marian") {
    read_marian(reader, c);
  } else if (type == "bert") {
    read_bert(reader, c);
  } else if (type.empty()) {
    return Status::error(StatusCode::unsupported_model, "config.json has no model_type");
  } else {
    return Status::error(StatusCode::unsupported_model,
                         "config.json: model_type is \"%.*s\"; gpt2, bert, llama and marian are served",
                         shown(type), type.data());
  }
  c.tied = c.family == ModelConfig::Family::llama ? reader.boolean("tie_word_embeddings", false)
                                                  : reader.boolean("tie_word_embeddings", true);
  if (c.family == ModelConfig::Family::bert) reader.fixed("tie_word_embeddings", true);
  if (c.kv_heads == 0) c.kv_heads = c.heads;
  c.int8 = reader.int8();
  if (reader.status.ok() && c.heads % c.kv_heads != 0) {
    reader.fail(Status::error(StatusCode::invalid_shape,
                              "config.json: %lld heads do not divide into %lld key-value heads",
                              static_cast<long long>(c.heads), static_cast<long long>(c.kv_heads)));
  }
  if (reader.status.ok() && c.head_dim == 0 && c.width % c.heads != 0) {
    reader.fail(Status::error(StatusCode::invalid_shape,
                              "config.json: a width of %lld does not divide into %lld heads",
                              static_cast<long long>(c.width), static_cast<long long>(c.heads)));
  }
  if (!reader.status.ok()) return reader.status;
  if (c.head_dim == 0) c.head_dim = c.width / c.heads;
  if (c.rotary && c.head_dim % 2 != 0) {
    return Status::error(StatusCode::invalid_shape,
                         "config.json: a head_dim of %lld has no pairs that rotary positions could turn",
                         static_cast<long long>(c.head_dim));
  }
  config = c;
  return {};
}

}  // namespace limelight
