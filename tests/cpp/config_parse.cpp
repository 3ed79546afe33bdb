#include "checkpoint.hpp"

namespace limelight::test {
namespace {

const std::string kGpt2 =
    R"({"model_type":"gpt2","vocab_size":4096,"n_positions":256,"n_ctx":256,"n_embd":192,"n_layer":4,"n_head":6,)"
    R"("n_inner":null,"activation_function":"gelu_new","layer_norm_epsilon":1e-05,"tie_word_embeddings":true,)"
    R"("architectures":["GPT2LMHeadModel"],"task_specific_params":{"text-generation":{"do_sample":true}}})";
const std::string kMarian =
    R"({"model_type":"marian","d_model":64,"max_position_embeddings":128,"vocab_size":300,"decoder_vocab_size":320,)"
    R"("encoder_layers":2,"encoder_attention_heads":4,"encoder_ffn_dim":128,"decoder_layers":3,)"
    R"("decoder_attention_heads":8,"decoder_ffn_dim":96,"activation_function":"swish","scale_embedding":true,)"
    R"("share_encoder_decoder_embeddings":false,"tie_word_embeddings":false,"decoder_start_token_id":319,)"
    R"("eos_token_id":0})";
const std::string kLlama =
    R"({"model_type":"llama","vocab_size":32000,"max_position_embeddings":1024,"hidden_size":192,)"
    R"("num_hidden_layers":4,"num_attention_heads":6,"num_key_value_heads":2,"intermediate_size":512,)"
    R"("hidden_act":"silu","rms_norm_eps":1e-05,"rope_theta":500000.0})";
const std::string kBert =
    R"({"model_type":"bert","vocab_size":30522,"hidden_size":768,"num_hidden_layers":12,"num_attention_heads":12,)"
    R"("intermediate_size":3072,"hidden_act":"gelu","max_position_embeddings":512,"type_vocab_size":2})";

std::string changed(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("a gpt2 configuration is understood") {
  ModelConfig c;
  CHECK_OK(parse_config(kGpt2, c));
  CHECK(c.family == ModelConfig::Family::gpt2);
  CHECK(c.norm == ModelConfig::Norm::pre);
  CHECK(c.activation == ModelConfig::Activation::gelu_tanh);
  CHECK(c.causal);
  CHECK(c.vocabulary == 4096);
  CHECK(c.positions == 256);
  CHECK(c.width == 192);
  CHECK(c.layers == 4);
  CHECK(c.heads == 6);
  CHECK(c.head_dim == 32);
  CHECK(c.mlp_width == 768);  // n_inner null: four times the width
  CHECK(c.token_types == 0);
  CHECK(c.norm_epsilon == 1e-5f);
  CHECK_OK(parse_config(changed(kGpt2, "\"n_inner\":null", "\"n_inner\":100"), c));
  CHECK(c.mlp_width == 100);
}

TEST_CASE("a bert configuration is understood, with Hugging Face's defaults") {
  ModelConfig c;
  CHECK_OK(parse_config(kBert, c));
  CHECK(c.family == ModelConfig::Family::bert);
  CHECK(c.norm == ModelConfig::Norm::post);
  CHECK(c.activation == ModelConfig::Activation::gelu_erf);
  CHECK(!c.causal);
  CHECK(c.token_types == 2);
  CHECK(c.mlp_width == 3072);
  CHECK(c.norm_epsilon == 1e-12f);
}

TEST_CASE("a llama configuration is understood, with Hugging Face's defaults") {
  ModelConfig c;
  CHECK_OK(parse_config(kLlama, c));
  CHECK(c.family == ModelConfig::Family::llama);
  CHECK(c.norm == ModelConfig::Norm::pre);
  CHECK(c.activation == ModelConfig::Activation::silu);
  CHECK(c.causal);
  CHECK(c.rms_norm);
  CHECK(c.gated);
  CHECK(!c.tied);
  CHECK(c.positions == 1024);
  CHECK(c.longest_text() == ModelConfig::kLongestText);
  CHECK(c.kv_heads == 2);
  CHECK(c.head_dim == 32);
  CHECK(c.norm_epsilon == 1e-5f);
  REQUIRE(c.rotary.has_value());
  CHECK(c.rotary->base == 500000);
  CHECK(!c.rotary->llama3.has_value());
  CHECK_OK(parse_config(changed(kLlama, ",\"num_key_value_heads\":2", ""), c));
  CHECK(c.kv_heads == 6);
  CHECK_OK(parse_config(changed(kLlama, "\"num_key_value_heads\":2", "\"head_dim\":48"), c));
  CHECK(c.head_dim == 48);
  CHECK_OK(parse_config(changed(kLlama, "\"rope_theta\":500000.0", "\"tie_word_embeddings\":true"), c));
  CHECK(c.tied);
  CHECK(c.rotary->base == 10000);
}

TEST_CASE("a marian configuration is understood: two stacks that differ in all but width and positions") {
  ModelConfig c;
  CHECK_OK(parse_config(kMarian, c));
  CHECK(c.family == ModelConfig::Family::marian);
  CHECK(c.norm == ModelConfig::Norm::post);
  CHECK(c.activation == ModelConfig::Activation::silu);
  CHECK(c.causal);
  CHECK(c.scaled_embedding);
  CHECK(c.sinusoids);
  CHECK(!c.tied);
  CHECK(!c.shared_embedding);
  CHECK(c.vocabulary == 320);
  CHECK(c.layers == 3);
  CHECK(c.heads == 8);
  CHECK(c.head_dim == 8);
  CHECK(c.mlp_width == 96);
  CHECK(c.start_token == 319);
  CHECK(c.end_token == 0);
  REQUIRE(c.encoder);
  CHECK(c.encoder->is_encoder);
  CHECK(!c.encoder->causal);
  CHECK(c.encoder->vocabulary == 300);
  CHECK(c.encoder->layers == 2);
  CHECK(c.encoder->heads == 4);
  CHECK(c.encoder->kv_heads == 4);
  CHECK(c.encoder->head_dim == 16);
  CHECK(c.encoder->mlp_width == 128);
  CHECK(c.encoder->positions == 128);
}

TEST_CASE("a gpt2 configuration may say that there is no MLP and that the head is its own") {
  ModelConfig c;
  CHECK_OK(parse_config(changed(kGpt2, "\"n_inner\":null", "\"n_inner\":0"), c));
  CHECK(c.mlp_width == 0);
  CHECK(c.tied);
  CHECK(c.kv_heads == 6);
  CHECK_OK(parse_config(changed(kGpt2, "\"tie_word_embeddings\":true", "\"tie_word_embeddings\":false"), c));
  CHECK(!c.tied);
}

TEST_CASE("a configuration that cannot be served is refused, and the config is left as it was") {
  const struct {
    std::string text;
    StatusCode code;
    const char* named;
  } kBad[] = {
      {"", StatusCode::corrupt_file, "config.json"},
      {"{", StatusCode::corrupt_file, "config.json"},
      {"[]", StatusCode::corrupt_file, "no object"},
      {"3", StatusCode::corrupt_file, "no object"},
      {"{}", StatusCode::unsupported_model, "model_type"},
      {R"({"model_type":3})", StatusCode::unsupported_model, "model_type"},
      {R"({"model_type":"rwkv"})", StatusCode::unsupported_model, "rwkv"},
      {R"({"model_type":"llama"})", StatusCode::invalid_shape, "vocab_size"},
      {R"({"model_type":"gpt2","model_type":"gpt2"})", StatusCode::corrupt_file, "twice"},
      {changed(kGpt2, "\"vocab_size\":4096,", ""), StatusCode::invalid_shape, "vocab_size"},
      {changed(kGpt2, "\"n_layer\":4,", ""), StatusCode::invalid_shape, "n_layer"},
      {changed(kGpt2, "\"n_positions\":256", "\"n_positions\":0"), StatusCode::invalid_shape,
       "n_positions is 0"},
      {changed(kGpt2, "\"n_embd\":192", "\"n_embd\":-192"), StatusCode::invalid_shape, "n_embd is -192"},
      {changed(kGpt2, "\"n_embd\":192", "\"n_embd\":192.5"), StatusCode::invalid_shape, "192.5"},
      {changed(kGpt2, "\"n_embd\":192", "\"n_embd\":\"192\""), StatusCode::invalid_shape,
       "n_embd is no number"},
      {changed(kGpt2, "\"n_embd\":192", "\"n_embd\":200"), StatusCode::invalid_shape,
       "200 does not divide into 6"},
      {changed(kGpt2, "\"n_head\":6", "\"n_head\":0"), StatusCode::invalid_shape, "n_head"},
      {changed(kGpt2, "\"n_layer\":4", "\"n_layer\":1000000000"), StatusCode::invalid_shape, "n_layer"},
      {changed(kGpt2, "\"vocab_size\":4096", "\"vocab_size\":99999999999999999999"),
       StatusCode::invalid_shape, "vocab_size"},
      {changed(kGpt2, "\"vocab_size\":4096", "\"vocab_size\":1e400"), StatusCode::corrupt_file,
       "config.json"},
      {changed(kGpt2, "gelu_new", "tanh"), StatusCode::unsupported_model, "\"tanh\""},
      {changed(kGpt2, "\"gelu_new\"", "1"), StatusCode::unsupported_model, "activation_function"},
      {changed(kGpt2, "1e-05", "0"), StatusCode::invalid_value, "layer_norm_epsilon"},
      {changed(kGpt2, "1e-05", "1e-60"), StatusCode::invalid_value, "layer_norm_epsilon"},
      {changed(kGpt2, "1e-05", "true"), StatusCode::invalid_value, "layer_norm_epsilon"},
      {changed(kGpt2, "\"tie_word_embeddings\":true", "\"tie_word_embeddings\":1"),
       StatusCode::unsupported_model, "tie_word_embeddings"},
      {changed(kBert, "\"hidden_act\":\"gelu\"", "\"tie_word_embeddings\":false"),
       StatusCode::unsupported_model, "tie_word_embeddings"},
      {changed(kGpt2, "\"n_ctx\":256", "\"scale_attn_weights\":false"), StatusCode::unsupported_model,
       "scale_attn_weights"},
      {changed(kGpt2, "\"n_ctx\":256", "\"scale_attn_by_inverse_layer_idx\":true"),
       StatusCode::unsupported_model, "inverse_layer"},
      {changed(kBert, "\"gelu\"", "\"mish\""), StatusCode::unsupported_model, "mish"},
      {changed(kBert, "\"hidden_act\":\"gelu\"", "\"position_embedding_type\":\"relative_key\""),
       StatusCode::unsupported_model, "relative_key"},
      {changed(kBert, "\"hidden_act\":\"gelu\"", "\"is_decoder\":true"), StatusCode::unsupported_model,
       "is_decoder"},
      {changed(kBert, "\"intermediate_size\":3072,", ""), StatusCode::invalid_shape, "intermediate_size"},
      {changed(kLlama, "\"num_key_value_heads\":2", "\"num_key_value_heads\":4"), StatusCode::invalid_shape,
       "6 heads do not divide into 4"},
      {changed(kLlama, "\"num_key_value_heads\":2", "\"num_key_value_heads\":0"), StatusCode::invalid_shape,
       "num_key_value_heads is 0"},
      {changed(kLlama, "\"num_key_value_heads\":2", "\"head_dim\":33"), StatusCode::invalid_shape,
       "head_dim of 33"},
      {changed(kLlama, "\"num_attention_heads\":6", "\"num_attention_heads\":10"), StatusCode::invalid_shape,
       "192 does not divide into 10"},
      {changed(kLlama, "\"intermediate_size\":512", "\"intermediate_size\":0"), StatusCode::invalid_shape,
       "intermediate_size is 0"},
      {changed(kLlama, "\"intermediate_size\":512", "\"intermediate_size\":512,\"attention_bias\":true"),
       StatusCode::unsupported_model, "attention_bias"},
      {changed(kLlama, "\"intermediate_size\":512", "\"intermediate_size\":512,\"mlp_bias\":true"),
       StatusCode::unsupported_model, "mlp_bias"},
      {changed(kLlama, "500000.0", "0"), StatusCode::invalid_value, "rope_theta"},
      {changed(kLlama, "500000.0", "500000.0,\"rope_scaling\":{\"rope_type\":\"yarn\"}"),
       StatusCode::unsupported_model, "yarn"},
      {changed(kLlama, "500000.0", "500000.0,\"rope_scaling\":{\"rope_type\":\"linear\",\"factor\":\"big\"}"),
       StatusCode::invalid_value, "factor"},
      {changed(kLlama, "500000.0", "500000.0,\"rope_scaling\":3"), StatusCode::unsupported_model,
       "rope_scaling"},
      {changed(kMarian, "\"share_encoder_decoder_embeddings\":false",
               "\"share_encoder_decoder_embeddings\":true"),
       StatusCode::invalid_shape, "decoder_vocab_size is 320 and vocab_size 300"},
      {changed(kMarian, "\"decoder_start_token_id\":319", "\"decoder_start_token_id\":320"),
       StatusCode::invalid_shape, "an integer from 0 to 319"},
      {changed(kMarian, "\"decoder_start_token_id\":319,", ""), StatusCode::invalid_shape,
       "decoder_start_token_id"},
      {changed(kMarian, "\"encoder_attention_heads\":4", "\"encoder_attention_heads\":5"),
       StatusCode::invalid_shape, "5 encoder_attention_heads"},
      {changed(kMarian, "\"decoder_attention_heads\":8", "\"decoder_attention_heads\":7"),
       StatusCode::invalid_shape, "64 does not divide into 7"},
      {changed(kMarian, "\"d_model\":64", "\"d_model\":63"), StatusCode::invalid_shape, "63"},
      {changed(kMarian, "\"eos_token_id\":0", "\"eos_token_id\":0,\"normalize_before\":true"),
       StatusCode::unsupported_model, "normalize_before"},
      {changed(kMarian, "\"eos_token_id\":0", "\"eos_token_id\":0,\"static_position_embeddings\":false"),
       StatusCode::unsupported_model, "static_position_embeddings"},
      {std::string(2'000'000, '['), StatusCode::corrupt_file, "nested deeper"},
      {"{\"model_type\":\"\xff\"}", StatusCode::corrupt_file, "config.json"},
  };
  for (const auto& bad : kBad) {
    const std::string text = bad.text.substr(0, 400);
    CAPTURE(text);
    ModelConfig c;
    c.width = 77;
    const Status s = parse_config(bad.text, c);
    INFO(s.message);
    CHECK(std::string(status_name(s.code)) == status_name(bad.code));
    CHECK(mentions(s, bad.named));
    CHECK(c.width == 77);
  }
}

TEST_CASE("a configuration cut short at any byte is refused") {
  for (std::size_t n = 0; n < kBert.size(); ++n) {
    ModelConfig c;
    CHECK_REFUSED(parse_config(kBert.substr(0, n), c), corrupt_file, "config.json");
  }
}

}  // namespace
}  // namespace limelight::test
