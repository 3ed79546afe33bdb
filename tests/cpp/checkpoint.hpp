// Small random checkpoints, made in memory: no test of the core reads a file.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "limelight/memory.hpp"
#include "limelight/model.hpp"

namespace limelight::test {

struct Tensor {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> values;
  std::string dtype = "F32";
};

/// Deterministic numbers; splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t bits() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// In [-1, 1], a multiple of 2^-8.
  float number() { return static_cast<float>(static_cast<int64_t>(bits() % 513) - 256) / 256.0f; }
  int64_t below(int64_t end) { return static_cast<int64_t>(bits() % static_cast<uint64_t>(end)); }

 private:
  uint64_t state_;
};

/// Bytes of one number. Values that CheckpointMaker made lose nothing in any of the dtypes.
inline void append_number(std::string& out, const std::string& dtype, float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, 4);
  if (dtype == "I8") {
    out += static_cast<char>(static_cast<int8_t>(value));
  } else if (dtype == "F16" || dtype == "BF16") {
    uint16_t half = static_cast<uint16_t>(bits >> 16);
    if (dtype == "F16") {
      const uint32_t exponent = bits >> 23 & 0xff;
      half = static_cast<uint16_t>((bits >> 16 & 0x8000) | (exponent ? (exponent - 112) << 10 : 0) |
                                   (bits >> 13 & 0x3ff));
    }
    out.append(reinterpret_cast<const char*>(&half), 2);
  } else {
    out.append(reinterpret_cast<const char*>(&bits), 4);
  }
}

inline std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

/// The file: 8 bytes of length, the header, the data.
inline std::string with_length(const std::string& header, const std::string& data) {
  std::string out;
  for (int i = 0; i < 8; ++i)
    out += static_cast<char>(static_cast<uint64_t>(header.size()) >> (8 * i) & 0xff);
  return out + header + data;
}

struct Checkpoint {
  std::string config;
  std::vector<Tensor> tensors;
  std::string metadata;  ///< as JSON; empty: none

  Tensor* find(const std::string& name) {
    for (Tensor& t : tensors) {
      if (t.name == name) return &t;
    }
    return nullptr;
  }
  const Tensor* find(const std::string& name) const { return const_cast<Checkpoint*>(this)->find(name); }
  void remove(const std::string& name) {
    std::erase_if(tensors, [&](const Tensor& t) { return t.name == name; });
  }
  void set_dtype(const std::string& dtype) {
    for (Tensor& t : tensors) t.dtype = dtype;
  }

  std::string file() const {
    std::string header = "{" + (metadata.empty() ? "" : "\"__metadata__\":" + metadata), data;
    for (const Tensor& t : tensors) {
      const std::size_t begin = data.size();
      for (const float value : t.values) append_number(data, t.dtype, value);
      header +=
          (header.size() > 1 ? "," : "") + quoted(t.name) + ":{\"dtype\":" + quoted(t.dtype) + ",\"shape\":[";
      for (std::size_t i = 0; i < t.shape.size(); ++i) header += (i ? "," : "") + std::to_string(t.shape[i]);
      header += "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(data.size()) + "]}";
    }
    return with_length(header + "}", data);
  }
};

/// Sizes with nothing round about them: 5 is no multiple of a SIMD width, 33 none of a panel.
struct Sizes {
  int64_t vocabulary = 37, positions = 140, width = 20, layers = 2, heads = 4, mlp_width = 33;
  std::string activation = {};  ///< empty: the family's own
  double epsilon = 0;           ///< of norms; 0: the family's own
  bool tied = true;             ///< llama and marian: predictions read the token embedding
  bool shared = true;           ///< marian: encoder and decoder read one embedding
  std::string rotary = {};      ///< llama: further members of config.json, from a comma on

  // Of a llama, whose heads share keys and whose head_dim divides nothing.
  int64_t kv_heads() const { return heads % 2 == 0 ? heads / 2 : 1; }
  static constexpr int64_t kHeadDim = 6;
};

