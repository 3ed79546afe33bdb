// Transformer models: what a configuration means, the weights, and runs over token ids that can be looked
// into.
//
// Sites follow TransformerLens' names without "hook_". n tokens, d model width, H heads, D head_dim, M mlp
// width:
//
//   embed, pos_embed           [n, d]
//   type_embed, embed_ln       [n, d]     bert; embed_ln is the sum of the three, normalised
//   blocks.L.resid_pre         [n, d]
//   blocks.L.ln1               [n, d]     what the attention reads
//   blocks.L.attn.q .k .v .z   [n, H, D]  z includes the head's gate; k and v have [n, kv_heads, D]
//   blocks.L.attn.rot_q .rot_k            rotary models: q and k as they meet, turned by their positions
//   blocks.L.attn.lse          [n, H]
//   blocks.L.attn.out          [n, d]
//   blocks.L.resid_mid         [n, d]     resid_pre + attn.out
//   blocks.L.ln2               [n, d]     what the MLP reads: resid_mid, normalised
//   blocks.L.mlp.pre .post     [n, M]     post = activation(pre); gated: activation(pre) * pre_linear
//   blocks.L.mlp.pre_linear    [n, M]     gated models: the branch without activation
//   blocks.L.mlp.out           [n, d]
//   blocks.L.resid_post        [n, d]
//   ln_final                   [n, d]     what the matrix of predictions reads
//
// Pre-norm models: ln1 is resid_pre, normalised; resid_post = resid_mid + mlp.out.
// Post-norm models: ln1 is resid_pre itself; resid_post = ln2 + mlp.out, normalised.
// Without MLP (mlp_width 0): ln2 and mlp.* do not exist, and resid_post = resid_mid. Rotary models have no
// pos_embed.
// Encoder-decoders: the names above after "encoder." and "decoder."; m tokens in the source:
//
//   decoder.blocks.L.cross.ln        [n, d]     what cross-attention asks with: resid_mid, normalised
//   decoder.blocks.L.cross.q .z      [n, H, D]  .lse [n, H]
//   decoder.blocks.L.cross.k .v      [m, H, D]  of the encoder's last resid_post
//   decoder.blocks.L.cross.out       [n, d]
//   decoder.blocks.L.resid_cross     [n, d]     cross.ln + cross.out (pre-norm: resid_mid + cross.out); ln2
//                                               follows from it, not from resid_mid
//
// Scores and weights are no sites: Run::explain computes any rectangle of them from q, k and lse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "limelight/explain.hpp"
#include "limelight/rotary.hpp"
#include "limelight/safetensors.hpp"
#include "limelight/status.hpp"
#include "limelight/thread_pool.hpp"

namespace limelight {

/// One block serves every family; a family is a set of these choices and a list of tensor names.
struct ModelConfig {
  enum class Family { gpt2, bert, llama, marian };
  enum class Norm { pre, post };
  enum class Activation { gelu_tanh, gelu_erf, relu, silu };
  Family family = Family::gpt2;
  Norm norm = Norm::pre;
  Activation activation = Activation::gelu_tanh;
  bool causal = true;
  bool rms_norm = false;  ///< norms divide by the root of the mean square: no mean, no shift
  bool gated = false;     ///< the MLP multiplies its activation by a branch without one (SwiGLU)
  bool tied = true;       ///< predictions read the token embedding; else a matrix of their own
  /// Queries and keys are turned by their positions, and no position is embedded.
  std::optional<RotaryFrequencies> rotary = {};
  /// Texts that the model was trained on are no longer. A model that embeds positions has no others; a rotary
  /// one goes on, and may become worse.
  int64_t positions = 0;
  int64_t vocabulary = 0, width = 0, layers = 0, heads = 0, kv_heads = 0, head_dim = 0;
  int64_t mlp_width = 0;          ///< 0: blocks are attention alone
  int64_t token_types = 0;        ///< bert: rows of the segment embedding
  bool scaled_embedding = false;  ///< token embeddings are multiplied by sqrt(width)
  bool sinusoids = false;         ///< positions are embedded as sines and cosines, which no file holds

  // Encoder-decoders: this is the decoder, which besides itself attends to what the encoder made of the
  // source.
  std::shared_ptr<const ModelConfig> encoder = {};
  bool is_encoder = false;        ///< this is what `encoder` of another points to: it predicts nothing
  bool shared_embedding = false;  ///< encoder and decoder embed tokens with one matrix
  int32_t start_token = 0, end_token = 0;  ///< what a target begins with, and what it ends with

  float norm_epsilon = 1e-5f;
  bool int8 = false;  ///< quantization_config says that matrices may be int8

