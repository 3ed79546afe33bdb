// The target that an encoder-decoder finds for a source.
#include <algorithm>
#include <memory>

#include "bindings/models/models.hpp"
#include "limelight/search.hpp"

namespace limelight::bindings {
namespace {

Search& search_at(Address search) {
  return *reinterpret_cast<Search*>(search);
}

}  // namespace

/// `options`: those of a run, as JSON, with the source.
LIMELIGHT_CALL(searchCreate)
double search_create(Address model, Address options_json, double options_bytes, double beams,
                     double most_tokens, double length_penalty) {
  const std::shared_ptr<const Model>& loaded = model_at(model).model;
  SearchOptions options{static_cast<int64_t>(beams), static_cast<int64_t>(most_tokens), length_penalty};
  if (!keep(parse_run_options(text_at(options_json, options_bytes), loaded->config(), options.run))) return 0;
  options.run.record.clear();
  options.run.pool = pool;
  std::unique_ptr<Search> made;
  if (!keep(Search::create(loaded, std::move(options), made))) return 0;
  return handle(made.release());
}
LIMELIGHT_CALL(searchRelease)
void search_release(Address search) {
  delete &search_at(search);
}
LIMELIGHT_CALL(searchAdvance)
int search_advance(Address search, double milliseconds) {
  return code(search_at(search).advance(milliseconds));
}
LIMELIGHT_CALL(searchFinished)
bool search_finished(Address search) {
  return search_at(search).finished();
}
LIMELIGHT_CALL(searchScore)
double search_score(Address search) {
  return search_at(search).score();
}
/// Ids so far; copied to `out` unless that is 0.
LIMELIGHT_CALL(searchIds)
double search_ids(Address search, Address out) {
  const std::span<const int32_t> ids = search_at(search).ids();
  if (out != 0) std::copy(ids.begin(), ids.end(), reinterpret_cast<int32_t*>(out));
  return static_cast<double>(ids.size());
}

}  // namespace limelight::bindings