class CheckpointMaker {
 public:
  CheckpointMaker(Checkpoint& checkpoint, uint64_t seed) : checkpoint_(checkpoint), random_(seed) {}
  void add(const std::string& name, std::vector<int64_t> shape, float scale = 1, float middle = 0) {
    int64_t count = 1;
    for (const int64_t n : shape) count *= n;
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& v : values) v = cut(middle + scale * random_.number());
    checkpoint_.tensors.push_back({name, std::move(shape), std::move(values)});
  }
  void add_norm(const std::string& name, int64_t width) {
    add(name + ".weight", {width}, 0.25f, 0.75f);
    add(name + ".bias", {width}, 0.25f);
  }

 private:
  /// To 8 significant bits, which f32, f16 and bf16 hold alike.
  static float cut(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    bits &= 0xffff0000;
    std::memcpy(&value, &bits, 4);
    return value;
  }

  Checkpoint& checkpoint_;
  Random random_;
};

inline Checkpoint make_gpt2(const Sizes& s, uint64_t seed = 1, const std::string& prefix = "") {
  Checkpoint c;
  c.config = "{\"model_type\":\"gpt2\",\"vocab_size\":" + std::to_string(s.vocabulary) +
             ",\"n_positions\":" + std::to_string(s.positions) + ",\"n_embd\":" + std::to_string(s.width) +
             ",\"n_layer\":" + std::to_string(s.layers) + ",\"n_head\":" + std::to_string(s.heads) +
             ",\"n_inner\":" + std::to_string(s.mlp_width) +
             (s.activation.empty() ? "" : ",\"activation_function\":" + quoted(s.activation)) +
             (s.epsilon == 0 ? "" : ",\"layer_norm_epsilon\":" + std::to_string(s.epsilon)) + "}";
  CheckpointMaker m(c, seed);
  m.add(prefix + "wte.weight", {s.vocabulary, s.width});
  m.add(prefix + "wpe.weight", {s.positions, s.width}, 0.5f);
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const std::string h = prefix + "h." + std::to_string(layer) + ".";
    m.add_norm(h + "ln_1", s.width);
    m.add(h + "attn.c_attn.weight", {s.width, 3 * s.width}, 0.5f);
    m.add(h + "attn.c_attn.bias", {3 * s.width}, 0.5f);
    m.add(h + "attn.c_proj.weight", {s.width, s.width}, 0.5f);
    m.add(h + "attn.c_proj.bias", {s.width}, 0.5f);
    m.add_norm(h + "ln_2", s.width);
    m.add(h + "mlp.c_fc.weight", {s.width, s.mlp_width}, 0.5f);
    m.add(h + "mlp.c_fc.bias", {s.mlp_width}, 0.5f);
    m.add(h + "mlp.c_proj.weight", {s.mlp_width, s.width}, 0.5f);
    m.add(h + "mlp.c_proj.bias", {s.width}, 0.5f);
  }
  m.add_norm(prefix + "ln_f", s.width);
  return c;
}

inline Checkpoint make_bert(const Sizes& s, uint64_t seed = 1) {
  Checkpoint c;
  c.config =
      "{\"model_type\":\"bert\",\"vocab_size\":" + std::to_string(s.vocabulary) +
      ",\"max_position_embeddings\":" + std::to_string(s.positions) +
      ",\"hidden_size\":" + std::to_string(s.width) + ",\"num_hidden_layers\":" + std::to_string(s.layers) +
      ",\"num_attention_heads\":" + std::to_string(s.heads) +
      ",\"intermediate_size\":" + std::to_string(s.mlp_width) +
      (s.activation.empty() ? "" : ",\"hidden_act\":" + quoted(s.activation)) +
      (s.epsilon == 0 ? "" : ",\"layer_norm_eps\":" + std::to_string(s.epsilon)) + ",\"type_vocab_size\":2}";
  CheckpointMaker m(c, seed);
  m.add("bert.embeddings.word_embeddings.weight", {s.vocabulary, s.width});
  m.add("bert.embeddings.position_embeddings.weight", {s.positions, s.width}, 0.5f);
  m.add("bert.embeddings.token_type_embeddings.weight", {2, s.width}, 0.5f);
  m.add_norm("bert.embeddings.LayerNorm", s.width);
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const std::string h = "bert.encoder.layer." + std::to_string(layer) + ".";
    for (const char* name : {"query", "key", "value"}) {
      m.add(h + "attention.self." + name + ".weight", {s.width, s.width}, 0.5f);
      m.add(h + "attention.self." + name + ".bias", {s.width}, 0.5f);
    }
    m.add(h + "attention.output.dense.weight", {s.width, s.width}, 0.5f);
    m.add(h + "attention.output.dense.bias", {s.width}, 0.5f);
    m.add_norm(h + "attention.output.LayerNorm", s.width);
    m.add(h + "intermediate.dense.weight", {s.mlp_width, s.width}, 0.5f);
    m.add(h + "intermediate.dense.bias", {s.mlp_width}, 0.5f);
    m.add(h + "output.dense.weight", {s.width, s.mlp_width}, 0.5f);
    m.add(h + "output.dense.bias", {s.width}, 0.5f);
    m.add_norm(h + "output.LayerNorm", s.width);
  }
  m.add("cls.predictions.transform.dense.weight", {s.width, s.width}, 0.5f);
  m.add("cls.predictions.transform.dense.bias", {s.width}, 0.5f);
  m.add_norm("cls.predictions.transform.LayerNorm", s.width);
  m.add("cls.predictions.bias", {s.vocabulary}, 0.5f);
  return c;
}