  int64_t longest_text() const { return rotary ? kLongestText : positions; }
  /// Far above any model's, and low enough that no position loses digits as a float.
  static constexpr int64_t kLongestText = int64_t{1} << 20;
};

/// What matrices (of linear layers, and the token embedding) are kept as. Position and segment embeddings,
/// biases and norms are f32 always.
enum class WeightFormat {
  automatic,  ///< as stored; but F16 as f32 in a small model, see kSmallModelBytes
  as_stored,  ///< each as in the file; BF16 as f32
  f32,
  f16,  ///< rounded to nearest
  int8  ///< per output feature: scale = max |w| / 127, q = w / scale rounded to nearest, ties to even
};

/// A model whose parameters take no more than this as f32 is small: caches hold much of it, so that fewer
/// bytes gain less (one or two rows at a time) than widening them costs (most of all with some rows at a
/// time, as after an edit in the middle of a text). The results are the same bits.
inline constexpr std::size_t kSmallModelBytes = std::size_t{64} << 20;

/// Reads a Hugging Face config.json. Errors: corrupt_file (no JSON), unsupported_model (family, activation,
/// position embedding, names the value), invalid_shape (sizes that are missing, not positive, or do not
/// divide).
Status parse_config(std::string_view json, ModelConfig& config);

class Model;

/// Takes a checkpoint in: config.json whole, then model.safetensors in pieces of any size, in order.
/// Peak memory: the weights as they are kept, plus one row of the widest tensor; where int8 is asked for, or
/// an int8 file is to become something else, one matrix more.
///
/// int8 in a checkpoint: config.json has "quantization_config": {"quant_method": "limelight-int8"}; a matrix
/// `X` may then be I8 and has `X_scale` in F32 beside it, one number for each output feature (each entry of
/// the token embedding): w = scale * q. GPT-2's Conv1D matrices lie as [in, out], so there a scale belongs to
/// a column of the tensor.
///
/// A refused configuration can be
/// corrected; a failed feed() or finish() gives everything back, and later calls repeat its reason.
class ModelLoader {
 public:
  ModelLoader();
  ~ModelLoader();
  ModelLoader(ModelLoader&&) noexcept;
  ModelLoader& operator=(ModelLoader&&) noexcept;

  /// Errors: as parse_config.
  Status configure(std::string_view config_json, WeightFormat format = WeightFormat::automatic);
  /// Errors: corrupt_file (the header, or bytes after the last tensor); as soon as the header is there,
  /// naming the tensor: missing_tensor (also an int8 tensor's scale), unknown_tensor, misshapen_tensor (its
  /// shape or dtype); invalid_value (NaN or an infinity among the weights, or a number beyond f16 where that
  /// is asked for); unsupported_model (a head that differs from the embedding that it should be tied to).
  Status feed(std::span<const std::byte> bytes);
  /// Errors: truncated_file.
  Status finish(std::shared_ptr<const Model>& model);
  /// Tensors that were read past because the family carries them without need (attn.bias, position_ids,
  /// pooler, a tied head).
  const std::vector<std::string>& ignored() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Which attention of a layer. A model of one stack has `self` alone. Of an encoder-decoder, `self` is the
/// decoder's own, `cross` the decoder's to the source, `encoder` the encoder's own.
enum class AttentionKind { self, cross, encoder };

/// Changes to one head that a run makes: its scores divided by `temperature`, its output multiplied by
/// `gate`. Several changes of one head multiply.
struct HeadChange {
  int64_t layer = 0, head = 0;
  float gate = 1.0f;         ///< 0 silences the head; any finite number
  float temperature = 1.0f;  ///< > 0
  AttentionKind kind = AttentionKind::self;
};

struct RunOptions {
  std::vector<HeadChange> heads;
  /// Of an encoder-decoder, which needs it: the tokens that the encoder reads.
  std::vector<int32_t> source;
  /// Which sites stay after the run: names, or patterns in which * stands for anything ("blocks.*.mlp.post").
  /// q, k, v, z, lse of every layer and the last resid_pre are always kept (weights and predictions need
  /// them). A run that keeps nothing behind the last layer's z stops there.
  std::vector<std::string> record = {"*"};
  /// Shares the matrix products and attention of this run; has to outlive it. The bits are the same.
  ThreadPool* pool = nullptr;
};

/// Parses {"interventions": [{"silence": {"layer": 2, "head": 3}}, {"scale": {"layer", "head", "by"}},
/// {"temperature": {"layer", "head", "value"}}], "record": ["..."], "source": [ids]}; layer or head left out
/// means all of them; of an encoder-decoder an intervention may say "attention": "self" (or nothing), "cross"
/// or "encoder". Unknown keys are invalid_option: nothing is silently ignored.
Status parse_run_options(std::string_view json, const ModelConfig& config, RunOptions& options);

/// A forward pass over token ids that can be advanced in slices, extended at its end, and asked afterwards.
/// Its recording is [token][features] per site, so a run that starts with the ids of another one copies that
/// prefix.
class Run {
 public:
  /// Checks ids and options and takes memory; computes nothing yet. `base`, if given, is a finished or
  /// unfinished run of the same model: where the model is causal and the options agree, rows of the longest
  /// common prefix of ids are taken over; none, if this run records what `base` does not. Where it is not,
  /// what the first layer projects of that prefix is.
  /// Of an encoder-decoder `ids` is the target as far as it is known, from the start token on. The encoder
  /// runs first; where `base` has read the same source with the same changes, its work is shared, and
  /// without that no row of `base` is taken over.
  /// Errors: invalid_shape (no ids), invalid_option (a source that is missing, or that nothing reads),
  /// text_too_long, invalid_token, invalid_option and invalid_value (heads),
  /// unknown_site (a pattern that matches none), out_of_memory.
  static Status create(std::shared_ptr<const Model> model, std::span<const int32_t> ids, RunOptions options,
                       const Run* base, std::unique_ptr<Run>& run);
  ~Run();

