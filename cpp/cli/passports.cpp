// limelight passports: what every head of a model looks at.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <string>

#include "cli/commands.hpp"
#include "cli/error.hpp"
#include "cli/json.hpp"
#include "cli/machine.hpp"
#include "cli/model.hpp"
#include "cli/texts.hpp"
#include "passport/passport.hpp"

namespace limelight::cli {
namespace {

using passport::HeadPassport;
using passport::kKeyKinds;
using passport::LinkScore;
using passport::Passports;
using passport::Score;

struct PassportsCommand {
  std::filesystem::path folder, texts;
  bool json = false, keep = false;
  Machine machine;
};

const char* name_of(AttentionKind kind) {
  return kind == AttentionKind::self ? "self" : kind == AttentionKind::cross ? "cross" : "encoder";
}

std::string json_of(const Score& score) {
  if (score.count == 0) return "null";
  return "{\"mean\":" + json_number(score.mean) + ",\"uniform\":" + json_number(score.uniform) +
         ",\"count\":" + std::to_string(score.count) + "}";
}

std::string json_of(const LinkScore& link) {
  std::string out = json_of(link.score);
  out.pop_back();
  if (link.compared > 0) {
    out += ",\"strongest\":" + json_number(link.strongest) + ",\"chance\":" + json_number(link.chance) +
           ",\"compared\":" + std::to_string(link.compared);
  }
  return out + "}";
}

std::string json_of(const HeadPassport& head) {
  std::string out = "{\"attention\":" + json_string(name_of(head.attention)) +
                    ",\"layer\":" + std::to_string(head.layer) + ",\"head\":" + std::to_string(head.head);
  for (std::size_t k = 0; k < kKeyKinds.size(); ++k)
    out += "," + json_string(kKeyKinds[k]) + ":" + json_of(head.scores.kinds[k]);
  const bool any = head.scores.entropy.count > 0;
  out += ",\"entropy\":" + json_of(head.scores.entropy) +
         ",\"evenness\":" + (any ? json_number(head.scores.evenness) : "null") +
         ",\"distance\":" + json_of(head.scores.distance) + ",\"links\":{";
  for (const auto& [kind, link] : head.scores.links)
    out += (out.back() == '{' ? "" : ",") + json_string(kind) + ":" + json_of(link);
  return out + "},\"loss_increase\":" + (head.loss_increase ? json_number(*head.loss_increase) : "null") +
         "}";
}

void print_json(const PassportsCommand& options, const Passports& made) {
  const passport::Tally& all = made.predictions;
  std::printf("{\"model\":%s,\"texts\":%lld,\"tokens\":%lld,\"predictions\":%lld,\"loss\":%s,\"heads\":%s}\n",
              json_string(options.folder.string()).c_str(), static_cast<long long>(made.texts),
              static_cast<long long>(made.tokens), static_cast<long long>(all.count),
              all.count ? json_number(all.loss / static_cast<double>(all.count)).c_str() : "null",
              json_list(made.heads, [](const HeadPassport& head) { return json_of(head); }).c_str());
}

void print_text(const PassportsCommand& options, const Passports& made) {
  std::printf("%s: %lld texts, %lld tokens; weights, with those of a head that looks at all alike:\n",
              options.folder.c_str(), static_cast<long long>(made.texts),
              static_cast<long long>(made.tokens));
  for (const HeadPassport& head : made.heads) {
    std::printf("%s layer %lld head %lld:", name_of(head.attention), static_cast<long long>(head.layer),
                static_cast<long long>(head.head));
    const auto print = [](const char* name, const Score& score) {
      if (score.count > 0) std::printf("  %s %.3f (%.3f)", name, score.mean, score.uniform);
    };
    for (std::size_t k = 0; k < kKeyKinds.size(); ++k) print(kKeyKinds[k], head.scores.kinds[k]);
    for (const auto& [kind, link] : head.scores.links) print(kind.c_str(), link.score);
    print("entropy", head.scores.entropy);
    print("distance", head.scores.distance);
    if (head.loss_increase) std::printf("  silenced %+.4f", *head.loss_increase);
    std::printf("\n");
  }
}

int passports(const PassportsCommand& options) {
  const std::unique_ptr<ThreadPool> pool = options.machine.start();
  const std::shared_ptr<const Model> model = load_model(options.folder);
  Passports made;
  check(passport::make_passports(model, read_texts(options.texts), !options.keep, pool.get(), made));
  (options.json ? print_json : print_text)(options, made);
  return 0;
}

}  // namespace

void add_passports(CLI::App& program, Job& job) {
  auto options = std::make_shared<PassportsCommand>();
  CLI::App* command = program.add_subcommand(
      "passports", "Says what every head looks at over texts, and what is lost without it");
  command->add_option("model", options->folder, "Folder with config.json and model.safetensors")->required();
  command->add_option("--texts", options->texts, "Texts as ids and labels: JSON lines (cpp/cli/texts.hpp)")
      ->required();
  command->add_flag("--json", options->json, "Prints JSON");
  command->add_flag("--keep-heads", options->keep, "Silences none, which takes most of the time");
  options->machine.add_to(*command);
  command->callback([options, &job] { job = [options] { return passports(*options); }; });
}

}  // namespace limelight::cli
