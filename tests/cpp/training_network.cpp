// Whole networks: their names, their gradients against differences of a float64 loss, and what is refused.
#include "training/network.hpp"

#include "io/json.hpp"
#include "limelight/model.hpp"
#include "training/checkpoint.hpp"
#include "training/initialize.hpp"
#include "training_reference.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;
using training_reference::Vector;
using training_support::Numbers;

namespace exact = training_reference;

namespace {

NetworkShape tiny_gpt2() {
  NetworkShape shape;
  shape.layers = 2;
  shape.width = 6;
  shape.heads = 2;
  shape.mlp_width = 5;
  shape.vocabulary = 7;
  shape.length = 4;
  return shape;
}

NetworkShape tiny_marian() {
  NetworkShape shape = tiny_gpt2();
  shape.family = NetworkShape::Family::marian;
  shape.source_vocabulary = 8;
  shape.source_length = 5;
  return shape;
}

NetworkShape tiny_llama() {
  NetworkShape shape = tiny_gpt2();
  shape.family = NetworkShape::Family::llama;
  shape.width = 16;
  shape.heads = 4;
  shape.kv_heads = 2;
  return shape;
}

/// Asks about three places of sources of five.
NetworkShape tiny_bert() {
  NetworkShape shape = tiny_gpt2();
  shape.family = NetworkShape::Family::bert;
  shape.length = 3;
  shape.source_vocabulary = shape.vocabulary;
  shape.source_length = 5;
  return shape;
}

void check_built(const NetworkShape& shape, int64_t batch, Network& network) {
  const Status status = build(shape, batch, nullptr, network);
  REQUIRE_MESSAGE(status.ok(), std::string(status.message));
}

void check_refused(const Status& status, const char* words) {
  CAPTURE(std::string(status.message));
  CHECK(status.code == StatusCode::invalid_shape);
  CHECK(std::string(status.message).find(words) != std::string::npos);
}

/// What is set into a network: two rows, the second source shorter than the first.
struct Example {
  std::vector<int32_t> source = {1, 7, 3, 0, 2, 4, 4, 6, 0, 0};
  std::vector<int32_t> source_lengths = {5, 3};
  std::vector<int32_t> ids = {0, 3, 3, 6, 0, 5, 1, 2};
  std::vector<int32_t> targets = {3, 3, 6, 1, 5, -1, 2, -100};

  void set(Network& network) const {
    std::ranges::copy(ids, network.graph.numbers(network.ids).begin());
    std::ranges::copy(targets, network.graph.numbers(network.targets).begin());
    if (network.shape.source_length == 0) return;
    std::ranges::copy(source, network.graph.numbers(network.source).begin());
    std::ranges::copy(source_lengths, network.graph.numbers(network.source_lengths).begin());
  }
};

/// One place is asked about twice, one for nothing.
Example bert_example() {
  return {
      .source = {1, 6, 3, 0, 2, 4, 4, 6, 0, 0}, .ids = {1, 4, 1, 2, 0, 0}, .targets = {5, 2, 6, 1, 3, -1}};
}

/// The formulas of modeling_gpt2.py and its like over parameters by name, for two rows.
class Exact {
 public:
  Exact(const NetworkShape& shape, const Numbers& at) : shape_(shape), at_(at) {}

  double gpt2_loss(const Example& example) const {
    Vector x = exact::add(exact::embedding(at_.at("transformer.wte.weight"), example.ids, shape_.width),
                          places("transformer.wpe.weight", shape_.length));
    const int64_t w = shape_.width;
    for (int64_t layer = 0; layer < shape_.layers; layer++) {
      const std::string name = "transformer.h." + std::to_string(layer);
      const Vector qkv = linear(norm(x, name + ".ln_1"), name + ".attn.c_attn", w, 3 * w, true);
      const Vector z = exact::attention({qkv, 3 * w, 0}, {qkv, 3 * w, w}, {qkv, 3 * w, 2 * w},
                                        sizes(shape_.length, shape_.length, true, {}));
      x = exact::add(x, linear(z, name + ".attn.c_proj", w, w, true));
      if (shape_.mlp_width == 0) continue;
      const Vector up = linear(norm(x, name + ".ln_2"), name + ".mlp.c_fc", w, shape_.mlp_width, true);
      x = exact::add(
          x, linear(exact::map(up, exact::gelu_tanh), name + ".mlp.c_proj", shape_.mlp_width, w, true));
    }
    return loss(norm(x, "transformer.ln_f"), example, "transformer.wte.weight");
  }

