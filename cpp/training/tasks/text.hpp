// Text as tokens in two files, one to learn from and one to be judged by.
#pragma once

#include "io/json_members.hpp"
#include "training/task.hpp"
#include "training/token_file.hpp"

namespace limelight::training {

struct Text {
  TokenFile training, held_out;

  const TokenFile& of(Split split) const { return split == Split::training ? training : held_out; }
};

/// Opens what the options "training" and "held_out" of a task name. Errors: those of TokenFile; invalid_shape
/// (fewer than `least` tokens, other vocabularies).
Status open_text(std::string_view training, std::string_view held_out, int64_t least, Text& text);

}  // namespace limelight::training
