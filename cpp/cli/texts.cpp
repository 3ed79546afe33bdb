#include "cli/texts.hpp"

#include <limits>
#include <string>

#include "cli/error.hpp"
#include "cli/files.hpp"
#include "io/json.hpp"

namespace limelight::cli {
namespace {

using passport::Link;
using passport::Text;
using passport::Tokens;

/// One line, with its place for messages.
class Line {
 public:
  Line(std::string_view text, std::string place) : place_(std::move(place)) {
    if (const Status s = json_.parse(text, "a text"); !s.ok()) refuse(s.message);
    if (json_.root().kind != JsonKind::object) refuse("a text is an object");
  }

  Text text() const {
    Text text;
    members(0, [&](uint32_t at, std::string_view key) {
      if (key == "ids")
        text.ids = integers(at);
      else if (key == "special")
        text.special = integers(at);
      else if (key == "punctuation")
        text.punctuation = integers(at);
      else if (key == "source")
        text.source = integers(at);
      else if (key == "source_special")
        text.source_special = integers(at);
      else if (key == "source_punctuation")
        text.source_punctuation = integers(at);
      else if (key == "asked_from")
        text.asked_from = integer(at);
      else if (key == "masked")
        text.masked = lists(at);
      else if (key == "links")
        items(at, [&](uint32_t item) { text.links.push_back(link(item)); });
      else
        refuse("there is no \"" + std::string(key) + "\" of a text");
    });
    return text;
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw Error(place_ + ": " + why); }

  const JsonNode& of_kind(uint32_t at, JsonKind kind, const char* name) const {
    if (json_[at].kind != kind) refuse("\"" + std::string(json_[at].key) + "\" has to be " + name);
    return json_[at];
  }
  template <class F>
  void children(uint32_t at, F&& visit) const {
    for (uint32_t child = at + 1; child < json_[at].end; child = json_[child].end) visit(child);
  }
  template <class F>
  void members(uint32_t at, F&& visit) const {
    if (json_[at].kind != JsonKind::object) refuse("a link is an object");
    children(at, [&](uint32_t child) { visit(child, json_[child].key); });
  }
  template <class F>
  void items(uint32_t at, F&& visit) const {
    of_kind(at, JsonKind::array, "a list");
    children(at, visit);
  }

  int32_t integer(uint32_t at) const {
    const JsonNode& node = json_[at];
    if (!node.is_integer || node.integer > std::numeric_limits<int32_t>::max())
      refuse("ids and places are whole numbers from 0 on");
    return static_cast<int32_t>(node.integer);
  }
  Tokens integers(uint32_t at) const {
    Tokens list;
    items(at, [&](uint32_t item) { list.push_back(integer(item)); });
    return list;
  }
  std::vector<Tokens> lists(uint32_t at) const {
    std::vector<Tokens> all;
    items(at, [&](uint32_t item) { all.push_back(integers(item)); });
    return all;
  }
  Link link(uint32_t object) const {
    Link link;
    members(object, [&](uint32_t at, std::string_view key) {
      if (key == "kind")
        link.kind = of_kind(at, JsonKind::string, "a text").text;
      else if (key == "attention")
        link.attention = attention(of_kind(at, JsonKind::string, "a text").text);
      else if (key == "at")
        link.at = integer(at);
      else if (key == "of")
        link.of = lists(at);
      else if (key == "others")
        link.others = lists(at);
      else
        refuse("there is no \"" + std::string(key) + "\" of a link");
    });
    return link;
  }
  AttentionKind attention(std::string_view name) const {
    if (name == "self") return AttentionKind::self;
    if (name == "cross") return AttentionKind::cross;
    if (name == "encoder") return AttentionKind::encoder;
    refuse("there is no attention \"" + std::string(name) + "\"");
  }

  JsonText json_;
  std::string place_;
};

}  // namespace

std::vector<Text> read_texts(const std::filesystem::path& path) {
  const Buffer<std::byte> bytes = read_file(path);
  std::string_view left = text_of(bytes);
  std::vector<Text> texts;
  for (int64_t line = 1; !left.empty(); ++line) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    if (const std::string_view one = left.substr(0, end); !one.empty())
      texts.push_back(Line(one, path.string() + ", line " + std::to_string(line)).text());
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  if (texts.empty()) throw Error(path.string() + " holds no text");
  return texts;
}

}  // namespace limelight::cli