  double llama_loss(const Example& example) const {
    const int64_t w = shape_.width, dim = w / shape_.heads, kv = shape_.kv_heads * dim;
    Vector x = exact::embedding(at_.at("model.embed_tokens.weight"), example.ids, w);
    exact::AttentionSizes s = sizes(shape_.length, shape_.length, true, {});
    s.kv_heads = shape_.kv_heads;
    const auto product = [&](const Vector& y, const std::string& name, int64_t in, int64_t out) {
      return exact::linear(y, at_.at(name + ".weight"), {}, std::ssize(y) / in, in, out);
    };
    const auto rms = [&](const Vector& y, const std::string& name) {
      return exact::normalize(y, at_.at(name + ".weight"), {}, 1e-6f);
    };
    for (int64_t layer = 0; layer < shape_.layers; layer++) {
      const std::string name = "model.layers." + std::to_string(layer), self = name + ".self_attn";
      const Vector in = rms(x, name + ".input_layernorm");
      const Vector q =
          exact::rotary(product(in, self + ".q_proj", w, w), shape_.length, shape_.heads, dim, 10000, false);
      const Vector k = exact::rotary(product(in, self + ".k_proj", w, kv), shape_.length, shape_.kv_heads,
                                     dim, 10000, false);
      const Vector v = product(in, self + ".v_proj", w, kv);
      const Vector z = exact::attention({q, w, 0}, {k, kv, 0}, {v, kv, 0}, s);
      x = exact::add(x, product(z, self + ".o_proj", w, w));
      const Vector between = rms(x, name + ".post_attention_layernorm");
      const int64_t inner = shape_.mlp_width;
      const Vector up = exact::swiglu(product(between, name + ".mlp.gate_proj", w, inner),
                                      product(between, name + ".mlp.up_proj", w, inner));
      x = exact::add(x, product(up, name + ".mlp.down_proj", inner, w));
    }
    return loss(rms(x, "model.norm"), example, "model.embed_tokens.weight");
  }

  double bert_loss(const Example& example) const {
    const int64_t w = shape_.width, length = shape_.source_length;
    const std::string embeddings = "bert.embeddings.";
    const Vector& words = at_.at(embeddings + "word_embeddings.weight");
    Vector x = exact::add(exact::embedding(words, example.source, w),
                          places(embeddings + "position_embeddings.weight", length));
    x = exact::add(x, exact::embedding(at_.at(embeddings + "token_type_embeddings.weight"),
                                       std::vector<int32_t>(static_cast<std::size_t>(2 * length), 0), w));
    x = bert_norm(x, embeddings + "LayerNorm");
    for (int64_t layer = 0; layer < shape_.layers; layer++) {
      const std::string name = "bert.encoder.layer." + std::to_string(layer);
      const std::string self = name + ".attention.self.";
      const Vector q = linear(x, self + "query", w, w), k = linear(x, self + "key", w, w),
                   v = linear(x, self + "value", w, w);
      const Vector z = exact::attention({q, w, 0}, {k, w, 0}, {v, w, 0},
                                        sizes(length, length, false, example.source_lengths));
      x = bert_norm(exact::add(x, linear(z, name + ".attention.output.dense", w, w)),
                    name + ".attention.output.LayerNorm");
      const Vector up =
          exact::map(linear(x, name + ".intermediate.dense", w, shape_.mlp_width), exact::gelu_erf);
      x = bert_norm(exact::add(x, linear(up, name + ".output.dense", shape_.mlp_width, w)),
                    name + ".output.LayerNorm");
    }
    Vector asked;
    for (std::size_t i = 0; i < example.ids.size(); i++) {
      const int64_t row = static_cast<int64_t>(i) / shape_.length * length + example.ids[i];
      asked.insert(asked.end(), x.begin() + row * w, x.begin() + (row + 1) * w);
    }
    const std::string head = "cls.predictions.";
    asked = bert_norm(exact::map(linear(asked, head + "transform.dense", w, w), exact::gelu_erf),
                      head + "transform.LayerNorm");
    const Vector logits =
        exact::linear(asked, words, at_.at(head + "bias"), 2 * shape_.length, w, shape_.vocabulary);
    return exact::cross_entropy(logits, example.targets);
  }

