// Text from files of tokens: the files, the two tasks on them, and trainings with short rows.
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "checkpoint.hpp"
#include "training/token_file.hpp"
#include "training/training.hpp"
#include "training_tasks.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

constexpr uint32_t kVocabulary = 40, kInside = 30;

template <class T>
void put(std::string& bytes, T number) {
  char raw[sizeof(T)];
  std::memcpy(raw, &number, sizeof(T));
  bytes.append(raw, sizeof(T));
}

std::string token_file(const std::vector<std::vector<uint16_t>>& documents,
                       uint32_t vocabulary = kVocabulary) {
  std::string ids, starts;
  uint64_t count = 0;
  for (const auto& document : documents) {
    put(starts, count);
    for (const uint16_t id : document) put(ids, id);
    count += document.size();
  }
  put(starts, count);
  std::string bytes = "LLTOKENS";
  put(bytes, uint32_t{2});
  put(bytes, vocabulary);
  put(bytes, count);
  put(bytes, uint64_t{documents.size()});
  put(bytes, kInside);
  put(bytes, uint32_t{0});
  bytes += ids + std::string((8 - ids.size() % 8) % 8, '\0') + starts;
  return bytes;
}

/// A file that is gone at the end.
class Temporary {
 public:
  explicit Temporary(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() / ("limelight-" + std::to_string(next_++) + ".tokens")) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~Temporary() { std::filesystem::remove(path_); }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  std::string path() const { return path_.string(); }

 private:
  static inline int next_ = 0;
  std::filesystem::path path_;
};

/// [CLS] words [SEP], 3 to 11 tokens; the word n of document d is 5 + (7 d + n) % 25, and every third goes on
/// with a piece.
std::vector<std::vector<uint16_t>> documents(int count, int first = 0) {
  std::vector<std::vector<uint16_t>> made;
  for (int d = first; d < first + count; d++) {
    std::vector<uint16_t> ids = {2};
    for (int n = 0; n <= d % 7; n++) {
      ids.push_back(static_cast<uint16_t>(5 + (7 * d + n) % 25));
      if (n % 3 == 2) ids.push_back(static_cast<uint16_t>(kInside + (d + n) % 10));
    }
    ids.push_back(3);
    made.push_back(ids);
  }
  return made;
}

std::vector<uint16_t> joined(const std::vector<std::vector<uint16_t>>& all) {
  std::vector<uint16_t> ids;
  for (const auto& document : all) ids.insert(ids.end(), document.begin(), document.end());
  return ids;
}

std::string options(const char* name, const Temporary& training, const Temporary& held_out,
                    const std::string& more) {
  return std::string(R"({"name": ")") + name + R"(", "training": ")" + training.path() +
         R"(", "held_out": ")" + held_out.path() + "\"" + more + "}";
}

/// Memory for a batch of any length.
struct Rows {
  std::vector<int32_t> source, source_lengths, ids, targets;
  Batch batch;

  Rows(int64_t rows, int64_t length, int64_t source_length) {
    source.resize(static_cast<std::size_t>(rows * source_length), -1);
    source_lengths.resize(static_cast<std::size_t>(source_length > 0 ? rows : 0), -1);
    ids.resize(static_cast<std::size_t>(rows * length), -1);
    targets.resize(static_cast<std::size_t>(rows * length), -2);
    batch = {rows, source, source_lengths, ids, targets};
  }
};

bool found_in(std::span<const int32_t> row, std::span<const uint16_t> text) {
  return std::ranges::search(text, row, [](uint16_t a, int32_t b) { return a == b; }).begin() != text.end();
}

}  // namespace

TEST_CASE("a file of tokens gives its ids and documents") {
  const Temporary file(token_file({{1, 2, 35}, {7, 8}}));
  TokenFile tokens;
  CHECK_OK(tokens.open(file.path()));
  CHECK(tokens.vocabulary() == 40);
  CHECK(tokens.first_inside() == 30);
  CHECK(std::vector<uint16_t>(tokens.ids().begin(), tokens.ids().end()) ==
        std::vector<uint16_t>{1, 2, 35, 7, 8});
  CHECK(tokens.documents() == 2);
  CHECK(tokens.start(1) == 3);
  CHECK(tokens.document(1).size() == 2);
  CHECK(tokens.document(1)[1] == 8);
}

