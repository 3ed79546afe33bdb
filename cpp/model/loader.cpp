// Takes a checkpoint in as it streams by: every tensor is decoded and packed when its last byte has come.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "limelight/model.hpp"
#include "model/families.hpp"
#include "model/state.hpp"

namespace limelight {
namespace {

std::size_t dtype_bytes(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : 2;
}

/// "[4096, 192]"
std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size() && i < 8; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() > 8 ? ", ...]" : "]");
}

std::size_t index(Role role, int64_t layer, bool copy) {
  return (static_cast<std::size_t>(layer) * kRoles + static_cast<std::size_t>(role)) * 2 + copy;
}

struct PlannedTensor {
  TensorInfo info;
  NamedTensor named;
};

}  // namespace

struct ModelLoader::State {
  enum class Stage { unconfigured, length, header, data, failed, done } stage = Stage::unconfigured;
  Status failure;
  std::unique_ptr<Model::State> model;
  std::vector<std::string> ignored;

  std::byte length[8] = {};
  std::size_t length_bytes = 0;
  uint64_t header_size = 0;
  Buffer<std::byte> header;  // grows with what has come, not with what was announced
  std::size_t header_used = 0;

  std::vector<PlannedTensor> tensors;
  std::size_t current = 0;
  uint64_t taken = 0;         // bytes of the current tensor
  Buffer<float> values;       // the current tensor, decoded
  std::byte partial[4] = {};  // bytes of a number that a piece ended in
  std::size_t partial_bytes = 0;

  /// Everything is given back; later calls repeat the reason.
  Status fail(Status status) {
    *this = State();
    stage = Stage::failed;
    failure = status;
    return status;
  }

  Status take_header(std::span<const std::byte>& bytes);
  Status plan();
  Status check(const PlannedTensor& tensor);
  Status take_data(std::span<const std::byte>& bytes);
  Status take_numbers(std::span<const std::byte> bytes);
  void skip_empty();
  Status end_tensor();
};

ModelLoader::ModelLoader() : state_(std::make_unique<State>()) {}
ModelLoader::~ModelLoader() = default;
ModelLoader::ModelLoader(ModelLoader&&) noexcept = default;
ModelLoader& ModelLoader::operator=(ModelLoader&&) noexcept = default;

Status ModelLoader::configure(std::string_view config_json) {
  State& s = *state_;
  if (s.stage != State::Stage::unconfigured) {
    return Status::error(StatusCode::invalid_option, "a ModelLoader is configured once");
  }
  ModelConfig config;
  if (Status status = parse_config(config_json, config); !status.ok()) return status;
  s.model = std::make_unique<Model::State>();
  s.model->config = config;
  s.model->weights.blocks.resize(static_cast<std::size_t>(config.layers));
  s.stage = State::Stage::length;
  return {};
}

Status ModelLoader::feed(std::span<const std::byte> bytes) {
  State& s = *state_;
  while (!bytes.empty()) {
    Status status;
    switch (s.stage) {
      case State::Stage::unconfigured:
        return Status::error(StatusCode::invalid_option, "configure() comes before feed()");
      case State::Stage::done:
        return Status::error(StatusCode::invalid_option, "finish() has already been called");
      case State::Stage::failed:
        return s.failure;
      case State::Stage::length:
      case State::Stage::header:
        status = s.take_header(bytes);
        break;
      case State::Stage::data:
        status = s.take_data(bytes);
        break;
    }
    if (!status.ok()) return s.fail(status);
  }
  return {};
}

Status ModelLoader::State::take_header(std::span<const std::byte>& bytes) {
  if (stage == Stage::length) {
    length[length_bytes++] = bytes.front();
    bytes = bytes.subspan(1);
    if (length_bytes < 8) return {};
    for (int i = 7; i >= 0; --i) header_size = header_size << 8 | static_cast<uint64_t>(length[i]);
    if (header_size < 2 || header_size > kMaxHeaderBytes) {
      return Status::error(
          StatusCode::corrupt_file, "the safetensors header announces %llu bytes; 2 to %llu are possible",
          static_cast<unsigned long long>(header_size), static_cast<unsigned long long>(kMaxHeaderBytes));
    }
    stage = Stage::header;
    return {};
  }
  const std::size_t wanted = static_cast<std::size_t>(header_size) - header_used;
  const std::size_t count = std::min(wanted, bytes.size());
  if (header_used + count > header.size()) {
    Buffer<std::byte> more;
    const std::size_t room = std::min<std::size_t>(std::max(header_used + count, header.size() * 2),
                                                   static_cast<std::size_t>(header_size));
    if (Status s = more.resize(room); !s.ok()) return s;
    std::copy_n(header.data(), header_used, more.data());
    header = std::move(more);
  }
  std::copy_n(bytes.data(), count, header.data() + header_used);
  header_used += count;
  bytes = bytes.subspan(count);
  if (header_used < header_size) return {};
  if (Status s = plan(); !s.ok()) return s;
  header = {};
  stage = Stage::data;
  skip_empty();
  return {};
}

