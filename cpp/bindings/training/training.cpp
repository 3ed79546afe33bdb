// Trainings: made from a recipe, taken step by step, looked at.
#include "training/training.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "bindings/calls.hpp"
#include "bindings/json_text.hpp"

namespace limelight::bindings {
namespace {

using training::AttentionSite;
using training::Batch;
using training::Evaluation;
using training::HeadScore;
using training::Recipe;
using training::StepReport;
using training::Training;

Training& training_at(Address training) {
  return *reinterpret_cast<Training*>(training);
}

/// What was saved last, until fileRelease().
Buffer<std::byte> file;

/// The address of `file`, or 0 where `status` says that there is none.
double made_file(const Status& status) {
  return keep(status) ? handle(file.data()) : 0;
}

void append_size(std::string& json, const char* key, int64_t value) {
  json += std::string("\"") + key + "\":" + std::to_string(value);
}

void append_strings(std::string& json, const char* key, std::span<const std::string> texts) {
  json += std::string("\"") + key + "\":[";
  for (const std::string& text : texts) {
    if (json.back() != '[') json += ',';
    append_string(json, text);
  }
  json += ']';
}

const char* kind_name(AttentionSite::Kind kind) {
  switch (kind) {
    case AttentionSite::Kind::encoder:
      return "encoder";
    case AttentionSite::Kind::cross:
      return "cross";
    default:
      return "decoder";
  }
}

double* put(double* to, std::initializer_list<double> numbers) {
  return std::copy(numbers.begin(), numbers.end(), to);
}
int32_t* put(int32_t* to, std::span<const int32_t> numbers) {
  return std::copy(numbers.begin(), numbers.end(), to);
}

}  // namespace

LIMELIGHT_CALL(trainingCreate)
double training_create(Address json, double bytes) {
  Recipe recipe;
  if (!keep(training::parse_recipe(text_at(json, bytes), recipe))) return 0;
  std::unique_ptr<Training> made;
  if (!keep(Training::create(std::move(recipe), pool, made))) return 0;
  return handle(made.release());
}
LIMELIGHT_CALL(trainingRelease)
void training_release(Address training) {
  delete &training_at(training);
}

/// {"tokens": [...], sizes, "attentions": [{"kind": ..., ...}]} as TrainingInfo of the engine has them.
LIMELIGHT_CALL(trainingDescription)
double training_description(Address training) {
  const Recipe& recipe = training_at(training).recipe();
  const training::Task& task = *recipe.task;
  std::string json = "{";
  append_strings(json, "tokens", task.tokens());
  json += ',';
  append_strings(json, "sourceTokens", task.source_tokens());
  json += ",\"joint\":";
  append_string(json, task.joint());
  json += ',';
  append_size(json, "examples", Training::kExamples);
  json += ',';
  append_size(json, "length", task.shape().length);
  json += ',';
  append_size(json, "sourceLength", task.shape().source_length);
  json += ',';
  append_size(json, "batch", recipe.batch);
  json += ',';
  append_size(json, "steps", recipe.schedule.steps);
  json += ",\"attentions\":[";
  for (const AttentionSite& site : training_at(training).attentions()) {
    if (json.back() != '[') json += ',';
    json += std::string("{\"kind\":\"") + kind_name(site.kind) + "\",";
    append_size(json, "layer", site.layer);
    json += ',';
    append_size(json, "heads", site.form.heads);
    json += ',';
    append_size(json, "qLength", site.q_len);
    json += ',';
    append_size(json, "kvLength", site.kv_len);
    json += '}';
  }
  return handle(json + "]}");
}

/// Takes one step and puts what it came to at `out`: steps taken, loss, learning rate, norm of the gradient.
LIMELIGHT_CALL(trainingStep)
int training_step(Address training, Address out) {
  StepReport report;
  if (!keep(training_at(training).step(report))) return static_cast<int>(last.code);
  put(reinterpret_cast<double*>(out),
      {static_cast<double>(report.step), report.loss, report.learning_rate, report.gradient_norm});
  return code({});
}
LIMELIGHT_CALL(trainingSteps)
double training_steps(Address training) {
  return static_cast<double>(training_at(training).steps());
}
LIMELIGHT_CALL(trainingSetRateFactor)
int training_set_rate_factor(Address training, double factor) {
  return code(training_at(training).set_rate_factor(factor));
}
LIMELIGHT_CALL(trainingReset)
void training_reset(Address training) {
  training_at(training).reset();
}

/// Loss and score on held-out examples.
LIMELIGHT_CALL(trainingEvaluate)
int training_evaluate(Address training, double examples, Address out) {
  Evaluation evaluation;
  if (!keep(training_at(training).evaluate(static_cast<int64_t>(examples), evaluation)))
    return static_cast<int>(last.code);
  put(reinterpret_cast<double*>(out), {evaluation.loss, evaluation.score});
  return code({});
}

/// Runs the network over the examples; the three calls below read from that. Their tokens at `out`: ids,
/// targets, predictions [examples, length] each, then source [examples, source_length] and source lengths
/// [examples] where the task has a source.
LIMELIGHT_CALL(trainingLook)
int training_look(Address training, Address out) {
  Training& looked = training_at(training);
  if (!keep(looked.look())) return static_cast<int>(last.code);
  const Batch batch = looked.examples();
  int32_t* to = reinterpret_cast<int32_t*>(out);
  for (const std::span<const int32_t> numbers :
       {std::span<const int32_t>(batch.ids), std::span<const int32_t>(batch.targets), looked.predictions(),
        std::span<const int32_t>(batch.source), std::span<const int32_t>(batch.source_lengths)})
    to = put(to, numbers);
  return code({});
}
/// The weights of every head of every attention on one example, each [q_len, kv_len], behind one another.
LIMELIGHT_CALL(trainingWeights)
int training_weights(Address training, double example, Address out) {
  auto* to = reinterpret_cast<float*>(out);
  int64_t attention = 0;
  for (const AttentionSite& site : training_at(training).attentions()) {
    const auto cells = static_cast<std::size_t>(site.q_len * site.kv_len);
    for (int64_t head = 0; head < site.form.heads; ++head, to += cells) {
      const Status status =
          training_at(training).weights(attention, head, static_cast<int64_t>(example), {to, cells});
      if (!keep(status)) return static_cast<int>(last.code);
    }
    ++attention;
  }
  return code({});
}
/// Of every head of every attention: how much it looks at the token before, and at what the task aligns.
LIMELIGHT_CALL(trainingScores)
int training_scores(Address training, Address out) {
  auto* to = reinterpret_cast<double*>(out);
  int64_t attention = 0;
  for (const AttentionSite& site : training_at(training).attentions()) {
    for (int64_t head = 0; head < site.form.heads; ++head) {
      HeadScore score;
      if (!keep(training_at(training).score(attention, head, score))) return static_cast<int>(last.code);
      to = put(to, {score.previous, score.alignment});
    }
    ++attention;
  }
  return code({});
}

/// The address of a checkpoint, of fileBytes() bytes; 0 when it failed.
LIMELIGHT_CALL(trainingSave)
double training_save(Address training) {
  return made_file(training_at(training).save(file));
}
LIMELIGHT_CALL(trainingResume)
int training_resume(Address training, Address bytes, double count) {
  return code(training_at(training).resume(span_at<const std::byte>(bytes, count)));
}
/// The address of model.safetensors, of fileBytes() bytes; 0 when it failed.
LIMELIGHT_CALL(trainingModel)
double training_model(Address training) {
  return made_file(training_at(training).model(file));
}
/// The model's config.json.
LIMELIGHT_CALL(trainingConfig)
double training_config(Address training) {
  return handle(training::config_json(training_at(training).recipe().network));
}
LIMELIGHT_CALL(fileBytes)
double file_bytes() {
  return static_cast<double>(file.size());
}
LIMELIGHT_CALL(fileRelease)
void file_release() {
  file = {};
}

}  // namespace limelight::bindings
