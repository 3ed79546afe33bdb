#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <string>

#include "cli/commands.hpp"

namespace {

constexpr int kFailed = 1, kWrongUse = 2;

/// Files may hold names with control characters: a terminal does not get to see those.
int fail(std::string sentence, int code) {
  for (char& letter : sentence) {
    if (static_cast<unsigned char>(letter) < 0x20) letter = ' ';
  }
  std::fprintf(stderr, "limelight: %s\n", sentence.c_str());
  return code;
}

int fail_use(const std::string& sentence) {
  return fail(sentence + " (limelight --help says more)", kWrongUse);
}

int run(int argc, char** argv) {
  using namespace limelight::cli;
  CLI::App program("Limelight: trains, runs, inspects and judges transformers.", "limelight");
  program.set_version_flag("--version", LIMELIGHT_VERSION);
  Job job;
  add_train(program, job);
  add_run(program, job);
  add_inspect(program, job);
  add_quantise(program, job);
  add_evaluate(program, job);
  add_passports(program, job);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help, --version
    return fail_use(error.what());
  }
  return job ? job() : fail_use("a command is missing");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::bad_alloc&) {
    return fail("there is not enough memory", kFailed);
  } catch (const std::exception& error) {
    return fail(error.what(), kFailed);
  }
}