TEST_CASE("files of tokens that are none are refused by their path, and the one before stays") {
  const Temporary good(token_file({{1, 2, 3}}));
  TokenFile tokens;
  CHECK_OK(tokens.open(good.path()));
  const auto refuses = [&](const std::string& bytes, StatusCode code, const char* words) {
    const Temporary file(bytes);
    const Status status = tokens.open(file.path());
    CAPTURE(std::string(status.message));
    CHECK(status.code == code);
    CHECK(std::string(status.message).find(words) != std::string::npos);
    CHECK(std::string(status.message).find(file.path()) != std::string::npos);
    CHECK(tokens.ids().size() == 3);
  };
  const std::string whole = token_file({{1, 2, 3}, {4}});
  const auto with = [&](std::size_t at, uint64_t number, std::size_t size) {
    std::string bytes = whole;
    std::memcpy(bytes.data() + at, &number, size);
    return bytes;
  };
  for (std::size_t length = 0; length < whole.size(); length++) {
    const char* where = length < 40 ? "header" : length < 48 ? "among its tokens" : "among its documents";
    refuses(whole.substr(0, length), StatusCode::truncated_file, where);
  }
  refuses(with(0, 'l', 1), StatusCode::corrupt_file, "no file of tokens");
  refuses(with(8, 1, 4), StatusCode::corrupt_file, "version 2");
  refuses(with(12, 0, 4), StatusCode::corrupt_file, "vocabulary");
  refuses(with(12, 70000, 4), StatusCode::corrupt_file, "vocabulary");
  refuses(with(12, 4, 4), StatusCode::corrupt_file, "vocabulary");  // smaller than what goes on inside a word
  refuses(with(32, 41, 4), StatusCode::corrupt_file, "vocabulary");
  refuses(with(40, 40, 2), StatusCode::corrupt_file, "an id beyond");
  refuses(with(16, ~uint64_t{0}, 8), StatusCode::corrupt_file, "more tokens");
  refuses(with(24, 5, 8), StatusCode::corrupt_file, "documents than there can be");
  refuses(with(48, 1, 8), StatusCode::corrupt_file, "out of order");
  refuses(with(56, 0, 8), StatusCode::corrupt_file, "out of order");
  refuses(with(56, 4, 8), StatusCode::corrupt_file, "out of order");
  const Status none = tokens.open("/no/such.tokens");
  CHECK(none.code == StatusCode::corrupt_file);
  CHECK(std::string(none.message).find("/no/such.tokens") != std::string::npos);
}

TEST_CASE(
    "rows of text are stretches of its file, half from the start of a document, each predicting the next") {
  const auto all = documents(200), other = documents(100, 1000);
  const Temporary training(token_file(all)), held_out(token_file(other));
  const auto task = training_tasks::make(options("tokens", training, held_out, R"(, "length": 16)"));
  CHECK(task->shape().form == TaskShape::Form::continuation);
  CHECK(task->shape().vocabulary == 40);
  for (const Split split : {Split::training, Split::held_out}) {
    const auto text = joined(split == Split::training ? all : other);
    for (const int64_t length : {16, 4}) {
      Rows rows(400, length, 0);
      Random random(3);
      task->draw(random, split, rows.batch);
      int64_t at_start = 0;
      for (int64_t r = 0; r < 400; r++) {
        std::vector<int32_t> row(rows.ids.begin() + r * length, rows.ids.begin() + (r + 1) * length);
        CHECK(std::equal(row.begin() + 1, row.end(), rows.targets.begin() + r * length));
        row.push_back(rows.targets[static_cast<std::size_t>((r + 1) * length - 1)]);
        CHECK(found_in(row, text));
        at_start += row[0] == 2 ? 1 : 0;
      }
      // Half and a sixth of the rest, with a deviation of 2.5 % of the rows.
      CHECK(at_start > 400 * 0.48);
      CHECK(at_start < 400 * 0.68);
    }
  }
}