inline Checkpoint make_llama(const Sizes& s, uint64_t seed = 1) {
  Checkpoint c;
  c.config = "{\"model_type\":\"llama\",\"vocab_size\":" + std::to_string(s.vocabulary) +
             ",\"max_position_embeddings\":" + std::to_string(s.positions) +
             ",\"hidden_size\":" + std::to_string(s.width) +
             ",\"num_hidden_layers\":" + std::to_string(s.layers) +
             ",\"num_attention_heads\":" + std::to_string(s.heads) +
             ",\"num_key_value_heads\":" + std::to_string(s.kv_heads()) +
             ",\"head_dim\":" + std::to_string(Sizes::kHeadDim) +
             ",\"intermediate_size\":" + std::to_string(s.mlp_width) +
             (s.activation.empty() ? "" : ",\"hidden_act\":" + quoted(s.activation)) +
             (s.epsilon == 0 ? "" : ",\"rms_norm_eps\":" + std::to_string(s.epsilon)) + s.rotary +
             ",\"tie_word_embeddings\":" + (s.tied ? "true" : "false") + "}";
  CheckpointMaker m(c, seed);
  const int64_t q_width = s.heads * Sizes::kHeadDim, kv_width = s.kv_heads() * Sizes::kHeadDim;
  m.add("model.embed_tokens.weight", {s.vocabulary, s.width});
  for (int64_t layer = 0; layer < s.layers; ++layer) {
    const std::string h = "model.layers." + std::to_string(layer) + ".";
    m.add(h + "input_layernorm.weight", {s.width}, 0.25f, 0.75f);
    m.add(h + "self_attn.q_proj.weight", {q_width, s.width}, 0.5f);
    m.add(h + "self_attn.k_proj.weight", {kv_width, s.width}, 0.5f);
    m.add(h + "self_attn.v_proj.weight", {kv_width, s.width}, 0.5f);
    m.add(h + "self_attn.o_proj.weight", {s.width, q_width}, 0.5f);
    m.add(h + "post_attention_layernorm.weight", {s.width}, 0.25f, 0.75f);
    m.add(h + "mlp.gate_proj.weight", {s.mlp_width, s.width}, 0.5f);
    m.add(h + "mlp.up_proj.weight", {s.mlp_width, s.width}, 0.5f);
    m.add(h + "mlp.down_proj.weight", {s.width, s.mlp_width}, 0.5f);
  }
  m.add("model.norm.weight", {s.width}, 0.25f, 0.75f);
  if (!s.tied) m.add("lm_head.weight", {s.vocabulary, s.width});
  return c;
}

/// GPT-2 without MLP and with a head of its own: what small trainings make.
inline Checkpoint make_attention_only(Sizes s, uint64_t seed = 1) {
  s.mlp_width = 0;
  Checkpoint c = make_gpt2(s, seed);
  std::erase_if(c.tensors, [](const Tensor& t) {
    return t.name.find(".mlp.") != std::string::npos || t.name.find(".ln_2.") != std::string::npos;
  });
  c.config.insert(1, "\"tie_word_embeddings\":false,");
  CheckpointMaker(c, seed + 1).add("lm_head.weight", {s.vocabulary, s.width});
  return c;
}

