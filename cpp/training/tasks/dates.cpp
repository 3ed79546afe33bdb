// Dates as people write them, to ISO 8601, letter by letter: "March 5th, 2021" to "2021-03-05".
#include <algorithm>

#include "training/tasks/tasks.hpp"

namespace limelight::training {
namespace {

struct Date {
  int64_t year, month, day;  ///< month and day from 1
};

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kLetters = "0123456789 ,/ADFJMNOSabcdeghilmnoprstuvy";
constexpr std::string_view kIsoLetters = "0123456789-";

int64_t days_of(int64_t year, int64_t month) {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::string ordinal(int64_t day) {
  const bool teen = day / 10 == 1;
  const char* ending = day % 10 == 1 && !teen   ? "st"
                       : day % 10 == 2 && !teen ? "nd"
                       : day % 10 == 3 && !teen ? "rd"
                                                : "th";
  return std::to_string(day) + ending;
}

constexpr int64_t kForms = 6;
/// The longest is "September 22nd, 2021".
constexpr int64_t kLongest = 20;

std::string write(const Date& date, int64_t form) {
  const std::string_view name = kMonths[date.month - 1];
  const std::string month(name), brief(name.substr(0, 3)), day = std::to_string(date.day),
                                                           year = std::to_string(date.year);
  switch (form) {
    case 0:
      return day + ' ' + month + ' ' + year;
    case 1:
      return month + ' ' + day + ", " + year;
    case 2:
      return month + ' ' + ordinal(date.day) + ", " + year;
    case 3:
      return day + ' ' + brief + ' ' + year;
    case 4:
      return brief + ' ' + day + ", " + year;
    default:
      return std::to_string(date.month) + '/' + day + '/' + year;
  }
}

std::string two_digits(int64_t number) {
  return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

std::string iso(const Date& date) {
  return std::to_string(date.year) + '-' + two_digits(date.month) + '-' + two_digits(date.day);
}

std::vector<std::string> vocabulary(std::string_view letters) {
  std::vector<std::string> tokens = {std::string(kStartText), std::string(kEndText)};
  for (char letter : letters) tokens.emplace_back(1, letter);
  return tokens;
}

std::vector<int32_t> ids_of(std::string_view text, std::string_view letters) {
  std::vector<int32_t> ids;
  for (char letter : text) ids.push_back(static_cast<int32_t>(letters.find(letter)) + 2);
  return ids;
}

bool is_digit(int32_t id) {
  return id >= 2 && id < 12;
}

class Dates final : public Task {
 public:
  Dates(int64_t first_year, int64_t last_year)
      : first_year_(first_year),
        years_(last_year - first_year + 1),
        tokens_(vocabulary(kIsoLetters)),
        source_tokens_(vocabulary(kLetters)),
        shape_{std::ssize(tokens_), 11, std::ssize(source_tokens_), kLongest, TaskShape::Form::translation} {}

  const TaskShape& shape() const override { return shape_; }
  std::span<const std::string> tokens() const override { return tokens_; }
  std::span<const std::string> source_tokens() const override { return source_tokens_; }
  std::string_view joint() const override { return ""; }

  void draw(Random& random, Split split, const Batch& batch) const override {
    for (int64_t r = 0; r < batch.rows; ++r) {
      const Date date = draw_date(random, split);
      set_row(batch, r, shape_, ids_of(write(date, random.below(kForms)), kLetters),
              ids_of(iso(date), kIsoLetters));
    }
  }

  double score(const Batch& batch, std::span<const int32_t> predictions) const override {
    return exact_rows(batch, shape_.length, predictions);
  }

  /// Digits of the result at the same digits of the source, from the last of each number on. A month's name
  /// is no single letter.
  void alignment(const Batch& batch, std::span<int32_t> places) const override {
    std::fill(places.begin(), places.end(), -1);
    for (int64_t r = 0; r < batch.rows; ++r) {
      int32_t* row = places.data() + r * shape_.length;
      const int32_t* source = batch.source.data() + r * shape_.source_length;
      // The numbers of the source from the right: year, day, and in one form the month.
      constexpr int64_t kEnds[] = {4, 10, 7}, kWidths[] = {4, 2, 2};
      int64_t at = batch.source_lengths[r] - 1;
      for (int number = 0; number < 3; ++number) {
        while (at >= 0 && !is_digit(source[at])) --at;
        for (int64_t i = 1; i <= kWidths[number] && at >= 0 && is_digit(source[at]); ++i, --at) {
          row[kEnds[number] - i] = static_cast<int32_t>(at);
        }
      }
    }
  }

 private:
  Date draw_date(Random& random, Split split) const {
    for (;;) {
      const int64_t year = first_year_ + random.below(years_), month = 1 + random.below(12);
      const Date date = {year, month, 1 + random.below(days_of(year, month))};
      if (split_by_hash(ids_of(iso(date), kIsoLetters)) == split) return date;
    }
  }

  int64_t first_year_, years_;
  std::vector<std::string> tokens_, source_tokens_;
  TaskShape shape_;
};

}  // namespace

Status make_dates(JsonMembers& options, std::unique_ptr<Task>& task) {
  const int64_t first = options.integer("first_year", 1900, 1000, 9999);
  const int64_t last = options.integer("last_year", std::max<int64_t>(first, 2099), first, 9999);
  if (Status s = options.finish(); !s.ok()) return s;
  task = std::make_unique<Dates>(first, last);
  return {};
}

}  // namespace limelight::training
