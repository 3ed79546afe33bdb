// Greedy and beam search against looking at every text there is.
#include "limelight/search.hpp"

#include <functional>

#include "reference_model.hpp"

namespace limelight::test {
namespace {

const Sizes kSmall{.vocabulary = 5, .positions = 12, .width = 6, .layers = 1, .heads = 2, .mlp_width = 7};

struct Answer {
  std::vector<int32_t> ids;
  double score = 0;
};

Answer answer(const Checkpoint& c, SearchOptions options, double milliseconds = kForever) {
  const auto model = load(c);
  options.run.source = random_ids(4, model->config().encoder->vocabulary, 3);
  std::unique_ptr<Search> search;
  const Status s = Search::create(model, std::move(options), search);
  REQUIRE_MESSAGE(s.ok(), s.message);
  while (!search->finished()) CHECK_OK(search->advance(milliseconds));
  return {{search->ids().begin(), search->ids().end()}, search->score()};
}

/// log of the softmax of the reference's last logits, without the start token.
std::vector<double> next(const Checkpoint& c, const Sizes& s, const std::vector<int32_t>& ids) {
  ReferenceOptions options;
  options.source = random_ids(4, s.vocabulary, 3);
  std::vector<double> logits = ReferenceModel(c, s).marian(ids, options).logits.back();
  logits[1] = -INFINITY;
  double total = 0;
  for (const double v : logits) total += std::exp(v);
  for (double& v : logits) v -= std::log(total);
  return logits;
}

}  // namespace

TEST_CASE("greedy search writes the likeliest token each time, up to the end or the most tokens") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const Checkpoint c = make_marian(kSmall, seed);
    std::vector<int32_t> ids = {1};
    double log_probability = 0;
    while (ids.size() < 8) {
      const std::vector<double> all = next(c, kSmall, ids);
      ids.push_back(static_cast<int32_t>(std::max_element(all.begin(), all.end()) - all.begin()));
      log_probability += all[static_cast<std::size_t>(ids.back())];
      if (ids.back() == 0) break;
    }
    const Answer found = answer(c, {.beams = 1, .most_tokens = 7});
    CHECK(found.ids == ids);
    CHECK(found.score ==
          doctest::Approx(log_probability / static_cast<double>(ids.size() - 1)).epsilon(1e-4));
  }
}

TEST_CASE("a search with enough beams finds the best of all texts") {
  for (uint64_t seed = 1; seed <= 8; ++seed) {
    for (const double penalty : {0.0, 1.0, 2.0}) {
      CAPTURE(seed);
      CAPTURE(penalty);
      const Checkpoint c = make_marian(kSmall, seed);
      Answer best{{}, -INFINITY};
      // Of three tokens: 4 + 3 * 4 + 3 * 3 * 4 texts, of which at most 9 are open at once.
      const std::function<void(std::vector<int32_t>, double)> try_all = [&](std::vector<int32_t> ids,
                                                                            double sum) {
        const std::vector<double> all = next(c, kSmall, ids);
        for (const int32_t id : {0, 2, 3, 4}) {
          std::vector<int32_t> longer = ids;
          longer.push_back(id);
          const double total = sum + all[static_cast<std::size_t>(id)];
          if (id != 0 && longer.size() < 4) {
            try_all(longer, total);
            continue;
          }
          const double score = total / std::pow(static_cast<double>(longer.size() - 1), penalty);
          if (score > best.score) best = {longer, score};
        }
      };
      try_all({1}, 0);
      const Answer found = answer(c, {.beams = 16, .most_tokens = 3, .length_penalty = penalty});
      CHECK(found.ids == best.ids);
      CHECK(found.score == doctest::Approx(best.score).epsilon(1e-4));
    }
  }
}

TEST_CASE("more beams never find less on these, slices change nothing, and all memory comes back") {
  const Sizes s{.vocabulary = 20, .positions = 30, .width = 12, .layers = 2, .heads = 2, .mlp_width = 9};
  const std::size_t before = live_bytes();
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    const Checkpoint c = make_marian(s, seed);
    const Answer greedy = answer(c, {.beams = 1, .most_tokens = 10});
    const Answer beams = answer(c, {.beams = 8, .most_tokens = 10});
    CHECK(beams.score >= greedy.score - 1e-9);
    const Answer sliced = answer(c, {.beams = 8, .most_tokens = 10}, 0);
    CHECK(sliced.ids == beams.ids);
    CHECK(sliced.score == beams.score);
    CHECK(answer(c, {.beams = 2}).ids.size() <= 30);
  }
  CHECK(live_bytes() == before);
}

TEST_CASE("a search says what it cannot do") {
  const auto marian = load(make_marian(kSmall)), gpt2 = load(make_gpt2(kSmall));
  std::unique_ptr<Search> search;
  SearchOptions options;
  CHECK_REFUSED(Search::create(gpt2, options, search), invalid_option, "encoder-decoder");
  CHECK_REFUSED(Search::create(nullptr, options, search), invalid_option, "encoder-decoder");
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "needs a source");
  options.run.source = {1, 2};
  options.beams = 0;
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "0 beams");
  options.beams = 17;
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "17 beams");
  options.beams = 1;
  options.most_tokens = 12;
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "most_tokens is 12");
  options.most_tokens = -1;
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "most_tokens is -1");
  options.most_tokens = 0;
  options.length_penalty = NAN;
  CHECK_REFUSED(Search::create(marian, options, search), invalid_option, "length_penalty of nan");
  options.length_penalty = 1;
  const MemoryLimit limit(live_bytes() + 200);
  CHECK_REFUSED(Search::create(marian, options, search), out_of_memory, "");
  CHECK(!search);
}

}  // namespace limelight::test
