// Takes a checkpoint in as it streams by: every row of a tensor is packed when its last byte has come.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "io/shape_text.hpp"
#include "limelight/model.hpp"
#include "model/families.hpp"
#include "model/state.hpp"

namespace limelight {
namespace {

std::size_t dtype_bytes(Dtype dtype) {
  return dtype == Dtype::f32 ? 4 : dtype == Dtype::i8 ? 1 : 2;
}

struct PlannedTensor {
  TensorInfo info;
  NamedTensor named;
  bool scale = false;  ///< of the int8 tensor that `named` describes
};

constexpr std::string_view kScale = "_scale";

std::size_t index(bool encoder, Role role, int64_t layer, bool copy, bool scale) {
  return (static_cast<std::size_t>(layer) * kRoles + static_cast<std::size_t>(role)) * 8 +
         static_cast<std::size_t>(encoder) * 4 + static_cast<std::size_t>(scale) * 2 +
         static_cast<std::size_t>(copy);
}

/// What holds a matrix of a checkpoint's dtype without loss.
Matrix::Type stored_as(Dtype dtype) {
  return dtype == Dtype::i8    ? Matrix::Type::int8
         : dtype == Dtype::f16 ? Matrix::Type::f16
                               : Matrix::Type::f32;
}

}  // namespace

struct ModelLoader::State {
  enum class Stage { unconfigured, length, header, data, failed, done } stage = Stage::unconfigured;
  Status failure;
  std::unique_ptr<Model::State> model, encoder;  // encoder: of an encoder-decoder
  std::vector<std::string> ignored;

  std::byte length[8] = {};
  std::size_t length_bytes = 0;
  uint64_t header_size = 0;
  Buffer<std::byte> header;  // grows with what has come, not with what was announced
  std::size_t header_used = 0;

  std::vector<PlannedTensor> tensors;
  WeightFormat format = WeightFormat::automatic;
  bool small = false;  // see kSmallModelBytes
  std::size_t current = 0;
  Slot slot;              // of the current tensor
  bool compared = false;  // it is the second of a tied pair, in whichever order the file holds them
  uint64_t taken = 0;     // bytes of it
  StoredRow row;          // the row that they end in
  std::size_t row_bytes = 0;
  int64_t rows = 0;  // that are complete

  /// Everything is given back; later calls repeat the reason.
  Status fail(Status status) {
    *this = State();
    stage = Stage::failed;
    failure = status;
    return status;
  }

