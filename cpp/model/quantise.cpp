#include "model/quantise.hpp"

#include <cmath>
#include <cstring>
#include <vector>

#include "io/safetensors_file.hpp"
#include "io/shape_text.hpp"
#include "limelight/half.hpp"
#include "model/families.hpp"
#include "model/weights.hpp"

namespace limelight {
namespace {

/// A tensor on its way; what is written of it has views of this.
struct Rounded {
  const TensorInfo* info = nullptr;
  Role role = Role::tokens;
  Slot slot;
  Buffer<float> values, scales;
  Buffer<int8_t> int8;
  Buffer<uint16_t> half;
  std::vector<int64_t> scale_shape;
};

Status round_matrix(Rounded& t) {
  const Slot& slot = t.slot;
  const int64_t out = slot.all(), in = slot.in;
  const auto count = static_cast<std::size_t>(out * in);
  Buffer<float> row;
  Buffer<int8_t> quantised;
  if (Status s = t.int8.resize(count); !s.ok()) return s;
  if (Status s = t.scales.resize(static_cast<std::size_t>(out)); !s.ok()) return s;
  if (Status s = row.resize(static_cast<std::size_t>(in)); !s.ok()) return s;
  if (Status s = quantised.resize(static_cast<std::size_t>(in)); !s.ok()) return s;
  for (int64_t o = 0; o < out; ++o) {
    const auto at = [&](int64_t i) { return slot.transposed ? i * out + o : o * in + i; };
    for (int64_t i = 0; i < in; ++i) row.data()[i] = t.values.data()[at(i)];
    t.scales.data()[o] = quantise(row.span(), quantised.data());
    for (int64_t i = 0; i < in; ++i) t.int8.data()[at(i)] = quantised.data()[i];
  }
  t.scale_shape = {out};
  return {};
}

Status round_table(Rounded& t) {
  if (Status s = t.half.resize(t.values.size()); !s.ok()) return s;
  for (std::size_t i = 0; i < t.half.size(); ++i) {
    t.half.data()[i] = f32_to_f16(t.values.data()[i]);
    if (!std::isfinite(f16_to_f32(t.half.data()[i]))) {
      return Status::error(StatusCode::invalid_value, "tensor \"%.120s\" has %g, which is beyond f16",
                           t.info->name.c_str(), static_cast<double>(t.values.data()[i]));
    }
  }
  return {};
}

Status round_tensor(const SafetensorsFile& file, Rounded& t) {
  const TensorInfo& info = *t.info;
  if (info.dtype != Dtype::f32 || info.shape != t.slot.shape()) {
    return Status::error(StatusCode::misshapen_tensor,
                         "tensor \"%.120s\" is %.20s of %s; F32 of %s is needed", info.name.c_str(),
                         info.dtype_name.c_str(), shape_text(info.shape).c_str(),
                         shape_text(t.slot.shape()).c_str());
  }
  const std::span<const std::byte> bytes = file.bytes(info);
  if (Status s = t.values.resize(bytes.size() / sizeof(float)); !s.ok()) return s;
  if (!bytes.empty()) std::memcpy(t.values.data(), bytes.data(), bytes.size());
  if (!t.slot.matrices.empty()) return round_matrix(t);
  return t.role == Role::positions || t.role == Role::types ? round_table(t) : Status();
}

/// The object `config` with one member more.
std::string with_method(std::string_view config) {
  std::string text(config.substr(0, config.rfind('}')));
  text.resize(text.find_last_not_of(" \t\r\n") + 1);
  return text + ",\n  \"quantization_config\": { \"quant_method\": \"limelight-int8\" }\n}\n";
}

}  // namespace

Status quantise_checkpoint(std::string_view config_text, std::span<const std::byte> bytes,
                           std::string& quantised_config, Buffer<std::byte>& quantised) {
  ModelConfig config;
  if (Status s = parse_config(config_text, config); !s.ok()) return s;
  if (config.int8) return Status::error(StatusCode::invalid_option, "the checkpoint is quantised already");
  SafetensorsFile file;
  if (Status s = file.open(bytes); !s.ok()) return s;
  Weights weights, encoder_weights;
  weights.blocks.resize(static_cast<std::size_t>(config.layers));
  if (config.encoder) encoder_weights.blocks.resize(static_cast<std::size_t>(config.encoder->layers));
  std::vector<Rounded> tensors;
  for (const TensorInfo& info : file.tensors()) {
    const NamedTensor named = look_up(config, info.name);
    if (named.use == NamedTensor::Use::unknown) {
      return Status::error(StatusCode::unknown_tensor, "tensor \"%.120s\" is none of the model's",
                           info.name.c_str());
    }
    if (named.use == NamedTensor::Use::ignored) continue;
    Rounded& t = tensors.emplace_back();
    t.info = &info;
    t.role = named.role;
    t.slot = named.encoder ? slot(encoder_weights, *config.encoder, named.role, named.layer)
                           : slot(weights, config, named.role, named.layer);
    if (Status s = round_tensor(file, t); !s.ok()) return s;
  }
  std::vector<TensorToWrite> written;
  std::vector<std::string> scale_names;
  scale_names.reserve(tensors.size());
  for (const Rounded& t : tensors) {
    const std::string_view name = t.info->name;
    if (t.int8.size() > 0) {
      scale_names.push_back(std::string(name) + "_scale");
      written.push_back({"", name, t.info->shape, std::as_bytes(t.int8.span()), Dtype::i8});
      written.push_back({"", scale_names.back(), t.scale_shape, std::as_bytes(t.scales.span())});
    } else if (t.half.size() > 0) {
      written.push_back({"", name, t.info->shape, std::as_bytes(t.half.span()), Dtype::f16});
    } else {
      written.push_back({"", name, t.info->shape, std::as_bytes(t.values.span())});
    }
  }
  if (Status s = write_safetensors(written, file.metadata(), quantised); !s.ok()) return s;
  quantised_config = with_method(config_text);
  return {};
}

}  // namespace limelight