  double marian_loss(const Example& example) const {
    Vector memory = read("model.encoder", example.source, shape_.source_length);
    for (int64_t layer = 0; layer < shape_.layers; layer++) {
      const std::string name = "model.encoder.layers." + std::to_string(layer);
      memory = attend(name + ".self_attn", memory, memory,
                      sizes(shape_.source_length, shape_.source_length, false, example.source_lengths));
      memory = mlp(name, memory);
    }
    Vector x = read("model.decoder", example.ids, shape_.length);
    for (int64_t layer = 0; layer < shape_.layers; layer++) {
      const std::string name = "model.decoder.layers." + std::to_string(layer);
      x = attend(name + ".self_attn", x, x, sizes(shape_.length, shape_.length, true, {}));
      x = attend(name + ".encoder_attn", x, memory,
                 sizes(shape_.length, shape_.source_length, false, example.source_lengths));
      x = mlp(name, x);
    }
    return loss(x, example, "model.shared.weight");
  }

 private:
  /// The first rows of a table, for both rows of the batch.
  Vector places(const char* name, int64_t length) const { return places(std::string(name), length); }
  Vector places(const std::string& name, int64_t length) const {
    const Vector& table = at_.at(name);
    Vector both;
    for (int row = 0; row < 2; row++)
      both.insert(both.end(), table.begin(), table.begin() + length * shape_.width);
    return both;
  }
  Vector bert_norm(const Vector& x, const std::string& name) const {
    return exact::normalize(x, at_.at(name + ".weight"), at_.at(name + ".bias"), 1e-12f);
  }
  Vector linear(const Vector& x, const std::string& name, int64_t in, int64_t out,
                bool turned = false) const {
    return exact::linear(x, at_.at(name + ".weight"), at_.at(name + ".bias"), std::ssize(x) / in, in, out,
                         turned);
  }
  Vector norm(const Vector& x, const std::string& name) const {
    return exact::normalize(x, at_.at(name + ".weight"), at_.at(name + ".bias"), 1e-5f);
  }
  exact::AttentionSizes sizes(int64_t q_len, int64_t kv_len, bool causal,
                              const std::vector<int32_t>& lengths) const {
    return {2,
            shape_.heads,
            shape_.heads,
            q_len,
            kv_len,
            shape_.width / shape_.heads,
            causal,
            {lengths.begin(), lengths.end()}};
  }
  /// Half of a place's numbers are sines, half are cosines.
  Vector read(const std::string& stack, const std::vector<int32_t>& ids, int64_t length) const {
    const std::string table = shape_.tied ? "model.shared.weight" : stack + ".embed_tokens.weight";
    const double scale = shape_.tied ? std::sqrt(static_cast<double>(shape_.width)) : 1;
    const Vector tokens = exact::map(exact::embedding(at_.at(table), ids, shape_.width),
                                     [&](double number) { return scale * number; });
    const int64_t half = shape_.width / 2;
    Vector places;
    for (int64_t row = 0; row < 2 * length; row++) {
      const auto place = static_cast<double>(row % length);
      for (int64_t i = 0; i < 2 * half; i++) {
        const double angle =
            place / std::pow(10000.0, static_cast<double>(i % half) / static_cast<double>(half));
        places.push_back(
            static_cast<double>(static_cast<float>(i < half ? std::sin(angle) : std::cos(angle))));
      }
    }
    return exact::add(tokens, places);
  }
  Vector attend(const std::string& name, const Vector& x, const Vector& memory,
                const exact::AttentionSizes& s) const {
    const int64_t w = shape_.width;
    const Vector q = linear(x, name + ".q_proj", w, w), k = linear(memory, name + ".k_proj", w, w),
                 v = linear(memory, name + ".v_proj", w, w);
    const Vector z = exact::attention({q, w, 0}, {k, w, 0}, {v, w, 0}, s);
    return norm(exact::add(x, linear(z, name + ".out_proj", w, w)), name + "_layer_norm");
  }
  Vector mlp(const std::string& name, const Vector& x) const {
    const Vector up = exact::map(linear(x, name + ".fc1", shape_.width, shape_.mlp_width), exact::relu);
    return norm(exact::add(x, linear(up, name + ".fc2", shape_.mlp_width, shape_.width)),
                name + ".final_layer_norm");
  }
  double loss(const Vector& x, const Example& example, const char* tokens) const {
    const Vector logits = exact::linear(x, at_.at(shape_.tied ? tokens : "lm_head.weight"), {},
                                        2 * shape_.length, shape_.width, shape_.vocabulary);
    return exact::cross_entropy(logits, example.targets);
  }

