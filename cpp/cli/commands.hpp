// The commands of the program. Each adds itself to the command line; named there, it becomes the job.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace limelight::cli {

/// What is to be done, and gives the program's exit code. Throws Error.
using Job = std::function<int()>;

void add_train(CLI::App& program, Job& job);
void add_run(CLI::App& program, Job& job);
void add_inspect(CLI::App& program, Job& job);
void add_quantise(CLI::App& program, Job& job);
void add_evaluate(CLI::App& program, Job& job);
void add_passports(CLI::App& program, Job& job);

}  // namespace limelight::cli