/// An encoder of as many layers as the decoder; where they do not share it, with a larger vocabulary.
inline Checkpoint make_marian(const Sizes& s, uint64_t seed = 1) {
  Checkpoint c;
  const int64_t source_vocabulary = s.vocabulary + (s.shared ? 0 : 6);
  const auto both = [&](const char* end, int64_t value) {
    return std::string(",\"encoder_") + end + "\":" + std::to_string(value) + ",\"decoder_" + end +
           "\":" + std::to_string(value);
  };
  c.config =
      "{\"model_type\":\"marian\",\"vocab_size\":" + std::to_string(source_vocabulary) +
      ",\"decoder_vocab_size\":" + std::to_string(s.vocabulary) +
      ",\"max_position_embeddings\":" + std::to_string(s.positions) +
      ",\"d_model\":" + std::to_string(s.width) + both("layers", s.layers) +
      both("attention_heads", s.heads) + both("ffn_dim", s.mlp_width) +
      ",\"activation_function\":" + quoted(s.activation.empty() ? "swish" : s.activation) +
      ",\"scale_embedding\":true,\"share_encoder_decoder_embeddings\":" + (s.shared ? "true" : "false") +
      ",\"tie_word_embeddings\":" + (s.tied ? "true" : "false") +
      ",\"decoder_start_token_id\":1,\"eos_token_id\":0}";
  CheckpointMaker m(c, seed);
  const auto attention = [&](const std::string& name) {
    for (const char* part : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
      m.add(name + "." + part + ".weight", {s.width, s.width}, 0.5f);
      m.add(name + "." + part + ".bias", {s.width}, 0.5f);
    }
    m.add_norm(name + "_layer_norm", s.width);
  };
  if (s.shared) {
    m.add("model.shared.weight", {s.vocabulary, s.width}, 0.25f);
  } else {
    m.add("model.encoder.embed_tokens.weight", {source_vocabulary, s.width}, 0.25f);
    m.add("model.decoder.embed_tokens.weight", {s.vocabulary, s.width}, 0.25f);
  }
  for (const char* stack : {"encoder", "decoder"}) {
    for (int64_t layer = 0; layer < s.layers; ++layer) {
      const std::string h = std::string("model.") + stack + ".layers." + std::to_string(layer) + ".";
      attention(h + "self_attn");
      if (std::string(stack) == "decoder") attention(h + "encoder_attn");
      m.add(h + "fc1.weight", {s.mlp_width, s.width}, 0.5f);
      m.add(h + "fc1.bias", {s.mlp_width}, 0.5f);
      m.add(h + "fc2.weight", {s.width, s.mlp_width}, 0.5f);
      m.add(h + "fc2.bias", {s.width}, 0.5f);
      m.add_norm(h + "final_layer_norm", s.width);
    }
  }
  m.add("final_logits_bias", {1, s.vocabulary}, 0.5f);
  if (!s.tied) m.add("lm_head.weight", {s.vocabulary, s.width});
  return c;
}

enum class Family { gpt2, bert, llama, attention_only, marian };
inline constexpr Family kFamilies[] = {Family::gpt2, Family::bert, Family::llama, Family::attention_only,
                                       Family::marian};
inline Checkpoint make(Family family, const Sizes& s, uint64_t seed = 1) {
  switch (family) {
    case Family::gpt2:
      return make_gpt2(s, seed);
    case Family::bert:
      return make_bert(s, seed);
    case Family::llama:
      return make_llama(s, seed);
    case Family::attention_only:
      return make_attention_only(s, seed);
    case Family::marian:
      break;
  }
  return make_marian(s, seed);
}

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// Loads config and file, feeding `piece` bytes at a time.
inline Status load(const std::string& config, const std::string& file, std::shared_ptr<const Model>& model,
                   std::size_t piece = 1 << 20, std::vector<std::string>* ignored = nullptr,
                   WeightFormat format = WeightFormat::as_stored) {
  ModelLoader loader;
  if (Status s = loader.configure(config, format); !s.ok()) return s;
  for (std::size_t at = 0; at < file.size(); at += piece) {
    if (Status s = loader.feed(bytes_of(file).subspan(at, std::min(piece, file.size() - at))); !s.ok())
      return s;
  }
  Status s = loader.finish(model);
  if (ignored) *ignored = loader.ignored();
  return s;
}

inline std::shared_ptr<const Model> load(const Checkpoint& checkpoint, std::size_t piece = 1 << 20,
                                         WeightFormat format = WeightFormat::as_stored) {
  std::shared_ptr<const Model> model;
  const Status s = load(checkpoint.config, checkpoint.file(), model, piece, nullptr, format);
  REQUIRE_MESSAGE(s.ok(), s.message);
  return model;
}