TEST_CASE("masked rows: whole words, a share of them, 80 % masked, 10 % random, 10 % as they were") {
  const auto all = documents(300);
  const Temporary training(token_file(all)), held_out(token_file(documents(100, 1000)));
  const auto task =
      training_tasks::make(options("masked", training, held_out, R"(, "length": 32, "share": 0.2)"));
  CHECK(task->shape().form == TaskShape::Form::masked);
  CHECK(task->shape().source_length == 32);
  CHECK(task->shape().length == 8);
  const auto text = joined(all);
  std::map<const char*, int> fates;
  int words = 0, asked_words = 0;
  for (const bool alone : {false, true}) {
    CAPTURE(alone);
    const int64_t length = alone ? 16 : 32, asked = length / 4, count = 2000;
    Rows rows(count, asked, length);
    Random random(4);
    task->draw(random, Split::training, rows.batch);
    for (int64_t r = 0; r < count; r++) {
      const int64_t used = rows.source_lengths[static_cast<std::size_t>(r)];
      std::vector<int32_t> row(rows.source.begin() + r * length, rows.source.begin() + (r + 1) * length);
      const std::vector<int32_t> shown = row;
      std::set<int32_t> places;
      for (int64_t i = r * asked; i < (r + 1) * asked; i++) {
        const int32_t target = rows.targets[static_cast<std::size_t>(i)];
        if (target < 0) continue;
        const int32_t place = rows.ids[static_cast<std::size_t>(i)];
        CHECK(place < used);
        CHECK(places.insert(place).second);
        row[static_cast<std::size_t>(place)] = target;
      }
      CHECK(!places.empty());
      for (const int32_t place : places) {
        const int32_t was = row[static_cast<std::size_t>(place)], is = shown[static_cast<std::size_t>(place)];
        CHECK(was >= 5);
        // All pieces of a word or none.
        if (was >= static_cast<int32_t>(kInside)) CHECK(places.contains(place - 1));
        if (place + 1 < used && row[static_cast<std::size_t>(place) + 1] >= static_cast<int32_t>(kInside))
          CHECK(places.contains(place + 1));
        fates[is == 4 ? "masked" : is == was ? "kept" : "random"]++;
        asked_words += was < static_cast<int32_t>(kInside) ? 1 : 0;
      }
      const auto text_of_row = std::span(row).first(static_cast<std::size_t>(used));
      for (const int32_t id : text_of_row) words += id >= 5 && id < static_cast<int32_t>(kInside) ? 1 : 0;
      if (alone) {
        CHECK(std::ranges::count(text_of_row, 2) == 1);
        CHECK(found_in(text_of_row, text));
        for (std::size_t i = static_cast<std::size_t>(used); i < row.size(); i++) CHECK(row[i] == 0);
      } else {
        CHECK(used == 32);
        CHECK(row.back() == 3);
        CHECK(found_in(text_of_row.first(31), text));
      }
    }
  }
  const double sum = fates["masked"] + fates["random"] + fates["kept"];
  CHECK(fates["masked"] / sum == doctest::Approx(0.8).epsilon(0.03));
  CHECK(fates["random"] / sum == doctest::Approx(0.1).epsilon(0.1));
  CHECK(asked_words / static_cast<double>(words) > 0.17);
  CHECK(asked_words / static_cast<double>(words) < 0.25);  // one word of a short row is more
}

TEST_CASE(
    "of a document longer than a row, a masked row has a stretch from anywhere behind its first token") {
  std::vector<uint16_t> ids = {2};
  for (int i = 0; i < 60; i++) ids.push_back(static_cast<uint16_t>(5 + i % 25));
  ids.push_back(3);
  const Temporary file(token_file({ids}));
  const auto task = training_tasks::make(options("masked", file, file, R"(, "length": 32)"));
  std::set<int32_t> seconds;
  Rows rows(300, 4, 16);
  Random random(1);
  task->draw(random, Split::training, rows.batch);
  for (std::size_t r = 0; r < 300; r++) {
    CHECK(rows.source[16 * r] == 2);
    CHECK(rows.source_lengths[r] == 16);
    seconds.insert(rows.source[16 * r + 1]);
  }
  CHECK(seconds.size() > 20);
}

