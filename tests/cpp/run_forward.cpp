// Every number of a run against a float64 reference that reads the same checkpoint.
#include <cmath>

#include "kernels/kernels.hpp"
#include "reference_model.hpp"

namespace limelight::test {
namespace {

constexpr double kEpsilon = 0x1p-24;  // half a unit in the last place of f32

/// A sum of n products is off by at most n rounding errors of its largest partial sum. A number at the end of
/// the model has gone through 6 such sums a block and 2 around the blocks, each as long as the widest row at
/// most, and the errors of one are carried, not blown up, by the next: norms divide by a deviation of about 1
/// here. Against the largest magnitude of the site.
double tolerance(const Sizes& s, int64_t tokens) {
  const double longest = static_cast<double>(std::max({s.width, s.mlp_width, tokens}));
  return kEpsilon * longest * static_cast<double>(6 * s.layers + 2);
}

/// Largest |a - b| / max|b|.
class Worst {
 public:
  void compare(double a, double b) {
    error_ = std::max(error_, std::abs(a - b));
    largest_ = std::max(largest_, std::abs(b));
    finite_ = finite_ && std::isfinite(a);
  }
  double relative() const { return finite_ ? error_ / std::max(largest_, 1e-30) : INFINITY; }

 private:
  double error_ = 0, largest_ = 0;
  bool finite_ = true;
};

double worst_ratio = 0;

void expect_close(const std::string& what, const Worst& worst, double bound) {
  INFO(what);
  CHECK(worst.relative() <= bound);
  worst_ratio = std::max(worst_ratio, worst.relative() / bound);
}

void compare_run(const Run& run, const Reference& reference, double bound) {
  const auto tokens = static_cast<int64_t>(run.ids().size());
  const ModelConfig& config = run.model().config();
  const std::vector<std::string> sites = run.sites();
  CHECK(sites.size() == reference.sites.size());
  for (const std::string& site : sites) {
    const auto found = reference.sites.find(site);
    REQUIRE_MESSAGE(found != reference.sites.end(), site);
    Worst worst;
    REQUIRE(rows_of(run, site) == static_cast<int64_t>(found->second.size()));
    for (int64_t t = 0; t < rows_of(run, site); ++t) {
      std::span<const float> row;
      CHECK_OK(run.vector(site, t, -1, row));
      const auto& expected = found->second[static_cast<std::size_t>(t)];
      REQUIRE(row.size() == expected.size());
      for (std::size_t i = 0; i < row.size(); ++i) worst.compare(static_cast<double>(row[i]), expected[i]);
    }
    expect_close(site, worst, bound);
  }
  std::vector<float> logits(static_cast<std::size_t>(config.vocabulary));
  Worst of_logits;
  for (int64_t t = 0; t < tokens; ++t) {
    CHECK_OK(run.logits(t, logits));
    for (std::size_t i = 0; i < logits.size(); ++i) {
      of_logits.compare(static_cast<double>(logits[i]), reference.logits[static_cast<std::size_t>(t)][i]);
    }
  }
  expect_close("logits", of_logits, bound);
  const auto compare_weights = [&](const std::map<std::pair<int64_t, int64_t>, Rows>& all,
                                   AttentionKind kind) {
    for (const auto& [at, expected] : all) {
      const std::size_t columns = expected[0].size();
      std::vector<float> cells(expected.size() * columns);
      CHECK_OK(run.explain(at.first,
                           {.head = at.second,
                            .rows = static_cast<int64_t>(expected.size()),
                            .cols = static_cast<int64_t>(columns)},
                           Stage::weight, {.cells = cells}, kind));
      Worst worst;
      for (std::size_t i = 0; i < cells.size(); ++i)
        worst.compare(static_cast<double>(cells[i]), expected[i / columns][i % columns]);
      expect_close("weights", worst, bound);
    }
  };
  compare_weights(reference.weights, AttentionKind::self);
  compare_weights(reference.cross_weights, AttentionKind::cross);
  compare_weights(reference.encoder_weights, AttentionKind::encoder);
  std::vector<float> weights(static_cast<std::size_t>(tokens * tokens));
  const ModelConfig& shape = run.model().config();
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    CHECK_OK(run.explain(layer, {.head = kEveryHead, .rows = tokens, .cols = tokens}, Stage::weight,
                         {.cells = weights}));
    Worst worst;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      double mean = 0;
      for (int64_t head = 0; head < shape.heads; ++head) {
        const auto& one = reference.weights.at({layer, head});
        mean += one[i / static_cast<std::size_t>(tokens)][i % static_cast<std::size_t>(tokens)] /
                static_cast<double>(shape.heads);
      }
      worst.compare(static_cast<double>(weights[i]), mean);
    }
    expect_close("mean weights", worst, bound);
  }
}

Reference reference_of(Family family, const Checkpoint& c, const Sizes& s, const std::vector<int32_t>& ids,
                       ReferenceOptions options = {}) {
  if (family == Family::marian && options.source.empty()) options.source = some_source(*load(c));
  return ReferenceModel(c, s).run(family, ids, options);
}

