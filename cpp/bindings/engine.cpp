// The engine module's door to JavaScript. Calls are few and coarse (an Embind call costs about 200 ns), take
// numbers only, and compute nothing themselves: they give the bytes that the caller laid out in wasm memory a
// C++ shape.
//
// Addresses and handles are numbers; 0 is "none". A call that can fail returns a StatusCode (0: ok) or, where
// it makes something, a handle (0: it failed); the reason is then in lastCode() and lastMessage(). Texts that
// a user wrote come as an address and a length, so that a long one without memory is an error and not an
// abort.
#include <emscripten/bind.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "limelight/attention.hpp"
#include "limelight/memory.hpp"
#include "limelight/model.hpp"
#include "limelight/status.hpp"

namespace limelight {
namespace {

using Address = uintptr_t;

Status last;

bool keep(const Status& status) {
  last = status;
  return status.ok();
}
int code(const Status& status) {
  last = status;
  return static_cast<int>(status.code);
}

template <class T>
std::span<T> span_at(Address address, double count) {
  return {reinterpret_cast<T*>(address), static_cast<std::size_t>(count)};
}
std::string_view text_at(Address address, double bytes) {
  return {reinterpret_cast<const char*>(address), static_cast<std::size_t>(bytes)};
}

std::string last_code() {
  return status_name(last.code);
}
std::string last_message() {
  return last.message;
}

Address allocate(double bytes) {
  void* block = bytes > 0 && bytes < 0x1p32 ? allocate_bytes(static_cast<std::size_t>(bytes)) : nullptr;
  if (!block) last = Status::error(StatusCode::out_of_memory, "no memory for %.0f bytes", bytes);
  return reinterpret_cast<Address>(block);
}
void release(Address block, double bytes) {
  release_bytes(reinterpret_cast<void*>(block), static_cast<std::size_t>(bytes));
}
double live() {
  return static_cast<double>(live_bytes());
}

// ------------------------------------------------------------------------------------------ attention on
// arrays

// One block of doubles describes a call; attentionFields() tells the caller their order. NaN stands for "not
// given".
// clang-format off
#define LIMELIGHT_ATTENTION_FIELDS(X)                                                             \
  X(q) X(k) X(v) X(out) X(lse)                                                                    \
  X(batch) X(heads) X(kvHeads) X(qLength) X(kvLength) X(headDim) X(valueDim) X(headsFirst)        \
  X(scale) X(causal) X(pastLength) X(keyLengths) X(temperature) X(gate)                           \
  X(atBatch) X(atHead) X(firstRow) X(rows) X(firstCol) X(cols)                                    \
  X(pooledRows) X(pooledCols) X(pool) X(stage)
// clang-format on

struct AttentionFields {
#define X(name) double name;
  LIMELIGHT_ATTENTION_FIELDS(X)
#undef X
};

std::string attention_fields() {
#define X(name) #name ","
  std::string names = LIMELIGHT_ATTENTION_FIELDS(X);
#undef X
  names.pop_back();
  return names;
}

template <class T>
HeadsView<T> view(const AttentionFields& f, double address, double heads, double seq, double dim) {
  T* data = reinterpret_cast<T*>(static_cast<Address>(address));
  const auto n = [](double x) { return static_cast<int64_t>(x); };
  return f.headsFirst != 0 ? HeadsView<T>::heads_first(data, n(f.batch), n(heads), n(seq), n(dim))
                           : HeadsView<T>::seq_first(data, n(f.batch), n(heads), n(seq), n(dim));
}

AttentionInputs inputs(const AttentionFields& f) {
  return {view<const float>(f, f.q, f.heads, f.qLength, f.headDim),
          view<const float>(f, f.k, f.kvHeads, f.kvLength, f.headDim),
          view<const float>(f, f.v, f.kvHeads, f.kvLength, f.valueDim)};
}

template <class T>
std::span<const T> optional_array(double address, double count) {
  if (address == 0) return {};
  return span_at<const T>(static_cast<Address>(address), count);
}

AttentionOptions options(const AttentionFields& f) {
  AttentionOptions o;
  if (!std::isnan(f.scale)) o.scale = static_cast<float>(f.scale);
  o.causal = f.causal != 0;
  if (!std::isnan(f.pastLength)) o.past_len = static_cast<int64_t>(f.pastLength);
  o.key_lengths = optional_array<int32_t>(f.keyLengths, f.batch);
  o.temperature = optional_array<float>(f.temperature, f.heads);
  o.gate = optional_array<float>(f.gate, f.heads);
  return o;
}

std::span<float> lse_of(const AttentionFields& f) {
  return span_at<float>(static_cast<Address>(f.lse), f.batch * f.heads * f.qLength);
}

/// Rows [firstRow, firstRow + rows) of every head, so that a long call can be made in slices.
int attention(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  const AttentionInputs in = inputs(f);
  const AttentionOptions o = options(f);
  if (!keep(validate(in, o))) return static_cast<int>(last.code);
  Buffer<float> workspace;
  if (!keep(workspace.resize(attend_workspace(in, o)))) return static_cast<int>(last.code);
  const RowRange rows{static_cast<int64_t>(f.firstRow), static_cast<int64_t>(f.rows)};
  return code(attend(in, o, view<float>(f, f.out, f.heads, f.qLength, f.valueDim), lse_of(f),
                     workspace.span(), rows));
}

Rectangle rectangle(double head, double first_row, double rows, double first_col, double cols,
                    double pooled_rows, double pooled_cols, int pool) {
  Rectangle r;
  r.head = static_cast<int64_t>(head);
  r.first_row = static_cast<int64_t>(first_row);
  r.rows = static_cast<int64_t>(rows);
  r.first_col = static_cast<int64_t>(first_col);
  r.cols = static_cast<int64_t>(cols);
  r.pooled_rows = static_cast<int64_t>(pooled_rows);
  r.pooled_cols = static_cast<int64_t>(pooled_cols);
  r.pool = static_cast<Pool>(pool);
  return r;
}

/// Numbers that a rectangle comes to: its cells, or the cells it is pooled into.
double cells(const Rectangle& r) {
  const bool pooled = r.pooled_rows > 0 && r.pooled_cols > 0;
  return static_cast<double>(pooled ? std::min(r.pooled_rows, r.rows) : r.rows) *
         static_cast<double>(pooled ? std::min(r.pooled_cols, r.cols) : r.cols);
}

int explain_attention(Address block) {
  const auto& f = *reinterpret_cast<const AttentionFields*>(block);
  Rectangle r = rectangle(f.atHead, f.firstRow, f.rows, f.firstCol, f.cols, f.pooledRows, f.pooledCols,
                          static_cast<int>(f.pool));
  r.batch = static_cast<int64_t>(f.atBatch);
  return code(explain(inputs(f), options(f), f.lse == 0 ? std::span<const float>() : lse_of(f), r,
                      static_cast<Stage>(static_cast<int>(f.stage)),
                      span_at<float>(static_cast<Address>(f.out), cells(r))));
}

// -------------------------------------------------------------------------------------------------------
// models

struct LoadedModel {
  std::shared_ptr<const Model> model;
  std::vector<std::string> ignored;
};

Address loader_create() {
  return reinterpret_cast<Address>(new ModelLoader());
}
ModelLoader& loader_at(Address loader) {
  return *reinterpret_cast<ModelLoader*>(loader);
}
void loader_release(Address loader) {
  delete &loader_at(loader);
}
int loader_configure(Address loader, Address json, double bytes) {
  return code(loader_at(loader).configure(text_at(json, bytes)));
}
int loader_feed(Address loader, Address data, double bytes) {
  return code(loader_at(loader).feed(span_at<const std::byte>(data, bytes)));
}
Address loader_finish(Address loader) {
  auto loaded = std::make_unique<LoadedModel>();
  if (!keep(loader_at(loader).finish(loaded->model))) return 0;
  loaded->ignored = loader_at(loader).ignored();
  return reinterpret_cast<Address>(loaded.release());
}

LoadedModel& model_at(Address model) {
  return *reinterpret_cast<LoadedModel*>(model);
}
void model_release(Address model) {
  delete &model_at(model);
}

void append_string(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  json += '"';
}

/// {"family": ..., "causal": ..., sizes, "ignored": [names]} as ModelInfo of the engine has them.
std::string model_description(Address model) {
  const ModelConfig& c = model_at(model).model->config();
  std::string json =
      std::string("{\"family\":") + (c.family == ModelConfig::Family::gpt2 ? "\"gpt2\"" : "\"bert\"");
  const auto add = [&](const char* key, int64_t value) {
    json += std::string(",\"") + key + "\":" + std::to_string(value);
  };
  json += c.causal ? ",\"causal\":true" : ",\"causal\":false";
  add("layers", c.layers);
  add("heads", c.heads);
  add("headDim", c.head_dim);
  add("width", c.width);
  add("positions", c.positions);
  add("vocabulary", c.vocabulary);
  add("parameters", model_at(model).model->parameters());
  json += ",\"ignored\":[";
  for (const std::string& name : model_at(model).ignored) {
    if (json.back() != '[') json += ',';
    append_string(json, name);
  }
  return json + "]}";
}

// ---------------------------------------------------------------------------------------------------------
// runs

struct LiveRun {
  std::unique_ptr<Run> run;
  std::vector<HeadChange> heads;  ///< what the interventions came to
};

LiveRun& live_run(Address run) {
  return *reinterpret_cast<LiveRun*>(run);
}
Run& run_at(Address run) {
  return *live_run(run).run;
}

Address run_create(Address model, Address ids, double count, Address options_json, double options_bytes,
                   Address base) {
  const std::shared_ptr<const Model>& loaded = model_at(model).model;
  RunOptions options;
  if (!keep(parse_run_options(text_at(options_json, options_bytes), loaded->config(), options))) return 0;
  auto made = std::make_unique<LiveRun>();
  made->heads = options.heads;
  const Run* from = base ? &run_at(base) : nullptr;
  if (!keep(Run::create(loaded, span_at<const int32_t>(ids, count), std::move(options), from, made->run)))
    return 0;
  return reinterpret_cast<Address>(made.release());
}
void run_release(Address run) {
  delete &live_run(run);
}
int run_advance(Address run, double milliseconds) {
  return code(run_at(run).advance(milliseconds));
}
int run_extend(Address run, Address ids, double count) {
  return code(run_at(run).extend(span_at<const int32_t>(ids, count)));
}
bool run_finished(Address run) {
  return run_at(run).finished();
}
double run_progress(Address run) {
  return run_at(run).progress();
}
double run_reused(Address run) {
  return static_cast<double>(run_at(run).reused());
}

/// Names of the recorded sites, one a line.
std::string run_sites(Address run) {
  std::string names;
  for (const std::string& name : run_at(run).sites()) names += (names.empty() ? "" : "\n") + name;
  return names;
}

/// Copies rows [first, first + count) of a site, or of one head of it, one behind the other to `out`, which
/// has room for `room` numbers. Returns the numbers in a row, or 0 when it failed; with out = 0 it only
/// returns that.
double run_rows(Address run, Address site, double site_bytes, double first, double count, double head,
                Address out, double room) {
  std::size_t width = 0, used = 0;
  const std::span<float> to = span_at<float>(out, room);
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i) {
    std::span<const float> row;
    if (!keep(run_at(run).vector(text_at(site, site_bytes), static_cast<int64_t>(first) + i,
                                 static_cast<int64_t>(head), row)))
      return 0;
    width = row.size();
    if (!out) break;
    if (used + width > to.size()) {
      last = Status::error(StatusCode::invalid_shape, "room for %zu numbers is not enough", to.size());
      return 0;
    }
    std::copy(row.begin(), row.end(), to.data() + used);
    used += width;
  }
  return static_cast<double>(width);
}

int run_explain(Address run, double layer, double head, double first_row, double rows, double first_col,
                double cols, int stage, Address out) {
  const Rectangle r = rectangle(head, first_row, rows, first_col, cols, 0, 0, 0);
  return code(run_at(run).explain(static_cast<int64_t>(layer), r, static_cast<Stage>(stage),
                                  span_at<float>(out, cells(r))));
}

/// Weights of every head of a layer, each pooled to pixels x pixels by the mean: [heads, pixels, pixels].
int run_overview(Address run, double layer, double pixels, Address out) {
  const auto tokens = static_cast<double>(run_at(run).ids().size());
  const int64_t heads = run_at(run).model().config().heads;
  for (int64_t head = 0; head < heads; ++head) {
    const Rectangle r = rectangle(static_cast<double>(head), 0, tokens, 0, tokens, pixels, pixels, 0);
    const auto to = out + static_cast<Address>(head) * static_cast<Address>(cells(r)) * sizeof(float);
    if (!keep(
            run_at(run).explain(static_cast<int64_t>(layer), r, Stage::weight, span_at<float>(to, cells(r)))))
      return static_cast<int>(last.code);
  }
  return code({});
}

/// The arithmetic of a row: products [n, D], dot, scaled, masked, exponent, weight [n], weighted [n, D], out
/// [D], then maximum, total, scale, temperature, gate; all behind one another at `out`. n: tokens of the run,
/// D: head_dim.
int run_explain_row(Address run, double layer, double head, double row, Address out) {
  const auto n = run_at(run).ids().size();
  const auto d = static_cast<std::size_t>(run_at(run).model().config().head_dim);
  float* next = reinterpret_cast<float*>(out);
  const auto take = [&](std::size_t count) {
    return std::span<float>(std::exchange(next, next + count), count);
  };
  RowDetail detail;
  detail.products = take(n * d);
  for (auto* part : {&detail.dot, &detail.scaled, &detail.masked, &detail.exponent, &detail.weight})
    *part = take(n);
  detail.weighted = take(n * d);
  detail.out = take(d);
  const auto layer_index = static_cast<int64_t>(layer), head_index = static_cast<int64_t>(head);
  if (!keep(run_at(run).explain_row(layer_index, head_index, static_cast<int64_t>(row), detail)))
    return static_cast<int>(last.code);
  HeadChange change;
  for (const HeadChange& made : live_run(run).heads) {
    if (made.layer == layer_index && made.head == head_index) change = made;
  }
  const std::span<float> numbers = take(5);
  const float values[] = {detail.maximum, detail.total, detail.scale, change.temperature, change.gate};
  std::copy(std::begin(values), std::end(values), numbers.begin());
  return code({});
}

int run_logits(Address run, double token, Address out) {
  const auto vocabulary = static_cast<double>(run_at(run).model().config().vocabulary);
  return code(run_at(run).logits(static_cast<int64_t>(token), span_at<float>(out, vocabulary)));
}

Status logits_of(const Run& run, double token, Buffer<float>& logits) {
  if (Status s = logits.resize(static_cast<std::size_t>(run.model().config().vocabulary)); !s.ok()) return s;
  return run.logits(static_cast<int64_t>(token), logits.span());
}

/// The `count` most probable entries at `token`: [count, 3] doubles of id, logit, probability.
int run_predict(Address run, double token, double temperature, double count, Address out) {
  Buffer<float> logits;
  if (!keep(logits_of(run_at(run), token, logits))) return static_cast<int>(last.code);
  Buffer<Candidate> best;
  if (!keep(best.resize(static_cast<std::size_t>(count)))) return static_cast<int>(last.code);
  if (!keep(rank(logits.span(), static_cast<float>(temperature), best.span())))
    return static_cast<int>(last.code);
  auto* to = reinterpret_cast<double*>(out);
  for (const Candidate& c : best.span()) {
    *to++ = c.id;
    *to++ = static_cast<double>(c.logit);
    *to++ = static_cast<double>(c.probability);
  }
  return code({});
}

/// Draws what follows the last token; -1 when it failed. `seed` is an integer that a double holds exactly.
int run_sample(Address run, double temperature, double top_k, double seed, double step) {
  Buffer<float> logits;
  const auto tokens = static_cast<double>(run_at(run).ids().size());
  if (!keep(logits_of(run_at(run), tokens - 1, logits))) return -1;
  int32_t id = -1;
  if (!keep(sample(logits.span(), static_cast<float>(temperature), static_cast<int64_t>(top_k),
                   static_cast<uint64_t>(seed), static_cast<uint64_t>(step), id)))
    return -1;
  return id;
}

}  // namespace

EMSCRIPTEN_BINDINGS(limelight) {
  using emscripten::function;
  function("lastCode", &last_code);
  function("lastMessage", &last_message);
  function("allocate", &allocate);
  function("release", &release);
  function("liveBytes", &live);

  function("attentionFields", &attention_fields);
  function("attention", &attention);
  function("explainAttention", &explain_attention);

  function("loaderCreate", &loader_create);
  function("loaderConfigure", &loader_configure);
  function("loaderFeed", &loader_feed);
  function("loaderFinish", &loader_finish);
  function("loaderRelease", &loader_release);
  function("modelDescription", &model_description);
  function("modelRelease", &model_release);

  function("runCreate", &run_create);
  function("runAdvance", &run_advance);
  function("runExtend", &run_extend);
  function("runFinished", &run_finished);
  function("runProgress", &run_progress);
  function("runReused", &run_reused);
  function("runSites", &run_sites);
  function("runRows", &run_rows);
  function("runExplain", &run_explain);
  function("runOverview", &run_overview);
  function("runExplainRow", &run_explain_row);
  function("runLogits", &run_logits);
  function("runPredict", &run_predict);
  function("runSample", &run_sample);
  function("runRelease", &run_release);
}

}  // namespace limelight
