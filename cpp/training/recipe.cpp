#include "training/recipe.hpp"

#include <algorithm>
#include <utility>

#include "io/json.hpp"
#include "io/json_members.hpp"
#include "training/checkpoint.hpp"

namespace limelight::training {
namespace {

// Far beyond what can be trained, and low enough that products of sizes fit 63 bits.
constexpr int64_t kMostLayers = 64, kMostWidth = 4096, kMostBatch = 4096;

Status read_model(const JsonText& json, uint32_t object, const TaskShape& task, NetworkShape& shape) {
  const bool translates = task.source_length > 0;
  shape.family = translates ? NetworkShape::Family::marian : NetworkShape::Family::gpt2;
  shape.vocabulary = task.vocabulary;
  shape.length = task.length;
  shape.source_vocabulary = task.source_vocabulary;
  shape.source_length = task.source_length;
  if (object == 0) return {};
  JsonMembers model(json, object, "the recipe's model");
  const char* needed = translates ? "marian" : "gpt2";
  if (const std::string_view family = model.text("family", needed); family != needed) {
    model.fail(Status::error(
        StatusCode::invalid_option, "the recipe's model: family is \"%.*s\"; this task needs %s",
        static_cast<int>(std::min<std::size_t>(family.size(), 60)), family.data(), needed));
  }
  shape.layers = model.integer("layers", shape.layers, 1, kMostLayers);
  shape.width = model.integer("width", shape.width, 1, kMostWidth);
  shape.heads = model.integer("heads", shape.heads, 1, kMostWidth);
  shape.mlp_width = model.integer("mlp_width", shape.mlp_width, 0, 4 * kMostWidth);
  shape.tied = !translates && model.boolean("tied", shape.tied);
  shape.dropout = static_cast<float>(model.number("dropout", 0, 0, 0.9));
  return model.finish();
}

Status read_training(const JsonText& json, uint32_t object, Recipe& recipe) {
  if (object == 0) return {};
  JsonMembers training(json, object, "the recipe's training");
  Schedule& schedule = recipe.schedule;
  AdamWOptions& optimizer = recipe.optimizer;
  recipe.seed = static_cast<uint64_t>(training.integer("seed", 1, 0, INT64_MAX));
  recipe.batch = training.integer("batch", recipe.batch, 1, kMostBatch);
  schedule.steps = training.integer("steps", schedule.steps, 1, kMostSteps);
  schedule.warmup = training.integer("warmup", schedule.warmup, 0, kMostSteps);
  schedule.peak = training.number("learning_rate", schedule.peak, 0, 1);
  schedule.last = training.number("last_learning_rate", schedule.last, 0, 1);
  optimizer.weight_decay = training.number("weight_decay", optimizer.weight_decay, 0, 1);
  optimizer.beta1 = training.number("beta1", optimizer.beta1, 0, 0.99999);
  optimizer.beta2 = training.number("beta2", optimizer.beta2, 0, 0.99999);
  optimizer.clip = training.number("clip", optimizer.clip, 0, 1e9);
  return training.finish();
}

}  // namespace

Status parse_recipe(std::string_view text, Recipe& recipe) {
  JsonText json;
  if (Status s = json.parse(text, "the recipe"); !s.ok()) return s;
  Recipe read;
  read.text = text;
  read.schedule = {3e-3, 0.0, 20, 1000};
  JsonMembers members(json, 0, "the recipe");
  const uint32_t task = members.object("task"), model = members.object("model"),
                 training = members.object("training");
  if (Status s = members.finish(); !s.ok()) return s;
  if (task == 0) return Status::error(StatusCode::invalid_option, "the recipe has no task");
  std::unique_ptr<Task> made;
  if (Status s = make_task(json, task, made); !s.ok()) return s;
  read.task = std::move(made);
  if (Status s = read_model(json, model, read.task->shape(), read.network); !s.ok()) return s;
  if (Status s = read_training(json, training, read); !s.ok()) return s;
  recipe = std::move(read);
  return {};
}

}  // namespace limelight::training
