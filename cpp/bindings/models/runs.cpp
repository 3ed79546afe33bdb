// Runs of a model, and what can be asked of one.
#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>

#include "bindings/models/models.hpp"
#include "limelight/memory.hpp"

namespace limelight::bindings {
namespace {

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

Status logits_of(const Run& run, double token, Buffer<float>& logits) {
  if (Status s = logits.resize(static_cast<std::size_t>(run.model().config().vocabulary)); !s.ok()) return s;
  return run.logits(static_cast<int64_t>(token), logits.span());
}

/// Rows and columns of an attention's matrix.
std::size_t queries_of(const Run& run, AttentionKind kind) {
  return kind == AttentionKind::encoder ? run.source().size() : run.ids().size();
}
std::size_t keys_of(const Run& run, AttentionKind kind) {
  return kind == AttentionKind::self ? run.ids().size() : run.source().size();
}
int64_t heads_of(const ModelConfig& config, AttentionKind kind) {
  return kind == AttentionKind::encoder && config.encoder ? config.encoder->heads : config.heads;
}

}  // namespace

LIMELIGHT_CALL(runCreate)
double run_create(Address model, Address ids, double count, Address options_json, double options_bytes,
                  Address base) {
  const std::shared_ptr<const Model>& loaded = model_at(model).model;
  RunOptions options;
  if (!keep(parse_run_options(text_at(options_json, options_bytes), loaded->config(), options))) return 0;
  auto made = std::make_unique<LiveRun>();
  made->heads = options.heads;
  options.pool = pool;
  const Run* from = base ? &run_at(base) : nullptr;
  if (!keep(Run::create(loaded, span_at<const int32_t>(ids, count), std::move(options), from, made->run)))
    return 0;
  return handle(made.release());
}
LIMELIGHT_CALL(runRelease)
void run_release(Address run) {
  delete &live_run(run);
}
LIMELIGHT_CALL(runAdvance)
int run_advance(Address run, double milliseconds) {
  return code(run_at(run).advance(milliseconds));
}
LIMELIGHT_CALL(runExtend)
int run_extend(Address run, Address ids, double count) {
  return code(run_at(run).extend(span_at<const int32_t>(ids, count)));
}
LIMELIGHT_CALL(runFinished)
bool run_finished(Address run) {
  return run_at(run).finished();
}
LIMELIGHT_CALL(runProgress)
double run_progress(Address run) {
  return run_at(run).progress();
}
LIMELIGHT_CALL(runReused)
double run_reused(Address run) {
  return static_cast<double>(run_at(run).reused());
}

/// Names of the recorded sites, one a line.
LIMELIGHT_CALL(runSites)
double run_sites(Address run) {
  std::string names;
  for (const std::string& name : run_at(run).sites()) names += (names.empty() ? "" : "\n") + name;
  return handle(std::move(names));
}

/// Copies rows [first, first + count) of a site, or of one head of it, one behind the other to `out`, which
/// has room for `room` numbers. Returns the numbers in a row, or 0 when it failed; with out = 0 it only
/// returns that.
LIMELIGHT_CALL(runRows)
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

LIMELIGHT_CALL(runExplain)
int run_explain(Address run, int kind, double layer, double head, double first_row, double rows,
                double first_col, double cols, int stage, Address out) {
  const Rectangle r = rectangle(head, first_row, rows, first_col, cols, 0, 0, 0);
  return code(run_at(run).explain(static_cast<int64_t>(layer), r, static_cast<Stage>(stage),
                                  {.cells = span_at<float>(out, cells(r))},
                                  static_cast<AttentionKind>(kind)));
}

/// Weights of every head of a layer, each pooled to at most pixels x pixels by the mean: [heads, rows,
/// columns], of which there are no more than tokens.
LIMELIGHT_CALL(runOverview)
int run_overview(Address run, int kind, double layer, double pixels, Address out) {
  const auto of = static_cast<AttentionKind>(kind);
  const int64_t heads = heads_of(run_at(run).model().config(), of);
  const auto rows = static_cast<double>(queries_of(run_at(run), of)),
             cols = static_cast<double>(keys_of(run_at(run), of));
  for (int64_t head = 0; head < heads; ++head) {
    const Rectangle r = rectangle(static_cast<double>(head), 0, rows, 0, cols, std::min(pixels, rows),
                                  std::min(pixels, cols), 0);
    const auto to = out + static_cast<Address>(head) * static_cast<Address>(cells(r)) * sizeof(float);
    if (!keep(run_at(run).explain(static_cast<int64_t>(layer), r, Stage::weight,
                                  {.cells = span_at<float>(to, cells(r))}, of)))
      return static_cast<int>(last.code);
  }
  return code({});
}

/// The arithmetic of a row: products [n, D], dot, scaled, masked, exponent, weight [n], weighted [n, D], out
/// [D], then maximum, total, scale, temperature, gate; all behind one another at `out`. n: keys, D: head_dim.
LIMELIGHT_CALL(runExplainRow)
int run_explain_row(Address run, int kind, double layer, double head, double row, Address out) {
  const auto of = static_cast<AttentionKind>(kind);
  const auto n = keys_of(run_at(run), of);
  const ModelConfig& config = run_at(run).model().config();
  const auto d = static_cast<std::size_t>(
      of == AttentionKind::encoder && config.encoder ? config.encoder->head_dim : config.head_dim);
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
  if (!keep(run_at(run).explain_row(layer_index, head_index, static_cast<int64_t>(row), detail, of)))
    return static_cast<int>(last.code);
  HeadChange change;
  for (const HeadChange& made : live_run(run).heads) {
    if (made.kind == of && made.layer == layer_index && made.head == head_index) change = made;
  }
  const std::span<float> numbers = take(5);
  const float values[] = {detail.maximum, detail.total, detail.scale, change.temperature, change.gate};
  std::copy(std::begin(values), std::end(values), numbers.begin());
  return code({});
}

LIMELIGHT_CALL(runLogits)
int run_logits(Address run, double token, Address out) {
  const auto vocabulary = static_cast<double>(run_at(run).model().config().vocabulary);
  return code(run_at(run).logits(static_cast<int64_t>(token), span_at<float>(out, vocabulary)));
}

/// The `count` most probable entries at `token`: [count, 3] doubles of id, logit, probability.
LIMELIGHT_CALL(runPredict)
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
LIMELIGHT_CALL(runSample)
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

}  // namespace limelight::bindings