  /// Works for about `milliseconds` (at least one step; a step is at most 64 rows of one operation), then
  /// returns.
  Status advance(double milliseconds);
  bool finished() const;
  double progress() const;  ///< 0..1, share of the floating-point work done
  /// Appends ids to a finished run of a causal model; advance() then computes only them. On failure nothing
  /// changed.
  Status extend(std::span<const int32_t> ids);

  const Model& model() const;
  std::span<const int32_t> ids() const;
  std::span<const int32_t> source() const;  ///< empty but in an encoder-decoder
  int64_t reused() const;                   ///< tokens taken over from `base`

  /// One token's row of a site; for sites with heads, head >= 0 selects [D] (lse: one number), head -1 all of
  /// them. `row` points into the recording and holds until the run is extended or destroyed.
  /// Errors: unknown_site, not_recorded, not_finished (this token is not computed yet), invalid_shape (token,
  /// head), invalid_option (a head of a site that has none).
  Status vector(std::string_view site, int64_t token, int64_t head, std::span<const float>& row) const;
  /// Names of all sites that this run recorded, in the order of computation.
  std::vector<std::string> sites() const;

  /// As explain.hpp says; rectangle.batch must be 0. not_finished before the run's end; out_of_memory (the
  /// workspace).
  Status explain(int64_t layer, const Rectangle& rectangle, Stage stage, const Picture& picture,
                 AttentionKind kind = AttentionKind::self) const;
  Status explain_row(int64_t layer, int64_t head, int64_t row, RowDetail& detail,
                     AttentionKind kind = AttentionKind::self) const;

  /// Scores of every vocabulary entry after (causal) or at (masked) `token`: [vocabulary]. Computed when
  /// asked, in 2 * width * vocabulary FLOPs; where the last resid_post is not recorded, also the rest of its
  /// layer, for this token.
  Status logits(int64_t token, std::span<float> out) const;

 private:
  struct State;
  explicit Run(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Model {
 public:
  ~Model();
  const ModelConfig& config() const;
  /// Bytes that the weights hold in memory.
  std::size_t weight_bytes() const;
  /// What the matrices are kept as: "f32", "f16", "int8", or "mixed".
  const char* weight_format() const;
  /// Numbers in the checkpoint's tensors, a tied one counted once.
  int64_t parameters() const;

  struct State;
  explicit Model(std::unique_ptr<State> state);
  const State& state() const { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

/// One entry of a ranked prediction; probability = exp(logit / temperature) / sum.
struct Candidate {
  int32_t id = 0;
  float logit = 0, probability = 0;
};
/// The `candidates.size()` most probable entries, best first, ties by lower id; probabilities are over the
/// whole vocabulary. temperature > 0. Cost: O(vocabulary * log k).
Status rank(std::span<const float> logits, float temperature, std::span<Candidate> candidates);
/// Draws an id: temperature 0 takes the largest logit; otherwise from softmax(logits / temperature) among the
/// top_k (0: all), with a uniform number made from (seed, step) by splitmix64, so that the same seed gives
/// the same text everywhere.
Status sample(std::span<const float> logits, float temperature, int64_t top_k, uint64_t seed, uint64_t step,
              int32_t& id);

}  // namespace limelight
