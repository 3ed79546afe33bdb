// config.json of a network, as transformers writes it. Source: configuration_gpt2.py and its like.
#include "training/families.hpp"

namespace limelight::training {
namespace {

/// The text of an object, member by member.
class Writer {
 public:
  Writer& text(const char* key, const char* value) { return member(key, '"' + std::string(value) + '"'); }
  Writer& number(const char* key, int64_t value) { return member(key, std::to_string(value)); }
  Writer& truth(const char* key, bool value) { return member(key, value ? "true" : "false"); }
  /// Anything that is JSON already.
  Writer& member(const char* key, const std::string& value) {
    text_ += (text_.empty() ? "{\n  \"" : ",\n  \"") + std::string(key) + "\": " + value;
    return *this;
  }
  std::string finish() const { return text_ + "\n}\n"; }

 private:
  std::string text_;
};

/// An n_inner of 0 leaves an MLP whose output is its bias, which is zero where a checkpoint has none.
std::string gpt2_config(const NetworkShape& shape) {
  return Writer()
      .member("architectures", "[\"GPT2LMHeadModel\"]")
      .text("model_type", "gpt2")
      .number("vocab_size", shape.vocabulary)
      .number("n_positions", context_of(shape))
      .number("n_embd", shape.width)
      .number("n_layer", shape.layers)
      .number("n_head", shape.heads)
      .number("n_inner", shape.mlp_width)
      .text("activation_function", "gelu_new")
      .member("layer_norm_epsilon", "1e-05")
      .truth("tie_word_embeddings", shape.tied)
      .member("bos_token_id", "null")
      .member("eos_token_id", "null")
      .text("torch_dtype", "float32")
      .finish();
}

std::string llama_config(const NetworkShape& shape) {
  return Writer()
      .member("architectures", "[\"LlamaForCausalLM\"]")
      .text("model_type", "llama")
      .number("vocab_size", shape.vocabulary)
      .number("max_position_embeddings", context_of(shape))
      .number("hidden_size", shape.width)
      .number("num_hidden_layers", shape.layers)
      .number("num_attention_heads", shape.heads)
      .number("num_key_value_heads", kv_heads_of(shape))
      .number("intermediate_size", shape.mlp_width)
      .text("hidden_act", "silu")
      .member("rms_norm_eps", "1e-06")
      .member("rope_theta", "10000.0")
      .truth("attention_bias", false)
      .truth("mlp_bias", false)
      .truth("tie_word_embeddings", shape.tied)
      .member("bos_token_id", "null")
      .member("eos_token_id", "null")
      .text("torch_dtype", "float32")
      .finish();
}

std::string bert_config(const NetworkShape& shape) {
  return Writer()
      .member("architectures", "[\"BertForMaskedLM\"]")
      .text("model_type", "bert")
      .number("vocab_size", shape.vocabulary)
      .number("max_position_embeddings", context_of(shape))
      .number("type_vocab_size", 2)
      .number("hidden_size", shape.width)
      .number("num_hidden_layers", shape.layers)
      .number("num_attention_heads", shape.heads)
      .number("intermediate_size", shape.mlp_width)
      .text("hidden_act", "gelu")
      .member("layer_norm_eps", "1e-12")
      .truth("tie_word_embeddings", true)
      .number("pad_token_id", 0)
      .text("torch_dtype", "float32")
      .finish();
}

/// The token that fills and starts a decoder is 0, the one that ends it 1 (Task).
std::string marian_config(const NetworkShape& shape) {
  return Writer()
      .member("architectures", "[\"MarianMTModel\"]")
      .text("model_type", "marian")
      .truth("is_encoder_decoder", true)
      .number("vocab_size", shape.source_vocabulary)
      .number("decoder_vocab_size", shape.vocabulary)
      .truth("share_encoder_decoder_embeddings", shape.tied)
      .truth("tie_word_embeddings", shape.tied)
      .number("max_position_embeddings", context_of(shape))
      .number("d_model", shape.width)
      .number("encoder_layers", shape.layers)
      .number("decoder_layers", shape.layers)
      .number("encoder_attention_heads", shape.heads)
      .number("decoder_attention_heads", shape.heads)
      .number("encoder_ffn_dim", shape.mlp_width)
      .number("decoder_ffn_dim", shape.mlp_width)
      .text("activation_function", "relu")
      .truth("scale_embedding", shape.tied)
      .number("pad_token_id", 0)
      .number("decoder_start_token_id", 0)
      .number("eos_token_id", 1)
      .number("forced_eos_token_id", 1)
      .text("torch_dtype", "float32")
      .finish();
}

}  // namespace

std::string config_json(const NetworkShape& shape) {
  switch (shape.family) {
    case NetworkShape::Family::gpt2:
      return gpt2_config(shape);
    case NetworkShape::Family::llama:
      return llama_config(shape);
    case NetworkShape::Family::bert:
      return bert_config(shape);
    case NetworkShape::Family::marian:
      break;
  }
  return marian_config(shape);
}

}  // namespace limelight::training
