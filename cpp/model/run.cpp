// The public face of a run: what it is asked to do, its slices and extensions, and what it answers.
#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "kernels/kernels.hpp"
#include "limelight/model.hpp"
#include "model/run_state.hpp"

namespace limelight {
namespace {

Status out_of_range(const char* what, int64_t value, int64_t end) {
  return Status::error(StatusCode::invalid_shape, "%s %lld is not one of 0 to %lld", what,
                       static_cast<long long>(value), static_cast<long long>(end - 1));
}

Status check_ids(const ModelConfig& config, std::span<const int32_t> ids, int64_t before) {
  const auto count = static_cast<int64_t>(ids.size());
  if (count == 0) return Status::error(StatusCode::invalid_shape, "no token ids were given");
  if (count > config.longest_text() - before) {
    return Status::error(StatusCode::text_too_long, "%lld tokens are more than the model's %lld positions",
                         static_cast<long long>(before + count),
                         static_cast<long long>(config.longest_text()));
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

/// The run of the encoder: that of `base`, where it would be the same.
Status Run::State::set_source(RunOptions& options, const Run* base) {
  if (!config().encoder) {
    if (options.source.empty()) return {};
    return Status::error(StatusCode::invalid_option, "a source of %zu tokens: this model has no encoder",
                         options.source.size());
  }
  if (options.source.empty())
    return Status::error(StatusCode::invalid_option, "a run of an encoder-decoder needs a source");
  RunOptions its;
  its.pool = pool;
  its.record.clear();
  for (const std::string& pattern : options.record) {
    if (matches_any(m->encoder->state().sites, pattern)) its.record.push_back(pattern);
  }
  for (HeadChange change : options.heads) {
    if (change.kind != AttentionKind::encoder) continue;
    change.kind = AttentionKind::self;
    its.heads.push_back(change);
  }
  const Run* other = base && base->state_->m == m ? base->state_->source.get() : nullptr;
  std::unique_ptr<Run> made;
  if (Status s = create(m->encoder, options.source, std::move(its), other, made); !s.ok()) return s;
  const auto same = [](const State& a, const State& b) {
    return a.recorded == b.recorded && a.gates == b.gates && a.temperatures == b.temperatures &&
           a.tokens == b.tokens && std::equal(a.ids.data(), a.ids.data() + a.tokens, b.ids.data());
  };
  source = other && same(*other->state_, *made->state_) ? base->state_->source : std::move(made);
  source_tokens = source->state_->tokens;
  return {};
}

Status Run::State::set_heads(const std::vector<HeadChange>& changes) {
  const auto all = static_cast<std::size_t>(attentions() * heads);
  gates.assign(all, 1.0f);
  temperatures.assign(all, 1.0f);
  plain.assign(static_cast<std::size_t>(attentions()), true);
  for (const HeadChange& change : changes) {
    if (change.kind == AttentionKind::encoder && crosses()) continue;  // of the source's run
    if (change.kind != AttentionKind::self && !crosses()) {
      return Status::error(StatusCode::invalid_option,
                           "a change of a head of the %s: this model has one stack, which reads no other",
                           change.kind == AttentionKind::encoder ? "encoder" : "cross-attention");
    }
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
    const int64_t attention = index(change.kind, change.layer);
    const auto i = static_cast<std::size_t>(attention * heads + change.head);
    gates[i] *= change.gate;
    temperatures[i] *= change.temperature;
    if (gates[i] != 1 || temperatures[i] != 1) plain[static_cast<std::size_t>(attention)] = false;
    if (!std::isfinite(gates[i]) || !(temperatures[i] > 0) || !std::isfinite(temperatures[i])) {
      return Status::error(StatusCode::invalid_value,
                           "the changes of layer %lld, head %lld multiply beyond the range of f32",
                           static_cast<long long>(change.layer), static_cast<long long>(change.head));
    }
  }
  return {};
}

Status Run::State::check_head(int64_t layer, int64_t head) const {
  if (layer < 0 || layer >= config().layers) return out_of_range("layer", layer, config().layers);
  if (head < 0 || head >= heads) return out_of_range("head", head, heads);
  if (step.op != Op::done)
    return Status::error(StatusCode::not_finished, "the run has not been advanced to its end");
  return {};
}

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
  state->pool = options.pool;
  state->width = config.width;
  state->heads = config.heads;
  state->kv_heads = config.kv_heads;
  state->head_dim = config.head_dim;
  state->mlp_width = config.mlp_width;
  if (Status s = state->set_source(options, base); !s.ok()) return s;
  if (Status s = state->set_heads(options.heads); !s.ok()) return s;
  if (Status s = state->set_record(options.record); !s.ok()) return s;

  const auto tokens = static_cast<int64_t>(ids.size());
  if (Status s = state->reserve(tokens); !s.ok()) return s;
  state->tokens = tokens;
  std::copy(ids.begin(), ids.end(), state->ids.data());
  if (Status s = state->row_scratch.resize(state->row_scratch_size()); !s.ok()) return s;
  if (base) state->reused = state->reusable_rows(*base->state_);
  if (state->reused < tokens) {
    if (Status s = state->reserve_scratch(state->reused, tokens - state->reused, state->scratch); !s.ok())
      return s;
  }
  if (state->reused > 0) state->copy_rows(base->state_->recording, state->reused, state->recording);
  if (base) state->take_projections(*base->state_);
  state->begin(state->reused);
  run.reset(new Run(std::move(state)));
  return {};
}

Status Run::advance(double milliseconds) {
  const double start = milliseconds_now();
  State& s = *state_;
  if (s.source && !s.source->finished()) {
    if (Status status = s.source->advance(milliseconds); !status.ok()) return status;
    if (!s.source->finished() || !(milliseconds_now() - start < milliseconds)) return {};
  }
  while (s.step.op != Op::done) {
    if (Status status = s.run(s.step); !status.ok()) return status;
    s.work_done += s.flops(s.step);
    s.step = s.after(s.step);
    if (s.step.op == Op::done) s.computed = s.tokens;
    if (!(milliseconds_now() - start < milliseconds)) break;
  }
  return {};
}

bool Run::finished() const {
  return state_->step.op == Op::done;
}

double Run::progress() const {
  if (finished()) return 1.0;
  const State& s = *state_;
  const State* source = s.source ? s.source->state_.get() : nullptr;
  return (s.work_done + (source ? source->work_done : 0.0)) / (s.work + (source ? source->work : 0.0));
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
        std::min(s.config().longest_text(), std::max(first + count, 2 * s.recording.capacity));
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
std::span<const int32_t> Run::source() const {
  return state_->source ? state_->source->ids() : std::span<const int32_t>();
}
int64_t Run::reused() const {
  return state_->reused;
}

Status Run::vector(std::string_view name, int64_t token, int64_t head, std::span<const float>& row) const {
  State& s = *state_;
  if (s.source && name.starts_with("encoder.")) return s.source->vector(name, token, head, row);
  const Site* site = s.m->sites.find(name);
  const int length = static_cast<int>(std::min<std::size_t>(name.size(), 100));
  if (!site)
    return Status::error(StatusCode::unknown_site, "this model has no site \"%.*s\"", length, name.data());
  if (!s.recorded[static_cast<std::size_t>(site - s.m->sites.sites.data())]) {
    return Status::error(StatusCode::not_recorded, "this run did not record \"%.*s\"", length, name.data());
  }
  const RecordedArray& array = s.m->sites.arrays[static_cast<std::size_t>(site->array)];
  const int64_t count = array.of_source() ? s.source_tokens : s.tokens;
  if (token < 0 || token >= count) return out_of_range("token", token, count);
  if (head < -1 || head >= std::max<int64_t>(site->heads, 0)) {
    if (site->heads > 0) return out_of_range("head", head, site->heads);
    return Status::error(StatusCode::invalid_option, "\"%.*s\" has no heads", length, name.data());
  }
  if (array.of_source() ? s.computed == 0 : token >= s.computed)
    return Status::error(StatusCode::not_finished, "token %lld is not computed yet",
                         static_cast<long long>(token));

  const int64_t features = array.features;
  const std::span<const float> all(s.at(site->array, token), static_cast<std::size_t>(features));
  const auto part = static_cast<std::size_t>(site->heads ? features / site->heads : features);
  row = head < 0 ? all : all.subspan(static_cast<std::size_t>(head) * part, part);
  return {};
}

std::vector<std::string> Run::sites() const {
  std::vector<std::string> names;
  if (state_->source) names = state_->source->sites();
  const auto& sites = state_->m->sites.sites;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (state_->recorded[i]) names.push_back(sites[i].name);
  }
  return names;
}

namespace {

/// One head of a layer as a problem of its own: that is how its log-sum-exps lie in memory.
AttentionInputs one_head(const AttentionInputs& all, int64_t head) {
  const auto pick = [](HeadsView<const float> view, int64_t its_head) {
    view.data = view.row(0, its_head, 0);
    view.heads = 1;
    return view;
  };
  const int64_t kv_head = head / (all.q.heads / all.k.heads);
  return {pick(all.q, head), pick(all.k, kv_head), pick(all.v, kv_head)};
}
AttentionOptions one_head(AttentionOptions options, int64_t head) {
  const auto at = static_cast<std::size_t>(head);
  if (!options.temperature.empty()) options.temperature = options.temperature.subspan(at, 1);
  if (!options.gate.empty()) options.gate = options.gate.subspan(at, 1);
  return options;
}

}  // namespace

Status Run::State::check_kind(AttentionKind kind) const {
  if (kind == AttentionKind::self || crosses()) return {};
  return Status::error(StatusCode::invalid_option, "this model has no encoder to look into or at");
}

Status Run::explain(int64_t layer, const Rectangle& rectangle, Stage stage, const Picture& picture,
                    AttentionKind kind) const {
  State& s = *state_;
  if (Status status = s.check_kind(kind); !status.ok()) return status;
  if (kind == AttentionKind::encoder) return s.source->explain(layer, rectangle, stage, picture);
  const bool one = rectangle.head != kEveryHead;
  if (Status status = s.check_head(layer, one ? rectangle.head : 0); !status.ok()) return status;
  if (rectangle.batch != 0) return out_of_range("batch", rectangle.batch, 1);
  const auto tokens = static_cast<std::size_t>(s.tokens);
  AttentionInputs in = s.attention(kind, layer, 0, s.tokens);
  AttentionOptions options = s.attention_options(kind, layer, 0);
  Rectangle local = rectangle;
  std::span<const float> lse;
  Buffer<float> gathered;
  if (one) {
    in = one_head(in, rectangle.head);
    options = one_head(options, rectangle.head);
    local.head = 0;
    lse = {s.head_lse(kind, layer, rectangle.head), tokens};
  } else if (stage == Stage::weight) {
    // The recording has room for more tokens between the heads.
    if (Status status = gathered.resize(static_cast<std::size_t>(s.heads) * tokens); !status.ok())
      return status;
    for (int64_t head = 0; head < s.heads; head++)
      std::copy_n(s.head_lse(kind, layer, head), tokens, gathered.data() + head * s.tokens);
    lse = gathered.span();
  }
  Buffer<std::byte> workspace;
  if (Status status = workspace.resize(explain_workspace(in, options, local)); !status.ok()) return status;
  return limelight::explain(in, options, lse, local, stage, picture, workspace.span());
}

Status Run::explain_row(int64_t layer, int64_t head, int64_t row, RowDetail& detail,
                        AttentionKind kind) const {
  State& s = *state_;
  if (Status status = s.check_kind(kind); !status.ok()) return status;
  if (kind == AttentionKind::encoder) return s.source->explain_row(layer, head, row, detail);
  if (Status status = s.check_head(layer, head); !status.ok()) return status;
  return limelight::explain_row(one_head(s.attention(kind, layer, 0, s.tokens), head),
                                one_head(s.attention_options(kind, layer, 0), head), 0, 0, row, detail);
}

Status Run::logits(int64_t token, std::span<float> out) const {
  State& s = *state_;
  const ModelConfig& config = s.config();
  if (config.is_encoder) return Status::error(StatusCode::invalid_option, "an encoder predicts no tokens");
  if (token < 0 || token >= s.tokens) return out_of_range("token", token, s.tokens);
  if (static_cast<int64_t>(out.size()) != config.vocabulary) {
    return Status::error(StatusCode::invalid_shape, "room for %zu logits; the vocabulary has %lld",
                         out.size(), static_cast<long long>(config.vocabulary));
  }
  if (token >= s.computed)
    return Status::error(StatusCode::not_finished, "token %lld is not computed yet",
                         static_cast<long long>(token));
  const Weights& w = s.m->weights;
  const int last = s.m->sites.array(ArrayKind::resid_post, config.layers - 1);
  const bool kept = s.places[static_cast<std::size_t>(last)] == Place::kept;
  float* row = s.row_scratch.data();
  s.finish_rows(kept ? s.at(last, token) : s.finish_last_block(token), 1, row);
  (config.tied ? s.m->tokens() : w.head)
      .multiply(row, s.width, 1, w.token_bias.data(), out.data(), config.vocabulary, s.pool);
  return {};
}

}  // namespace limelight
