// A forward pass as a walk over steps: layer by layer, 64 rows of one operation at a time. Everything that is
// kept lies in one block of memory, so growing it, and failing to, is one event.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

#include "kernels/kernels.hpp"
#include "limelight/model.hpp"
#include "model/state.hpp"

namespace limelight {
namespace {

/// Rows of one step. 64 rows of a 768 x 3072 matrix are 0.3 GFLOP, some 10 ms at the slowest: the time within
/// which a run hears of a newer keystroke. Also what the kernels' row tiles (4 to 6) divide with little
/// waste. Rows of very long texts cost most in attention, so there a step takes fewer: as many as make 64 x
/// 2048 cells a head.
constexpr int64_t kStepRows = 64, kLeastStepRows = 8, kStepKeys = 2048;

/// What one step does; a block runs project_* for all rows first, because keys and values of every row have
/// to be there before the first row can attend.
enum class Op : uint8_t {
  embed,
  norm_attention,
  project_q,
  project_k,
  project_v,
  attend,
  attention_out,
  norm_mlp,
  mlp_up,
  mlp_activate,
  mlp_down,
  finish_block,
  finish_model,
  done,
};

struct Step {
  Op op = Op::done;
  int64_t layer = 0, first = 0, count = 0;
};

/// Where the rows of an array live during a run.
enum class Place : uint8_t {
  kept,    ///< in the recording
  stream,  ///< in the residual stream that blocks overwrite
  step,    ///< in scratch that holds the rows of the current steps only
  nowhere  ///< not needed by anything that follows, so not computed
};

/// The arrays that a run keeps, each [capacity, features], in one block of memory.
struct Recording {
  Buffer<float> floats;
  std::vector<std::size_t> base;  // by array
  std::size_t stream = 0;         // [capacity, width]
  std::size_t lse_by_head = 0;    // [layers * heads, capacity]: what explain() reads
  int64_t capacity = 0;

  float* array(int index) { return floats.data() + base[static_cast<std::size_t>(index)]; }
  float* head_lse(int64_t row) {
    return floats.data() + lse_by_head + static_cast<std::size_t>(row * capacity);
  }
};

/// Arrays begin at multiples of a cache line.
uint64_t round_up(uint64_t floats) {
  return (floats + 15) / 16 * 16;
}

/// Buffer::resize for a 64-bit count: memory of 32-bit machines ends earlier.
Status take(Buffer<float>& buffer, uint64_t count) {
  if (count > SIZE_MAX / sizeof(float)) {
    return Status::error(StatusCode::out_of_memory, "no memory for %llu numbers",
                         static_cast<unsigned long long>(count));
  }
  return buffer.resize(static_cast<std::size_t>(count));
}

Status out_of_range(const char* what, int64_t value, int64_t end) {
  return Status::error(StatusCode::invalid_shape, "%s %lld is not one of 0 to %lld", what,
                       static_cast<long long>(value), static_cast<long long>(end - 1));
}

}  // namespace

struct Run::State {
  std::shared_ptr<const Model> model;
  const Model::State* m = nullptr;
  int64_t width = 0, heads = 0, head_dim = 0, mlp_width = 0;

  Buffer<int32_t> ids;   // as many as the recording has room for
  int64_t tokens = 0;    // ids in use
  int64_t computed = 0;  // rows that are complete at every site
  int64_t reused = 0;

  std::vector<float> gates, temperatures;  // [layers, heads]
  std::vector<bool> plain;                 // layers in which no head is changed
  std::vector<bool> recorded;              // by site

  std::vector<Place> places;  // by array
  Recording recording;
  Buffer<float> scratch;  // the current step's rows of arrays that are not kept, and attend()'s workspace
  std::size_t step_base[kArrayKinds] = {}, lse_base = 0, workspace_base = 0;
  Buffer<float> final_row;  // [width]

  Step step;
  double work = 0, work_done = 0;

  const ModelConfig& config() const { return m->config; }
  const BlockWeights& block(int64_t layer) const {
    return m->weights.blocks[static_cast<std::size_t>(layer)];
  }
  bool pre_norm() const { return config().norm == ModelConfig::Norm::pre; }