  Matrix::Type kept_as(Dtype dtype) const;
  Status take_header(std::span<const std::byte>& bytes);
  Status plan();
  Status check(const PlannedTensor& tensor);
  Status check_scales(const std::vector<int64_t>& seen);
  Slot slot_of(const PlannedTensor& tensor);
  Status take_data(std::span<const std::byte>& bytes);
  Status take_numbers(std::span<const std::byte> bytes);
  Status take_row();
  Status begin_tensor();
  Status end_tensor();
  Status complete();
};

ModelLoader::ModelLoader() : state_(std::make_unique<State>()) {}
ModelLoader::~ModelLoader() = default;
ModelLoader::ModelLoader(ModelLoader&&) noexcept = default;
ModelLoader& ModelLoader::operator=(ModelLoader&&) noexcept = default;

Status ModelLoader::configure(std::string_view config_json, WeightFormat format) {
  State& s = *state_;
  if (s.stage != State::Stage::unconfigured) {
    return Status::error(StatusCode::invalid_option, "a ModelLoader is configured once");
  }
  ModelConfig config;
  if (Status status = parse_config(config_json, config); !status.ok()) return status;
  s.model = std::make_unique<Model::State>();
  s.model->config = config;
  s.model->weights.blocks.resize(static_cast<std::size_t>(config.layers));
  if (config.encoder) {
    s.encoder = std::make_unique<Model::State>();
    s.encoder->config = *config.encoder;
    s.encoder->weights.blocks.resize(static_cast<std::size_t>(config.encoder->layers));
  }
  s.format = format;
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

/// What a matrix of a checkpoint's dtype is kept as.
Matrix::Type ModelLoader::State::kept_as(Dtype dtype) const {
  switch (format) {
    case WeightFormat::automatic:
      if (small && dtype == Dtype::f16) return Matrix::Type::f32;
      break;
    case WeightFormat::as_stored:
      break;
    case WeightFormat::f32:
      return Matrix::Type::f32;
    case WeightFormat::f16:
      return Matrix::Type::f16;
    case WeightFormat::int8:
      return Matrix::Type::int8;
  }
  return stored_as(dtype);
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
  return begin_tensor();
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
  const int64_t layers = std::max(config.layers, config.encoder ? config.encoder->layers : 0);
  std::vector<int64_t> seen(static_cast<std::size_t>(layers) * kRoles * 8, -1);  // which tensor, by index()
  bool prefixed = false;
  std::size_t largest = 0;
  tensors.reserve(infos.size());
  for (TensorInfo& info : infos) {
    PlannedTensor tensor{std::move(info), {}};
    tensor.scale = config.int8 && tensor.info.name.ends_with(kScale);
    const std::string_view base =
        std::string_view(tensor.info.name)
            .substr(0, tensor.info.name.size() - (tensor.scale ? kScale.size() : 0));
    tensor.named = look_up(config, base);
    const char* name = tensor.info.name.c_str();
    using Use = NamedTensor::Use;
    if (tensor.named.use == Use::unknown) {
      return Status::error(StatusCode::unknown_tensor,
                           "tensor \"%.120s\" is not one that this configuration knows", name);
    }
    if (tensor.named.use != Use::needed) ignored.push_back(tensor.info.name);
    if (tensor.named.use != Use::ignored) {
      if (Status s = check(tensor); !s.ok()) return s;
      int64_t& first = seen[index(tensor.named.encoder, tensor.named.role, tensor.named.layer,
                                  tensor.named.use == Use::copy, tensor.scale)];
      if (first >= 0 && tensor.named.use != Use::copy) {
        return Status::error(StatusCode::unknown_tensor,
                             "tensors \"%.90s\" and \"%.90s\" are two names for one",
                             tensors[static_cast<std::size_t>(first)].info.name.c_str(), name);
      }
      first = static_cast<int64_t>(tensors.size());
      prefixed = prefixed || tensor.info.name.starts_with(family(config).prefix);
      largest = std::max(largest, static_cast<std::size_t>(slot_of(tensor).row()));
    }
    tensors.push_back(std::move(tensor));
  }
  Status missing;
  for (const ModelConfig* of : {&config, config.encoder.get()}) {
    if (!of) continue;
    for_each_needed(*of, [&](const TensorRule& rule, int64_t layer) {
      if (!missing.ok() || seen[index(of->is_encoder, rule.role, layer, false, false)] >= 0) return;
      const std::string name = full_name(*of, rule, layer, prefixed);
      missing = Status::error(StatusCode::missing_tensor, "tensor \"%s\" is missing", name.c_str());
    });
  }
  if (!missing.ok()) return missing;
  if (Status s = check_scales(seen); !s.ok()) return s;
  small = static_cast<uint64_t>(model->parameters) <= kSmallModelBytes / sizeof(float);
  return row.resize(largest);
}

/// Scales and int8 tensors come in pairs, and tied tensors are both int8 or both not.
Status ModelLoader::State::check_scales(const std::vector<int64_t>& seen) {
  for (const PlannedTensor& t : tensors) {
    if (t.named.use == NamedTensor::Use::ignored) continue;
    const char* name = t.info.name.c_str();
    const bool copy = t.named.use == NamedTensor::Use::copy, int8 = t.info.dtype == Dtype::i8;
    const auto other = [&](bool its_copy, bool its_scale) -> const PlannedTensor* {
      const int64_t found = seen[index(t.named.encoder, t.named.role, t.named.layer, its_copy, its_scale)];
      return found < 0 ? nullptr : &tensors[static_cast<std::size_t>(found)];
    };
    if (t.scale) {
      const PlannedTensor* of = other(copy, false);
      if (!of || of->info.dtype != Dtype::i8) {
        return Status::error(StatusCode::unknown_tensor, "tensor \"%.120s\" is the scale of no I8 tensor",
                             name);
      }
    } else if (int8 && !other(copy, true)) {
      return Status::error(StatusCode::missing_tensor, "tensor \"%.100s_scale\" is missing: \"%.100s\" is I8",
                           name, name);
    } else if (const PlannedTensor* tied = copy ? other(false, false) : nullptr;
               tied && int8 != (tied->info.dtype == Dtype::i8)) {
      return Status::error(StatusCode::unsupported_model,
                           "tensor \"%.90s\" is %.8s and \"%.90s\", to which it is tied, is %.8s", name,
                           t.info.dtype_name.c_str(), tied->info.name.c_str(), tied->info.dtype_name.c_str());
    }
  }
  return {};
}

Slot ModelLoader::State::slot_of(const PlannedTensor& t) {
  Model::State& of = t.named.encoder ? *encoder : *model;
  return t.scale ? scale_slot(of.weights, of.config, t.named.role, t.named.layer)
                 : limelight::slot(of.weights, of.config, t.named.role, t.named.layer);
}

Status ModelLoader::State::check(const PlannedTensor& t) {
  const char* name = t.info.name.c_str();
  const Slot target = slot_of(t);
  const bool may_be_int8 = model->config.int8 && !target.matrices.empty();
  const Dtype dtype = t.info.dtype;
  const bool served = dtype == Dtype::f32 || (!t.scale && (dtype == Dtype::f16 || dtype == Dtype::bf16)) ||
                      (may_be_int8 && dtype == Dtype::i8);
  if (!served) {
    return Status::error(StatusCode::misshapen_tensor, "tensor \"%.120s\" is %.20s; %s is needed%s", name,
                         t.info.dtype_name.c_str(), t.scale ? "F32" : "F32, F16 or BF16",
                         dtype == Dtype::i8 && !model->config.int8 && !target.matrices.empty()
                             ? ", or a quantization_config that says limelight-int8"
                             : "");
  }
  const std::vector<int64_t> needed = target.shape();
  if (t.info.shape != needed || (t.scale && target.parts.empty())) {
    return Status::error(StatusCode::misshapen_tensor, "tensor \"%.120s\" has the shape %s; %s is needed",
                         name, shape_text(t.info.shape).c_str(), shape_text(needed).c_str());
  }
  // 32-bit memory cannot count more; after this, sizes of this tensor fit size_t.
  int64_t count = 1;
  for (const int64_t n : needed) count *= n;
  if (static_cast<uint64_t>(count) > SIZE_MAX / (2 * sizeof(float))) {
    return Status::error(StatusCode::out_of_memory, "tensor \"%.120s\" does not fit into memory", name);
  }
  if (t.named.use == NamedTensor::Use::needed && !t.scale) model->parameters += count;
  return {};
}

/// Makes room for the next tensor that has bytes; only ignored ones can be without.
Status ModelLoader::State::begin_tensor() {
  while (current < tensors.size() && tensors[current].info.begin == tensors[current].info.end) ++current;
  taken = row_bytes = 0;
  rows = 0;
  if (current == tensors.size() || tensors[current].named.use == NamedTensor::Use::ignored) return {};
  const PlannedTensor& t = tensors[current];
  slot = slot_of(t);
  compared = slot.filled();
  if (compared) return {};
  for (Buffer<float>* part : slot.parts) {
    if (Status s = part->resize(static_cast<std::size_t>(slot.in == 0 ? slot.out : slot.out * slot.in));
        !s.ok())
      return s;
  }
  // int8 files are widened, and columns are scaled, when the tensors that it takes are complete.
  const Matrix::Type wanted = kept_as(t.info.dtype), stored = stored_as(t.info.dtype);
  const bool later = stored == Matrix::Type::int8 || (wanted == Matrix::Type::int8 && slot.transposed);
  for (Matrix* matrix : slot.matrices) {
    if (Status s = matrix->reserve(later ? stored : wanted, slot.out, slot.in); !s.ok()) return s;
    if (matrix->type == Matrix::Type::int8 && stored != Matrix::Type::int8) {
      if (Status s = matrix->scales.resize(static_cast<std::size_t>(slot.out)); !s.ok()) return s;
    }
  }
  return {};
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
  const std::size_t whole = static_cast<std::size_t>(slot.row()) * dtype_bytes(tensors[current].info.dtype);
  while (!bytes.empty()) {
    const std::size_t count = std::min(whole - row_bytes, bytes.size());
    std::copy_n(bytes.data(), count, row.raw.data() + row_bytes);
    row_bytes += count;
    bytes = bytes.subspan(count);
    if (row_bytes < whole) break;
    if (Status s = take_row(); !s.ok()) return s;
    row_bytes = 0;
    ++rows;
  }
  return {};
}

Status ModelLoader::State::take_row() {
  const TensorInfo& info = tensors[current].info;
  const char* name = info.name.c_str();
  const bool int8 = info.dtype == Dtype::i8;
  const auto count = static_cast<std::size_t>(slot.row());
  if (int8) {
    std::memcpy(row.quantised.data(), row.raw.data(), count);
  } else {
    const std::span<float> values = row.values.span().first(count);
    if (Status s = decode(info.dtype, row.raw.span().first(row_bytes), values); !s.ok()) return s;
    for (std::size_t i = 0; i < count; ++i) {
      if (!std::isfinite(values[i])) {
        return Status::error(StatusCode::invalid_value, "tensor \"%.120s\" holds %s at element %zu", name,
                             std::isnan(values[i]) ? "NaN" : "an infinity",
                             static_cast<std::size_t>(rows) * count + i);
      }
    }
  }
  bool equal = true;
  const Status s = compared ? same_row(slot, rows, int8, row, equal) : store_row(slot, rows, int8, row);
  if (s.code == StatusCode::invalid_value) {
    return Status::error(s.code, "tensor \"%.120s\": %.100s", name, s.message);
  }
  if (!s.ok() || equal) return s;
  return Status::error(StatusCode::unsupported_model,
                       "tensor \"%.120s\" differs from the one that it is tied to by tie_word_embeddings",
                       name);
}

Status ModelLoader::State::end_tensor() {
  const PlannedTensor& t = tensors[current];
  if (t.named.use != NamedTensor::Use::ignored && t.info.dtype != Dtype::i8 && !compared) {
    for (Matrix* matrix : slot.matrices) {
      if (Status s = matrix->convert(kept_as(t.info.dtype)); !s.ok()) return s;
    }
  }
  ++current;
  return begin_tensor();
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
  for (const PlannedTensor& t : s.tensors) {
    if (t.info.dtype != Dtype::i8 || t.named.use != NamedTensor::Use::needed) continue;
    for (Matrix* matrix : s.slot_of(t).matrices) {
      if (Status status = matrix->convert(s.kept_as(Dtype::i8)); !status.ok()) return s.fail(status);
    }
  }
  if (Status status = s.complete(); !status.ok()) return s.fail(status);
  model = std::make_shared<const Model>(std::move(s.model));
  std::vector<std::string> ignored = std::move(s.ignored);
  s = State();
  s.stage = State::Stage::done;
  s.ignored = std::move(ignored);
  return {};
}

/// What no file holds: sinusoids, and the tables of sites.
Status ModelLoader::State::complete() {
  for (Model::State* of : {encoder.get(), model.get()}) {
    if (!of) continue;
    of->sites = make_sites(of->config);
    if (!of->config.sinusoids) continue;
    if (Status s = make_sinusoids(of->config, of->weights.positions); !s.ok()) return s;
  }
  if (!encoder) return {};
  if (model->config.shared_embedding) encoder->shared_tokens = &model->weights.tokens;
  model->encoder = std::make_shared<const Model>(std::move(encoder));
  return {};
}

const std::vector<std::string>& ModelLoader::ignored() const {
  return state_->ignored;
}

}  // namespace limelight
