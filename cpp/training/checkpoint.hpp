// The state of a training as a safetensors file, and back.
//
//   NAME                a parameter, for every one of the graph
//   optimizer.m.NAME    its first moment, of the same shape
//   optimizer.v.NAME    its second moment
//   __metadata__        "optimizer.steps", in decimal, and what the caller adds
#pragma once

#include <span>

#include "io/safetensors_file.hpp"
#include "io/safetensors_writer.hpp"
#include "training/adamw.hpp"

namespace limelight::training {

/// Most steps that a checkpoint may have.
inline constexpr int64_t kMostSteps = 1'000'000'000;

/// Errors: out_of_memory; then `file` is as it was.
Status save_checkpoint(Graph& graph, const AdamW& optimizer, std::span<const MetadataEntry> metadata,
                       Buffer<std::byte>& file);

/// Takes parameters, moments and steps; `optimizer` is reserved for the graph, with the options that it had
/// when it was saved. Training goes on with the same bits. Errors: missing_tensor, unknown_tensor,
/// misshapen_tensor (a shape, or what is not F32), invalid_value (numbers that are not finite, a second
/// moment or steps below zero), corrupt_file (no steps); then nothing was changed.
Status load_checkpoint(const SafetensorsFile& file, Graph& graph, AdamW& optimizer);

/// The parameters alone: model.safetensors. Errors: out_of_memory; then `file` is as it was.
Status save_model(Graph& graph, Buffer<std::byte>& file);

}  // namespace limelight::training