  Status set_heads(const std::vector<HeadChange>& changes);
  Status set_record(const std::vector<std::string>& patterns);

  Status make_recording(int64_t rows, Recording& fresh) const;
  Status reserve(int64_t rows);
  Status reserve_scratch(int64_t first, int64_t count, Buffer<float>& fresh);
  void copy_rows(Recording& from, int64_t rows, Recording& to) const;
  int64_t reusable_rows(const State& from) const;
  void begin(int64_t first);

  int64_t step_rows(int64_t first) const;
  Step first_step(int64_t first) const;
  Step after(const Step& s) const;
  double flops(const Step& s) const;
  Status run(const Step& s);

  bool needed(ArrayKind kind, int64_t layer = 0) const {
    return places[static_cast<std::size_t>(m->sites.array(kind, layer))] != Place::nowhere;
  }
  float* at(int array, int64_t row);
  float* rows(ArrayKind kind, int64_t layer, int64_t row) { return at(m->sites.array(kind, layer), row); }
  float* head_lse(int64_t layer, int64_t head) { return recording.head_lse(layer * heads + head); }

  void embed(int64_t first, int64_t count);
  Status attend_rows(int64_t layer, int64_t first, int64_t count);
  AttentionInputs attention(int64_t layer, int64_t first, int64_t count);
  AttentionOptions attention_options(int64_t layer, int64_t first) const;
  void normalize(const LayerNorm& norm, const float* x, int64_t count, float* y) const;
  void activate(float* x, int64_t count) const;
  void finish_rows(const float* x, int64_t count, float* y) const;
  Status check_head(int64_t layer, int64_t head) const;
};

// --- What a run is asked to do
// -------------------------------------------------------------------------------------

Status Run::State::set_heads(const std::vector<HeadChange>& changes) {
  const auto all = static_cast<std::size_t>(config().layers * heads);
  gates.assign(all, 1.0f);
  temperatures.assign(all, 1.0f);
  plain.assign(static_cast<std::size_t>(config().layers), true);
  for (const HeadChange& change : changes) {
    if (change.layer < 0 || change.layer >= config().layers || change.head < 0 || change.head >= heads) {
      return Status::error(StatusCode::invalid_option,
                           "layer %lld, head %lld: the model has %lld layers of %lld heads",
                           static_cast<long long>(change.layer), static_cast<long long>(change.head),
                           static_cast<long long>(config().layers), static_cast<long long>(heads));
    }
    if (!std::isfinite(change.gate)) {
      return Status::error(StatusCode::invalid_value, "a head's gate is %g; it has to be finite",
                           static_cast<double>(change.gate));
    }
    if (!(change.temperature > 0) || !std::isfinite(change.temperature)) {
      return Status::error(StatusCode::invalid_value,
                           "a head's temperature is %g; it has to be above 0 and finite",
                           static_cast<double>(change.temperature));
    }
    const auto i = static_cast<std::size_t>(change.layer * heads + change.head);
    gates[i] *= change.gate;
    temperatures[i] *= change.temperature;
    if (gates[i] != 1 || temperatures[i] != 1) plain[static_cast<std::size_t>(change.layer)] = false;
    if (!std::isfinite(gates[i]) || !(temperatures[i] > 0) || !std::isfinite(temperatures[i])) {
      return Status::error(StatusCode::invalid_value,
                           "the changes of layer %lld, head %lld multiply beyond the range of f32",
                           static_cast<long long>(change.layer), static_cast<long long>(change.head));
    }
  }
  return {};
}

Status Run::State::set_record(const std::vector<std::string>& patterns) {
  const SiteTable& table = m->sites;
  recorded.assign(table.sites.size(), false);
  for (const std::string& pattern : patterns) {
    bool any = false;
    for (std::size_t i = 0; i < table.sites.size(); ++i) {
      if (!matches(pattern, table.sites[i].name)) continue;
      recorded[i] = any = true;
    }
    if (!any)
      return Status::error(StatusCode::unknown_site, "no site of this model is called \"%.100s\"",
                           pattern.c_str());
  }
  std::vector<bool> kept(table.arrays.size());
  for (std::size_t i = 0; i < table.sites.size(); ++i) {
    const auto array = static_cast<std::size_t>(table.sites[i].array);
    if (table.arrays[array].always) recorded[i] = true;
    if (recorded[i]) kept[array] = true;
  }
  places.resize(table.arrays.size());
  for (std::size_t a = 0; a < places.size(); ++a) {
    // Terms of the embedding's sum, and what only predictions read, need no place of their own.
    const bool idle = table.arrays[a].kind < ArrayKind::resid_pre && !table.arrays[a].residual;
    places[a] = kept[a]                    ? Place::kept
                : table.arrays[a].residual ? Place::stream
                : idle                     ? Place::nowhere
                                           : Place::step;
  }
  return {};
}

// --- Memory
// --------------------------------------------------------------------------------------------------------

Status Run::State::make_recording(int64_t rows, Recording& fresh) const {
  const auto& arrays = m->sites.arrays;
  uint64_t floats = 0;
  const auto add = [&](int64_t features) {
    const uint64_t at = floats;
    floats += round_up(static_cast<uint64_t>(rows * features));
    return static_cast<std::size_t>(at);
  };
  fresh.base.assign(arrays.size(), 0);
  bool streams = false;
  for (std::size_t a = 0; a < arrays.size(); ++a) {
    if (places[a] == Place::kept) fresh.base[a] = add(arrays[a].features);
    streams = streams || places[a] == Place::stream;
  }
  if (streams) fresh.stream = add(width);
  fresh.lse_by_head = add(config().layers * heads);
  fresh.capacity = rows;
  return take(fresh.floats, floats);
}

/// Room for `rows` rows; what is computed moves along. All or nothing.
Status Run::State::reserve(int64_t rows) {
  Recording fresh;
  Buffer<int32_t> fresh_ids;
  if (Status s = make_recording(rows, fresh); !s.ok()) return s;
  if (Status s = fresh_ids.resize(static_cast<std::size_t>(rows)); !s.ok()) return s;
  copy_rows(recording, computed, fresh);
  std::copy_n(ids.data(), tokens, fresh_ids.data());
  recording = std::move(fresh);
  ids = std::move(fresh_ids);
  return {};
}

/// The first `count` rows of every array that this run keeps; `from` keeps them too.
void Run::State::copy_rows(Recording& from, int64_t count, Recording& to) const {
  if (count == 0) return;
  for (std::size_t a = 0; a < places.size(); ++a) {
    if (places[a] != Place::kept) continue;
    const auto floats = static_cast<std::size_t>(count * m->sites.arrays[a].features);
    std::memcpy(to.array(static_cast<int>(a)), from.array(static_cast<int>(a)), floats * sizeof(float));
  }
  for (int64_t row = 0; row < config().layers * heads; ++row) {
    std::memcpy(to.head_lse(row), from.head_lse(row), static_cast<std::size_t>(count) * sizeof(float));
  }
}

/// Scratch for steps over `count` rows from `first` on; leaves it in `fresh` if what is there is too small.
Status Run::State::reserve_scratch(int64_t first, int64_t count, Buffer<float>& fresh) {
  const int64_t rows = std::min(count, kStepRows);
  uint64_t floats = 0;
  const auto add = [&](int64_t size) {
    const uint64_t at = floats;
    floats += round_up(static_cast<uint64_t>(size));
    return static_cast<std::size_t>(at);
  };
  for (int kind = 0; kind < kArrayKinds; ++kind) {
    int64_t features = 0;
    for (std::size_t a = 0; a < places.size(); ++a) {
      if (places[a] == Place::step && static_cast<int>(m->sites.arrays[a].kind) == kind)
        features = m->sites.arrays[a].features;
    }
    step_base[kind] = add(rows * features);
  }
  lse_base = add(rows * heads);
  std::size_t workspace = 0;
  for (int64_t layer = 0; layer < config().layers; ++layer) {
    const AttentionInputs in = attention(layer, first, rows);
    workspace = std::max(workspace, attend_workspace(in, attention_options(layer, first)));
  }
  workspace_base = add(static_cast<int64_t>(workspace));
  return floats <= scratch.size() ? Status() : take(fresh, floats);
}

int64_t Run::State::reusable_rows(const State& from) const {
  if (!config().causal || from.m != m || from.gates != gates || from.temperatures != temperatures) return 0;
  for (std::size_t a = 0; a < places.size(); ++a) {
    if (places[a] == Place::kept && from.places[a] != Place::kept) return 0;
  }
  const int64_t most = std::min(tokens, from.computed);
  return std::mismatch(ids.data(), ids.data() + most, from.ids.data()).first - ids.data();
}

float* Run::State::at(int array, int64_t row) {
  const auto a = static_cast<std::size_t>(array);
  const RecordedArray& info = m->sites.arrays[a];
  switch (places[a]) {
    case Place::kept:
      return recording.array(array) + row * info.features;
    case Place::stream:
      return recording.floats.data() + recording.stream + row * info.features;
    case Place::step:
      return scratch.data() + step_base[static_cast<int>(info.kind)] + (row - step.first) * info.features;
    case Place::nowhere:
      break;
  }
  return nullptr;
}

// --- The walk
// ------------------------------------------------------------------------------------------------------

int64_t Run::State::step_rows(int64_t first) const {
  return std::min(std::clamp(kStepRows * kStepKeys / tokens, kLeastStepRows, kStepRows), tokens - first);
}

Step Run::State::first_step(int64_t first) const {
  if (first == tokens) return {};
  return {Op::embed, 0, first, step_rows(first)};
}

/// Steps go over all new rows with `embed`; then, in every block, with norm_attention to project_v and after
/// that with attend to finish_block; then with finish_model, if its result is to be kept.
Step Run::State::after(const Step& s) const {
  const auto rows_from = [&](Op op, int64_t layer, int64_t first) {
    return Step{op, layer, first, step_rows(first)};
  };
  const int64_t next = s.first + s.count;
  const auto next_rows_or = [&](Op again, Op then, int64_t then_layer) {
    return next < tokens ? rows_from(again, s.layer, next) : rows_from(then, then_layer, computed);
  };
  switch (s.op) {
    case Op::embed:
      return next_rows_or(Op::embed, Op::norm_attention, 0);
    case Op::project_v:
      return next_rows_or(Op::norm_attention, Op::attend, s.layer);
    case Op::finish_block:
      if (next < tokens) return rows_from(Op::attend, s.layer, next);
      if (s.layer + 1 < config().layers) return rows_from(Op::norm_attention, s.layer + 1, computed);
      return needed(ArrayKind::ln_final) ? rows_from(Op::finish_model, s.layer, computed) : Step{};
    case Op::finish_model:
      return next < tokens ? rows_from(Op::finish_model, s.layer, next) : Step{};
    case Op::done:
      return {};
    default:
      return {static_cast<Op>(static_cast<int>(s.op) + 1), s.layer, s.first, s.count};
  }
}

double Run::State::flops(const Step& s) const {
  const double n = static_cast<double>(s.count), d = static_cast<double>(width),
               wide = static_cast<double>(mlp_width);
  switch (s.op) {
    case Op::embed:
      return 2 * n * d;
    case Op::norm_attention:
    case Op::norm_mlp:
    case Op::finish_block:
      return 8 * n * d;
    case Op::project_q:
    case Op::project_k:
    case Op::project_v:
    case Op::attention_out:
      return 2 * n * d * d;
    case Op::attend: {
      const double keys =
          config().causal ? static_cast<double>(s.first) + (n + 1) / 2 : static_cast<double>(tokens);
      return 4 * n * keys * d;
    }
    case Op::mlp_up:
    case Op::mlp_down:
      return 2 * n * d * wide;
    case Op::mlp_activate:
      return 16 * n * wide;
    case Op::finish_model:
      return 8 * n * d + (m->weights.transform.packed.size() ? 2 * n * d * d : 0);
    case Op::done:
      break;
  }
  return 0;
}

void Run::State::begin(int64_t first) {
  computed = first;
  step = first_step(first);
  work = work_done = 0;
  for (Step s = step; s.op != Op::done; s = after(s)) work += flops(s);
  if (step.op == Op::done) computed = tokens;
}

// --- The operations
// ------------------------------------------------------------------------------------------------

Status Run::State::run(const Step& s) {
  const kernels::Table& kernel = kernels::table();
  const int64_t layer = s.layer, first = s.first, n = s.count;
  const auto linear = [&](const Linear& w, const float* x, int64_t in, int64_t out, float* y) {
    kernel.linear(x, in, n, w.packed.data(), in, out, w.bias.data(), y, out, false);
  };
  const auto here = [&](ArrayKind kind) { return rows(kind, layer, first); };
  const auto sum = [&](const float* a, const float* b, float* y) {
    if (y != a) std::memcpy(y, a, static_cast<std::size_t>(n * width) * sizeof(float));
    kernel.add(y, b, n * width);
  };
  switch (s.op) {
    case Op::embed:
      embed(first, n);
      break;
    case Op::norm_attention:
      if (pre_norm())
        normalize(block(layer).attention_norm, here(ArrayKind::resid_pre), n, here(ArrayKind::ln1));
      break;
    case Op::project_q:
      linear(block(layer).q, here(ArrayKind::ln1), width, width, here(ArrayKind::q));
      break;
    case Op::project_k:
      linear(block(layer).k, here(ArrayKind::ln1), width, width, here(ArrayKind::k));
      break;
    case Op::project_v:
      linear(block(layer).v, here(ArrayKind::ln1), width, width, here(ArrayKind::v));
      break;
    case Op::attend:
      return attend_rows(layer, first, n);
    case Op::attention_out:
      linear(block(layer).out, here(ArrayKind::z), width, width, here(ArrayKind::attn_out));
      break;
    case Op::norm_mlp:
      sum(here(ArrayKind::resid_pre), here(ArrayKind::attn_out), here(ArrayKind::resid_mid));
      normalize(pre_norm() ? block(layer).mlp_norm : block(layer).attention_norm, here(ArrayKind::resid_mid),
                n, here(ArrayKind::ln2));
      break;
    case Op::mlp_up:
      linear(block(layer).up, here(ArrayKind::ln2), width, mlp_width, here(ArrayKind::mlp_pre));
      break;
    case Op::mlp_activate: {
      float* post = here(ArrayKind::mlp_post);
      std::memcpy(post, here(ArrayKind::mlp_pre), static_cast<std::size_t>(n * mlp_width) * sizeof(float));
      activate(post, n * mlp_width);
      break;
    }
    case Op::mlp_down:
      linear(block(layer).down, here(ArrayKind::mlp_post), mlp_width, width, here(ArrayKind::mlp_out));
      break;
    case Op::finish_block: {
      float* post = here(ArrayKind::resid_post);
      sum(here(pre_norm() ? ArrayKind::resid_mid : ArrayKind::ln2), here(ArrayKind::mlp_out), post);
      if (!pre_norm()) normalize(block(layer).mlp_norm, post, n, post);
      break;
    }
    case Op::finish_model:
      finish_rows(here(ArrayKind::resid_post), n, rows(ArrayKind::ln_final, 0, first));
      break;
    case Op::done:
      break;
  }
  return {};
}

void Run::State::embed(int64_t first, int64_t count) {
  const kernels::Table& kernel = kernels::table();
  const Weights& w = m->weights;
  const bool bert = w.types.size() > 0;
  const auto keep = [&](ArrayKind kind, int64_t row, const float* values) {
    if (needed(kind)) std::copy_n(values, width, rows(kind, 0, row));
  };
  for (int64_t r = first; r < first + count; ++r) {
    float* x = rows(ArrayKind::resid_pre, 0, r);
    kernels::unpack_row(w.tokens.data(), width, ids[static_cast<std::size_t>(r)], x);
    keep(ArrayKind::embed, r, x);
    const float* position = w.positions.data() + r * width;
    keep(ArrayKind::pos_embed, r, position);
    if (bert) {
      // One text, one segment: every token is of type 0.
      keep(ArrayKind::type_embed, r, w.types.data());
      kernel.add(x, w.types.data(), width);
    }
    kernel.add(x, position, width);
    if (bert) normalize(w.embedding_norm, x, 1, x);
  }
}

/// The part of a layer's attention that asks for rows [first, first + count) and answers with every key they
/// may see.
AttentionInputs Run::State::attention(int64_t layer, int64_t first, int64_t count) {
  const int64_t keys = config().causal ? first + count : tokens;
  const auto view = [&](ArrayKind kind, int64_t row, int64_t n) {
    return HeadsView<const float>::seq_first(rows(kind, layer, row), 1, heads, n, head_dim);
  };
  return {view(ArrayKind::q, first, count), view(ArrayKind::k, 0, keys), view(ArrayKind::v, 0, keys)};
}

AttentionOptions Run::State::attention_options(int64_t layer, int64_t first) const {
  AttentionOptions options;
  options.causal = config().causal;
  if (options.causal) options.past_len = first;
  if (!plain[static_cast<std::size_t>(layer)]) {
    const auto at = static_cast<std::size_t>(layer * heads), n = static_cast<std::size_t>(heads);
    options.temperature = std::span(temperatures).subspan(at, n);
    options.gate = std::span(gates).subspan(at, n);
  }
  return options;
}

Status Run::State::attend_rows(int64_t layer, int64_t first, int64_t count) {
  float* lse = scratch.data() + lse_base;  // [heads, count]
  const auto z = HeadsView<float>::seq_first(rows(ArrayKind::z, layer, first), 1, heads, count, head_dim);
  if (Status s =
          attend(attention(layer, first, count), attention_options(layer, first), z,
                 {lse, static_cast<std::size_t>(heads * count)}, scratch.span().subspan(workspace_base));
      !s.ok()) {
    return s;
  }
  float* by_token = rows(ArrayKind::lse, layer, first);
  for (int64_t h = 0; h < heads; ++h) {
    std::copy_n(lse + h * count, count, head_lse(layer, h) + first);
    for (int64_t r = 0; r < count; ++r) by_token[r * heads + h] = lse[h * count + r];
  }
  return {};
}

void Run::State::normalize(const LayerNorm& norm, const float* x, int64_t count, float* y) const {
  const kernels::Table& kernel = kernels::table();
  for (int64_t r = 0; r < count; ++r) {
    kernel.layer_norm(x + r * width, width, norm.gain.data(), norm.shift.data(), config().norm_epsilon,
                      y + r * width);
  }
}

void Run::State::activate(float* x, int64_t count) const {
  switch (config().activation) {
    case ModelConfig::Activation::gelu_tanh:
      kernels::table().gelu_tanh(x, count);
      break;
    case ModelConfig::Activation::gelu_erf:
      kernels::table().gelu_erf(x, count);
      break;
    case ModelConfig::Activation::relu:
      for (int64_t i = 0; i < count; ++i) x[i] = std::max(x[i], 0.0f);
      break;
  }
}

/// From the last block's rows to what the matrix of predictions reads.
void Run::State::finish_rows(const float* x, int64_t count, float* y) const {
  const Weights& w = m->weights;
  if (w.transform.packed.size() > 0) {
    kernels::table().linear(x, width, count, w.transform.packed.data(), width, width, w.transform.bias.data(),
                            y, width, false);
    activate(y, count * width);
    x = y;
  }
  normalize(w.final_norm, x, count, y);
}

Status Run::State::check_head(int64_t layer, int64_t head) const {
  if (layer < 0 || layer >= config().layers) return out_of_range("layer", layer, config().layers);
  if (head < 0 || head >= heads) return out_of_range("head", head, heads);
  if (step.op != Op::done)
    return Status::error(StatusCode::not_finished, "the run has not been advanced to its end");
  return {};
}

// --- The public face
// -----------------------------------------------------------------------------------------------

namespace {

Status check_ids(const ModelConfig& config, std::span<const int32_t> ids, int64_t before) {
  const auto count = static_cast<int64_t>(ids.size());
  if (count == 0) return Status::error(StatusCode::invalid_shape, "no token ids were given");
  if (count > config.positions - before) {
    return Status::error(StatusCode::text_too_long, "%lld tokens are more than the model's %lld positions",
                         static_cast<long long>(before + count), static_cast<long long>(config.positions));
  }
  for (int64_t i = 0; i < count; ++i) {
    const int32_t id = ids[static_cast<std::size_t>(i)];
    if (id < 0 || id >= config.vocabulary) {
      return Status::error(StatusCode::invalid_token,
                           "token id %d at position %lld is not in the vocabulary of %lld",
                           static_cast<int>(id), static_cast<long long>(before + i),
                           static_cast<long long>(config.vocabulary));
    }
  }
  return {};
}

}  // namespace

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::~Run() = default;

Status Run::create(std::shared_ptr<const Model> model, std::span<const int32_t> ids, RunOptions options,
                   const Run* base, std::unique_ptr<Run>& run) {
  if (!model) return Status::error(StatusCode::invalid_option, "a run needs a model");
  const ModelConfig& config = model->config();
  if (Status s = check_ids(config, ids, 0); !s.ok()) return s;

  auto state = std::make_unique<State>();
  state->m = &model->state();
  state->model = std::move(model);
  state->width = config.width;
  state->heads = config.heads;
  state->head_dim = config.head_dim;
  state->mlp_width = config.mlp_width;
  if (Status s = state->set_heads(options.heads); !s.ok()) return s;
  if (Status s = state->set_record(options.record); !s.ok()) return s;

  const auto tokens = static_cast<int64_t>(ids.size());
  if (Status s = state->reserve(tokens); !s.ok()) return s;
  state->tokens = tokens;
  std::copy(ids.begin(), ids.end(), state->ids.data());
  if (Status s = state->final_row.resize(static_cast<std::size_t>(config.width)); !s.ok()) return s;
  if (base) state->reused = state->reusable_rows(*base->state_);
  if (state->reused < tokens) {
    if (Status s = state->reserve_scratch(state->reused, tokens - state->reused, state->scratch); !s.ok())
      return s;
  }
  if (state->reused > 0) state->copy_rows(base->state_->recording, state->reused, state->recording);
  state->begin(state->reused);
  run.reset(new Run(std::move(state)));
  return {};
}

Status Run::advance(double milliseconds) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  State& s = *state_;
  while (s.step.op != Op::done) {
    if (Status status = s.run(s.step); !status.ok()) return status;
    s.work_done += s.flops(s.step);
    s.step = s.after(s.step);
    if (s.step.op == Op::done) s.computed = s.tokens;
    if (!(std::chrono::duration<double, std::milli>(Clock::now() - start).count() < milliseconds)) break;
  }
  return {};
}

