// Dates as people write them, to ISO 8601, against the C++ library's calendar.
#include <cctype>
#include <chrono>
#include <map>
#include <set>

#include "training_examples.hpp"

using namespace limelight::training;
using training_tasks::Examples;

namespace {

bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

/// The numbers and the names of a text, and what it looks like: digits as 9, letters of names as a.
struct Parts {
  std::vector<std::string> numbers, names;
  std::string form;
};
Parts parts_of(const std::string& text) {
  Parts parts;
  for (std::size_t i = 0; i < text.size();) {
    const bool digit = is_digit(text[i]),
               letter = !digit && std::isalpha(static_cast<unsigned char>(text[i]));
    if (!digit && !letter) {
      parts.form += text[i++];
      continue;
    }
    std::string part;
    while (i < text.size() &&
           (digit ? is_digit(text[i]) : std::isalpha(static_cast<unsigned char>(text[i])) != 0))
      part += text[i++];
    parts.form += digit ? '9' : 'a';
    (digit ? parts.numbers : parts.names).push_back(part);
  }
  return parts;
}

/// What a text says, found by a list of what it may look like.
std::chrono::year_month_day read(const std::string& text) {
  const std::map<std::string, unsigned> months = {{"Jan", 1}, {"Feb", 2},  {"Mar", 3},  {"Apr", 4},
                                                  {"May", 5}, {"Jun", 6},  {"Jul", 7},  {"Aug", 8},
                                                  {"Sep", 9}, {"Oct", 10}, {"Nov", 11}, {"Dec", 12}};
  const Parts parts = parts_of(text);
  const auto number = [&](std::size_t i) { return std::stoi(parts.numbers.at(i)); };
  if (parts.form == "9/9/9") {
    return {std::chrono::year(number(2)), std::chrono::month(static_cast<unsigned>(number(0))),
            std::chrono::day(static_cast<unsigned>(number(1)))};
  }
  const bool known = parts.form == "9 a 9" || parts.form == "a 9, 9" || parts.form == "a 9a, 9";
  REQUIRE_MESSAGE(known, text);
  return {std::chrono::year(number(1)), std::chrono::month(months.at(parts.names.at(0).substr(0, 3))),
          std::chrono::day(static_cast<unsigned>(number(0)))};
}

}  // namespace

TEST_CASE("every written date is the ISO date beside it, and one of the calendar") {
  const auto task = training_tasks::make(R"({"name": "dates", "first_year": 1896, "last_year": 1912})");
  const Examples examples(*task, Split::training, 8000, 1);
  std::map<std::string, int> forms;
  std::set<std::string> dates;
  for (int64_t row = 0; row < examples.rows(); row++) {
    const std::string text = examples.source_text(row), iso = examples.target_text(row);
    CAPTURE(text);
    CAPTURE(iso);
    const std::chrono::year_month_day date = read(text);
    CHECK(date.ok());
    CHECK(iso.size() == 10);
    CHECK(parts_of(iso).form == "9-9-9");
    CHECK(std::stoi(iso.substr(0, 4)) == static_cast<int>(date.year()));
    CHECK(std::stoi(iso.substr(5, 2)) == static_cast<int>(static_cast<unsigned>(date.month())));
    CHECK(std::stoi(iso.substr(8, 2)) == static_cast<int>(static_cast<unsigned>(date.day())));
    CHECK(static_cast<int>(date.year()) >= 1896);
    CHECK(static_cast<int>(date.year()) <= 1912);
    const Parts parts = parts_of(text);
    const bool brief = !parts.names.empty() && parts.names[0].size() == 3 && parts.names[0] != "May";
    forms[parts.form + (brief ? " brief" : "")]++;
    dates.insert(iso);
  }
  CHECK(forms.size() == 6);
  for (const auto& [form, count] : forms) {
    CAPTURE(form);
    CHECK(count > 1000);
  }
  // 17 years of 6,208 days, of which seven in eight are for training: nearly all of those come.
  CHECK(dates.size() > 3500);
  // Not one of a century that is no leap year.
  CHECK(!dates.contains("1900-02-29"));
  CHECK(std::ranges::any_of(dates, [](const std::string& date) { return date.ends_with("-02-29"); }));
}

TEST_CASE("months and ordinals are written as in English") {
  const auto task = training_tasks::make(R"({"name": "dates"})");
  const Examples examples(*task, Split::training, 8000, 2);
  const std::map<std::string, std::string> endings = {
      {"1", "st"},  {"2", "nd"},  {"3", "rd"},  {"4", "th"},  {"5", "th"},  {"6", "th"},  {"7", "th"},
      {"8", "th"},  {"9", "th"},  {"10", "th"}, {"11", "th"}, {"12", "th"}, {"13", "th"}, {"14", "th"},
      {"15", "th"}, {"16", "th"}, {"17", "th"}, {"18", "th"}, {"19", "th"}, {"20", "th"}, {"21", "st"},
      {"22", "nd"}, {"23", "rd"}, {"24", "th"}, {"25", "th"}, {"26", "th"}, {"27", "th"}, {"28", "th"},
      {"29", "th"}, {"30", "th"}, {"31", "st"}};
  const std::set<std::string> months = {"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December",
                                        "Jan",     "Feb",      "Mar",       "Apr",     "Jun",      "Jul",
                                        "Aug",     "Sep",      "Oct",       "Nov",     "Dec"};
  std::set<std::string> days, names;
  for (int64_t row = 0; row < examples.rows(); row++) {
    const Parts parts = parts_of(examples.source_text(row));
    if (!parts.names.empty()) names.insert(parts.names[0]);
    if (parts.names.size() < 2) continue;
    CHECK(endings.at(parts.numbers[0]) == parts.names[1]);
    days.insert(parts.numbers[0]);
  }
  CHECK(days.size() == 31);
  CHECK(names == months);
}

TEST_CASE("digits of the result are aligned with the same digits of the source, in order") {
  const auto task = training_tasks::make(R"({"name": "dates"})");
  const Examples examples(*task, Split::held_out, 2000, 3);
  for (int64_t row = 0; row < examples.rows(); row++) {
    const std::string text = examples.source_text(row), iso = examples.target_text(row);
    CAPTURE(text);
    CAPTURE(iso);
    const int32_t* places = examples.place_row(row);
    for (std::size_t i = 0; i < iso.size(); i++) {
      if (places[i] >= 0) CHECK(text[static_cast<std::size_t>(places[i])] == iso[i]);
    }
    // A digit of the source is written once, and those of the year are its last four.
    std::set<int32_t> used(places, places + 11);
    used.erase(-1);
    CHECK(std::ssize(used) == std::count_if(text.begin(), text.end(), is_digit));
    for (int32_t i = 0; i < 4; i++) CHECK(places[i] == static_cast<int32_t>(text.size()) - 4 + i);
    CHECK(places[9] >= 0);
    for (int i : {4, 7, 10}) CHECK(places[i] == -1);
  }
}