  const NetworkShape& shape_;
  const Numbers& at_;
};

/// The loss is exact, and so are the gradients of every parameter.
void check_gradients(const NetworkShape& shape, double (Exact::*loss)(const Example&) const,
                     const Example& example = {}) {
  support::Worst worst;
  support::on_every_architecture([&](const kernels::Table&) {
    Network network;
    check_built(shape, 2, network);
    initialize(network.graph, 3);
    uint64_t seed = 1;
    for (const ParameterInfo& parameter : network.graph.parameter_list()) {
      if (parameter.shape.size() == 1) {
        training_support::fill(training_support::of(network.graph.parameters(), parameter), seed++);
      }
    }
    example.set(network);
    // Along the longest path: seven products a layer of at most 18 terms, norms and the softmax between them.
    const int64_t chain = 2 * shape.layers * 2 * (7 * 18 + 64);
    worst.see(
        training_support::largest_ratio({network.graph,
                                         {},
                                         network.loss,
                                         [&](const Numbers& at) { return (Exact(shape, at).*loss)(example); },
                                         chain}),
        1.0);
  });
  MESSAGE("largest error / bound: " << worst.ratio());
}

std::vector<std::string> names(const NetworkShape& shape) {
  Network network;
  check_built(shape, 1, network);
  std::vector<std::string> found;
  for (const ParameterInfo& parameter : network.graph.parameter_list()) {
    std::string text = parameter.name;
    for (int64_t size : parameter.shape) text += " " + std::to_string(size);
    found.push_back(text);
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace

TEST_CASE("gradients of a whole GPT-2") {
  check_gradients(tiny_gpt2(), &Exact::gpt2_loss);
}

TEST_CASE("gradients of a whole GPT-2 of attention alone") {
  NetworkShape shape = tiny_gpt2();
  shape.mlp_width = 0;
  check_gradients(shape, &Exact::gpt2_loss);
}

TEST_CASE("gradients of a whole GPT-2 whose head is its embedding, with a table longer than its rows") {
  NetworkShape shape = tiny_gpt2();
  shape.tied = true;
  shape.context = 9;
  check_gradients(shape, &Exact::gpt2_loss);
}

TEST_CASE("gradients of a whole LLaMA with groups of heads") {
  check_gradients(tiny_llama(), &Exact::llama_loss);
}

TEST_CASE("gradients of a whole LLaMA whose head is its embedding") {
  NetworkShape shape = tiny_llama();
  shape.tied = true;
  check_gradients(shape, &Exact::llama_loss);
}

TEST_CASE("gradients of a whole BERT") {
  check_gradients(tiny_bert(), &Exact::bert_loss, bert_example());
}

TEST_CASE("gradients of a whole Marian") {
  check_gradients(tiny_marian(), &Exact::marian_loss);
}

TEST_CASE("gradients of a whole Marian with one embedding") {
  NetworkShape shape = tiny_marian();
  shape.tied = true;
  shape.source_vocabulary = shape.vocabulary = 8;
  check_gradients(shape, &Exact::marian_loss);
}

TEST_CASE("a GPT-2's parameters have the names and shapes that Hugging Face gives them") {
  NetworkShape shape = tiny_gpt2();
  shape.layers = 1;
  CHECK(names(shape) == std::vector<std::string>{
                            "lm_head.weight 7 6",
                            "transformer.h.0.attn.c_attn.bias 18",
                            "transformer.h.0.attn.c_attn.weight 6 18",
                            "transformer.h.0.attn.c_proj.bias 6",
                            "transformer.h.0.attn.c_proj.weight 6 6",
                            "transformer.h.0.ln_1.bias 6",
                            "transformer.h.0.ln_1.weight 6",
                            "transformer.h.0.ln_2.bias 6",
                            "transformer.h.0.ln_2.weight 6",
                            "transformer.h.0.mlp.c_fc.bias 5",
                            "transformer.h.0.mlp.c_fc.weight 6 5",
                            "transformer.h.0.mlp.c_proj.bias 6",
                            "transformer.h.0.mlp.c_proj.weight 5 6",
                            "transformer.ln_f.bias 6",
                            "transformer.ln_f.weight 6",
                            "transformer.wpe.weight 4 6",
                            "transformer.wte.weight 7 6",
                        });
}

TEST_CASE("a Marian's parameters have the names and shapes that Hugging Face gives them") {
  NetworkShape shape = tiny_marian();
  shape.layers = 1;
  std::vector<std::string> expected = {"lm_head.weight 7 6", "model.decoder.embed_tokens.weight 7 6",
                                       "model.encoder.embed_tokens.weight 8 6"};
  for (const std::string layer : {"model.decoder.layers.0.", "model.encoder.layers.0."}) {
    for (const std::string attention : {"self_attn", "encoder_attn"}) {
      if (layer.starts_with("model.encoder") && attention == "encoder_attn") continue;
      for (const char* projection : {"q_proj", "k_proj", "v_proj", "out_proj"}) {
        expected.push_back(layer + attention + "." + projection + ".weight 6 6");
        expected.push_back(layer + attention + "." + projection + ".bias 6");
      }
      expected.push_back(layer + attention + "_layer_norm.weight 6");
      expected.push_back(layer + attention + "_layer_norm.bias 6");
    }
    for (const char* rest : {"fc1.weight 5 6", "fc1.bias 5", "fc2.weight 6 5", "fc2.bias 6",
                             "final_layer_norm.weight 6", "final_layer_norm.bias 6"}) {
      expected.push_back(layer + rest);
    }
  }
  std::ranges::sort(expected);
  CHECK(names(shape) == expected);
}

TEST_CASE("every attention of a network is listed, with its kind, layer and lengths") {
  const auto sites = [](const NetworkShape& shape) {
    Network network;
    check_built(shape, 3, network);
    std::vector<std::string> found;
    for (const AttentionSite& site : network.attentions) {
      const char* const kinds[] = {"encoder", "decoder", "cross"};
      found.push_back(std::string(kinds[static_cast<int>(site.kind)]) + " " + std::to_string(site.layer) +
                      " " + std::to_string(site.q_len) + " " + std::to_string(site.kv_len));
      CHECK(site.form.causal == (site.kind == AttentionSite::Kind::decoder));
      CHECK(site.form.heads * site.form.head_dim == shape.width);
      CHECK(network.graph.shape(site.q.tensor).rows == 3 * site.q_len);
      CHECK(network.graph.shape(site.k.tensor).rows == 3 * site.kv_len);
    }
    return found;
  };
  CHECK(sites(tiny_gpt2()) == std::vector<std::string>{"decoder 0 4 4", "decoder 1 4 4"});
  CHECK(sites(tiny_marian()) == std::vector<std::string>{"encoder 0 5 5", "encoder 1 5 5", "decoder 0 4 4",
                                                         "cross 0 4 5", "decoder 1 4 4", "cross 1 4 5"});
}

TEST_CASE("what pads a source changes no bit of the loss") {
  Network network;
  check_built(tiny_marian(), 2, network);
  initialize(network.graph, 3);
  Example example;
  example.set(network);
  REQUIRE(network.graph.forward().ok());
  const float before = network.graph.value(network.loss)[0];
  example.source[8] = 5;
  example.source[9] = 7;
  example.set(network);
  REQUIRE(network.graph.forward().ok());
  CHECK(network.graph.value(network.loss)[0] == before);
  example.source[7] = 1;
  example.set(network);
  REQUIRE(network.graph.forward().ok());
  CHECK(network.graph.value(network.loss)[0] != before);
}

TEST_CASE("networks of impossible sizes are refused, and the message names the size") {
  const auto refused = [](NetworkShape shape, int64_t NetworkShape::* size, int64_t value,
                          const char* words) {
    shape.*size = value;
    Network network;
    check_refused(build(shape, 2, nullptr, network), words);
  };
  using Shape = NetworkShape;
  refused(tiny_gpt2(), &Shape::layers, 0, "layers of 0");
  refused(tiny_gpt2(), &Shape::heads, 4, "a width of 6 does not divide into 4 heads");
  refused(tiny_gpt2(), &Shape::width, -6, "a width of -6");
  refused(tiny_gpt2(), &Shape::mlp_width, -1, "an mlp_width of -1");
  refused(tiny_gpt2(), &Shape::vocabulary, 0, "a vocabulary of 0");
  refused(tiny_gpt2(), &Shape::length, int64_t{1} << 40, "a length of 1099511627776");
  refused(tiny_gpt2(), &Shape::source_length, 3, "a source_length of 3");
  refused(tiny_marian(), &Shape::source_length, 0, "a source_length of 0");
  refused(tiny_marian(), &Shape::source_vocabulary, 0, "a source_vocabulary of 0");
  refused(tiny_marian(), &Shape::mlp_width, 0, "an mlp_width of 0");
  refused(tiny_gpt2(), &Shape::kv_heads, 1, "2 heads with keys and values of 1");
  refused(tiny_gpt2(), &Shape::context, 3, "a context of 3 with a length of 4");
  refused(tiny_llama(), &Shape::kv_heads, 3, "4 heads with keys and values of 3");
  refused(tiny_llama(), &Shape::mlp_width, 0, "an mlp_width of 0");
  refused(tiny_bert(), &Shape::source_vocabulary, 8,
          "one embedding for 8 tokens that are read and 7 that are predicted");
  refused(tiny_bert(), &Shape::source_length, 0, "a source_length of 0");
  Network network;
  check_refused(build(tiny_gpt2(), 0, nullptr, network), "a batch of 0");
}

TEST_CASE("a dropout that is no share is refused") {
  for (NetworkShape shape : {tiny_gpt2(), tiny_llama(), tiny_bert(), tiny_marian()}) {
    for (const float share : {-0.1f, 1.0f, std::nanf("")}) {
      shape.dropout = share;
      Network network;
      const Status status = build(shape, 2, nullptr, network);
      CHECK(status.code == StatusCode::invalid_value);
      CHECK(std::string(status.message).find("dropout") != std::string::npos);
    }
  }
}

TEST_CASE("limelight/model.hpp reads the config.json of a GPT-2, with and without MLP") {
  for (const int64_t mlp_width : {0, 5}) {
    NetworkShape shape = tiny_gpt2();
    shape.mlp_width = mlp_width;
    ModelConfig config;
    REQUIRE(parse_config(config_json(shape), config).ok());
    CHECK(config.family == ModelConfig::Family::gpt2);
    CHECK(config.activation == ModelConfig::Activation::gelu_tanh);
    CHECK(config.mlp_width == mlp_width);
    CHECK(config.width == 6);
    CHECK(config.heads == 2);
    CHECK(config.positions == 4);
    CHECK(config.vocabulary == 7);
    CHECK(config.layers == 2);
    CHECK(!config.tied);
  }
}

TEST_CASE("limelight/model.hpp reads the config.json of a LLaMA and of a BERT") {
  NetworkShape shape = tiny_llama();
  shape.tied = true;
  shape.context = 20;
  ModelConfig config;
  REQUIRE(parse_config(config_json(shape), config).ok());
  CHECK(config.family == ModelConfig::Family::llama);
  CHECK(config.rotary);
  CHECK(config.heads == 4);
  CHECK(config.kv_heads == 2);
  CHECK(config.head_dim == 4);
  CHECK(config.mlp_width == 5);
  CHECK(config.positions == 20);
  CHECK(config.norm_epsilon == 1e-6f);
  CHECK(config.tied);
  shape = tiny_bert();
  REQUIRE(parse_config(config_json(shape), config).ok());
  CHECK(config.family == ModelConfig::Family::bert);
  CHECK(config.activation == ModelConfig::Activation::gelu_erf);
  CHECK(config.positions == 5);
  CHECK(config.mlp_width == 5);
  CHECK(config.norm_epsilon == 1e-12f);
  CHECK(config.tied);
}

TEST_CASE("what a family trains is what the library needs to load that family") {
  NetworkShape shared = tiny_marian();
  shared.tied = true;
  shared.vocabulary = shared.source_vocabulary;
  for (const NetworkShape& shape : {tiny_gpt2(), tiny_llama(), tiny_bert(), tiny_marian(), shared}) {
    CAPTURE(static_cast<int>(shape.family));
    Network network;
    check_built(shape, 1, network);
    initialize(network.graph, 5);
    Buffer<std::byte> file;
    REQUIRE(save_model(network.graph, file).ok());
    ModelLoader loader;
    REQUIRE(loader.configure(config_json(shape)).ok());
    const Status status = loader.feed(file.span());
    CHECK_MESSAGE(status.ok(), std::string(status.message));
    std::shared_ptr<const Model> model;
    CHECK(loader.finish(model).ok());
    CHECK(loader.ignored().empty());
  }
}

TEST_CASE("the config.json of a network says its sizes") {
  const auto check = [](const NetworkShape& shape, const char* type,
                        const std::vector<std::pair<const char*, uint64_t>>& numbers) {
    JsonText json;
    REQUIRE(json.parse(config_json(shape), "config.json").ok());
    CHECK(json[json.find(0, "model_type")].text == type);
    CHECK(json[json.find(0, "tie_word_embeddings")].kind == JsonKind::boolean);
    CHECK(json[json.find(0, "tie_word_embeddings")].number == 0);
    for (const auto& [key, value] : numbers) {
      CAPTURE(key);
      CHECK(json.find(0, key) != 0);
      CHECK(json[json.find(0, key)].integer == value);
    }
  };
  check(
      tiny_gpt2(), "gpt2",
      {{"vocab_size", 7}, {"n_positions", 4}, {"n_embd", 6}, {"n_layer", 2}, {"n_head", 2}, {"n_inner", 5}});
  check(tiny_marian(), "marian",
        {{"vocab_size", 8},
         {"decoder_vocab_size", 7},
         {"max_position_embeddings", 5},
         {"d_model", 6},
         {"encoder_layers", 2},
         {"decoder_layers", 2},
         {"encoder_attention_heads", 2},
         {"decoder_attention_heads", 2},
         {"encoder_ffn_dim", 5},
         {"decoder_ffn_dim", 5},
         {"pad_token_id", 0},
         {"decoder_start_token_id", 0},
         {"eos_token_id", 1}});
}
