// limelight run: what a model predicts of token ids.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/json.hpp"
#include "cli/machine.hpp"
#include "cli/model.hpp"
#include "limelight/model.hpp"

namespace limelight::cli {
namespace {

struct RunCommand {
  std::filesystem::path folder;
  std::vector<int32_t> ids;
  int64_t top = 5;
  bool json = false;
  Machine machine;
};

using Predictions = std::vector<std::vector<Candidate>>;

Predictions predict(const Run& run, int64_t top) {
  const int64_t vocabulary = run.model().config().vocabulary;
  std::vector<float> logits(static_cast<std::size_t>(vocabulary));
  Predictions all;
  for (int64_t token = 0; token < std::ssize(run.ids()); ++token) {
    check(run.logits(token, logits));
    std::vector<Candidate> best(static_cast<std::size_t>(std::min(top, vocabulary)));
    check(rank(logits, 1.0f, best));
    all.push_back(std::move(best));
  }
  return all;
}

void print_json(const RunCommand& options, const Model& model, const Predictions& predictions) {
  const auto candidate = [](const Candidate& c) {
    return "{\"id\":" + std::to_string(c.id) + ",\"logit\":" + json_number(c.logit) +
           ",\"probability\":" + json_number(c.probability) + "}";
  };
  std::printf("{\"model\":%s,\"causal\":%s,\"parameters\":%lld,\"ids\":%s,\"predictions\":%s}\n",
              json_string(options.folder.string()).c_str(), model.config().causal ? "true" : "false",
              static_cast<long long>(model.parameters()),
              json_list(options.ids, [](int32_t id) { return std::to_string(id); }).c_str(),
              json_list(predictions, [&](const auto& best) { return json_list(best, candidate); }).c_str());
}

void print_text(const RunCommand& options, const Model& model, const Predictions& predictions) {
  std::printf("%s: %lld parameters; %s, the most probable ids and their probabilities:\n",
              options.folder.c_str(), static_cast<long long>(model.parameters()),
              model.config().causal ? "after each id" : "in place of each id");
  for (std::size_t token = 0; token < predictions.size(); ++token) {
    std::printf("%6d:", options.ids[token]);
    for (const Candidate& c : predictions[token]) {
      std::printf("  %d %.3f", c.id, static_cast<double>(c.probability));
    }
    std::printf("\n");
  }
}

int run(const RunCommand& options) {
  const std::unique_ptr<ThreadPool> pool = options.machine.start();
  const std::shared_ptr<const Model> model = load_model(options.folder);
  RunOptions how;
  how.record.clear();
  how.pool = pool.get();
  std::unique_ptr<Run> run;
  check(Run::create(model, options.ids, how, nullptr, run));
  while (!run->finished()) check(run->advance(std::numeric_limits<double>::max()));
  const Predictions predictions = predict(*run, options.top);
  (options.json ? print_json : print_text)(options, *model, predictions);
  return 0;
}

}  // namespace

void add_run(CLI::App& program, Job& job) {
  auto options = std::make_shared<RunCommand>();
  CLI::App* command = program.add_subcommand("run", "Says what a model predicts of token ids");
  command->add_option("model", options->folder, "Folder with config.json and model.safetensors")->required();
  command->add_option("--ids", options->ids, "Token ids, such as 1,2,3")->required()->delimiter(',');
  command->add_option("--top", options->top, "Predictions for each id")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}));
  command->add_flag("--json", options->json, "Prints JSON");
  options->machine.add_to(*command);
  command->callback([options, &job] { job = [options] { return run(*options); }; });
}

}  // namespace limelight::cli
