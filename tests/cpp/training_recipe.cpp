// What a recipe may say, and what is refused.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include "checkpoint.hpp"
#include "training/training.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

Status parse(const std::string& text) {
  Recipe recipe;
  return parse_recipe(text, recipe);
}

const std::string kTask = R"("task": {"name": "induction"})";

}  // namespace

TEST_CASE("a recipe says task, model and training, and the task says the model's sizes") {
  Recipe recipe;
  CHECK_OK(parse_recipe(R"({"task": {"name": "induction", "vocabulary": 40, "length": 24},
      "model": {"family": "gpt2", "layers": 3, "width": 48, "heads": 6, "mlp_width": 96, "dropout": 0.25},
      "training": {"seed": 9, "batch": 7, "steps": 123, "learning_rate": 2e-3, "last_learning_rate": 1e-4,
        "warmup": 5, "weight_decay": 0.5, "beta1": 0.8, "beta2": 0.95, "clip": 2}})",
                        recipe));
  CHECK(recipe.network.vocabulary == 40);
  CHECK(recipe.network.length == 24);
  CHECK(recipe.network.source_length == 0);
  CHECK(recipe.network.layers == 3);
  CHECK(recipe.network.width == 48);
  CHECK(recipe.network.heads == 6);
  CHECK(recipe.network.mlp_width == 96);
  CHECK(recipe.network.dropout == 0.25f);
  CHECK(recipe.seed == 9);
  CHECK(recipe.batch == 7);
  CHECK(recipe.schedule.steps == 123);
  CHECK(recipe.schedule.warmup == 5);
  CHECK(recipe.schedule.peak == 2e-3);
  CHECK(recipe.schedule.last == 1e-4);
  CHECK(recipe.optimizer.weight_decay == 0.5);
  CHECK(recipe.optimizer.beta1 == 0.8);
  CHECK(recipe.optimizer.beta2 == 0.95);
  CHECK(recipe.optimizer.clip == 2);
}

TEST_CASE("all but the name of the task may be left out") {
  CHECK_OK(parse("{" + kTask + "}"));
}

TEST_CASE("what a recipe says wrongly is refused by its name and value") {
  CHECK_REFUSED(parse("{"), corrupt_file, "JSON");
  CHECK_REFUSED(parse("[]"), invalid_option, "the recipe");
  CHECK_REFUSED(parse("{}"), invalid_option, "no task");
  CHECK_REFUSED(parse(R"({"task": 3})"), invalid_option, "task");
  CHECK_REFUSED(parse(R"({"task": {}})"), invalid_option, "name");
  CHECK_REFUSED(parse(R"({"task": {"name": "weather"}})"), invalid_option, "weather");
  CHECK_REFUSED(parse(R"({"task": {"name": "induction", "colour": 1}})"), invalid_option, "colour");
  CHECK_REFUSED(parse(R"({"task": {"name": "induction", "length": -3}})"), invalid_option, "-3");
  CHECK_REFUSED(parse("{" + kTask + R"(, "modle": {}})"), invalid_option, "modle");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": 1})"), invalid_option, "model is 1");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"family": "rnn"}})"), invalid_option, "rnn");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"layers": 0}})"), invalid_option, "layers is 0");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"layers": 65}})"), invalid_option, "layers is 65");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"width": 12.5}})"), invalid_option, "width is 12.5");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"width": "wide"}})"), invalid_option, "wide");
  CHECK_REFUSED(parse("{" + kTask + R"(, "model": {"dropout": 1}})"), invalid_option, "dropout is 1");
  CHECK_REFUSED(parse("{" + kTask + R"(, "training": {"rate": 1}})"), invalid_option, "rate");
  CHECK_REFUSED(parse("{" + kTask + R"(, "training": {"batch": 1e9}})"), invalid_option, "batch");
  CHECK_REFUSED(parse("{" + kTask + R"(, "training": {"learning_rate": -1}})"), invalid_option,
                "learning_rate is -1");
  CHECK_REFUSED(parse("{" + kTask + R"(, "training": {"seed": -1}})"), invalid_option, "seed is -1");
  CHECK_REFUSED(parse("{" + kTask + R"(, "training": {"clip": null}})"), invalid_option, "clip");
}

TEST_CASE("a recipe that is refused leaves the one before as it was") {
  Recipe recipe;
  CHECK_OK(parse_recipe("{" + kTask + R"(, "training": {"batch": 5}})", recipe));
  CHECK_REFUSED(parse_recipe("{" + kTask + R"(, "training": {"batch": 6, "steps": 0}})", recipe),
                invalid_option, "steps is 0");
  CHECK(recipe.batch == 5);
}

TEST_CASE("the recipes of the page can be trained") {
  for (const std::string name : {"induction", "dates", "translation"}) {
    CAPTURE(name);
    std::ifstream file(LIMELIGHT_SOURCE_DIR "/web/recipes/" + name + ".json");
    REQUIRE(file.good());
    const std::string text(std::istreambuf_iterator<char>(file), {});
    Recipe recipe;
    CHECK_OK(parse_recipe(text, recipe));
    CHECK(recipe.text == text);
    std::unique_ptr<Training> training;
    CHECK_OK(Training::create(recipe, nullptr, training));
    StepReport report;
    CHECK_OK(training->step(report));
    // Predictions know nothing yet: the loss is that of a guess, give or take what a random start is sure of.
    CHECK(report.loss > 0.8 * std::log(static_cast<double>(recipe.network.vocabulary)));
  }
}
