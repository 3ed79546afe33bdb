#include "training/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "io/shape_text.hpp"

namespace limelight::training {
namespace {

constexpr std::string_view kSteps = "optimizer.steps";

/// What a checkpoint has of every parameter.
struct Role {
  std::string_view prefix;
  bool negative;  ///< whether numbers may be
};
constexpr Role kRoles[] = {{"", true}, {"optimizer.m.", true}, {"optimizer.v.", false}};

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 120));
}

/// The numbers of a parameter in an array that lies as parameters do.
template <class T>
std::span<T> part(std::span<T> numbers, const ParameterInfo& parameter) {
  return numbers.subspan(parameter.offset, static_cast<std::size_t>(parameter.count));
}

/// Every parameter of the first role, then of the next; `roles` are the first of kRoles.
Status write(Graph& graph, std::span<const std::span<const float>> roles,
             std::span<const MetadataEntry> metadata, Buffer<std::byte>& file) {
  Buffer<TensorToWrite> tensors;
  const std::span<const ParameterInfo> parameters = graph.parameter_list();
  if (Status s = tensors.resize(roles.size() * parameters.size()); !s.ok()) return s;
  TensorToWrite* to = tensors.data();
  for (std::size_t role = 0; role < roles.size(); ++role) {
    for (const ParameterInfo& parameter : parameters) {
      *to++ = {kRoles[role].prefix, parameter.name, parameter.shape,
               std::as_bytes(part(roles[role], parameter))};
    }
  }
  return write_safetensors(tensors.span(), metadata, file);
}

bool is_known(Graph& graph, std::string_view name) {
  return std::ranges::any_of(kRoles, [&](const Role& role) {
    return name.starts_with(role.prefix) &&
           std::ranges::any_of(graph.parameter_list(), [&](const ParameterInfo& parameter) {
             return parameter.name == name.substr(role.prefix.size());
           });
  });
}

Status check_numbers(const TensorInfo& tensor, std::span<const std::byte> bytes, bool negative) {
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    float number;
    std::memcpy(&number, bytes.data() + at, sizeof(float));
    if (std::isfinite(number) && (negative || number >= 0.0f)) continue;
    return Status::error(StatusCode::invalid_value, "tensor \"%.*s\" has %g at %zu", shown(tensor.name),
                         tensor.name.data(), static_cast<double>(number), at / sizeof(float));
  }
  return {};
}

Status check_tensor(const SafetensorsFile& file, const ParameterInfo& parameter, const Role& role) {
  const TensorInfo* tensor = file.find(role.prefix, parameter.name);
  if (!tensor) {
    return Status::error(StatusCode::missing_tensor, "the checkpoint has no tensor \"%.*s%.*s\"",
                         shown(role.prefix), role.prefix.data(), shown(parameter.name),
                         parameter.name.data());
  }
  if (tensor->dtype != Dtype::f32) {
    return Status::error(StatusCode::misshapen_tensor, "tensor \"%.*s\" is %.*s and not F32",
                         shown(tensor->name), tensor->name.data(), shown(tensor->dtype_name),
                         tensor->dtype_name.data());
  }
  if (tensor->shape != parameter.shape) {
    return Status::error(StatusCode::misshapen_tensor, "tensor \"%.*s\" has shape %s, not %s",
                         shown(tensor->name), tensor->name.data(), shape_text(tensor->shape).c_str(),
                         shape_text(parameter.shape).c_str());
  }
  return check_numbers(*tensor, file.bytes(*tensor), role.negative);
}

Status read_steps(const SafetensorsFile& file, int64_t& steps) {
  const std::optional<std::string_view> text = file.metadata(kSteps);
  if (!text) return Status::error(StatusCode::corrupt_file, "the checkpoint has no optimizer.steps");
  const char* const end = text->data() + text->size();
  const auto [at, error] = std::from_chars(text->data(), end, steps);
  if (error != std::errc() || at != end || steps < 0 || steps > kMostSteps) {
    return Status::error(StatusCode::invalid_value, "optimizer.steps \"%.*s\" is no number from 0 to %lld",
                         shown(*text), text->data(), static_cast<long long>(kMostSteps));
  }
  return {};
}

}  // namespace

Status save_checkpoint(Graph& graph, const AdamW& optimizer, std::span<const MetadataEntry> metadata,
                       Buffer<std::byte>& file) {
  char digits[20];
  const char* const end = std::to_chars(digits, digits + sizeof(digits), optimizer.steps()).ptr;
  Buffer<MetadataEntry> entries;
  if (Status s = entries.resize(metadata.size() + 1); !s.ok()) return s;
  entries[0] = {kSteps, {digits, static_cast<std::size_t>(end - digits)}};
  std::ranges::copy(metadata, entries.data() + 1);
  const std::span<const float> roles[] = {graph.parameters(), optimizer.first_moments(),
                                          optimizer.second_moments()};
  return write(graph, roles, entries.span(), file);
}

Status load_checkpoint(const SafetensorsFile& file, Graph& graph, AdamW& optimizer) {
  for (const TensorInfo& tensor : file.tensors()) {
    if (is_known(graph, tensor.name)) continue;
    return Status::error(StatusCode::unknown_tensor, "the network has no use for tensor \"%.*s\"",
                         shown(tensor.name), tensor.name.data());
  }
  for (const Role& role : kRoles) {
    for (const ParameterInfo& parameter : graph.parameter_list()) {
      if (Status s = check_tensor(file, parameter, role); !s.ok()) return s;
    }
  }
  int64_t steps = 0;
  if (Status s = read_steps(file, steps); !s.ok()) return s;

  const std::span<float> roles[] = {graph.parameters(), optimizer.first_moments(),
                                    optimizer.second_moments()};
  for (std::size_t role = 0; role < std::size(kRoles); ++role) {
    for (const ParameterInfo& parameter : graph.parameter_list()) {
      const std::span<const std::byte> bytes = file.bytes(*file.find(kRoles[role].prefix, parameter.name));
      std::memcpy(part(roles[role], parameter).data(), bytes.data(), bytes.size());
    }
  }
  optimizer.set_steps(steps);
  return {};
}

Status save_model(Graph& graph, Buffer<std::byte>& file) {
  const std::span<const float> parameters[] = {graph.parameters()};
  const MetadataEntry format[] = {{"format", "pt"}};  // what Hugging Face's transformers asks for
  return write(graph, parameters, format, file);
}

}  // namespace limelight::training