TEST_CASE("pairs: a source and its translation, each to its end; what is too long for a row is left out") {
  const Temporary source(token_file({{5, 6, 1}, {7, 7, 7, 7, 7, 1}, {8, 1}}));
  const Temporary target(token_file({{9, 1}, {11, 1}, {12, 13, 14, 1}}));
  const auto of_files = [](const Temporary& from, const Temporary& to, const char* length) {
    return R"({"name": "pairs", "training_source": ")" + from.path() + R"(", "held_out_source": ")" +
           from.path() + R"(", "training_target": ")" + to.path() + R"(", "held_out_target": ")" + to.path() +
           R"(", "length": )" + length + "}";
  };
  const auto task = training_tasks::make(of_files(source, target, "4"));
  CHECK(task->shape().form == TaskShape::Form::translation);
  Rows rows(50, 4, 4);
  Random random(1);
  task->draw(random, Split::training, rows.batch);
  std::set<int32_t> firsts;
  for (std::size_t r = 0; r < 50; r++) {
    const auto row = [&](const std::vector<int32_t>& numbers) {
      return std::vector<int32_t>(numbers.begin() + static_cast<std::ptrdiff_t>(4 * r),
                                  numbers.begin() + static_cast<std::ptrdiff_t>(4 * r + 4));
    };
    const bool first = rows.source[4 * r] == 5;
    firsts.insert(rows.source[4 * r]);
    CHECK(rows.source_lengths[r] == (first ? 3 : 2));
    CHECK(row(rows.source) == (first ? std::vector<int32_t>{5, 6, 1, 0} : std::vector<int32_t>{8, 1, 0, 0}));
    CHECK(row(rows.ids) == (first ? std::vector<int32_t>{0, 9, 0, 0} : std::vector<int32_t>{0, 12, 13, 14}));
    CHECK(row(rows.targets) ==
          (first ? std::vector<int32_t>{9, 1, -1, -1} : std::vector<int32_t>{12, 13, 14, 1}));
  }
  CHECK(firsts == std::set<int32_t>{5, 8});
  const auto refuses = [&](const Temporary& from, const Temporary& to, const char* length,
                           const char* words) {
    std::unique_ptr<Task> made;
    const Status status = training_tasks::try_make(of_files(from, to, length), made);
    CAPTURE(std::string(status.message));
    CHECK(status.code == StatusCode::invalid_shape);
    CHECK(std::string(status.message).find(words) != std::string::npos);
  };
  refuses(source, Temporary(token_file({{1}})), "4", "3 texts with 1 translations");
  refuses(source, Temporary(token_file({{9, 1}, {9, 2}, {9, 1}})), "4", "text 1 does not end with token 1");
  refuses(source, Temporary(token_file({{9, 9, 9, 1}, {1}, {9, 9, 9, 1}})), "3", "fits in rows of 3");
}

TEST_CASE("a task on text names what it cannot use") {
  const Temporary file(token_file(documents(4))), other(token_file(documents(4), 41)),
      tiny(token_file({{1}}));
  const auto refuses = [](const std::string& text, StatusCode code, const std::string& words) {
    std::unique_ptr<Task> task;
    const Status status = training_tasks::try_make(text, task);
    CAPTURE(std::string(status.message));
    CHECK(status.code == code);
    CHECK(std::string(status.message).find(words) != std::string::npos);
  };
  refuses(options("tokens", file, other, ", \"length\": 4"), StatusCode::invalid_shape, "41, not 40");
  refuses(options("tokens", file, tiny, ", \"length\": 4"), StatusCode::invalid_shape, "has 1 tokens; 5 are");
  refuses(options("masked", file, file, ", \"length\": 400"), StatusCode::invalid_shape, "400 are needed");
  refuses(options("masked", file, file, ", \"length\": 10"), StatusCode::invalid_option, "multiple of 4");
  refuses(options("masked", file, file, ", \"share\": 0.3"), StatusCode::invalid_option, "share is 0.3");
  refuses(R"({"name": "tokens", "training": "/no/such"})", StatusCode::corrupt_file, "/no/such");
}

TEST_CASE("a recipe on text names its family, and short rows have to be a part of long ones") {
  const Temporary file(token_file(documents(100)));
  const auto parse = [&](const char* task, const std::string& model, const std::string& rows,
                         Recipe& recipe) {
    return parse_recipe(R"({"task": )" + options(task, file, file, R"(, "length": 32)") + R"(, "model": {)" +
                            model + R"(}, "training": {"batch": 2)" + rows + "}}",
                        recipe);
  };
  Recipe recipe;
  CHECK_OK(parse("tokens", R"("family": "llama", "heads": 4, "kv_heads": 2, "mlp_width": 8, "tied": true)",
                 R"(, "short_length": 8, "short_share": 0.75)", recipe));
  CHECK(recipe.network.family == NetworkShape::Family::llama);
  CHECK(recipe.network.kv_heads == 2);
  CHECK(recipe.network.tied);
  CHECK(recipe.short_length == 8);
  CHECK(recipe.short_share == 0.75);
  CHECK_OK(parse("tokens", R"("tied": true)", "", recipe));
  CHECK(recipe.network.family == NetworkShape::Family::gpt2);
  CHECK(recipe.short_share == 0);
  CHECK_OK(parse("masked", R"("mlp_width": 8)", R"(, "short_length": 16)", recipe));
  CHECK(recipe.network.family == NetworkShape::Family::bert);
  CHECK(recipe.network.source_length == 32);
  CHECK(recipe.short_share == 0.5);
  CHECK_REFUSED(parse("tokens", R"("family": "bert")", "", recipe), invalid_option, "gpt2 or llama");
  CHECK_REFUSED(parse("masked", R"("family": "gpt2")", "", recipe), invalid_option, "needs bert");
  CHECK_REFUSED(parse("tokens", R"("kv_heads": 2)", "", recipe), invalid_option, "kv_heads");
  CHECK_REFUSED(parse("masked", R"("tied": true)", "", recipe), invalid_option, "tied");
  for (const char* length : {"12", "32", "64"}) {
    CHECK_REFUSED(parse("tokens", "", std::string(R"(, "short_length": )") + length, recipe), invalid_option,
                  (std::string("short_length is ") + length).c_str());
  }
  CHECK_REFUSED(parse("tokens", "", R"(, "short_share": 0.5)", recipe), invalid_option, "short_length is 0");
}

