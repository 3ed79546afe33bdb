#include "training/training.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "limelight/explain.hpp"
#include "training/checkpoint.hpp"
#include "training/initialize.hpp"

namespace limelight::training {
namespace {

/// What random numbers are for: a stream each, so that no two uses share any.
enum Stream : uint64_t { kSteps, kEvaluation, kExampleBatch, kLengths };

constexpr const char *kRecipe = "recipe", *kRateFactor = "rate_factor";

bool is_rate_factor(double factor) {
  return factor >= 0 && factor <= kMostRateFactor;
}

uint64_t seed_of(uint64_t seed, uint64_t stream, uint64_t number) {
  return Random(Random(Random(seed).bits() ^ stream).bits() ^ number).bits();
}

Batch batch_of(Network& network) {
  Batch batch{
      network.batch, {}, {}, network.graph.numbers(network.ids), network.graph.numbers(network.targets)};
  if (network.source.index >= 0) {
    batch.source = network.graph.numbers(network.source);
    batch.source_lengths = network.graph.numbers(network.source_lengths);
  }
  return batch;
}

HeadsView<const float> heads_view(Graph& graph, Heads heads, const AttentionForm& form, int64_t count,
                                  int64_t seq) {
  const int64_t width = graph.shape(heads.tensor).width;
  return {graph.value(heads.tensor).data() + heads.column,
          form.batch,
          count,
          seq,
          form.head_dim,
          seq * width,
          form.head_dim,
          width};
}

AttentionInputs inputs_of(Graph& graph, const AttentionSite& site) {
  const AttentionForm& form = site.form;
  const int64_t kv_heads = form.kv_heads > 0 ? form.kv_heads : form.heads;
  return {heads_view(graph, site.q, form, form.heads, site.q_len),
          heads_view(graph, site.k, form, kv_heads, site.kv_len),
          heads_view(graph, site.v, form, kv_heads, site.kv_len)};
}

AttentionOptions options_of(Graph& graph, const AttentionSite& site) {
  AttentionOptions options;
  options.causal = site.form.causal;
  if (site.form.key_lengths.index >= 0) options.key_lengths = graph.numbers(site.form.key_lengths);
  return options;
}

Rectangle whole(const AttentionSite& site, int64_t head, int64_t example) {
  return {example, head, 0, site.q_len, 0, site.kv_len};
}

/// The places of the largest logits.
void predict(Network& network, std::span<int32_t> predictions) {
  const std::span<const float> logits = network.graph.value(network.logits);
  const int64_t width = network.graph.shape(network.logits).width;
  for (int64_t r = 0; r < network.graph.shape(network.logits).rows; ++r) {
    const float* row = logits.data() + r * width;
    predictions[static_cast<std::size_t>(r)] = static_cast<int32_t>(std::max_element(row, row + width) - row);
  }
}

}  // namespace

Training::Training() = default;
Training::~Training() = default;

Status Training::create(Recipe recipe, ThreadPool* pool, std::unique_ptr<Training>& training) {
  std::unique_ptr<Training> made(new Training);
  made->recipe_ = std::move(recipe);
  if (Status s = made->prepare(pool); !s.ok()) return s;
  training = std::move(made);
  return {};
}

Status Training::prepare(ThreadPool* pool) {
  if (Status s = build(recipe_.network, recipe_.batch, pool, network_); !s.ok()) return s;
  if (Status s = build(recipe_.network, kExamples, pool, examples_); !s.ok()) return s;
  if (Status s = prepare_short(pool); !s.ok()) return s;
  const std::size_t example_tokens = batch_of(examples_).ids.size();
  if (Status s = predictions_.resize(std::max(batch_of(network_).ids.size(), example_tokens)); !s.ok())
    return s;
  if (Status s = places_.resize(example_tokens); !s.ok()) return s;
  std::size_t cells = 0, bytes = 0;
  for (const AttentionSite& site : examples_.attentions) {
    cells = std::max(cells, static_cast<std::size_t>(site.q_len * site.kv_len));
    bytes = std::max(bytes, explain_workspace(inputs_of(examples_.graph, site),
                                              options_of(examples_.graph, site), whole(site, 0, 0)));
  }
  if (Status s = weights_.resize(cells); !s.ok()) return s;
  if (Status s = workspace_.resize(bytes); !s.ok()) return s;
  if (Status s = optimizer_.reserve(network_.graph, recipe_.optimizer); !s.ok()) return s;
  reset();
  return {};
}

Status Training::prepare_short(ThreadPool* pool) {
  if (recipe_.short_length == 0) return {};
  NetworkShape shape = recipe_.network;
  const int64_t parts = row_length(shape) / recipe_.short_length;
  shape.context = std::max(shape.context, row_length(shape));
  shape.length /= parts;
  shape.source_length /= parts;
  return build(shape, recipe_.batch * parts, pool, short_);
}

/// Short or long rows: as the seed and the step say.
Network& Training::network_of(int64_t step) {
  if (recipe_.short_length == 0) return network_;
  Random random(seed_of(recipe_.seed, kLengths, static_cast<uint64_t>(step)));
  // number() is in [-1, 1).
  return (random.number() + 1) / 2 < recipe_.short_share ? short_ : network_;
}

Status Training::set_rate_factor(double factor) {
  if (!is_rate_factor(factor)) {
    return Status::error(StatusCode::invalid_value,
                         "a factor of the learning rate of %g; it has to be 0 to %g", factor,
                         kMostRateFactor);
  }
  rate_factor_ = factor;
  return {};
}

void Training::reset() {
  initialize(network_.graph, recipe_.seed);
  std::ranges::fill(optimizer_.first_moments(), 0.0f);
  std::ranges::fill(optimizer_.second_moments(), 0.0f);
  optimizer_.set_steps(0);
  rate_factor_ = 1.0;
}

/// Draws a batch and runs the network over it.
Status Training::run(Network& network, Split split, uint64_t stream, uint64_t number) {
  const uint64_t seed = seed_of(recipe_.seed, stream, number);
  Random random(seed);
  recipe_.task->draw(random, split, batch_of(network));
  network.graph.set_training(split == Split::training, seed);
  return network.graph.forward();
}

Status Training::step(StepReport& report) {
  const int64_t step = steps();
  Network& network = network_of(step);
  const bool copied = &network != &network_;
  if (copied) std::ranges::copy(network_.graph.parameters(), network.graph.parameters().begin());
  if (Status s = run(network, Split::training, kSteps, static_cast<uint64_t>(step)); !s.ok()) return s;
  report.loss = static_cast<double>(network.graph.value(network.loss)[0]);
  report.learning_rate = recipe_.schedule.rate(step) * rate_factor_;
  if (Status s = network.graph.backward(); !s.ok()) return s;
  report.gradient_norm = optimizer_.step(network.graph, report.learning_rate);
  if (copied) std::ranges::copy(network.graph.parameters(), network_.graph.parameters().begin());
  report.step = steps();
  if (report.step > step) return {};
  return Status::error(
      StatusCode::invalid_value,
      "step %lld: the loss is %g and the norm of its gradient %g; a smaller learning rate than "
      "%g may help",
      static_cast<long long>(step + 1), report.loss, report.gradient_norm, report.learning_rate);
}

Status Training::evaluate(int64_t examples, Evaluation& evaluation) {
  const int64_t batches = std::max<int64_t>(1, (examples + network_.batch - 1) / network_.batch);
  const Batch batch = batch_of(network_);
  const std::span<int32_t> predictions = predictions_.span().first(batch.ids.size());
  Evaluation sum;
  for (int64_t i = 0; i < batches; ++i) {
    if (Status s = run(network_, Split::held_out, kEvaluation, static_cast<uint64_t>(i)); !s.ok()) return s;
    predict(network_, predictions);
    sum.loss += static_cast<double>(network_.graph.value(network_.loss)[0]);
    sum.score += recipe_.task->score(batch, predictions);
  }
  evaluation = {sum.loss / static_cast<double>(batches), sum.score / static_cast<double>(batches)};
  return {};
}

Status Training::look() {
  std::ranges::copy(network_.graph.parameters(), examples_.graph.parameters().begin());
  if (Status s = run(examples_, Split::held_out, kExampleBatch, 0); !s.ok()) return s;
  predict(examples_, predictions_.span().first(batch_of(examples_).ids.size()));
  recipe_.task->alignment(batch_of(examples_), places_.span());
  return {};
}

Batch Training::examples() {
  return batch_of(examples_);
}
std::span<const int32_t> Training::predictions() {
  return predictions_.span().first(batch_of(examples_).ids.size());
}
std::span<const AttentionSite> Training::attentions() const {
  return examples_.attentions;
}

Status Training::weights(int64_t attention, int64_t head, int64_t example, std::span<float> out) {
  if (attention < 0 || attention >= static_cast<int64_t>(examples_.attentions.size())) {
    return Status::error(StatusCode::invalid_shape, "attention %lld is not one of 0 to %zu",
                         static_cast<long long>(attention), examples_.attentions.size() - 1);
  }
  const AttentionSite& site = examples_.attentions[static_cast<std::size_t>(attention)];
  const std::size_t cells = static_cast<std::size_t>(site.q_len * site.kv_len);
  return explain(inputs_of(examples_.graph, site), options_of(examples_.graph, site), {},
                 whole(site, head, example), Stage::weight, {.cells = out.first(std::min(cells, out.size()))},
                 workspace_.span());
}

Status Training::score(int64_t attention, int64_t head, HeadScore& score) {
  using Kind = AttentionSite::Kind;
  const Batch batch = batch_of(examples_);
  const Kind judged = batch.source.empty() ? Kind::decoder : Kind::cross;
  double previous = 0, alignment = 0;
  int64_t followed = 0, aligned = 0;
  for (int64_t example = 0; example < kExamples; ++example) {
    if (Status s = weights(attention, head, example, weights_.span()); !s.ok()) return s;
    const AttentionSite& site = examples_.attentions[static_cast<std::size_t>(attention)];
    for (int64_t i = 0; i < site.q_len; ++i) {
      const auto row = weights_.span().subspan(static_cast<std::size_t>(i * site.kv_len));
      const auto at = static_cast<std::size_t>(example * site.q_len + i);
      const bool padding = site.kind == Kind::encoder
                               ? i >= batch.source_lengths[static_cast<std::size_t>(example)]
                               : batch.targets[at] < 0;
      if (padding) continue;
      if (site.kind != Kind::cross && i > 0) {
        previous += static_cast<double>(row[static_cast<std::size_t>(i - 1)]);
        ++followed;
      }
      if (site.kind == judged && places_.span()[at] >= 0) {
        alignment += static_cast<double>(row[static_cast<std::size_t>(places_.span()[at])]);
        ++aligned;
      }
    }
  }
  score = {previous / static_cast<double>(std::max<int64_t>(1, followed)),
           alignment / static_cast<double>(std::max<int64_t>(1, aligned))};
  return {};
}

Status Training::save(Buffer<std::byte>& file) {
  // The factor as the bits of a double: decimal digits may not say all of it.
  const std::string factor = std::to_string(std::bit_cast<uint64_t>(rate_factor_));
  const MetadataEntry metadata[] = {{kRecipe, recipe_.text}, {kRateFactor, factor}};
  return save_checkpoint(network_.graph, optimizer_, metadata, file);
}

Status Training::resume(std::span<const std::byte> bytes) {
  SafetensorsFile file;
  if (Status s = file.open(bytes); !s.ok()) return s;
  const std::optional<std::string_view> recipe = file.metadata(kRecipe), factor = file.metadata(kRateFactor);
  if (!recipe || !factor) {
    return Status::error(StatusCode::corrupt_file, "the checkpoint does not say \"%s\"",
                         recipe ? kRateFactor : kRecipe);
  }
  if (*recipe != recipe_.text) {
    return Status::error(StatusCode::invalid_option, "the checkpoint is of a training with another recipe");
  }
  uint64_t bits = 0;
  const char* end = factor->data() + factor->size();
  const auto [stop, error] = std::from_chars(factor->data(), end, bits);
  const double read = std::bit_cast<double>(bits);
  if (error != std::errc() || stop != end || !is_rate_factor(read)) {
    return Status::error(StatusCode::corrupt_file, "the checkpoint's \"%s\" is no factor: %.*s", kRateFactor,
                         static_cast<int>(std::min<std::size_t>(factor->size(), 60)), factor->data());
  }
  if (Status s = load_checkpoint(file, network_.graph, optimizer_); !s.ok()) return s;
  rate_factor_ = read;
  return {};
}

Status Training::model(Buffer<std::byte>& file) {
  return save_model(network_.graph, file);
}

}  // namespace limelight::training
