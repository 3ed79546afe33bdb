// A recipe says all that a training depends on. As JSON:
//
//   { "task":     { "name": "induction", "vocabulary": 32, "length": 32 },
//     "model":    { "family": "gpt2", "layers": 2, "width": 64, "heads": 4, "mlp_width": 0, "tied": false,
//                   "dropout": 0 },                                  of llama also "kv_heads"
//     "training": { "seed": 1, "batch": 32, "steps": 400, "learning_rate": 5e-3, "last_learning_rate": 5e-3,
//                   "warmup": 20, "weight_decay": 0.01, "beta2": 0.999, "clip": 1 } }
//
// With rows of text, "training" may also say that steps in a "short_share" of cases have more rows of
// "short_length" instead: attention costs them less, and short texts are what people type.
//
// Every member but the name of the task has a default; unknown ones are refused.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "training/adamw.hpp"
#include "training/network.hpp"
#include "training/task.hpp"

namespace limelight::training {

struct Recipe {
  std::string text;  ///< as it was given: goes into checkpoints
  std::shared_ptr<const Task> task;
  NetworkShape network;
  AdamWOptions optimizer;
  Schedule schedule;
  uint64_t seed = 1;
  int64_t batch = 32;
  int64_t short_length = 0;  ///< 0: all rows are alike
  double short_share = 0;
};

/// Errors: corrupt_file (no JSON), invalid_option (a member that does not exist, or its value; names both),
/// invalid_shape (sizes that do not go together).
Status parse_recipe(std::string_view json, Recipe& recipe);

}  // namespace limelight::training
