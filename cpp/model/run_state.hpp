// What a Run is made of. The files that use each other do so in one direction: run.cpp answers the public API
// and uses all others; forward.cpp computes a step, on the arrays of recording.cpp; steps.cpp says which step
// is next.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/state.hpp"

namespace limelight {

/// Most rows of one step. 64 rows of a 768 x 3072 matrix are 0.3 GFLOP, some 10 ms at the slowest: the time
/// within which a run hears of a newer keystroke. Also what the kernels' row tiles (4 to 6) divide with
/// little waste.
inline constexpr int64_t kStepRows = 64;

/// What one step does; a block runs project_* for all rows first, because keys and values of every row have
/// to be there before the first row can attend.
enum class Op : uint8_t {
  embed,
  norm_attention,
  project_q,
  project_k,
  project_v,
  cross_keys,  // keys and values of the source, whose rows it counts
  attend,
  attention_out,
  norm_cross,
  cross_q,
  cross_attend,
  cross_out,
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
  std::size_t lse_by_head = 0;    // [attentions * heads, capacity]: what explain() reads
  int64_t capacity = 0;

  float* array(int index) { return floats.data() + base[static_cast<std::size_t>(index)]; }
  float* head_lse(int64_t row) {
    return floats.data() + lse_by_head + static_cast<std::size_t>(row * capacity);
  }
};

struct Run::State {
  std::shared_ptr<const Model> model;
  const Model::State* m = nullptr;
  ThreadPool* pool = nullptr;
  int64_t width = 0, heads = 0, kv_heads = 0, head_dim = 0, mlp_width = 0;

  Buffer<int32_t> ids;   // as many as the recording has room for
  int64_t tokens = 0;    // ids in use
  int64_t computed = 0;  // rows that are complete at every site
  int64_t reused = 0;
  int64_t projected = 0;  // rows whose queries, keys and values of the first layer came from another run

  std::shared_ptr<Run> source;  // of an encoder-decoder: the encoder's run, which others may share
  int64_t source_tokens = 0;

  std::vector<float> gates, temperatures;  // [attentions, heads]
  std::vector<bool> plain;                 // attentions in which no head is changed
  std::vector<bool> recorded;              // by site
  bool finishes = true;                    // the last block: something behind its attention is kept

  std::vector<Place> places;  // by array
  Recording recording;
  Buffer<float> scratch;  // the current step's rows of arrays that are not kept, and attend()'s workspace
  std::size_t step_base[kArrayKinds] = {}, lse_base = 0, workspace_base = 0;
  Buffer<float> row_scratch;  // what predictions at a token are computed in
  Buffer<float> cos, sin;     // [capacity, head_dim / 2], of a model with rotary positions

  Step step;
  double work = 0, work_done = 0;

  const ModelConfig& config() const { return m->config; }
  const BlockWeights& block(int64_t layer) const {
    return m->weights.blocks[static_cast<std::size_t>(layer)];
  }
  bool pre_norm() const { return config().norm == ModelConfig::Norm::pre; }
  bool has_mlp() const { return mlp_width > 0; }
  bool crosses() const { return source != nullptr; }
  /// Every layer's own attention, and then every layer's to the source.
  int64_t attentions() const { return config().layers * (config().encoder ? 2 : 1); }
  int64_t index(AttentionKind kind, int64_t layer) const {
    return kind == AttentionKind::cross ? config().layers + layer : layer;
  }

  // What a run is asked to do: run.cpp
  Status set_source(RunOptions& options, const Run* base);
  Status set_heads(const std::vector<HeadChange>& changes);
  Status check_head(int64_t layer, int64_t head) const;
  Status check_kind(AttentionKind kind) const;

  // What is kept, and where: recording.cpp
  Status set_record(const std::vector<std::string>& patterns);
  Status make_recording(int64_t rows, Recording& fresh) const;
  Status reserve(int64_t rows);
  void copy_rows(Recording& from, int64_t rows, Recording& to) const;
  int64_t reusable_rows(const State& from) const;
  int64_t common_prefix(const State& from) const;
  void take_projections(State& from);
  bool needed(ArrayKind kind, int64_t layer = 0) const {
    const int array = m->sites.array(kind, layer);
    return array >= 0 && places[static_cast<std::size_t>(array)] != Place::nowhere;
  }
  float* at(int array, int64_t row);
  float* rows(ArrayKind kind, int64_t layer, int64_t row) { return at(m->sites.array(kind, layer), row); }
  float* head_lse(AttentionKind kind, int64_t layer, int64_t head) {
    return recording.head_lse(index(kind, layer) * heads + head);
  }

  /// The stream between attention and MLP.
  ArrayKind middle() const { return crosses() ? ArrayKind::resid_cross : ArrayKind::resid_mid; }

  // Which step is next: steps.cpp
  void begin(int64_t first);
  int64_t step_rows(int64_t first) const;
  Step source_step(int64_t layer, int64_t first) const;
  Step first_step(int64_t first) const;
  Step after(const Step& s) const;
  double flops(const Step& s) const;

  // What a step does: forward.cpp
  Status reserve_scratch(int64_t first, int64_t count, Buffer<float>& fresh);
  Status run(const Step& s);
  void embed(int64_t first, int64_t count);
  Status project(const Step& s, const Linear& weights, int64_t heads_of_it, ArrayKind to, ArrayKind turned);
  void project_source(const Step& s);
  Status attend_rows(AttentionKind kind, int64_t layer, int64_t first, int64_t count);
  AttentionInputs attention(AttentionKind kind, int64_t layer, int64_t first, int64_t count);
  AttentionOptions attention_options(AttentionKind kind, int64_t layer, int64_t first) const;
  void normalize(const LayerNorm& norm, const float* x, int64_t count, float* y) const;
  void activate(float* x, int64_t count) const;
  void widen(const BlockWeights& w, const float* x, int64_t count, float* pre, float* linear) const;
  void activate_wide(const float* linear, int64_t count, float* post) const;
  std::size_t row_scratch_size() const;
  const float* finish_last_block(int64_t token);
  void finish_rows(const float* x, int64_t count, float* y) const;
};

}  // namespace limelight
