#include "limelight/search.hpp"

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"
#include "base/exponential.hpp"
#include "limelight/memory.hpp"

namespace limelight {
namespace {

struct Hypothesis {
  std::vector<int32_t> ids;
  double log_probability = 0;
};

struct Open {
  Hypothesis text;
  std::unique_ptr<Run> run;  // of text.ids
};

/// One more token after an open hypothesis.
struct Continuation {
  std::size_t beam = 0;
  int32_t id = 0;
  double log_probability = 0;
};

/// Best first; of equals the earlier beam, then the lower id, so that the result is the same everywhere.
bool better(const Continuation& a, const Continuation& b) {
  if (a.log_probability != b.log_probability) return a.log_probability > b.log_probability;
  return a.beam != b.beam ? a.beam < b.beam : a.id < b.id;
}

}  // namespace

struct Search::State {
  std::shared_ptr<const Model> model;
  SearchOptions options;
  std::vector<Open> open;
  std::vector<Hypothesis> done;
  std::size_t running = 0;  // open[running] is being advanced, those before are finished
  Buffer<float> logits;

  double worth(const Hypothesis& text) const {
    const double tokens = static_cast<double>(text.ids.size() - 1);  // that were written
    return tokens == 0 ? 0 : text.log_probability * exponential(-options.length_penalty * logarithm(tokens));
  }
  const Hypothesis& best() const;
  Status start(Hypothesis text, const Run* base, Open& opened) const;
  Status list(std::vector<Continuation>& continuations);
  Status step();
};

Search::Search(std::unique_ptr<State> state) : state_(std::move(state)) {}
Search::~Search() = default;

Status Search::create(std::shared_ptr<const Model> model, SearchOptions options,
                      std::unique_ptr<Search>& search) {
  if (!model || !model->config().encoder)
    return Status::error(StatusCode::invalid_option, "a search needs an encoder-decoder");
  const ModelConfig& config = model->config();
  if (options.beams < 1 || options.beams > kMostBeams) {
    return Status::error(StatusCode::invalid_option, "%lld beams; 1 to %lld are possible",
                         static_cast<long long>(options.beams), static_cast<long long>(kMostBeams));
  }
  if (options.most_tokens < 0 || options.most_tokens >= config.longest_text()) {
    return Status::error(StatusCode::invalid_option, "most_tokens is %lld; 0 to %lld are possible",
                         static_cast<long long>(options.most_tokens),
                         static_cast<long long>(config.longest_text() - 1));
  }
  if (!(options.length_penalty >= 0 && options.length_penalty <= kMostLengthPenalty)) {
    return Status::error(StatusCode::invalid_option, "a length_penalty of %g; 0 to %g are possible",
                         options.length_penalty, kMostLengthPenalty);
  }
  if (options.most_tokens == 0) options.most_tokens = config.longest_text() - 1;
  auto state = std::make_unique<State>();
  state->model = std::move(model);
  state->options = std::move(options);
  if (Status s = state->logits.resize(static_cast<std::size_t>(config.vocabulary)); !s.ok()) return s;
  Open first;
  if (Status s = state->start({{config.start_token}, 0}, nullptr, first); !s.ok()) return s;
  state->open.push_back(std::move(first));
  search.reset(new Search(std::move(state)));
  return {};
}

Status Search::State::start(Hypothesis text, const Run* base, Open& opened) const {
  if (Status s = Run::create(model, text.ids, options.run, base, opened.run); !s.ok()) return s;
  opened.text = std::move(text);
  return {};
}

const Hypothesis& Search::State::best() const {
  const auto less = [&](const Hypothesis& a, const Hypothesis& b) { return worth(a) < worth(b); };
  if (!done.empty()) return *std::max_element(done.begin(), done.end(), less);
  return open[0].text;  // the likeliest, as step() left them
}

/// The likeliest continuations of all open hypotheses, best first: as many as leave `beams` open ones when
/// each hypothesis also ends in one of them.
Status Search::State::list(std::vector<Continuation>& continuations) {
  const ModelConfig& config = model->config();
  const std::size_t most = 2 * static_cast<std::size_t>(options.beams);
  for (std::size_t beam = 0; beam < open.size(); ++beam) {
    const auto last = static_cast<int64_t>(open[beam].text.ids.size()) - 1;
    if (Status s = open[beam].run->logits(last, logits.span()); !s.ok()) return s;
    logits[static_cast<std::size_t>(config.start_token)] = -INFINITY;
    const float largest = *std::max_element(logits.span().begin(), logits.span().end());
    double total = 0;
    for (const float logit : logits.span())
      total += exponential(static_cast<double>(logit) - static_cast<double>(largest));
    const double offset = open[beam].text.log_probability - static_cast<double>(largest) - logarithm(total);
    if (!std::isfinite(offset)) {
      return Status::error(StatusCode::invalid_value,
                           "the logits after token %lld of the target are no numbers",
                           static_cast<long long>(last));
    }
    for (int32_t id = 0; id < config.vocabulary; ++id) {
      const Continuation one{beam, id, offset + static_cast<double>(logits[static_cast<std::size_t>(id)])};
      if (id == config.start_token || (continuations.size() == most && !better(one, continuations.back())))
        continue;
      continuations.insert(std::upper_bound(continuations.begin(), continuations.end(), one, better), one);
      if (continuations.size() > most) continuations.pop_back();
    }
  }
  return {};
}

/// From finished runs of the open hypotheses to runs of the next ones.
Status Search::State::step() {
  const ModelConfig& config = model->config();
  std::vector<Continuation> continuations;
  if (Status s = list(continuations); !s.ok()) return s;
  std::vector<Open> next;
  std::vector<Hypothesis> ended;
  for (std::size_t rank = 0; rank < continuations.size(); ++rank) {
    const Continuation& one = continuations[rank];
    const Open& from = open[one.beam];
    Hypothesis text{from.text.ids, one.log_probability};
    text.ids.push_back(one.id);
    const bool full = static_cast<int64_t>(text.ids.size()) > options.most_tokens;
    if (one.id == config.end_token || full) {
      // Behind the first `beams` an end is none that a beam would follow.
      if (static_cast<int64_t>(rank) < options.beams) ended.push_back(std::move(text));
      continue;
    }
    if (static_cast<int64_t>(next.size()) == options.beams) continue;
    Open opened;
    if (Status s = start(std::move(text), from.run.get(), opened); !s.ok()) return s;
    next.push_back(std::move(opened));
  }
  done.insert(done.end(), std::make_move_iterator(ended.begin()), std::make_move_iterator(ended.end()));
  open = std::move(next);
  running = 0;
  if (static_cast<int64_t>(done.size()) >= options.beams && !open.empty() &&
      worth(best()) >= worth(open[0].text))
    open.clear();
  return {};
}

Status Search::advance(double milliseconds) {
  const double start = milliseconds_now();
  State& s = *state_;
  while (!s.open.empty()) {
    Run& run = *s.open[s.running].run;
    if (Status status = run.advance(milliseconds - (milliseconds_now() - start)); !status.ok()) return status;
    if (run.finished() && ++s.running == s.open.size()) {
      s.running = s.open.size() - 1;  // of finished runs, if what follows fails
      if (Status status = s.step(); !status.ok()) return status;
    }
    if (!(milliseconds_now() - start < milliseconds)) break;
  }
  return {};
}

bool Search::finished() const {
  return state_->open.empty();
}
std::span<const int32_t> Search::ids() const {
  return state_->best().ids;
}
double Search::score() const {
  return state_->worth(state_->best());
}

}  // namespace limelight
