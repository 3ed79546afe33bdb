// limelight quantise: a checkpoint of int8 matrices.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/files.hpp"
#include "model/quantise.hpp"

namespace limelight::cli {
namespace {

struct QuantiseCommand {
  std::filesystem::path folder, out;
};

int quantise(const QuantiseCommand& options) {
  const Buffer<std::byte> config = read_file(options.folder / "config.json");
  const Buffer<std::byte> weights = read_file(options.folder / "model.safetensors");
  std::string small_config;
  Buffer<std::byte> small;
  check(quantise_checkpoint(text_of(config), weights.span(), small_config, small));
  std::error_code error;
  std::filesystem::create_directories(options.out, error);
  if (error) throw Error(options.out.string() + " could not be made: " + error.message());
  write_file(options.out / "config.json", bytes_of(small_config));
  write_file(options.out / "model.safetensors", small.span());
  for (const char* name : {"tokenizer.json", "target_tokenizer.json"}) {
    if (std::filesystem::exists(options.folder / name))
      write_file(options.out / name, read_file(options.folder / name).span());
  }
  std::printf("%s: %zu bytes instead of %zu\n", (options.out / "model.safetensors").c_str(), small.size(),
              weights.size());
  return 0;
}

}  // namespace

void add_quantise(CLI::App& program, Job& job) {
  auto options = std::make_shared<QuantiseCommand>();
  CLI::App* command =
      program.add_subcommand("quantise", "Rounds a model's matrices to int8, to a folder of its own");
  command->add_option("folder", options->folder, "Folder with config.json and model.safetensors")->required();
  command->add_option("--out", options->out, "Folder for what comes of it; tokenizers go along")->required();
  command->callback([options, &job] { job = [options] { return quantise(*options); }; });
}

}  // namespace limelight::cli
