// limelight evaluate: how well a model predicts what it has not seen.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "cli/byte_lengths.hpp"
#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/json.hpp"
#include "cli/machine.hpp"
#include "cli/model.hpp"
#include "cli/texts.hpp"
#include "limelight/search.hpp"
#include "passport/predictions.hpp"
#include "training/token_file.hpp"

namespace limelight::cli {
namespace {

using passport::Tally;

struct EvaluateCommand {
  std::filesystem::path folder, tokens, texts;
  int64_t count = std::numeric_limits<int64_t>::max(), window = 0, stride = 0;
  bool json = false, each = false;
  Machine machine;
};

/// Members of the result, in the order of printing: names, and JSON.
using Result = std::vector<std::pair<std::string, std::string>>;

double share(int64_t part, int64_t all) {
  return static_cast<double>(part) / static_cast<double>(all);
}

void put(Result& result, const Tally& tally, const char* unit) {
  result.emplace_back(unit, std::to_string(tally.count));
  result.emplace_back("loss", json_number(tally.loss / static_cast<double>(tally.count)));
  result.emplace_back("first", json_number(share(tally.first, tally.count)));
  result.emplace_back("among_five", json_number(share(tally.among_five, tally.count)));
}

Result evaluate_tokens(const EvaluateCommand& options, const std::shared_ptr<const Model>& model,
                       ThreadPool* pool) {
  training::TokenFile file;
  check(file.open(options.tokens.string()));
  const auto taken = file.ids().first(
      static_cast<std::size_t>(std::min(options.count, static_cast<int64_t>(file.ids().size()))));
  const std::vector<int32_t> ids(taken.begin(), taken.end());
  const int64_t window = options.window ? options.window : model->config().positions;
  const int64_t stride = options.stride ? options.stride : std::max<int64_t>(1, window / 2);
  std::vector<passport::Outcome> outcomes(ids.empty() ? 0 : ids.size() - 1);
  check(passport::judge_stream(model, ids, window, stride, pool, outcomes));
  Tally tally;
  for (const passport::Outcome& outcome : outcomes) tally.add(outcome);
  Result result = {{"tokens", std::to_string(ids.size())},
                   {"window", std::to_string(window)},
                   {"stride", std::to_string(stride)}};
  put(result, tally, "predictions");
  const std::vector<int32_t> lengths = byte_lengths(options.folder / "tokenizer.json");
  if (lengths.empty()) return result;
  int64_t bytes = 0;
  for (std::size_t i = 1; i < ids.size(); ++i) {
    const auto id = static_cast<std::size_t>(ids[i]);
    if (id >= lengths.size())
      throw Error("the tokenizer has no token " + std::to_string(id) + ", which the text has");
    bytes += lengths[id];
  }
  result.emplace_back("bytes", std::to_string(bytes));
  if (bytes > 0) {
    result.emplace_back("bits_per_byte",
                        json_number(tally.loss * std::numbers::log2e / static_cast<double>(bytes)));
  }
  return result;
}

Result evaluate_words(const std::vector<passport::Text>& texts, const std::shared_ptr<const Model>& model,
                      ThreadPool* pool) {
  passport::WordTally tally;
  for (const passport::Text& text : texts) check(passport::tally_words(model, text, pool, tally));
  if (tally.words == 0) throw Error("the texts have no masked versions: nothing is asked");
  Result result = {{"texts", std::to_string(texts.size())}};
  put(result, tally.tokens, "predictions");
  result.emplace_back("words", std::to_string(tally.words));
  result.emplace_back("words_first", json_number(share(tally.first, tally.words)));
  result.emplace_back("words_among_five", json_number(share(tally.among_five, tally.words)));
  return result;
}

/// What a greedy search writes, from the start token on.
std::vector<int32_t> write_greedily(const passport::Text& text, const std::shared_ptr<const Model>& model,
                                    ThreadPool* pool) {
  SearchOptions how;
  how.run.source = text.source;
  how.run.pool = pool;
  std::unique_ptr<Search> search;
  check(Search::create(model, std::move(how), search));
  while (!search->finished()) check(search->advance(std::numeric_limits<double>::max()));
  return {search->ids().begin(), search->ids().end()};
}

Result evaluate_texts(const EvaluateCommand& options, const std::shared_ptr<const Model>& model,
                      ThreadPool* pool) {
  const std::vector<passport::Text> texts = read_texts(options.texts);
  for (const passport::Text& text : texts) check(passport::check(text, model->config()));
  if (!model->config().causal) return evaluate_words(texts, model, pool);
  Tally tally;
  for (const passport::Text& text : texts) check(passport::tally_text(model, text, {}, pool, tally));
  if (tally.count == 0) throw Error("no text has two tokens: nothing is predicted");
  Result result = {{"texts", std::to_string(texts.size())}};
  put(result, tally, "predictions");
  if (!model->config().encoder) return result;
  int64_t exact = 0;
  std::vector<std::vector<int32_t>> written;
  for (const passport::Text& text : texts) {
    written.push_back(write_greedily(text, model, pool));
    exact += written.back() == text.ids ? 1 : 0;
  }
  result.emplace_back("exact", json_number(share(exact, std::ssize(texts))));
  if (options.each) {
    const auto list = [](const std::vector<int32_t>& ids) {
      return json_list(ids, [](int32_t id) { return std::to_string(id); });
    };
    result.emplace_back("written", json_list(written, list));
  }
  return result;
}

int evaluate(const EvaluateCommand& options) {
  if (options.tokens.empty() == options.texts.empty()) throw Error("either --tokens or --texts is needed");
  const std::unique_ptr<ThreadPool> pool = options.machine.start();
  const std::shared_ptr<const Model> model = load_model(options.folder);
  Result result = options.tokens.empty() ? evaluate_texts(options, model, pool.get())
                                         : evaluate_tokens(options, model, pool.get());
  result.insert(result.begin(), {{"model", json_string(options.folder.string())},
                                 {"weights", json_string(model->weight_format())},
                                 {"parameters", std::to_string(model->parameters())}});
  std::string line = "{";
  for (const auto& [name, value] : result) {
    if (options.json)
      line += (line.size() > 1 ? "," : "") + json_string(name) + ":" + value;
    else
      std::printf("%-17s %s\n", name.c_str(), value.c_str());
  }
  if (options.json) std::printf("%s}\n", line.c_str());
  return 0;
}

}  // namespace

void add_evaluate(CLI::App& program, Job& job) {
  auto options = std::make_shared<EvaluateCommand>();
  CLI::App* command = program.add_subcommand(
      "evaluate", "Says how well a model predicts tokens, masked words or translations");
  const auto from_one = CLI::Range(int64_t{1}, std::numeric_limits<int64_t>::max());
  command->add_option("model", options->folder, "Folder with config.json and model.safetensors")->required();
  command->add_option("--tokens", options->tokens, "A file of tokens, read as one text");
  command->add_option("--count", options->count, "Tokens of it to read; all if it is left out")
      ->check(from_one);
  command->add_option("--window", options->window, "Tokens that are read at once; the model's positions")
      ->check(from_one);
  command->add_option("--stride", options->stride, "Tokens from window to window; half of one")
      ->check(from_one);
  command->add_option("--texts", options->texts, "Texts as ids: JSON lines (cpp/cli/texts.hpp)");
  command->add_flag("--json", options->json, "Prints JSON");
  command->add_flag("--each", options->each, "Prints what a translator writes, too");
  options->machine.add_to(*command);
  command->callback([options, &job] { job = [options] { return evaluate(*options); }; });
}

}  // namespace limelight::cli