/// Decides what becomes of every tensor, before any of their bytes are read.
Status ModelLoader::State::plan() {
  std::vector<TensorInfo> infos;
  if (Status s = parse_safetensors_header({reinterpret_cast<const char*>(header.data()), header_used}, infos);
      !s.ok()) {
    return s;
  }
  {
    // As in parse_safetensors_header: what std::vector cannot report has to be there before it asks.
    Buffer<std::byte> room;
    const std::size_t most = infos.size() * (sizeof(PlannedTensor) + sizeof(std::string) + 64) + 1;
    if (Status s = room.resize(most); !s.ok()) return s;
  }
  const ModelConfig& config = model->config;
  std::vector<int64_t> seen(static_cast<std::size_t>(config.layers) * kRoles * 2,
                            -1);  // which tensor, by layer, role, copy
  bool prefixed = false;
  std::size_t largest = 0;
  tensors.reserve(infos.size());
  for (TensorInfo& info : infos) {
    PlannedTensor tensor{std::move(info), {}};
    tensor.named = look_up(config, tensor.info.name);
    const char* name = tensor.info.name.c_str();
    using Use = NamedTensor::Use;
    if (tensor.named.use == Use::unknown) {
      return Status::error(StatusCode::unknown_tensor,
                           "tensor \"%.120s\" is not one that this configuration knows", name);
    }
    if (tensor.named.use != Use::needed) ignored.push_back(tensor.info.name);
    if (tensor.named.use != Use::ignored) {
      if (Status s = check(tensor); !s.ok()) return s;
      int64_t& first = seen[index(tensor.named.role, tensor.named.layer, tensor.named.use == Use::copy)];
      if (first >= 0) {
        return Status::error(StatusCode::unknown_tensor,
                             "tensors \"%.90s\" and \"%.90s\" are two names for one",
                             tensors[static_cast<std::size_t>(first)].info.name.c_str(), name);
      }
      first = static_cast<int64_t>(tensors.size());
      prefixed = prefixed || tensor.info.name.starts_with(family(config.family).prefix);
      largest = std::max<std::size_t>(largest,
                                      (tensor.info.end - tensor.info.begin) / dtype_bytes(tensor.info.dtype));
    }
    tensors.push_back(std::move(tensor));
  }
  Status missing;
  for_each_needed(config, [&](const TensorRule& rule, int64_t layer) {
    if (!missing.ok() || seen[index(rule.role, layer, false)] >= 0) return;
    const std::string name = full_name(config, rule, layer, prefixed);
    missing = Status::error(StatusCode::missing_tensor, "tensor \"%s\" is missing", name.c_str());
  });
  if (!missing.ok()) return missing;
  return values.resize(largest);
}

Status ModelLoader::State::check(const PlannedTensor& t) {
  const char* name = t.info.name.c_str();
  if (t.info.dtype != Dtype::f32 && t.info.dtype != Dtype::f16 && t.info.dtype != Dtype::bf16) {
    return Status::error(StatusCode::misshapen_tensor,
                         "tensor \"%.120s\" is %.20s; F32, F16 or BF16 is needed", name,
                         t.info.dtype_name.c_str());
  }
  const std::vector<int64_t> needed =
      slot(model->weights, model->config, t.named.role, t.named.layer).shape();
  if (t.info.shape != needed) {
    return Status::error(StatusCode::misshapen_tensor, "tensor \"%.120s\" has the shape %s; %s is needed",
                         name, shape_text(t.info.shape).c_str(), shape_text(needed).c_str());
  }
  // 32-bit memory cannot count more; after this, sizes of this tensor fit size_t.
  int64_t count = 1;
  for (const int64_t n : needed) count *= n;
  if (static_cast<uint64_t>(count) > SIZE_MAX / (2 * sizeof(float))) {
    return Status::error(StatusCode::out_of_memory, "tensor \"%.120s\" does not fit into memory", name);
  }
  if (t.named.use == NamedTensor::Use::needed) model->parameters += count;
  return {};
}

/// Skips over tensors without bytes; only ignored ones can be so.
void ModelLoader::State::skip_empty() {
  while (current < tensors.size() && tensors[current].info.begin == tensors[current].info.end) ++current;
}

