#include "io/json.hpp"

#include <cmath>
#include <cstring>

#include "base/sort.hpp"

namespace limelight {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// mantissa * 10^exponent; beyond what a double holds: infinity, or 0. The powers are exact up to 22, so the
/// result is rounded once where the mantissa has at most 15 digits; else it is within some units in the last
/// place.
double scaled(uint64_t mantissa, int64_t exponent) {
  auto value = static_cast<double>(mantissa);
  while (exponent != 0 && value != 0 && !std::isinf(value)) {
    const int64_t step = std::clamp<int64_t>(exponent, -22, 22);
    double power = 1;
    for (int64_t i = 0; i < std::abs(step); ++i) power *= 10;
    value = step < 0 ? value / power : value * power;
    exponent -= step;
  }
  return value;
}

/// Bytes of the UTF-8 character at `text`, or 0 where there is none: its range, shortest form, no surrogates.
/// Table 3-7 of the Unicode standard.
int character_bytes(const char* text, const char* end) {
  const auto byte = [&](int i) { return i < end - text ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto is_tail = [&](int i) { return (byte(i) & 0xc0u) == 0x80u; };
  const unsigned lead = byte(0), second = byte(1);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || !is_tail(1)) return 0;
  if (lead < 0xe0) return 2;
  if (!is_tail(2)) return 0;
  if (lead < 0xf0) return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ? 0 : 3;
  return !is_tail(3) || (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90) ? 0 : 4;
}

char* write_character(char* to, uint32_t code) {
  const auto tail = [&](int shift) { *to++ = static_cast<char>(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) {
    *to++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *to++ = static_cast<char>(0xc0 | code >> 6);
    tail(0);
  } else if (code < 0x10000) {
    *to++ = static_cast<char>(0xe0 | code >> 12);
    tail(6);
    tail(0);
  } else {
    *to++ = static_cast<char>(0xf0 | code >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
  return to;
}

}  // namespace

/// Reads RFC 8259, strictly, with a stack of its own. Every step returns false when it fails; `failure` says
/// why.
struct JsonText::Parser {
  JsonText& json;
  const char* what;
  char* begin;
  char* at;
  char* end;
  Status failure;
  Buffer<uint32_t> order;
  uint32_t open[kMaxJsonDepth] = {};
  int depth = 0;
  std::string_view key;

  bool fail(Status status) {
    failure = status;
    return false;
  }
  bool invalid(const char* why) {
    const auto offset = static_cast<std::size_t>(at - begin);
    if (at < end && *at == '\0')
      return fail(Status::error(StatusCode::corrupt_file, "%s has a NUL byte at %zu", what, offset));
    return fail(
        Status::error(StatusCode::corrupt_file, "%s is no valid JSON at byte %zu: %s", what, offset, why));
  }

  bool take(char c) {
    if (at == end || *at != c) return false;
    ++at;
    return true;
  }
  char peek() const { return at < end ? *at : '\0'; }
  void skip_space() {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) ++at;
  }

  bool append(JsonNode node) {
    JsonText& j = json;
    if (j.used_ == j.nodes_.size()) {
      Buffer<JsonNode> more;
      if (Status s = more.resize(std::max<std::size_t>(64, j.used_ * std::size_t{2})); !s.ok())
        return fail(s);
      std::copy_n(j.nodes_.data(), j.used_, more.data());
      j.nodes_ = std::move(more);
    }
    if (depth > 0) ++j.nodes_[open[depth - 1]].count;
    node.key = std::exchange(key, {});
    node.end = j.used_ + 1;
    j.nodes_[j.used_++] = node;
    return true;
  }

  bool enter(JsonKind kind) {
    if (depth == kMaxJsonDepth) {
      return fail(
          Status::error(StatusCode::corrupt_file, "%s is nested deeper than %d levels", what, kMaxJsonDepth));
    }
    const uint32_t index = json.used_;
    if (!append({.kind = kind})) return false;
    open[depth++] = index;
    return true;
  }

  bool leave() {
    JsonNode& node = json.nodes_[open[--depth]];
    node.end = json.used_;
    return node.kind != JsonKind::object || names_are_unique(open[depth]);
  }

  bool names_are_unique(uint32_t object) {
    const JsonNode& node = json.nodes_[object];
    if (node.count < 2) return true;
    if (order.size() < node.count) {
      if (Status s = order.resize(std::max<std::size_t>(node.count, order.size() * 2)); !s.ok())
        return fail(s);
    }
    uint32_t n = 0;
    for (uint32_t i = object + 1; i < node.end; i = json.nodes_[i].end) order[n++] = i;
    sort_by_heap(order.data(), order.data() + n,
                 [&](uint32_t a, uint32_t b) { return json.nodes_[a].key < json.nodes_[b].key; });
    for (uint32_t i = 1; i < n; ++i) {
      const std::string_view name = json.nodes_[order[i]].key;
      if (name == json.nodes_[order[i - 1]].key) {
        return fail(Status::error(StatusCode::corrupt_file, "%s has the name \"%.*s\" twice", what,
                                  static_cast<int>(std::min<std::size_t>(name.size(), 100)), name.data()));
      }
    }
    return true;
  }

  /// A text is one value. Where an object or array is open, each round reads one of its members or its end.
  bool read() {
    do {
      skip_space();
      if (!(depth > 0 ? read_member() : read_value())) return false;
    } while (depth > 0);
    skip_space();
    return at == end || invalid("the text goes on after its value");
  }

  /// The next member of what is open, or its end.
  bool read_member() {
    const JsonNode& parent = json.nodes_[open[depth - 1]];
    const bool object = parent.kind == JsonKind::object;
    if (take(object ? '}' : ']')) return leave();
    if (parent.count > 0) {
      if (!take(',')) return invalid(object ? "a comma or } is missing" : "a comma or ] is missing");
      skip_space();
    }
    if (object) {
      if (peek() != '"') return invalid("a member's name is missing");
      if (!read_string(key)) return false;
      skip_space();
      if (!take(':')) return invalid("a colon is missing");
      skip_space();
    }
    return read_value();
  }

  bool read_value() {
    switch (peek()) {
      case '{':
        ++at;
        return enter(JsonKind::object);
      case '[':
        ++at;
        return enter(JsonKind::array);
      case '"': {
        JsonNode node{.kind = JsonKind::string};
        return read_string(node.text) && append(node);
      }
      case 't':
        return read_word("true", {.number = 1, .kind = JsonKind::boolean});
      case 'f':
        return read_word("false", {.kind = JsonKind::boolean});
      case 'n':
        return read_word("null", {});
      default:
        return read_number();
    }
  }

  bool read_word(std::string_view word, JsonNode node) {
    if (!std::string_view(at, static_cast<std::size_t>(end - at)).starts_with(word))
      return invalid("a value is missing");
    at += word.size();
    return append(node);
  }

  bool read_number() {
    const bool negative = take('-');
    if (!is_digit(peek())) return invalid("a value is missing");
    uint64_t mantissa = 0;
    int64_t exponent = 0;
    bool exact = true;  // the mantissa holds every digit
    const auto digits = [&](int step) {
      for (; is_digit(peek()); ++at) {
        uint64_t longer = 0;
        exact = exact && !__builtin_mul_overflow(mantissa, uint64_t{10}, &longer) &&
                !__builtin_add_overflow(longer, static_cast<uint64_t>(*at - '0'), &longer);
        if (exact) mantissa = longer;
        exponent += exact ? step : step + 1;
      }
    };
    if (!take('0')) digits(0);
    bool integer = exact;
    if (take('.')) {
      integer = false;
      if (!is_digit(peek())) return invalid("a digit is missing");
      digits(-1);
    }
    if (peek() == 'e' || peek() == 'E') {
      integer = false;
      ++at;
      const bool below = take('-');
      if (!below) take('+');
      if (!is_digit(peek())) return invalid("a digit is missing");
      int64_t power = 0;
      for (; is_digit(peek()); ++at) power = std::min<int64_t>(power * 10 + (*at - '0'), int64_t{1} << 40);
      exponent += below ? -power : power;
    }
    const double value = scaled(mantissa, exponent);
    if (std::isinf(value)) return invalid("the number is beyond a double");
    integer = integer && (!negative || mantissa == 0);
    return append({.number = negative ? -value : value,
                   .integer = integer ? mantissa : 0,
                   .kind = JsonKind::number,
                   .is_integer = integer});
  }

  /// In place: a string's text is never longer than it was written.
  bool read_string(std::string_view& text) {
    char* const first = ++at;
    char* to = first;
    while (!take('"')) {
      if (at == end) return invalid("a closing quotation mark is missing");
      if (*at == '\\') {
        if (!read_escape(to)) return false;
        continue;
      }
      const int bytes = character_bytes(at, end);
      if (bytes == 0) return invalid("a string is not UTF-8");
      if (static_cast<unsigned char>(*at) < 0x20) return invalid("a string holds a control character");
      for (int i = 0; i < bytes; ++i) *to++ = *at++;
    }
    text = {first, static_cast<std::size_t>(to - first)};
    return true;
  }

  bool read_escape(char*& to) {
    ++at;
    static constexpr char kNames[] = "\"\\/bfnrt", kMeant[] = "\"\\/\b\f\n\r\t";
    if (!take('u')) {
      const char* name = at == end ? nullptr : static_cast<const char*>(std::memchr(kNames, *at, 8));
      if (!name) return invalid("a string has an unknown escape");
      ++at;
      *to++ = kMeant[name - kNames];
      return true;
    }
    uint32_t code = 0, low = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xd800 && code < 0xe000) {  // a pair stands for one character
      if (code >= 0xdc00 || !take('\\') || !take('u')) return invalid("half of a surrogate pair is missing");
      if (!read_hex(low)) return false;
      if (low < 0xdc00 || low >= 0xe000) return invalid("half of a surrogate pair is missing");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    to = write_character(to, code);
    return true;
  }

  bool read_hex(uint32_t& code) {
    for (int i = 0; i < 4; ++i, ++at) {
      const char c = peek();
      const char letter = static_cast<char>(c | 0x20);
      if (!is_digit(c) && !(letter >= 'a' && letter <= 'f'))
        return invalid("four hexadecimal digits are missing after \\u");
      code = code << 4 | static_cast<uint32_t>(is_digit(c) ? c - '0' : letter - 'a' + 10);
    }
    return true;
  }
};

Status JsonText::parse(std::string_view text, const char* what) {
  used_ = 0;
  // Node indices are 32 bits and a node needs at least one character.
  if (text.size() >= UINT32_MAX) {
    return Status::error(StatusCode::corrupt_file, "%s is longer than 4 GiB", what);
  }
  if (Status s = text_.resize(text.size()); !s.ok()) return s;
  std::copy(text.begin(), text.end(), text_.data());
  char* const begin = text_.data();
  Parser parser{.json = *this,
                .what = what,
                .begin = begin,
                .at = begin,
                .end = begin + text.size(),
                .failure = {},
                .order = {},
                .key = {}};
  parser.read();
  return parser.failure;
}

uint32_t JsonText::find(uint32_t object, std::string_view key) const {
  const JsonNode& node = nodes_[object];
  if (node.kind != JsonKind::object) return 0;
  for (uint32_t i = object + 1; i < node.end; i = nodes_[i].end) {
    if (nodes_[i].key == key) return i;
  }
  return 0;
}

}  // namespace limelight