bool Run::finished() const {
  return state_->step.op == Op::done;
}

double Run::progress() const {
  return finished() ? 1.0 : state_->work_done / state_->work;
}

Status Run::extend(std::span<const int32_t> ids) {
  State& s = *state_;
  if (!s.config().causal) {
    return Status::error(StatusCode::invalid_option,
                         "only a causal model's run can be extended: here every token sees the new one");
  }
  if (!finished())
    return Status::error(StatusCode::not_finished, "a run is extended when it has been advanced to its end");
  if (Status status = check_ids(s.config(), ids, s.tokens); !status.ok()) return status;
  const auto count = static_cast<int64_t>(ids.size()), first = s.tokens;

  Buffer<float> scratch;
  if (Status status = s.reserve_scratch(first, count, scratch); !status.ok()) return status;
  if (first + count > s.recording.capacity) {
    // Twice the room, so that n single extensions copy O(n) rows; if that is not to be had, just enough.
    const int64_t generous =
        std::min(s.config().positions, std::max(first + count, 2 * s.recording.capacity));
    if (!s.reserve(generous).ok()) {
      if (Status status = s.reserve(first + count); !status.ok()) return status;
    }
  }
  if (scratch.size() > 0) s.scratch = std::move(scratch);
  std::copy(ids.begin(), ids.end(), s.ids.data() + first);
  s.tokens = first + count;
  s.begin(first);
  return {};
}