constexpr int64_t kLengths[] = {1, 2, 17, 64, 65, 130};

TEST_CASE("every site, weight and logit equals the float64 reference") {
  worst_ratio = 0;
  for (const Family family : kFamilies) {
    for (const Sizes& s :
         {Sizes{},
          Sizes{.vocabulary = 50, .positions = 130, .width = 24, .layers = 3, .heads = 3, .mlp_width = 96}}) {
      const Checkpoint c = make(family, s);
      const auto model = load(c);
      for (const int64_t n : kLengths) {
        CAPTURE(static_cast<int>(family));
        CAPTURE(n);
        const auto ids = random_ids(n, s.vocabulary);
        compare_run(*finished_run(model, ids), reference_of(family, c, s, ids), tolerance(s, n));
      }
    }
  }
  MESSAGE("largest share of the tolerance used: ", worst_ratio);
}

TEST_CASE("every instruction set of this processor runs the same model") {
  const Sizes s;
  const Checkpoint c = make_gpt2(s, 3);
  const auto model = load(c);
  const auto ids = random_ids(70, s.vocabulary);
  const Reference reference = reference_of(Family::gpt2, c, s, ids);
  const kernels::Table& chosen = kernels::table();
  for (const kernels::Table* table : kernels::tables()) {
    CAPTURE(table->arch);
    kernels::use_table(*table);
    compare_run(*finished_run(model, ids), reference, tolerance(s, 70));
  }
  kernels::use_table(chosen);
}

TEST_CASE("the activation that the configuration names is the one that runs") {
  for (const Family family : kFamilies) {
    for (const char* activation : {"gelu", "gelu_new", "gelu_pytorch_tanh", "relu"}) {
      Sizes s;
      s.activation = activation;
      const Checkpoint c = make(family, s);
      CAPTURE(static_cast<int>(family));
      CAPTURE(activation);
      const auto ids = random_ids(9, s.vocabulary);
      compare_run(*finished_run(load(c), ids), reference_of(family, c, s, ids), tolerance(s, 9));
    }
  }
}

TEST_CASE(
    "a gated activation is the one that the configuration names, and the head is tied or not as it says") {
  for (const char* activation : {"silu", "gelu", "gelu_pytorch_tanh", "relu"}) {
    for (const bool tied : {false, true}) {
      Sizes s;
      s.activation = activation;
      s.tied = tied;
      const Checkpoint c = make_llama(s);
      CAPTURE(activation);
      CAPTURE(tied);
      const auto ids = random_ids(9, s.vocabulary);
      compare_run(*finished_run(load(c), ids), reference_of(Family::llama, c, s, ids), tolerance(s, 9));
    }
  }
}

TEST_CASE("rotary frequencies are those that the configuration gives, in older and newer files") {
  const auto llama3 = [](double f) {
    const double wavelength = 2 * std::numbers::pi / f, low = 32 / 1.0, high = 32 / 4.0;
    if (wavelength > low) return f / 8;
    if (wavelength < high) return f;
    const double smooth = (32 / wavelength - 1) / (4 - 1.0);
    return (1 - smooth) * f / 8 + smooth * f;
  };
  const std::string llama3_numbers =
      R"("factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":32)";
  const struct {
    std::string config;
    double base;
    std::function<double(double)> scaled;
  } cases[] = {
      {R"(,"rope_theta":500.5)", 500.5, nullptr},
      {R"(,"rope_scaling":null)", 10000, nullptr},
      {R"(,"rope_scaling":{"type":"linear","factor":2.5})", 10000, [](double f) { return f / 2.5; }},
      {R"(,"rope_theta":100,"rope_scaling":{"rope_type":"llama3",)" + llama3_numbers + "}", 100, llama3},
      {R"(,"rope_parameters":{"rope_type":"llama3","rope_theta":100,)" + llama3_numbers + "}", 100, llama3},
      {R"(,"rope_parameters":{"rope_type":"default","rope_theta":70})", 70, nullptr},
  };
  for (const auto& one : cases) {
    CAPTURE(one.config);
    Sizes s;
    s.rotary = one.config;
    const Checkpoint c = make_llama(s);
    ReferenceModel reference(c, s);
    reference.base = one.base;
    reference.scaled = one.scaled;
    const auto ids = random_ids(40, s.vocabulary);
    compare_run(*finished_run(load(c), ids), reference.llama(ids), 2 * tolerance(s, 40));
  }
}

TEST_CASE("a rotary model reads on where the texts that it was trained on end, and the others do not") {
  Sizes s;
  s.positions = 20;
  const auto ids = random_ids(90, s.vocabulary);
  const Checkpoint c = make_llama(s);
  compare_run(*finished_run(load(c), ids), reference_of(Family::llama, c, s, ids), tolerance(s, 90));
  std::unique_ptr<Run> run;
  CHECK_REFUSED(Run::create(load(make_gpt2(s)), ids, {}, nullptr, run), text_too_long, "20 positions");
}

