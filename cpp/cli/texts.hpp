// Texts for evaluate and passports: a file of JSON lines, one text a line.
//
//   {"ids": [2, 17, 5, 3], "special": [0, 3], "punctuation": [2],
//    "masked": [[2, 4, 5, 3]],
//    "links": [{"kind": "pronoun", "at": 2, "of": [[1]], "others": []}]}
//
// and for a causal model "asked_from", for an encoder-decoder "source", "source_special",
// "source_punctuation", and "attention" of a link: "self", "cross" or "encoder". What they mean:
// passport/text.hpp. All but "ids" may be left out.
#pragma once

#include <filesystem>
#include <vector>

#include "passport/text.hpp"

namespace limelight::cli {

/// Throws Error, naming the line.
std::vector<passport::Text> read_texts(const std::filesystem::path& path);

}  // namespace limelight::cli
