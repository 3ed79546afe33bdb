// A small attention-only transformer and the task on which induction heads form: a random stretch of tokens,
// repeated with a period that changes from row to row.
#pragma once

#include <algorithm>
#include <string>

#include "training/adamw.hpp"
#include "training/initialize.hpp"
#include "training/operations.hpp"
#include "training/random.hpp"

namespace induction {

using namespace limelight::training;

/// 1 / sqrt(3), as PyTorch does; 1 takes 200 steps where this takes 150.
inline constexpr float kDeviation = 0.577f;

struct Size {
  int64_t layers = 2, width = 64, heads = 4, vocabulary = 32, length = 32, batch = 32;
};

struct Model {
  Size size;
  Graph graph;
  Integers ids, positions, targets;
  Tensor logits, loss;

  explicit Model(const Size& of) : size(of) {
    const int64_t rows = size.batch * size.length;
    ids = graph.integers(rows);
    positions = graph.integers(rows);
    targets = graph.integers(rows);
    Tensor x = add(graph, embedding(graph, ids, "wte", size.vocabulary, size.width, 1.0f),
                   embedding(graph, positions, "wpe", size.length, size.width, 1.0f));
    for (int64_t layer = 0; layer < size.layers; layer++) {
      const std::string name = "h." + std::to_string(layer);
      const Tensor qkv = linear(graph, layer_norm(graph, x, name + ".ln_1"), name + ".attn.c_attn",
                                3 * size.width, {true, true, kDeviation});
      const Tensor z = attention(graph, {qkv, 0}, {qkv, size.width}, {qkv, 2 * size.width},
                                 {size.batch, size.heads, size.width / size.heads, size.heads, true});
      x = add(graph, x, linear(graph, z, name + ".attn.c_proj", size.width, {true, true, kDeviation}));
    }
    logits =
        linear(graph, layer_norm(graph, x, "ln_f"), "lm_head", size.vocabulary, {false, false, kDeviation});
    loss = cross_entropy(graph, logits, targets);
  }

  limelight::Status plan(limelight::ThreadPool* pool, uint64_t seed) {
    if (limelight::Status s = graph.plan(loss, pool); !s.ok()) return s;
    for (std::size_t r = 0; r < graph.numbers(positions).size(); r++) {
      graph.numbers(positions)[r] = static_cast<int32_t>(static_cast<int64_t>(r) % size.length);
    }
    initialize(graph, seed);
    return {};
  }

  /// Rows of random tokens with a random period of half to a quarter of the length; every token predicts the
  /// next one.
  void draw(Random& random) {
    std::span<int32_t> id = graph.numbers(ids), target = graph.numbers(targets);
    for (int64_t b = 0; b < size.batch; b++) {
      int32_t* row = id.data() + b * size.length;
      const int64_t period = size.length / 4 + random.below(size.length / 4 + 1);
      for (int64_t i = 0; i < size.length; i++) {
        row[i] = i < period ? static_cast<int32_t>(random.below(size.vocabulary)) : row[i - period];
        if (i > 0) target[b * size.length + i - 1] = row[i];
      }
      target[(b + 1) * size.length - 1] = -1;
    }
  }

  /// The share of the second half's tokens that the logits name.
  double accuracy() {
    double right = 0, all = 0;
    const std::span<const float> numbers = graph.value(logits);
    const std::span<const int32_t> target = graph.numbers(targets);
    for (int64_t r = 0; r < size.batch * size.length; r++) {
      if (r % size.length < size.length / 2 || target[r] < 0) continue;
      const auto row = numbers.begin() + r * size.vocabulary;
      right += std::max_element(row, row + size.vocabulary) - row == target[r];
      all++;
    }
    return right / all;
  }
};

}  // namespace induction
