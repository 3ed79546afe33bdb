// How the families of networks are built: each in a file of its own.
#pragma once

#include <string>

#include "training/network.hpp"

namespace limelight::training {

/// Deviations that training starts with: of embeddings, and of linear layers times sqrt(in). 1 / sqrt(3) is
/// PyTorch's; with 1 small networks take a third more steps, and with GPT-2's 0.02 they do not start at all.
inline constexpr float kEmbeddingDeviation = 1.0f, kLinearDeviation = 0.577f;

/// Each appends the network of `network.shape` up to its logits and loss, plans the graph, and sets what
/// never changes. Sizes have been checked.
Status build_gpt2(Network& network, ThreadPool* pool);
Status build_marian(Network& network, ThreadPool* pool);

/// The logits of `x` and their loss, and the plan.
Status close(Network& network, Tensor x, ThreadPool* pool);

}  // namespace limelight::training
