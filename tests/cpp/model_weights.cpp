// What the weights of a model are kept as: f32, f16 or int8, from files of either.
#include <algorithm>

#include "checkpoint.hpp"

namespace limelight::test {
namespace {

const Sizes kTiny{.vocabulary = 11, .positions = 9, .width = 6, .layers = 2, .heads = 2, .mlp_width = 13};
const Sizes kWide{.vocabulary = 11, .positions = 9, .width = 96, .layers = 1, .heads = 2, .mlp_width = 13};

std::vector<float> numbers_of(std::shared_ptr<const Model> model) {
  const auto ids = random_ids(5, model->config().vocabulary);
  return everything(*finished_run(std::move(model), ids));
}

bool is_matrix(const Tensor& t) {
  return t.shape.size() == 2 && t.name.find("wpe") == t.name.npos && t.name.find("position") == t.name.npos &&
         t.name.find("token_type") == t.name.npos && t.name != "final_logits_bias";
}

/// GPT-2's Conv1D lies as [in, out]: there a scale belongs to a column.
bool by_column(const Tensor& t) {
  return t.name.find(".c_") != t.name.npos;
}

/// The checkpoint in int8, and in f32 the numbers that it then stands for.
struct Int8Pair {
  Checkpoint int8, expanded;

  explicit Int8Pair(const Checkpoint& from) : int8(from), expanded(from) {
    declare(int8);
    std::vector<Tensor> scales;
    for (std::size_t i = 0; i < from.tensors.size(); ++i) {
      Tensor& t = int8.tensors[i];
      if (!is_matrix(t)) continue;
      const auto columns = static_cast<std::size_t>(t.shape[1]);
      const bool column = by_column(t);
      Tensor scale{t.name + "_scale", {column ? t.shape[1] : t.shape[0]}, {}};
      std::vector<float> most(static_cast<std::size_t>(scale.shape[0]));
      const auto feature = [&](std::size_t k) { return column ? k % columns : k / columns; };
      for (std::size_t k = 0; k < t.values.size(); ++k)
        most[feature(k)] = std::max(most[feature(k)], std::abs(t.values[k]));
      for (const float m : most) scale.values.push_back(m / 127.0f);
      for (std::size_t k = 0; k < t.values.size(); ++k) {
        const float s = scale.values[feature(k)];
        t.values[k] = s == 0 ? 0.0f
                             : static_cast<float>(
                                   std::nearbyint(static_cast<double>(t.values[k]) / static_cast<double>(s)));
        expanded.tensors[i].values[k] = t.values[k] * s;
      }
      t.dtype = "I8";
      scales.push_back(std::move(scale));
    }
    int8.tensors.insert(int8.tensors.end(), scales.begin(), scales.end());
  }

