#include "training/recipe.hpp"

#include <algorithm>
#include <utility>

#include "io/json.hpp"
#include "io/json_members.hpp"
#include "training/checkpoint.hpp"

namespace limelight::training {
namespace {

// Far beyond what can be trained, and low enough that products of sizes fit 63 bits.
constexpr int64_t kMostLayers = 64, kMostWidth = 4096, kMostBatch = 4096, kLongestShort = 1 << 16;

struct FamilyName {
  NetworkShape::Family family;
  const char* name;
};

/// The families that can learn such examples; the first if a recipe names none.
std::span<const FamilyName> families_for(TaskShape::Form form) {
  using Family = NetworkShape::Family;
  static constexpr FamilyName kDecoders[] = {{Family::gpt2, "gpt2"}, {Family::llama, "llama"}};
  static constexpr FamilyName kTranslators[] = {{Family::marian, "marian"}};
  static constexpr FamilyName kEncoders[] = {{Family::bert, "bert"}};
  switch (form) {
    case TaskShape::Form::continuation:
      return kDecoders;
    case TaskShape::Form::translation:
      return kTranslators;
    case TaskShape::Form::masked:
      break;
  }
  return kEncoders;
}

Status read_model(const JsonText& json, uint32_t object, const TaskShape& task, NetworkShape& shape) {
  using Family = NetworkShape::Family;
  const std::span<const FamilyName> served = families_for(task.form);
  shape.family = served[0].family;
  shape.vocabulary = task.vocabulary;
  shape.length = task.length;
  shape.source_vocabulary = task.source_vocabulary;
  shape.source_length = task.source_length;
  if (object == 0) return {};
  JsonMembers model(json, object, "the recipe's model");
  const std::string_view family = model.text("family", served[0].name);
  const auto named = std::ranges::find(served, family, &FamilyName::name);
  if (named == served.end()) {
    model.fail(Status::error(StatusCode::invalid_option,
                             "the recipe's model: family is \"%.*s\"; this task needs %s%s",
                             static_cast<int>(std::min<std::size_t>(family.size(), 60)), family.data(),
                             served[0].name, served.size() > 1 ? " or llama" : ""));
    return model.finish();
  }
  shape.family = named->family;
  shape.layers = model.integer("layers", shape.layers, 1, kMostLayers);
  shape.width = model.integer("width", shape.width, 1, kMostWidth);
  shape.heads = model.integer("heads", shape.heads, 1, kMostWidth);
  shape.mlp_width = model.integer("mlp_width", shape.mlp_width, 0, 4 * kMostWidth);
  if (shape.family == Family::llama) shape.kv_heads = model.integer("kv_heads", 0, 0, kMostWidth);
  if (shape.family != Family::bert) shape.tied = model.boolean("tied", shape.tied);
  shape.dropout = static_cast<float>(model.number("dropout", 0, 0, 0.9));
  return model.finish();
}

/// As many numbers in a batch of short rows as in one of long rows.
Status check_short(const Recipe& recipe) {
  const int64_t length = row_length(recipe.network), some = recipe.short_length;
  if (some == 0 && recipe.short_share == 0) return {};
  if (some > 0 && some < length && length % some == 0 && recipe.network.length % (length / some) == 0)
    return {};
  return Status::error(StatusCode::invalid_option,
                       "the recipe's training: short_length is %lld; rows of %lld need a part of them",
                       static_cast<long long>(some), static_cast<long long>(length));
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
  if (recipe.task->shape().any_length) {
    recipe.short_length = training.integer("short_length", 0, 0, kLongestShort);
    recipe.short_share = training.number("short_share", recipe.short_length > 0 ? 0.5 : 0, 0, 1);
    if (Status s = check_short(recipe); !s.ok()) training.fail(s);
  }
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
