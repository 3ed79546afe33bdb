// What a caller outside of C++ asks of a run, as JSON.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "io/json.hpp"
#include "limelight/model.hpp"

namespace limelight {
namespace {

int shown(std::string_view text) {
  return static_cast<int>(std::min<std::size_t>(text.size(), 60));
}

Status unknown_key(const char* where, std::string_view key) {
  return Status::error(StatusCode::invalid_option, "%s has no \"%.*s\"", where, shown(key), key.data());
}

/// A layer or head that is named, or all of them.
Status read_range(const JsonNode& node, const char* what, int64_t end, int64_t& first, int64_t& last) {
  if (!node.is_integer || node.integer >= static_cast<uint64_t>(end)) {
    return Status::error(StatusCode::invalid_option, "%s of an intervention is not one of 0 to %lld", what,
                         static_cast<long long>(end - 1));
  }
  first = static_cast<int64_t>(node.integer);
  last = first + 1;
  return {};
}

/// Which attention an intervention is about, which only an encoder-decoder asks.
Status read_kind(const JsonNode& node, const ModelConfig& config, AttentionKind& kind) {
  if (config.encoder && node.kind == JsonKind::string) {
    if (node.text == "self") return {};
    kind = node.text == "cross" ? AttentionKind::cross : AttentionKind::encoder;
    if (node.text == "cross" || node.text == "encoder") return {};
  }
  return Status::error(StatusCode::invalid_option, "attention of an intervention is not one of %s",
                       config.encoder ? "self, cross and encoder" : "this model's, which has but one");
}

/// Every head of a model, unchanged: of self-attention, then of cross-attention, then of the encoder.
std::vector<HeadChange> every_head(const ModelConfig& config) {
  std::vector<HeadChange> heads;
  const auto add = [&](AttentionKind kind, const ModelConfig& of) {
    for (int64_t h = 0; h < of.layers * of.heads; ++h)
      heads.push_back({.layer = h / of.heads, .head = h % of.heads, .kind = kind});
  };
  add(AttentionKind::self, config);
  if (config.encoder) add(AttentionKind::cross, config);
  if (config.encoder) add(AttentionKind::encoder, *config.encoder);
  return heads;
}

/// Multiplies what one intervention asks for onto `heads`, which every_head() made.
Status read_intervention(const JsonText& json, uint32_t index, const ModelConfig& decoder,
                         std::vector<HeadChange>& heads) {
  if (json[index].kind != JsonKind::object || json[index].count != 1) {
    return Status::error(StatusCode::invalid_option,
                         "an intervention is an object with one member: silence, scale or temperature");
  }
  const JsonNode& what = json[index + 1];
  const bool silence = what.key == "silence", scale = what.key == "scale",
             temperature = what.key == "temperature";
  if (!silence && !scale && !temperature) return unknown_key("interventions", what.key);
  if (what.kind != JsonKind::object) {
    return Status::error(StatusCode::invalid_option, "the intervention \"%.*s\" is no object",
                         shown(what.key), what.key.data());
  }
  AttentionKind kind = AttentionKind::self;
  const uint32_t named = json.find(index + 1, "attention");
  if (named != 0) {
    if (Status s = read_kind(json[named], decoder, kind); !s.ok()) return s;
  }
  const ModelConfig& config = kind == AttentionKind::encoder ? *decoder.encoder : decoder;
  const std::string_view amount = scale ? "by" : temperature ? "value" : "";
  int64_t first_layer = 0, last_layer = config.layers, first_head = 0, last_head = config.heads;
  const JsonNode* number = nullptr;
  for (uint32_t i = index + 2; i < what.end; i = json[i].end) {
    const JsonNode& member = json[i];
    Status s;
    if (member.key == "attention") continue;
    if (member.key == "layer") {
      s = read_range(member, "layer", config.layers, first_layer, last_layer);
    } else if (member.key == "head") {
      s = read_range(member, "head", config.heads, first_head, last_head);
    } else if (!amount.empty() && member.key == amount && member.kind == JsonKind::number) {
      number = &member;
    } else if (!amount.empty() && member.key == amount) {
      s = Status::error(StatusCode::invalid_option, "\"%.*s\" of an intervention is no number", shown(amount),
                        amount.data());
    } else {
      s = unknown_key("an intervention", member.key);
    }
    if (!s.ok()) return s;
  }
  if (!amount.empty() && !number) {
    return Status::error(StatusCode::invalid_option, "the intervention \"%.*s\" needs \"%.*s\"",
                         shown(what.key), what.key.data(), shown(amount), amount.data());
  }
  const float value = number ? static_cast<float>(number->number) : 0.0f;
  if (!std::isfinite(value) || (temperature && !(value > 0))) {
    return Status::error(StatusCode::invalid_value,
                         "\"%.*s\" of the intervention \"%.*s\" is %g, which has to be %s", shown(amount),
                         amount.data(), shown(what.key), what.key.data(), static_cast<double>(value),
                         temperature ? "above 0 and finite" : "finite");
  }
  for (int64_t layer = first_layer; layer < last_layer; ++layer) {
    for (int64_t head = first_head; head < last_head; ++head) {
      const int64_t before = static_cast<int64_t>(kind) * decoder.layers * decoder.heads;
      HeadChange& change = heads[static_cast<std::size_t>(before + layer * config.heads + head)];
      (temperature ? change.temperature : change.gate) *= value;
    }
  }
  return {};
}

}  // namespace

Status parse_run_options(std::string_view text, const ModelConfig& config, RunOptions& options) {
  JsonText json;
  if (Status s = json.parse(text, "the run's options"); !s.ok()) return s;
  if (json.root().kind != JsonKind::object)
    return Status::error(StatusCode::invalid_option, "the run's options are no object");
  RunOptions read;
  std::vector<HeadChange> heads;
  for (uint32_t i = 1; i < json.root().end; i = json[i].end) {
    const JsonNode& member = json[i];
    const bool interventions = member.key == "interventions", source = member.key == "source";
    if (!interventions && !source && member.key != "record")
      return unknown_key("the run's options", member.key);
    if (member.kind != JsonKind::array) {
      return Status::error(StatusCode::invalid_option, "\"%.*s\" of the run's options is no array",
                           shown(member.key), member.key.data());
    }
    if (interventions) heads = every_head(config);
    if (member.key == "record") read.record.clear();
    for (uint32_t j = i + 1; j < member.end; j = json[j].end) {
      if (interventions) {
        if (Status s = read_intervention(json, j, config, heads); !s.ok()) return s;
      } else if (source) {
        if (!json[j].is_integer || json[j].integer > INT32_MAX)
          return Status::error(StatusCode::invalid_token, "\"source\" holds what is no token id");
        read.source.push_back(static_cast<int32_t>(json[j].integer));
      } else if (json[j].kind != JsonKind::string) {
        return Status::error(StatusCode::invalid_option, "\"record\" holds what is no string");
      } else {
        read.record.emplace_back(json[j].text);
      }
    }
  }
  std::copy_if(heads.begin(), heads.end(), std::back_inserter(read.heads),
               [](const HeadChange& h) { return h.gate != 1 || h.temperature != 1; });
  options = std::move(read);
  return {};
}

}  // namespace limelight