inline std::vector<int32_t> random_ids(int64_t count, int64_t vocabulary, uint64_t seed = 7) {
  Random random(seed);
  std::vector<int32_t> ids(static_cast<std::size_t>(count));
  for (int32_t& id : ids) id = static_cast<int32_t>(random.below(vocabulary));
  return ids;
}

inline constexpr double kForever = 1e18;

/// What an encoder-decoder reads where a test says nothing of a source.
inline std::vector<int32_t> some_source(const Model& model) {
  return random_ids(7, model.config().encoder->vocabulary, 23);
}

inline std::unique_ptr<Run> start_run(std::shared_ptr<const Model> model, std::span<const int32_t> ids,
                                      RunOptions options = {}, const Run* base = nullptr) {
  std::unique_ptr<Run> run;
  if (model->config().encoder && options.source.empty()) options.source = some_source(*model);
  const Status s = Run::create(std::move(model), ids, std::move(options), base, run);
  REQUIRE_MESSAGE(s.ok(), s.message);
  return run;
}

inline std::unique_ptr<Run> finished_run(std::shared_ptr<const Model> model, std::span<const int32_t> ids,
                                         RunOptions options = {}, const Run* base = nullptr) {
  std::unique_ptr<Run> run = start_run(std::move(model), ids, std::move(options), base);
  const Status s = run->advance(kForever);
  REQUIRE_MESSAGE(s.ok(), s.message);
  REQUIRE(run->finished());
  return run;
}

/// Rows that a site has: tokens of the run, or of its source.
inline int64_t rows_of(const Run& run, const std::string& site) {
  const bool of_source =
      site.starts_with("encoder.") || site.ends_with("cross.k") || site.ends_with("cross.v");
  return static_cast<int64_t>(of_source ? run.source().size() : run.ids().size());
}

/// Everything that a finished run recorded, and the logits of every token: what "equal bit for bit" compares.
inline std::vector<float> everything(const Run& run) {
  std::vector<float> all;
  const auto tokens = static_cast<int64_t>(run.ids().size());
  for (const std::string& site : run.sites()) {
    for (int64_t t = 0; t < rows_of(run, site); ++t) {
      std::span<const float> row;
      const Status s = run.vector(site, t, -1, row);
      REQUIRE_MESSAGE(s.ok(), s.message);
      all.insert(all.end(), row.begin(), row.end());
    }
  }
  std::vector<float> logits(static_cast<std::size_t>(run.model().config().vocabulary));
  for (int64_t t = 0; t < tokens; ++t) {
    const Status s = run.logits(t, logits);
    REQUIRE_MESSAGE(s.ok(), s.message);
    all.insert(all.end(), logits.begin(), logits.end());
  }
  for (int64_t layer = 0; layer < run.model().config().layers; ++layer) {
    for (int64_t head = 0; head < run.model().config().heads; ++head) {
      std::vector<float> weights(static_cast<std::size_t>(tokens * tokens));
      const Status s = run.explain(layer, {.head = head, .rows = tokens, .cols = tokens}, Stage::weight,
                                   {.cells = weights});
      REQUIRE_MESSAGE(s.ok(), s.message);
      all.insert(all.end(), weights.begin(), weights.end());
    }
  }
  return all;
}

/// Bitwise, so that 0 and -0, or two NaNs, are told apart and alike.
inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

inline bool mentions(const Status& status, const std::string& text) {
  return std::string(status.message).find(text) != std::string::npos;
}

/// A status has this code, and a sentence that names what is wrong.
#define CHECK_REFUSED(status_expression, expected_code, named)               \
  do {                                                                       \
    const ::limelight::Status refused = (status_expression);                 \
    INFO("message: ", refused.message);                                      \
    CHECK(std::string(::limelight::status_name(refused.code)) ==             \
          ::limelight::status_name(::limelight::StatusCode::expected_code)); \
    CHECK(::limelight::test::mentions(refused, named));                      \
  } while (false)

#define CHECK_OK(status_expression)                           \
  do {                                                        \
    const ::limelight::Status accepted = (status_expression); \
    CHECK_MESSAGE(accepted.ok(), accepted.message);           \
  } while (false)

/// Sets the memory limit for the length of a scope.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::size_t bytes) { set_memory_limit(bytes); }
  ~MemoryLimit() { set_memory_limit(0); }
  MemoryLimit(const MemoryLimit&) = delete;
};

}  // namespace limelight::test
