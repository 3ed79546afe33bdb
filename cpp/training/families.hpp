// How the families of networks are built: each in a file of its own.
#pragma once

#include <string>

#include "training/network.hpp"

namespace limelight::training {

/// The deviation that linear layers start with, times sqrt(in): 1 / sqrt(3), as in PyTorch. With GPT-2's 0.02
/// for everything only some seeds of networks this small learn in time.
inline constexpr float kLinearDeviation = 0.577f;

/// Each appends the network of `network.shape` up to its logits and loss, plans the graph, and sets what
/// never changes. Sizes have been checked.
Status build_gpt2(Network& network, ThreadPool* pool);
Status build_llama(Network& network, ThreadPool* pool);
Status build_bert(Network& network, ThreadPool* pool);
Status build_marian(Network& network, ThreadPool* pool);

int64_t kv_heads_of(const NetworkShape& shape);
int64_t context_of(const NetworkShape& shape);

/// Where a head reads the embedding, logits of a row that was normalised start with a deviation of 1.
Initial embedding_for(bool tied, int64_t width, float otherwise);
/// 0, 1, ... length - 1, again and again.
void count_places(std::span<int32_t> numbers, int64_t length);

/// The logits of `x`, by the embedding `tokens` where the shape is tied, and what follows.
Status close(Network& network, Tensor x, const char* tokens, ThreadPool* pool);
/// Their loss, and the plan.
Status close(Network& network, Tensor logits, ThreadPool* pool);

}  // namespace limelight::training