const Model& Run::model() const {
  return *state_->model;
}
std::span<const int32_t> Run::ids() const {
  return state_->ids.span().first(static_cast<std::size_t>(state_->tokens));
}
int64_t Run::reused() const {
  return state_->reused;
}

Status Run::vector(std::string_view name, int64_t token, int64_t head, std::span<const float>& row) const {
  State& s = *state_;
  const Site* site = s.m->sites.find(name);
  const int length = static_cast<int>(std::min<std::size_t>(name.size(), 100));
  if (!site)
    return Status::error(StatusCode::unknown_site, "this model has no site \"%.*s\"", length, name.data());
  if (!s.recorded[static_cast<std::size_t>(site - s.m->sites.sites.data())]) {
    return Status::error(StatusCode::not_recorded, "this run did not record \"%.*s\"", length, name.data());
  }
  if (token < 0 || token >= s.tokens) return out_of_range("token", token, s.tokens);
  if (head < -1 || head >= std::max<int64_t>(site->heads, 0)) {
    if (site->heads > 0) return out_of_range("head", head, site->heads);
    return Status::error(StatusCode::invalid_option, "\"%.*s\" has no heads", length, name.data());
  }
  if (token >= s.computed)
    return Status::error(StatusCode::not_finished, "token %lld is not computed yet",
                         static_cast<long long>(token));

  const int64_t features = s.m->sites.arrays[static_cast<std::size_t>(site->array)].features;
  const std::span<const float> all(s.at(site->array, token), static_cast<std::size_t>(features));
  const auto part = static_cast<std::size_t>(site->heads ? features / site->heads : features);
  row = head < 0 ? all : all.subspan(static_cast<std::size_t>(head) * part, part);
  return {};
}