TEST_CASE("the recipes of the shipped models can be read where their text is there") {
  auto all = documents(300);
  for (auto& document : all) document.back() = 1;  // as what is translated ends
  const Temporary file(token_file(all));
  for (const auto& entry :
       std::filesystem::directory_iterator(LIMELIGHT_SOURCE_DIR "/build-scripts/recipes")) {
    CAPTURE(entry.path().string());
    std::ifstream recipe_file(entry.path());
    std::string text(std::istreambuf_iterator<char>(recipe_file), {});
    for (std::size_t at = text.find("build/data/"); at != text.npos; at = text.find("build/data/")) {
      text.replace(at, text.find('"', at) - at, file.path());
    }
    Recipe recipe;
    CHECK_OK(parse_recipe(text, recipe));
    if (recipe.network.family == NetworkShape::Family::marian) continue;
    CHECK(row_length(recipe.network) >= 512);
    CHECK(recipe.schedule.steps * recipe.batch * row_length(recipe.network) >= 30'000'000);
  }
}

TEST_CASE("short and long rows train one network, and a training that resumes gives the same bits") {
  const Temporary file(token_file(documents(300)));
  for (const char* task : {"tokens", "masked"}) {
    CAPTURE(task);
    const std::string text = R"({"task": )" + options(task, file, file, R"(, "length": 32)") +
                             R"(, "model": {"layers": 1, "width": 16, "heads": 2, "mlp_width": 32},
          "training": {"batch": 4, "steps": 60, "warmup": 5, "learning_rate": 1e-2,
                       "short_length": 16, "short_share": 0.5}})";
    const auto make = [&] {
      Recipe recipe;
      CHECK_OK(parse_recipe(text, recipe));
      std::unique_ptr<Training> made;
      const Status s = Training::create(std::move(recipe), nullptr, made);
      REQUIRE_MESSAGE(s.ok(), s.message);
      return made;
    };
    const auto whole = make(), first = make(), second = make();
    StepReport report, resumed;
    Evaluation before, after;
    CHECK_OK(whole->evaluate(32, before));
    for (int i = 0; i < 60; i++) CHECK_OK(whole->step(report));
    CHECK_OK(whole->evaluate(32, after));
    CHECK(after.loss < 0.9 * before.loss);
    for (int i = 0; i < 25; i++) CHECK_OK(first->step(resumed));
    Buffer<std::byte> state, model, again;
    CHECK_OK(first->save(state));
    CHECK_OK(second->resume(state.span()));
    for (int i = 0; i < 35; i++) CHECK_OK(second->step(resumed));
    CHECK(resumed.loss == report.loss);
    CHECK_OK(whole->model(model));
    CHECK_OK(second->model(again));
    CHECK(std::ranges::equal(model.span(), again.span()));
  }
}

TEST_CASE("positions that are learnt start as sinusoids where the head reads the embedding") {
  NetworkShape shape;
  shape.vocabulary = 50;
  shape.length = 8;
  shape.context = 12;
  shape.tied = true;
  Network network;
  REQUIRE(build(shape, 1, nullptr, network).ok());
  initialize(network.graph, 1);
  for (const ParameterInfo& parameter : network.graph.parameter_list()) {
    if (parameter.name != "transformer.wpe.weight") continue;
    CHECK(parameter.shape == std::vector<int64_t>{12, 64});
    const float* row = network.graph.parameters().data() + parameter.offset;
    // 1 / sqrt(width) is the deviation of tokens; a row of sinusoids has sqrt(2) of it as its amplitude.
    const double amplitude = std::sqrt(2.0 / 64);
    for (const int64_t place : {0, 5, 11}) {
      for (const int64_t i : {0, 7, 31}) {
        const double angle = static_cast<double>(place) / std::pow(10000.0, static_cast<double>(i) / 32);
        CHECK(row[64 * place + i] == doctest::Approx(amplitude * std::sin(angle)).epsilon(1e-6));
        CHECK(row[64 * place + 32 + i] == doctest::Approx(amplitude * std::cos(angle)).epsilon(1e-6));
      }
    }
    return;
  }
  FAIL("there is no table of positions");
}