  static void declare(Checkpoint& c) {
    c.config.insert(1, "\"quantization_config\":{\"quant_method\":\"limelight-int8\"},");
  }
};

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return largest;
}

TEST_CASE("an f16 file takes half the memory of its matrices and gives the bits of f32") {
  for (const Family family : kFamilies) {
    Checkpoint c = make(family, kTiny);
    const auto wide = load(c);
    c.set_dtype("F16");
    const auto half = load(c);
    CHECK(std::string(wide->weight_format()) == "f32");
    CHECK(std::string(half->weight_format()) == "f16");
    CHECK(same_bits(numbers_of(half), numbers_of(wide)));
    CHECK(half->parameters() == wide->parameters());
    std::size_t matrices = 0;  // padded to whole panels of eight output features
    for (const Tensor& t : c.tensors) {
      if (!is_matrix(t)) continue;
      const bool column = by_column(t);
      const bool fused = t.name.find("c_attn") != t.name.npos;
      const int64_t out = column ? t.shape[1] / (fused ? 3 : 1) : t.shape[0];
      matrices +=
          static_cast<std::size_t>((out + 7) / 8 * 8 * (column ? t.shape[0] : t.shape[1]) * (fused ? 3 : 1));
    }
    CHECK(wide->weight_bytes() - half->weight_bytes() == 2 * matrices);
  }
}

/// An F16 model of zeros with so many entries in its vocabulary: its file is never there as a whole.
std::shared_ptr<const Model> load_zeros(int64_t vocabulary) {
  Checkpoint c = make_gpt2(kWide);
  c.find("wte.weight")->shape[0] = vocabulary;
  const std::string entry = "\"vocab_size\":";
  c.config.replace(c.config.find(entry), (entry + std::to_string(kWide.vocabulary)).size(),
                   entry + std::to_string(vocabulary));
  std::string header = "{";
  std::size_t end = 0;
  for (const Tensor& t : c.tensors) {
    std::size_t begin = end, count = 1;
    std::string shape;
    for (const int64_t n : t.shape) {
      count *= static_cast<std::size_t>(n);
      shape += (shape.empty() ? "" : ",") + std::to_string(n);
    }
    end += 2 * count;
    header += (begin ? "," : "") + quoted(t.name) + ":{\"dtype\":\"F16\",\"shape\":[" + shape +
              "],\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
  }
  ModelLoader loader;
  CHECK_OK(loader.configure(c.config));
  CHECK_OK(loader.feed(bytes_of(with_length(header + "}", ""))));
  const std::vector<std::byte> zeros(1 << 20);
  for (std::size_t at = 0; at < end; at += zeros.size())
    CHECK_OK(loader.feed(std::span(zeros).first(std::min(zeros.size(), end - at))));
  std::shared_ptr<const Model> model;
  CHECK_OK(loader.finish(model));
  REQUIRE(model);
  return model;
}

TEST_CASE("a small model's f16 is widened by default, a large one's and int8 are kept") {
  Checkpoint c = make_gpt2(kTiny);
  c.set_dtype("F16");
  const auto widened = load(c, 7, WeightFormat::automatic);
  CHECK(std::string(widened->weight_format()) == "f32");
  CHECK(same_bits(numbers_of(widened), numbers_of(load(c))));
  CHECK(std::string(load(Int8Pair(make_gpt2(kTiny)).int8, 7, WeightFormat::automatic)->weight_format()) ==
        "int8");
  const auto entries = static_cast<int64_t>(kSmallModelBytes / sizeof(float)) / kWide.width;
  const auto small = load_zeros(entries - 600), large = load_zeros(entries);
  CHECK(static_cast<std::size_t>(small->parameters()) * sizeof(float) <= kSmallModelBytes);
  CHECK(static_cast<std::size_t>(large->parameters()) * sizeof(float) > kSmallModelBytes);
  CHECK(std::string(small->weight_format()) == "f32");
  CHECK(std::string(large->weight_format()) == "f16");
}

TEST_CASE("any file can be kept as f32 or f16, with the same bits where the numbers allow it") {
  for (const Family family : kFamilies) {
    for (const char* dtype : {"F32", "F16", "BF16"}) {
      Checkpoint c = make(family, kTiny);
      const std::vector<float> expected = numbers_of(load(c));
      c.set_dtype(dtype);
      for (const WeightFormat format : {WeightFormat::f32, WeightFormat::f16}) {
        const auto model = load(c, 7, format);
        CHECK(std::string(model->weight_format()) == (format == WeightFormat::f32 ? "f32" : "f16"));
        CHECK(same_bits(numbers_of(model), expected));
      }
    }
  }
}

TEST_CASE("an int8 file gives the numbers that its scales make of it, whatever the order of its tensors") {
  for (const Family family : kFamilies) {
    const Int8Pair pair(make(family, kTiny));
    const auto model = load(pair.int8);
    CHECK(std::string(model->weight_format()) == "int8");
    CHECK(model->parameters() == load(pair.expanded)->parameters());
    const std::vector<float> numbers = numbers_of(model), expanded = numbers_of(load(pair.expanded));
    // Same weights, other roundings: scale * sum(x q) beside sum(x (scale q)).
    CHECK(largest_difference(numbers, expanded) < 1e-4);
    for (const std::size_t piece : {1, 3, 64}) CHECK(same_bits(numbers_of(load(pair.int8, piece)), numbers));
    Checkpoint turned = pair.int8;
    std::reverse(turned.tensors.begin(), turned.tensors.end());
    CHECK(same_bits(numbers_of(load(turned)), numbers));
    // As f32 it is the expanded model, bit for bit.
    const auto wide = load(turned, 100, WeightFormat::f32);
    CHECK(std::string(wide->weight_format()) == "f32");
    CHECK(same_bits(numbers_of(wide), expanded));
  }
}

TEST_CASE("int8 on request gives the bits of the int8 file") {
  for (const Family family : kFamilies) {
    for (const char* dtype : {"F32", "F16", "BF16"}) {
      Checkpoint c = make(family, kTiny);
      Int8Pair pair(c);
      c.set_dtype(dtype);
      const auto model = load(c, 11, WeightFormat::int8);
      CHECK(std::string(model->weight_format()) == "int8");
      CHECK(same_bits(numbers_of(model), numbers_of(load(pair.int8))));
      CHECK(model->weight_bytes() == load(pair.int8)->weight_bytes());
    }
  }
}

TEST_CASE("a tied head may be int8 like its embedding, and may be quantised with it") {
  for (const bool head_first : {false, true}) {
    Checkpoint plain = make_gpt2(kTiny);
    const std::vector<float> expected = numbers_of(load(plain, 1000, WeightFormat::int8));
    Int8Pair pair(plain);
    const auto add_copy = [&](Checkpoint& c, const std::string& name, const std::string& copy) {
      Tensor head = *c.find(name);
      head.name = copy;
      c.tensors.insert(head_first ? c.tensors.begin() : c.tensors.end(), head);
    };
    add_copy(plain, "wte.weight", "lm_head.weight");
    CHECK(same_bits(numbers_of(load(plain, 1000, WeightFormat::int8)), expected));
    add_copy(pair.int8, "wte.weight", "lm_head.weight");
    add_copy(pair.int8, "wte.weight_scale", "lm_head.weight_scale");
    CHECK(same_bits(numbers_of(load(pair.int8)), expected));

    std::shared_ptr<const Model> model;
    Checkpoint other = pair.int8;
    other.find("lm_head.weight")->values[3] += other.find("lm_head.weight")->values[3] > 0 ? -1.0f : 1.0f;
    CHECK_REFUSED(load(other.config, other.file(), model), unsupported_model, "tie_word_embeddings");
    other = pair.int8;
    other.find("lm_head.weight_scale")->values[3] *= 2;
    CHECK_REFUSED(load(other.config, other.file(), model), unsupported_model, "tie_word_embeddings");
    other = pair.int8;
    other.remove("lm_head.weight_scale");
    other.find("lm_head.weight")->dtype = "F32";
    CHECK_REFUSED(load(other.config, other.file(), model), unsupported_model, "lm_head.weight");
  }
}

TEST_CASE("an int8 file that does not say all is refused by name") {
  const auto refuse = [](const char* code, const std::string& named, auto change) {
    Checkpoint c = Int8Pair(make_gpt2(kTiny)).int8;
    change(c);
    std::shared_ptr<const Model> model;
    const std::size_t before = live_bytes();
    const Status s = load(c.config, c.file(), model);
    INFO(s.message);
    CHECK(std::string(status_name(s.code)) == code);
    CHECK(mentions(s, named));
    CHECK(!model);
    CHECK(live_bytes() == before);
  };
  const std::string matrix = "h.1.mlp.c_fc.weight";
  refuse("misshapen-tensor", "\"wte.weight\" is I8",
         [](Checkpoint& c) { c.config = make_gpt2(kTiny).config; });
  refuse("missing-tensor", quoted(matrix + "_scale"), [&](Checkpoint& c) { c.remove(matrix + "_scale"); });
  refuse("misshapen-tensor", "[6]; [13] is needed", [&](Checkpoint& c) {
    c.find(matrix + "_scale")->shape = {6};
    c.find(matrix + "_scale")->values.resize(6);
  });
  refuse("misshapen-tensor", "F32 is needed",
         [&](Checkpoint& c) { c.find(matrix + "_scale")->dtype = "F16"; });
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    refuse("invalid-value", quoted(matrix + "_scale"),
           [&](Checkpoint& c) { c.find(matrix + "_scale")->values[2] = bad; });
  }
  refuse("unknown-tensor", quoted(matrix + "_scale"), [&](Checkpoint& c) { c.find(matrix)->dtype = "F32"; });
  refuse("misshapen-tensor", "\"wpe.weight\" is I8",
         [](Checkpoint& c) { c.find("wpe.weight")->dtype = "I8"; });
  refuse("misshapen-tensor", "\"h.0.ln_1.bias\" is I8",
         [](Checkpoint& c) { c.find("h.0.ln_1.bias")->dtype = "I8"; });
  refuse("misshapen-tensor", "wpe.weight_scale",
         [](Checkpoint& c) { c.tensors.push_back({"wpe.weight_scale", {9}, std::vector<float>(9)}); });
  refuse("unknown-tensor", "\"h.0.x_scale\"",
         [](Checkpoint& c) { c.tensors.push_back({"h.0.x_scale", {1}, {1}}); });
  for (const char* method : {"{\"quant_method\":\"gptq\"}", "{}", "7", "{\"quant_method\":8}"}) {
    refuse("unsupported-model", "quant", [&](Checkpoint& c) {
      c.config = make_gpt2(kTiny).config;
      c.config.insert(1, std::string("\"quantization_config\":") + method + ",");
    });
  }
}