std::vector<std::string> Run::sites() const {
  std::vector<std::string> names;
  const auto& sites = state_->m->sites.sites;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (state_->recorded[i]) names.push_back(sites[i].name);
  }
  return names;
}

namespace {

/// One head of a layer as a problem of its own: that is how its log-sum-exps lie in memory.
AttentionInputs one_head(const AttentionInputs& all, int64_t head) {
  const auto pick = [&](HeadsView<const float> view) {
    view.data = view.row(0, head, 0);
    view.heads = 1;
    return view;
  };
  return {pick(all.q), pick(all.k), pick(all.v)};
}
AttentionOptions one_head(AttentionOptions options, int64_t head) {
  const auto at = static_cast<std::size_t>(head);
  if (!options.temperature.empty()) options.temperature = options.temperature.subspan(at, 1);
  if (!options.gate.empty()) options.gate = options.gate.subspan(at, 1);
  return options;
}

}  // namespace

Status Run::explain(int64_t layer, const Rectangle& rectangle, Stage stage, std::span<float> out) const {
  State& s = *state_;
  if (Status status = s.check_head(layer, rectangle.head); !status.ok()) return status;
  if (rectangle.batch != 0) return out_of_range("batch", rectangle.batch, 1);
  Rectangle local = rectangle;
  local.head = 0;
  return limelight::explain(one_head(s.attention(layer, 0, s.tokens), rectangle.head),
                            one_head(s.attention_options(layer, 0), rectangle.head),
                            {s.head_lse(layer, rectangle.head), static_cast<std::size_t>(s.tokens)}, local,
                            stage, out);
}

