// limelight train: from a recipe to a model.
#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/files.hpp"
#include "cli/machine.hpp"
#include "training/checkpoint.hpp"
#include "training/training.hpp"

namespace limelight::cli {
namespace {

using namespace training;
using Clock = std::chrono::steady_clock;

constexpr const char *kCheckpoint = "checkpoint.safetensors", *kModel = "model.safetensors",
                     *kConfig = "config.json";
/// Held-out examples behind a score: its standard error is 3 % at most.
constexpr int64_t kJudgedExamples = 256;

struct TrainOptions {
  std::filesystem::path recipe, out;
  bool resume = false;
  int64_t steps = 0, every = 100;
  Machine machine;
};

volatile std::sig_atomic_t stop_signal = 0;

/// The first signal is remembered; a second one ends the program as it always did.
extern "C" void remember(int signal) {
  stop_signal = signal;
  std::signal(signal, SIG_DFL);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// "1:02:03", "2:03"
std::string duration(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  char text[40];
  if (whole >= 3600) {
    std::snprintf(text, sizeof(text), "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  } else {
    std::snprintf(text, sizeof(text), "%lld:%02lld", whole / 60, whole % 60);
  }
  return text;
}

/// What a network reads of a row; places that are asked about are no tokens.
int64_t tokens_of_row(const NetworkShape& shape) {
  return shape.family == NetworkShape::Family::bert ? shape.source_length
                                                    : shape.length + shape.source_length;
}

/// The lines that tell how far a training is.
class Progress {
 public:
  Progress(const Recipe& recipe, int64_t from, int64_t to)
      : tokens_(recipe.batch * tokens_of_row(recipe.network)), from_(from), to_(to) {}

  void add(double loss) {
    losses_ += loss;
    ++steps_;
  }
  /// `loss` in the line is the mean since the last one.
  void print(const StepReport& report, const Evaluation& held_out) {
    const double elapsed = seconds_since(start_);
    const auto done = static_cast<double>(report.step - from_), left = static_cast<double>(to_ - report.step);
    std::printf(
        "step %lld of %lld  loss %.4f  rate %.3g  held-out loss %.4f score %.1f %%  %.0f tokens/s  %s left\n",
        static_cast<long long>(report.step), static_cast<long long>(to_),
        losses_ / static_cast<double>(steps_), report.learning_rate, held_out.loss, 100.0 * held_out.score,
        static_cast<double>(tokens_) * done / elapsed, duration(elapsed / done * left).c_str());
    std::fflush(stdout);
    losses_ = 0;
    steps_ = 0;
  }

 private:
  int64_t tokens_, from_, to_;
  Clock::time_point start_ = Clock::now();
  double losses_ = 0;
  int64_t steps_ = 0;
};

void save(Training& training, const std::filesystem::path& out) {
  Buffer<std::byte> file;
  check(training.save(file));
  write_file(out / kCheckpoint, file.span());
}

/// A folder that limelight/model.hpp and Hugging Face's classes load.
void write_model(Training& training, const std::filesystem::path& out) {
  Buffer<std::byte> file;
  check(training.model(file));
  write_file(out / kModel, file.span());
  write_file(out / kConfig, bytes_of(config_json(training.recipe().network)));
}

/// Trains until `target`, saving every so often; false when a signal came first. Either way all is saved.
bool train_until(Training& training, int64_t target, const TrainOptions& options) {
  Progress progress(training.recipe(), training.steps(), target);
  StepReport report;
  while (training.steps() < target) {
    check(training.step(report));
    progress.add(report.loss);
    const bool stopped = stop_signal != 0 && report.step < target;
    if (!stopped && report.step % options.every != 0 && report.step != target) continue;
    save(training, options.out);
    if (stopped) return false;
    Evaluation held_out;
    check(training.evaluate(kJudgedExamples, held_out));
    progress.print(report, held_out);
  }
  return true;
}

std::string command_to_go_on(const TrainOptions& options) {
  return "limelight train " + options.recipe.string() + " --out " + options.out.string() + " --resume" +
         (options.steps > 0 ? " --steps " + std::to_string(options.steps) : "");
}

int train(TrainOptions options) {
  if (options.out.empty()) options.out = options.recipe.stem();
  const std::unique_ptr<ThreadPool> pool = options.machine.start();
  Recipe recipe;
  check(parse_recipe(text_of(read_file(options.recipe)), recipe));
  const int64_t target = options.steps > 0 ? options.steps : recipe.schedule.steps;
  std::unique_ptr<Training> training;
  check(Training::create(std::move(recipe), pool.get(), training));

  const std::filesystem::path checkpoint = options.out / kCheckpoint;
  if (options.resume) {
    check(training->resume(read_file(checkpoint).span()));
  } else if (std::filesystem::exists(checkpoint)) {
    throw Error(checkpoint.string() +
                " is there already: --resume goes on from it, another --out begins anew");
  }
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) throw Error(options.out.string() + " could not be made: " + error.message());

  std::signal(SIGINT, remember);
  std::signal(SIGTERM, remember);
  if (!train_until(*training, target, options)) {
    std::fprintf(stderr, "limelight: stopped and saved at step %lld of %lld; to go on: %s\n",
                 static_cast<long long>(training->steps()), static_cast<long long>(target),
                 command_to_go_on(options).c_str());
    return 128 + stop_signal;
  }
  write_model(*training, options.out);
  std::printf("%s and %s are in %s\n", kModel, kConfig, options.out.c_str());
  return 0;
}

}  // namespace

void add_train(CLI::App& program, Job& job) {
  auto options = std::make_shared<TrainOptions>();
  CLI::App* command =
      program.add_subcommand("train", "Trains a network as a recipe says, to a folder with a model");
  command->add_option("recipe", options->recipe, "The recipe, a JSON file (cpp/training/recipe.hpp)")
      ->required();
  command->add_option("--out", options->out,
                      "Folder for checkpoint and model; the recipe's name if it is left out");
  command->add_flag("--resume", options->resume, "Goes on from the checkpoint in that folder");
  command->add_option("--steps", options->steps, "Stops at this step instead of the recipe's last")
      ->check(CLI::Range(int64_t{1}, kMostSteps));
  command->add_option("--every", options->every, "Steps between lines and checkpoints")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, kMostSteps));
  options->machine.add_to(*command);
  command->callback([options, &job] { job = [options] { return train(*options); }; });
}

}  // namespace limelight::cli