TEST_CASE("a number beyond f16 is refused where f16 is asked for, by name") {
  Checkpoint c = make_gpt2(kTiny);
  c.find("h.0.mlp.c_fc.weight")->values[5] = 65520;
  std::shared_ptr<const Model> model;
  CHECK_REFUSED(load(c.config, c.file(), model, 100, nullptr, WeightFormat::f16), invalid_value,
                "h.0.mlp.c_fc.weight");
  c.find("h.0.mlp.c_fc.weight")->values[5] = 65504;
  CHECK_OK(load(c.config, c.file(), model, 100, nullptr, WeightFormat::f16));
}

TEST_CASE("rows of zeros, and of the smallest numbers, quantise to numbers") {
  Checkpoint c = make_bert(kTiny);
  Tensor& t = *c.find("bert.encoder.layer.0.intermediate.dense.weight");
  std::fill_n(t.values.begin(), 6, 0.0f);
  std::fill_n(t.values.begin() + 6, 6, 0x1p-149f);
  const std::vector<float> numbers = numbers_of(load(c, 100, WeightFormat::int8));
  CHECK(std::none_of(numbers.begin(), numbers.end(), [](float v) { return std::isnan(v); }));
}

TEST_CASE("the matrices of int8 and f16 models keep rows equal bit for bit, in slices and behind a prefix") {
  const Sizes sizes{
      .vocabulary = 29, .positions = 140, .width = 20, .layers = 2, .heads = 4, .mlp_width = 33};
  for (const WeightFormat format : {WeightFormat::f16, WeightFormat::int8}) {
    const auto model = load(make_gpt2(sizes), 1 << 20, format);
    const auto ids = random_ids(75, sizes.vocabulary);
    const std::vector<float> whole = everything(*finished_run(model, ids));
    const auto prefix = finished_run(model, std::span(ids).first(70));
    const auto behind = finished_run(model, ids, {}, prefix.get());
    CHECK(behind->reused() == 70);
    CHECK(same_bits(everything(*behind), whole));
    for (std::size_t i = 70; i < ids.size(); ++i) {
      CHECK_OK(prefix->extend(std::span(ids).subspan(i, 1)));
      CHECK_OK(prefix->advance(kForever));
    }
    CHECK(same_bits(everything(*prefix), whole));
  }
}

TEST_CASE("a model is quantised row by row: at no time is it there twice") {
  const Sizes sizes{
      .vocabulary = 3000, .positions = 8, .width = 64, .layers = 1, .heads = 4, .mlp_width = 64};
  const Checkpoint c = make_gpt2(sizes);
  const std::string file = c.file();
  const std::size_t before = live_bytes();
  std::size_t final_bytes = 0;
  {
    const auto model = load(c, 1 << 20, WeightFormat::int8);
    final_bytes = live_bytes() - before;
  }
  const MemoryLimit limit(before + final_bytes + 64 * 1024);  // as f32, the embedding alone would be 768 KB
  std::shared_ptr<const Model> model;
  CHECK_OK(load(c.config, file, model, 4096, nullptr, WeightFormat::int8));
}

}  // namespace
}  // namespace limelight::test
