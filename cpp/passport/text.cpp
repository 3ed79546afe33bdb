#include "passport/text.hpp"

#include <algorithm>

namespace limelight::passport {
namespace {

Status check_places(const char* what, const Tokens& places, std::size_t end) {
  std::vector<bool> taken(end, false);
  for (const int32_t place : places) {
    if (place < 0 || static_cast<std::size_t>(place) >= end) {
      return Status::error(StatusCode::invalid_shape, "%s: %d is no place among %zu tokens", what, place,
                           end);
    }
    if (taken[static_cast<std::size_t>(place)])
      return Status::error(StatusCode::invalid_shape, "%s: %d is there twice", what, place);
    taken[static_cast<std::size_t>(place)] = true;
  }
  return {};
}

Status check_link(const Link& link, const Text& text, const ModelConfig& config) {
  if (link.attention != AttentionKind::self && !config.encoder)
    return Status::error(StatusCode::invalid_option, "a link of an encoder-decoder: this model is none");
  const bool asks_source = link.attention == AttentionKind::encoder;
  const bool source = link.attention != AttentionKind::self;
  if (Status s = check_places("a link", {link.at}, (asks_source ? text.source : text.ids).size()); !s.ok())
    return s;
  Tokens keys;
  for (const auto* mentions : {&link.of, &link.others}) {
    for (const Tokens& mention : *mentions) keys.insert(keys.end(), mention.begin(), mention.end());
  }
  if (link.of.empty()) return Status::error(StatusCode::invalid_shape, "a link leads to nothing");
  return check_places("a link", keys, (source ? text.source : text.ids).size());
}

}  // namespace

Status check(const Text& text, const ModelConfig& config) {
  const auto fits = [](std::size_t tokens, int64_t most) {
    if (static_cast<int64_t>(tokens) <= most) return Status{};
    return Status::error(StatusCode::text_too_long, "%zu tokens are more than the model's %lld positions",
                         tokens, static_cast<long long>(most));
  };
  if (text.ids.empty()) return Status::error(StatusCode::invalid_shape, "a text has no ids");
  if (Status s = fits(text.ids.size(), config.longest_text()); !s.ok()) return s;
  if (text.source.empty() == static_cast<bool>(config.encoder)) {
    return Status::error(StatusCode::invalid_option,
                         config.encoder ? "a text has no source" : "a text has a source: nothing reads it");
  }
  if (config.encoder) {
    if (Status s = fits(text.source.size(), config.encoder->longest_text()); !s.ok()) return s;
  }
  if (config.causal && !text.masked.empty())
    return Status::error(StatusCode::invalid_option, "masked versions, of a model that reads one way");
  for (const auto& version : text.masked) {
    if (version.size() != text.ids.size() || version == text.ids) {
      return Status::error(StatusCode::invalid_shape, "a masked version of %zu tokens hides none of %zu",
                           version.size(), text.ids.size());
    }
  }
  if (text.asked_from < 1) {
    return Status::error(StatusCode::invalid_shape, "asked from token %d: nothing predicts the first one",
                         text.asked_from);
  }
  const std::size_t n = text.ids.size(), m = text.source.size();
  if (Status s = check_places("special", text.special, n); !s.ok()) return s;
  if (Status s = check_places("punctuation", text.punctuation, n); !s.ok()) return s;
  if (Status s = check_places("special of the source", text.source_special, m); !s.ok()) return s;
  if (Status s = check_places("punctuation of the source", text.source_punctuation, m); !s.ok()) return s;
  for (const Link& link : text.links) {
    if (Status s = check_link(link, text, config); !s.ok()) return s;
  }
  return {};
}

}  // namespace limelight::passport