TEST_CASE("the epsilon that the configuration gives is the one that norms use") {
  for (const Family family : kFamilies) {
    Sizes s;
    s.epsilon = 0.25;
    if (family == Family::marian) continue;  // whose configuration gives none
    const Checkpoint c = make(family, s);
    const auto ids = random_ids(9, s.vocabulary);
    compare_run(*finished_run(load(c), ids), reference_of(family, c, s, ids), tolerance(s, 9));
  }
}

TEST_CASE("silenced, scaled and tempered heads give what the formula gives") {
  const Sizes s;
  for (const Family family : kFamilies) {
    const Checkpoint c = make(family, s);
    RunOptions options;
    options.heads = {
        {.layer = 0, .head = 1, .gate = 0},
        {.layer = 0, .head = 2, .gate = -1.5f},
        {.layer = 1, .head = 0, .temperature = 0.25f},
        {.layer = 1, .head = 3, .gate = 2, .temperature = 4},
        {.layer = 1, .head = 3, .gate = 0.25f, .temperature = 2}};  // changes of one head multiply
    ReferenceOptions expected;
    expected.gate = {{1, 0, -1.5, 1}, {1, 1, 1, 0.5}};
    expected.temperature = {{1, 1, 1, 1}, {0.25, 1, 1, 8}};
    const auto ids = random_ids(33, s.vocabulary);
    const auto run = finished_run(load(c), ids, options);
    // A temperature of 1/4 makes scores, and with them their rounding errors, four times as large.
    compare_run(*run, reference_of(family, c, s, ids, expected), 4 * tolerance(s, 33));

    const auto plain = finished_run(load(c), ids);
    CHECK(!same_bits(everything(*run), everything(*plain)));
    RunOptions nothing;
    nothing.heads = {{.layer = 0, .head = 0, .gate = 1, .temperature = 1}};
    CHECK(same_bits(everything(*finished_run(load(c), ids, nothing)), everything(*plain)));
  }
}

TEST_CASE("a silenced head's z is zero") {
  const Sizes s;
  RunOptions options;
  options.heads = {{.layer = 1, .head = 2, .gate = 0}};
  const auto run = finished_run(load(make_gpt2(s)), random_ids(5, s.vocabulary), options);
  for (int64_t t = 0; t < 5; ++t) {
    std::span<const float> z;
    CHECK_OK(run->vector("blocks.1.attn.z", t, 2, z));
    for (const float value : z) CHECK(value == 0);
    CHECK_OK(run->vector("blocks.1.attn.z", t, 1, z));
    CHECK(std::any_of(z.begin(), z.end(), [](float value) { return value != 0; }));
  }
}

TEST_CASE("future tokens never change a row of a causal model") {
  const Sizes s;
  const auto model = load(make_gpt2(s));
  auto ids = random_ids(100, s.vocabulary);
  const auto first = finished_run(model, ids);
  for (std::size_t i = 60; i < ids.size(); ++i) ids[i] = (ids[i] + 1) % 37;
  const auto second = finished_run(model, ids);
  for (const std::string& site : first->sites()) {
    for (int64_t t = 0; t < 60; ++t) {
      std::span<const float> a, b;
      CHECK_OK(first->vector(site, t, -1, a));
      CHECK_OK(second->vector(site, t, -1, b));
      CHECK(same_bits(a, b));
    }
  }
}

TEST_CASE("one row explained adds up to the z that the run recorded") {
  const Sizes s;
  for (const Family family : kFamilies) {
    RunOptions options;
    options.heads = {{.layer = 1, .head = 1, .gate = 0.5f, .temperature = 2}};
    const auto run = finished_run(load(make(family, s)), random_ids(70, s.vocabulary), options);
    const int64_t n = 70, d = run->model().config().head_dim;
    std::vector<float> products(static_cast<std::size_t>(n * d)), weighted(products.size()), dot(70),
        scaled(70), masked(70), exponent(70), weight(70), out(static_cast<std::size_t>(d));
    for (const int64_t row : {0, 1, 63, 64, 69}) {
      RowDetail detail{products, dot, scaled, {}, masked, exponent, weight, weighted, out};
      CHECK_OK(run->explain_row(1, 1, row, detail));
      std::span<const float> z;
      CHECK_OK(
          run->vector(family == Family::marian ? "decoder.blocks.1.attn.z" : "blocks.1.attn.z", row, 1, z));
      for (std::size_t i = 0; i < out.size(); ++i) {
        CHECK(std::abs(static_cast<double>(out[i] - z[i])) <= tolerance(s, n) * 4);
      }
      const double scale = 1 / std::sqrt(static_cast<double>(d)) / 2;  // of this head's temperature
      CHECK(static_cast<double>(scaled[3]) ==
            doctest::Approx(static_cast<double>(dot[3]) * scale).epsilon(1e-6));
    }
  }
}

}  // namespace
}  // namespace limelight::test
