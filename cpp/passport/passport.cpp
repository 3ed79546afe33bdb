#include "passport/passport.hpp"

#include <limits>

namespace limelight::passport {
namespace {

std::vector<HeadPassport> heads_of(const ModelConfig& config) {
  std::vector<HeadPassport> heads;
  const auto add = [&](AttentionKind attention, int64_t layers, int64_t count) {
    for (int64_t layer = 0; layer < layers; ++layer) {
      for (int64_t head = 0; head < count; ++head) heads.push_back({attention, layer, head, {}, {}});
    }
  };
  if (config.encoder) add(AttentionKind::encoder, config.encoder->layers, config.encoder->heads);
  add(AttentionKind::self, config.layers, config.heads);
  if (config.encoder) add(AttentionKind::cross, config.layers, config.heads);
  return heads;
}

std::vector<AttentionKind> attentions_of(const ModelConfig& config) {
  if (!config.encoder) return {AttentionKind::self};
  return {AttentionKind::encoder, AttentionKind::self, AttentionKind::cross};
}

Status run_text(const std::shared_ptr<const Model>& model, const Text& text, ThreadPool* pool,
                std::unique_ptr<Run>& run) {
  RunOptions options;
  options.record.clear();
  options.source = text.source;
  options.pool = pool;
  if (Status s = Run::create(model, text.ids, std::move(options), nullptr, run); !s.ok()) return s;
  while (!run->finished()) {
    if (Status s = run->advance(std::numeric_limits<double>::max()); !s.ok()) return s;
  }
  return {};
}

Status add_weights(const Run& run, const Text& text, std::span<const HeadPassport> heads,
                   std::span<ScoreSums> sums) {
  std::vector<float> cells;
  for (const AttentionKind attention : attentions_of(run.model().config())) {
    const KeyMap map(text, attention, run.model().config());
    cells.resize(static_cast<std::size_t>(map.rows() * map.keys()));
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (heads[i].attention != attention) continue;
      Rectangle all;
      all.head = heads[i].head;
      all.rows = map.rows();
      all.cols = map.keys();
      if (Status s = run.explain(heads[i].layer, all, Stage::weight, {.cells = cells}, attention); !s.ok())
        return s;
      sums[i].add(map, cells);
    }
  }
  return {};
}

double mean_loss(const Tally& tally) {
  return tally.loss / static_cast<double>(tally.count);
}

}  // namespace

Status make_passports(const std::shared_ptr<const Model>& model, std::span<const Text> texts, bool silencing,
                      ThreadPool* pool, Passports& made) {
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (Status s = check(texts[i], model->config()); !s.ok())
      return Status::error(s.code, "text %zu: %s", i + 1, s.message);
  }
  Passports result;
  result.heads = heads_of(model->config());
  result.texts = std::ssize(texts);
  std::vector<ScoreSums> sums(result.heads.size());
  for (const Text& text : texts) {
    result.tokens += std::ssize(text.ids) + std::ssize(text.source);
    std::unique_ptr<Run> run;
    if (Status s = run_text(model, text, pool, run); !s.ok()) return s;
    if (Status s = add_weights(*run, text, result.heads, sums); !s.ok()) return s;
    if (Status s = tally_text(model, text, {}, pool, result.predictions); !s.ok()) return s;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    HeadPassport& head = result.heads[i];
    head.scores = sums[i].scores();
    if (!silencing || result.predictions.count == 0) continue;
    const HeadChange silence{.layer = head.layer, .head = head.head, .gate = 0, .kind = head.attention};
    Tally without;
    for (const Text& text : texts) {
      if (Status s = tally_text(model, text, {&silence, 1}, pool, without); !s.ok()) return s;
    }
    head.loss_increase = mean_loss(without) - mean_loss(result.predictions);
  }
  made = std::move(result);
  return {};
}

}  // namespace limelight::passport
