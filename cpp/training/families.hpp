// How the families of networks are built: each in a file of its own.
#pragma once

#include <string>

#include "training/network.hpp"

namespace limelight::training {

/// The deviation that linear layers start with, times sqrt(in): 1 / sqrt(3), as in PyTorch. With GPT-2's 0.02
/// for everything only some seeds of networks this small learn in time.
inline constexpr float kLinearDeviation = 0.577f;

/// The token embedding of gpt2, and where that is tied its head.
inline constexpr const char* kTokens = "transformer.wte.weight";

/// Each appends the network of `network.shape` up to its logits and loss, plans the graph, and sets what
/// never changes. Sizes have been checked.
Status build_gpt2(Network& network, ThreadPool* pool);
Status build_marian(Network& network, ThreadPool* pool);

/// The logits of `x` and their loss, and the plan.
Status close(Network& network, Tensor x, ThreadPool* pool);

}  // namespace limelight::training
