#include "passport/predictions.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "base/exponential.hpp"
#include "model/state.hpp"

namespace limelight::passport {
namespace {

constexpr int64_t kRows = 64;  // of logits at a time: 1 MB at a vocabulary of 4,096

/// What the matrix of predictions reads.
std::string last_site(const ModelConfig& config) {
  if (config.family != ModelConfig::Family::marian) return "ln_final";
  return "decoder.blocks." + std::to_string(config.layers - 1) + ".resid_post";
}

Status outcome_of(std::span<const float> logits, int32_t id, Outcome& outcome) {
  const float right = logits[static_cast<std::size_t>(id)];
  float most = logits[0];
  int64_t rank = 0;
  for (std::size_t v = 0; v < logits.size(); ++v) {
    if (!std::isfinite(logits[v])) {
      return Status::error(StatusCode::invalid_value, "the logit of id %zu is %g", v,
                           static_cast<double>(logits[v]));
    }
    most = std::max(most, logits[v]);
    rank += logits[v] > right || (logits[v] == right && v < static_cast<std::size_t>(id)) ? 1 : 0;
  }
  double total = 0;
  for (const float logit : logits)
    total += exponential(static_cast<double>(logit) - static_cast<double>(most));
  outcome = {logarithm(total) + static_cast<double>(most) - static_cast<double>(right), rank};
  return {};
}

Status outcomes_of(const std::shared_ptr<const Model>& model, const Text& text, const Question& question,
                   std::span<const HeadChange> changes, ThreadPool* pool, std::vector<Outcome>& outcomes) {
  RunOptions options;
  options.heads.assign(changes.begin(), changes.end());
  options.source = text.source;
  options.pool = pool;
  std::unique_ptr<Run> run;
  if (Status s = run_to_end(model, question.ids, std::move(options), run); !s.ok()) return s;
  outcomes.resize(question.targets.size());
  return judge(*run, question.targets, pool, outcomes);
}

}  // namespace

Status run_to_end(const std::shared_ptr<const Model>& model, std::span<const int32_t> ids, RunOptions options,
                  std::unique_ptr<Run>& run) {
  options.record = {last_site(model->config())};
  if (Status s = Run::create(model, ids, std::move(options), nullptr, run); !s.ok()) return s;
  while (!run->finished()) {
    if (Status s = run->advance(std::numeric_limits<double>::max()); !s.ok()) return s;
  }
  return {};
}

Status judge(const Run& run, std::span<const Target> targets, ThreadPool* pool, std::span<Outcome> outcomes) {
  const ModelConfig& config = run.model().config();
  const Model::State& model = run.model().state();
  const Matrix& head = config.tied ? model.tokens() : model.weights.head;
  const std::string site = last_site(config);
  const auto width = static_cast<std::size_t>(config.width),
             vocabulary = static_cast<std::size_t>(config.vocabulary);
  const auto most = std::min(static_cast<std::size_t>(kRows), targets.size());
  Buffer<float> rows, logits;
  if (Status s = rows.resize(most * width); !s.ok()) return s;
  if (Status s = logits.resize(most * vocabulary); !s.ok()) return s;
  for (std::size_t first = 0; first < targets.size(); first += most) {
    const std::size_t count = std::min(most, targets.size() - first);
    for (std::size_t r = 0; r < count; ++r) {
      std::span<const float> row;
      if (Status s = run.vector(site, targets[first + r].row, -1, row); !s.ok()) return s;
      std::copy(row.begin(), row.end(), rows.data() + r * width);
    }
    head.multiply(rows.data(), config.width, static_cast<int64_t>(count), model.weights.token_bias.data(),
                  logits.data(), config.vocabulary, pool);
    for (std::size_t r = 0; r < count; ++r) {
      const std::span<const float> row = logits.span().subspan(r * vocabulary, vocabulary);
      if (Status s = outcome_of(row, targets[first + r].id, outcomes[first + r]); !s.ok()) return s;
    }
  }
  return {};
}

std::vector<Question> questions_of(const Text& text, const ModelConfig& config) {
  if (config.causal) {
    Question next{text.ids, {}};
    for (std::size_t i = static_cast<std::size_t>(text.asked_from); i < text.ids.size(); ++i)
      next.targets.push_back({static_cast<int64_t>(i) - 1, text.ids[i]});
    return {next};
  }
  std::vector<Question> questions;
  for (const auto& version : text.masked) {
    Question hidden{version, {}};
    for (std::size_t i = 0; i < version.size(); ++i) {
      if (version[i] != text.ids[i]) hidden.targets.push_back({static_cast<int64_t>(i), text.ids[i]});
    }
    questions.push_back(std::move(hidden));
  }
  return questions;
}

Status tally_text(const std::shared_ptr<const Model>& model, const Text& text,
                  std::span<const HeadChange> changes, ThreadPool* pool, Tally& tally) {
  std::vector<Outcome> outcomes;
  for (const Question& question : questions_of(text, model->config())) {
    if (Status s = outcomes_of(model, text, question, changes, pool, outcomes); !s.ok()) return s;
    for (const Outcome& outcome : outcomes) tally.add(outcome);
  }
  return {};
}

Status tally_words(const std::shared_ptr<const Model>& model, const Text& text, ThreadPool* pool,
                   WordTally& tally) {
  std::vector<Outcome> outcomes;
  for (const Question& question : questions_of(text, model->config())) {
    if (Status s = outcomes_of(model, text, question, {}, pool, outcomes); !s.ok()) return s;
    const std::vector<Target>& targets = question.targets;
    for (std::size_t i = 0; i < targets.size();) {
      int64_t worst = 0;
      std::size_t next = i;
      do {
        tally.tokens.add(outcomes[next]);
        worst = std::max(worst, outcomes[next].rank);
        ++next;
      } while (next < targets.size() && targets[next].row == targets[next - 1].row + 1);
      ++tally.words;
      tally.first += worst == 0 ? 1 : 0;
      tally.among_five += worst < 5 ? 1 : 0;
      i = next;
    }
  }
  return {};
}

Status judge_stream(const std::shared_ptr<const Model>& model, std::span<const int32_t> ids, int64_t window,
                    int64_t stride, ThreadPool* pool, std::span<Outcome> outcomes) {
  const ModelConfig& config = model->config();
  if (!config.causal || config.encoder)
    return Status::error(StatusCode::invalid_option, "a stream of tokens is for a causal model of one stack");
  if (window < 2 || window > config.longest_text() || stride < 1 || stride >= window) {
    return Status::error(StatusCode::invalid_shape,
                         "windows of %lld tokens every %lld: 2 to %lld are possible, and a stride below that",
                         static_cast<long long>(window), static_cast<long long>(stride),
                         static_cast<long long>(config.longest_text()));
  }
  const auto tokens = static_cast<int64_t>(ids.size());
  if (tokens < 2) {
    return Status::error(StatusCode::invalid_shape, "of a text of %zu tokens none is predicted", ids.size());
  }
  if (outcomes.size() + 1 != ids.size()) {
    return Status::error(StatusCode::invalid_shape, "room for %zu outcomes of %zu ids", outcomes.size(),
                         ids.size());
  }
  for (int64_t start = 0, known = 1; known < tokens; start += stride) {
    const int64_t end = std::min(start + window, tokens);
    RunOptions options;
    options.pool = pool;
    std::unique_ptr<Run> run;
    const auto part = ids.subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(end - start));
    if (Status s = run_to_end(model, part, options, run); !s.ok()) return s;
    std::vector<Target> targets;
    for (int64_t i = known; i < end; ++i)
      targets.push_back({i - 1 - start, ids[static_cast<std::size_t>(i)]});
    const auto to = outcomes.subspan(static_cast<std::size_t>(known - 1), targets.size());
    if (Status s = judge(*run, targets, pool, to); !s.ok()) return s;
    known = end;
  }
  return {};
}

}  // namespace limelight::passport
