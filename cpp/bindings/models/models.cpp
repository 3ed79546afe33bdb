// Models: loaded from bytes, described.
#include "bindings/models/models.hpp"
#include "bindings/json_text.hpp"

namespace limelight::bindings {
namespace {

ModelLoader& loader_at(Address loader) {
  return *reinterpret_cast<ModelLoader*>(loader);
}

}  // namespace

LIMELIGHT_CALL(loaderCreate)
double loader_create() {
  return handle(new ModelLoader());
}
LIMELIGHT_CALL(loaderRelease)
void loader_release(Address loader) {
  delete &loader_at(loader);
}
/// `format` is a WeightFormat.
LIMELIGHT_CALL(loaderConfigure)
int loader_configure(Address loader, Address json, double bytes, int format) {
  return code(loader_at(loader).configure(text_at(json, bytes), static_cast<WeightFormat>(format)));
}
LIMELIGHT_CALL(loaderFeed)
int loader_feed(Address loader, Address data, double bytes) {
  return code(loader_at(loader).feed(span_at<const std::byte>(data, bytes)));
}
LIMELIGHT_CALL(loaderFinish)
double loader_finish(Address loader) {
  auto loaded = std::make_unique<LoadedModel>();
  if (!keep(loader_at(loader).finish(loaded->model))) return 0;
  loaded->ignored = loader_at(loader).ignored();
  return handle(loaded.release());
}

LIMELIGHT_CALL(modelRelease)
void model_release(Address model) {
  delete &model_at(model);
}

/// By ModelConfig::Family.
constexpr const char* kFamilies[] = {"gpt2", "bert", "llama", "marian"};

/// {"family": ..., "causal": ..., sizes, "ignored": [names]} as ModelInfo of the engine has them.
LIMELIGHT_CALL(modelDescription)
double model_description(Address model) {
  const ModelConfig& c = model_at(model).model->config();
  std::string json = std::string("{\"family\":\"") + kFamilies[static_cast<std::size_t>(c.family)] + '"';
  const auto add = [&](const char* key, int64_t value) {
    json += std::string(",\"") + key + "\":" + std::to_string(value);
  };
  json += c.causal ? ",\"causal\":true" : ",\"causal\":false";
  json += c.rotary ? ",\"rotary\":true" : ",\"rotary\":false";
  add("layers", c.layers);
  add("heads", c.heads);
  add("kvHeads", c.kv_heads);
  add("headDim", c.head_dim);
  add("width", c.width);
  add("positions", c.positions);
  add("longest", c.longest_text());
  add("vocabulary", c.vocabulary);
  if (c.encoder) {
    json += ",\"encoder\":{\"layers\":" + std::to_string(c.encoder->layers) +
            ",\"heads\":" + std::to_string(c.encoder->heads) +
            ",\"headDim\":" + std::to_string(c.encoder->head_dim) +
            ",\"vocabulary\":" + std::to_string(c.encoder->vocabulary) + "}";
    add("startToken", c.start_token);
    add("endToken", c.end_token);
  }
  add("parameters", model_at(model).model->parameters());
  json += std::string(",\"weights\":\"") + model_at(model).model->weight_format() + '"';
  add("weightBytes", static_cast<int64_t>(model_at(model).model->weight_bytes()));
  json += ",\"ignored\":[";
  for (const std::string& name : model_at(model).ignored) {
    if (json.back() != '[') json += ',';
    append_string(json, name);
  }
  return handle(json + "]}");
}

}  // namespace limelight::bindings