Status Run::explain_row(int64_t layer, int64_t head, int64_t row, RowDetail& detail) const {
  State& s = *state_;
  if (Status status = s.check_head(layer, head); !status.ok()) return status;
  return limelight::explain_row(one_head(s.attention(layer, 0, s.tokens), head),
                                one_head(s.attention_options(layer, 0), head), 0, 0, row, detail);
}

Status Run::logits(int64_t token, std::span<float> out) const {
  State& s = *state_;
  const ModelConfig& config = s.config();
  if (token < 0 || token >= s.tokens) return out_of_range("token", token, s.tokens);
  if (static_cast<int64_t>(out.size()) != config.vocabulary) {
    return Status::error(StatusCode::invalid_shape, "room for %zu logits; the vocabulary has %lld",
                         out.size(), static_cast<long long>(config.vocabulary));
  }
  if (token >= s.computed)
    return Status::error(StatusCode::not_finished, "token %lld is not computed yet",
                         static_cast<long long>(token));
  const Weights& w = s.m->weights;
  s.finish_rows(s.rows(ArrayKind::resid_post, config.layers - 1, token), 1, s.final_row.data());
  kernels::table().linear(s.final_row.data(), s.width, 1, w.tokens.data(), s.width, config.vocabulary,
                          w.token_bias.size() ? w.token_bias.data() : nullptr, out.data(), config.vocabulary,
                          false);
  return {};
}

}  // namespace limelight
