#include <memory>
#include <string>
#include <vector>

#include "../cpp/checkpoint.hpp"
#include "fuzz.hpp"
#include "limelight/memory.hpp"
#include "limelight/search.hpp"

namespace limelight::fuzz {
namespace {

constexpr std::size_t kMemory = std::size_t{16} << 20;

/// Everything that can be asked of a model, on a text that it can read.
void run(std::shared_ptr<const Model> loaded) {
  const ModelConfig& config = loaded->config();
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < std::min<int64_t>(config.longest_text(), 7); i++)
    ids.push_back(static_cast<int32_t>(3 * i % config.vocabulary));

  RunOptions options;
  if (const ModelConfig* encoder = config.encoder.get()) {
    for (int64_t i = 0; i < std::min<int64_t>(encoder->longest_text(), 5); i++)
      options.source.push_back(static_cast<int32_t>((2 * i + 1) % encoder->vocabulary));
  }
  std::unique_ptr<Run> run;
  if (refused(Run::create(loaded, ids, options, nullptr, run), StatusCode::out_of_memory)) return;
  if (refused(run->advance(test::kForever), StatusCode::out_of_memory)) return;
  CHECK(run->finished());
  std::vector<float> numbers(static_cast<std::size_t>(config.vocabulary));
  const auto n = static_cast<int64_t>(ids.size());
  if (refused(run->logits(n - 1, numbers), StatusCode::out_of_memory)) return;
  for (const std::string& site : run->sites()) {
    std::span<const float> row;
    CHECK(run->vector(site, test::rows_of(*run, site) - 1, -1, row).ok());
    CHECK(!row.empty());
  }
  std::vector<float> weights(static_cast<std::size_t>(n * n));
  refused(run->explain(config.layers - 1, {.head = kEveryHead, .rows = n, .cols = n}, Stage::weight,
                       {.cells = weights}),
          StatusCode::out_of_memory);
  if (!config.encoder) return;
  const auto m = static_cast<int64_t>(run->source().size());
  weights.resize(static_cast<std::size_t>(std::max(n, m) * m));
  refused(run->explain(config.layers - 1, {.head = kEveryHead, .rows = n, .cols = m}, Stage::weight,
                       {.cells = std::span(weights).first(static_cast<std::size_t>(n * m))},
                       AttentionKind::cross),
          StatusCode::out_of_memory);
  std::unique_ptr<Search> search;
  if (refused(Search::create(loaded, {2, 0, 1.0, options}, search), StatusCode::out_of_memory,
              StatusCode::invalid_option))
    return;
  while (!search->finished()) {
    if (refused(search->advance(test::kForever), StatusCode::out_of_memory, StatusCode::invalid_value))
      return;
  }
  CHECK(!search->ids().empty());
}

}  // namespace

/// The input: three choices, config.json, NUL, then the header, NUL and data of a safetensors file, whose
/// length is put before it; or, as the choice may be, the file as it is. In pieces of any size it comes to
/// the same.
void model(Bytes input) {
  Choices choices(input);
  const WeightFormat format = choices.one_of({WeightFormat::automatic, WeightFormat::as_stored,
                                              WeightFormat::f32, WeightFormat::f16, WeightFormat::int8});
  const std::size_t piece = choices.one_of<std::size_t>({1, 7, 64});
  const bool as_it_is = choices.flag();
  const std::string config(choices.text());
  const std::string header(as_it_is ? "" : choices.text()), data(text_of(choices.rest()));
  const std::string file = as_it_is ? data : test::with_length(header, data);

  const test::MemoryLimit limit(live_bytes() + kMemory);
  std::shared_ptr<const Model> loaded;
  const Status in_pieces = test::load(config, file, loaded, piece, nullptr, format);
  loaded.reset();
  const Status whole =
      test::load(config, file, loaded, std::max<std::size_t>(file.size(), 1), nullptr, format);
  CHECK(whole.code == in_pieces.code);
  CHECK(std::string_view(whole.message) == in_pieces.message);
  if (refused(whole, StatusCode::corrupt_file, StatusCode::truncated_file, StatusCode::unsupported_model,
              StatusCode::missing_tensor, StatusCode::unknown_tensor, StatusCode::misshapen_tensor,
              StatusCode::invalid_value, StatusCode::invalid_shape, StatusCode::out_of_memory)) {
    CHECK(loaded == nullptr);
  } else {
    run(loaded);
  }
}

}  // namespace limelight::fuzz