Status ModelLoader::State::take_data(std::span<const std::byte>& bytes) {
  if (current == tensors.size()) {
    return Status::error(StatusCode::corrupt_file, "the file goes on after its last tensor");
  }
  const PlannedTensor& t = tensors[current];
  const uint64_t size = t.info.end - t.info.begin;
  const std::size_t count = static_cast<std::size_t>(std::min<uint64_t>(size - taken, bytes.size()));
  if (t.named.use != NamedTensor::Use::ignored) {
    if (Status s = take_numbers(bytes.first(count)); !s.ok()) return s;
  }
  taken += count;
  bytes = bytes.subspan(count);
  if (taken < size) return {};
  return end_tensor();
}

Status ModelLoader::State::take_numbers(std::span<const std::byte> bytes) {
  const PlannedTensor& t = tensors[current];
  const std::size_t width = dtype_bytes(t.info.dtype);
  const std::size_t first = static_cast<std::size_t>(taken / width);
  std::size_t next = first;
  if (partial_bytes > 0) {
    const std::size_t count = std::min(width - partial_bytes, bytes.size());
    std::copy_n(bytes.data(), count, partial + partial_bytes);
    partial_bytes += count;
    bytes = bytes.subspan(count);
    if (partial_bytes < width) return {};
    if (Status s = decode(t.info.dtype, {partial, width}, values.span().subspan(next, 1)); !s.ok()) return s;
    ++next;
    partial_bytes = 0;
  }
  const std::size_t whole = bytes.size() / width;
  if (Status s = decode(t.info.dtype, bytes.first(whole * width), values.span().subspan(next, whole));
      !s.ok())
    return s;
  next += whole;
  bytes = bytes.subspan(whole * width);
  std::copy_n(bytes.data(), bytes.size(), partial);
  partial_bytes = bytes.size();

  for (std::size_t i = first; i < next; ++i) {
    if (!std::isfinite(values[i])) {
      return Status::error(StatusCode::invalid_value, "tensor \"%.120s\" holds %s at element %zu",
                           t.info.name.c_str(), std::isnan(values[i]) ? "NaN" : "an infinity", i);
    }
  }
  return {};
}

Status ModelLoader::State::end_tensor() {
  const PlannedTensor& t = tensors[current];
  if (t.named.use != NamedTensor::Use::ignored) {
    const Slot s = slot(model->weights, model->config, t.named.role, t.named.layer);
    const auto numbers = values.span().first(static_cast<std::size_t>(taken / dtype_bytes(t.info.dtype)));
    if (s.parts[0]->size() == 0) {
      if (Status status = store(s, numbers); !status.ok()) return status;
    } else {
      // The second of a tied pair, in whichever order the file holds them.
      bool equal = false;
      if (Status status = same(s, numbers, equal); !status.ok()) return status;
      if (!equal) {
        return Status::error(
            StatusCode::unsupported_model,
            "tensor \"%.120s\" differs from the one that it is tied to; untied heads are not served",
            t.info.name.c_str());
      }
    }
  }
  taken = 0;
  ++current;
  skip_empty();
  return {};
}

Status ModelLoader::finish(std::shared_ptr<const Model>& model) {
  State& s = *state_;
  switch (s.stage) {
    case State::Stage::unconfigured:
      return Status::error(StatusCode::invalid_option, "configure() and feed() come before finish()");
    case State::Stage::done:
      return Status::error(StatusCode::invalid_option, "finish() has already been called");
    case State::Stage::failed:
      return s.failure;
    case State::Stage::length:
      return s.fail(Status::error(StatusCode::truncated_file, "the file ends in its first 8 bytes"));
    case State::Stage::header:
      return s.fail(Status::error(StatusCode::truncated_file,
                                  "the file ends in its header, at byte %zu of %llu", s.header_used,
                                  static_cast<unsigned long long>(s.header_size)));
    case State::Stage::data:
      break;
  }
  if (s.current < s.tensors.size()) {
    return s.fail(Status::error(StatusCode::truncated_file, "the file ends in tensor \"%.120s\"",
                                s.tensors[s.current].info.name.c_str()));
  }
  s.model->sites = make_sites(s.model->config);
  model = std::make_shared<const Model>(std::move(s.model));
  std::vector<std::string> ignored = std::move(s.ignored);
  s = State();
  s.stage = State::Stage::done;
  s.ignored = std::move(ignored);
  return {};
}

const std::vector<std::string>& ModelLoader::ignored() const {
  return state_->ignored;
}

}  // namespace limelight
