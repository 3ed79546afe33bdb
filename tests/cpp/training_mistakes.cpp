// What a graph refuses, by name, and that it can go on afterwards.
#include "training/initialize.hpp"
#include "training_support.hpp"

using namespace limelight;
using namespace limelight::training;

namespace {

/// What plan() says of a loss that is made of what `build` returns.
template <class F>
Status planned(F&& build) {
  Graph graph;
  const Tensor y = build(graph);
  const Shape shape = graph.shape(y);
  const Tensor target = graph.refused() ? Tensor{} : graph.input(shape.rows, shape.width);
  return graph.plan(squared_error(graph, y, target));
}

void check(const Status& status, StatusCode code, const char* words) {
  CAPTURE(std::string(status.message));
  CHECK(std::string(status_name(status.code)) == status_name(code));
  CHECK(std::string(status.message).find(words) != std::string::npos);
}

}  // namespace

TEST_CASE("the first mistake of the building is what plan() returns") {
  check(planned([](Graph& g) { return add(g, g.input(2, 3), g.input(3, 2)); }), StatusCode::invalid_shape,
        "add of 2 x 3 and 3 x 2");
  check(planned([](Graph& g) { return swiglu(g, g.input(2, 3), add(g, g.input(1, 1), g.input(1, 2))); }),
        StatusCode::invalid_shape, "add of 1 x 1 and 1 x 2");
  check(planned([](Graph& g) { return linear(g, g.input(0, 3), "fc", 4); }), StatusCode::invalid_shape,
        "0 rows of 3");
  check(planned([](Graph& g) { return linear(g, g.input(2, 3), "h.0.fc", 0); }), StatusCode::invalid_shape,
        "h.0.fc.weight has a side of 0");
  check(planned([](Graph& g) { return linear(g, linear(g, g.input(2, 3), "fc", 4), "fc", 4); }),
        StatusCode::invalid_shape, "fc.weight is used in two shapes");
  check(planned([](Graph& g) { return cross_entropy(g, g.input(2, 3), g.integers(3)); }),
        StatusCode::invalid_shape, "3 targets for 2 rows");
  check(planned([](Graph& g) { return embedding(g, g.integers(0), "wte", 3, 4); }), StatusCode::invalid_shape,
        "0 whole numbers");
  check(planned([](Graph& g) { return pick(g, g.input(4, 3), g.integers(3), 2); }), StatusCode::invalid_shape,
        "pick: 4 rows and 3 places are no batch of 2");
  Graph graph;
  check(graph.plan(graph.input(1, 2)), StatusCode::invalid_shape, "the loss has 1 rows of 2");
}

TEST_CASE("attention names what does not fit") {
  const auto refuses = [](const char* words, Shape q, Shape k, Shape v, AttentionForm form,
                          int64_t column = 0) {
    check(planned([&](Graph& g) {
            return attention(g, {g.input(q.rows, q.width), column}, {g.input(k.rows, k.width)},
                             {g.input(v.rows, v.width)}, form);
          }),
          StatusCode::invalid_shape, words);
  };
  refuses("batch of all is 0", {4, 8}, {4, 8}, {4, 8}, {0, 2, 4});
  refuses("rows without a whole batch of k is 5", {4, 8}, {5, 8}, {4, 8}, {2, 2, 4});
  refuses("of v is 7", {4, 8}, {4, 8}, {4, 7}, {2, 2, 4});
  refuses("of q is 8", {4, 8}, {4, 8}, {4, 8}, {2, 2, 4}, 1);
  refuses("of q is 8", {4, 8}, {4, 8}, {4, 8}, {2, 2, 4}, -1);
  refuses("of v is 3", {4, 8}, {4, 8}, {6, 8}, {2, 2, 4});
  refuses("heads, no divisor of those of q, of k is 2", {4, 12}, {4, 8}, {4, 8}, {2, 3, 4, 2});
  check(planned([](Graph& g) {
          const Tensor x = g.input(4, 16);
          return attention(g, {x, 0}, {x, 8}, {x, 4}, {2, 2, 4});
        }),
        StatusCode::invalid_shape, "of v is 4");
  check(planned([](Graph& g) {
          const Tensor x = g.input(4, 8);
          return attention(g, {x}, {g.input(4, 8)}, {g.input(4, 8)}, {2, 2, 4, 2, false, g.integers(3)});
        }),
        StatusCode::invalid_shape, "key_lengths of the batch is 3");
}

TEST_CASE("a convolution names what does not fit, and dropout its share") {
  const auto refuses = [](const char* words, Shape x, const ConvolutionForm& form, int64_t out = 2) {
    check(planned([&](Graph& g) { return convolution(g, g.input(x.rows, x.width), "conv", out, form); }),
          StatusCode::invalid_shape, words);
  };
  refuses("batch is 0", {2, 12}, {0, 3, 2, 2});
  refuses("channels is -1", {2, 12}, {2, -1, 2, 2});
  refuses("kernel is 0", {2, 12}, {2, 3, 2, 2, 0});
  refuses("stride is 0", {2, 12}, {2, 3, 2, 2, 1, 0});
  refuses("padding is -1", {2, 12}, {2, 3, 2, 2, 1, 1, -1});
  refuses("larger than the padded image is 3", {2, 12}, {2, 3, 2, 2, 3});
  refuses("fills whole windows is 1", {2, 12}, {2, 3, 2, 2, 1, 1, 1});
  refuses("number of rows is 2", {2, 12}, {3, 3, 2, 2});
  refuses("width of a row is 12", {2, 12}, {2, 4, 2, 2});
  refuses("number of rows is 2", {2, 12}, {2, 3, 2, 2, 1, 1, 0, true});
  refuses("conv.weight has a side of 0", {2, 12}, {2, 3, 2, 2}, 0);
  for (const float share : {1.0f, -0.1f, std::nanf("")}) {
    check(planned([&](Graph& g) { return dropout(g, g.input(2, 3), share); }), StatusCode::invalid_value,
          "dropout of a share of");
  }
}

TEST_CASE("ids, targets and lengths are checked at every run, and the next run is as if nothing had been") {
  Graph graph;
  const Integers ids = graph.integers(4), targets = graph.integers(4), lengths = graph.integers(2);
  const Tensor x = embedding(graph, ids, "wte", 5, 6);
  const Tensor loss =
      cross_entropy(graph,
                    linear(graph,
                           attention(graph, {x}, {linear(graph, x, "k", 6)}, {linear(graph, x, "v", 6)},
                                     {2, 2, 3, 2, false, lengths}),
                           "out", 3),
                    targets);
  REQUIRE(graph.plan(loss).ok());
  initialize(graph, 1);
  for (int32_t& length : graph.numbers(lengths)) length = 2;
  REQUIRE(graph.forward().ok());
  const float before = graph.value(loss)[0];
  const auto refuses = [&](Integers where, std::size_t i, int32_t number, StatusCode code,
                           const char* words) {
    const int32_t was = std::exchange(graph.numbers(where)[i], number);
    check(graph.forward(), code, words);
    graph.numbers(where)[i] = was;
    REQUIRE(graph.forward().ok());
    CHECK(graph.value(loss)[0] == before);
  };
  refuses(ids, 3, 5, StatusCode::invalid_token, "token 5 is not in the vocabulary of 5");
  refuses(ids, 0, -1, StatusCode::invalid_token, "token -1");
  refuses(targets, 2, 3, StatusCode::invalid_token, "target 3 is not one of 3");
  refuses(lengths, 1, 3, StatusCode::invalid_value, "3");
}

TEST_CASE("memory is taken by plan() alone, all of it given back, and running out of it is a Status") {
  const std::size_t baseline = live_bytes();
  const auto build = [](Graph& graph) {
    const Tensor x = graph.input(64, 32), t = graph.input(64, 32);
    return squared_error(graph, linear(graph, x, "fc", 32), t);
  };
  {
    Graph graph;
    REQUIRE(graph.plan(build(graph)).ok());
    const std::size_t planned = live_bytes();
    CHECK(planned > baseline);
    REQUIRE(graph.forward().ok());
    REQUIRE(graph.backward().ok());
    CHECK(live_bytes() == planned);
  }
  CHECK(live_bytes() == baseline);
  {
    Graph graph;
    const Tensor loss = build(graph);
    set_memory_limit(baseline + 20'000);
    const Status status = graph.plan(loss);
    set_memory_limit(0);
    CHECK(status.code == StatusCode::out_of_memory);
  }
  CHECK(live_bytes() == baseline);
}

TEST_CASE("gradients that are not needed at the same time share memory, and those of inputs stay") {
  const auto taken = [](int64_t depth) {
    const std::size_t before = live_bytes();
    Graph graph;
    Tensor x = graph.input(64, 64, true);
    for (int64_t i = 0; i < depth; i++) x = activate(graph, x, Activation::relu);
    REQUIRE(graph.plan(squared_error(graph, x, graph.input(64, 64))).ok());
    return live_bytes() - before;
  };
  const std::size_t array = 64 * 64 * sizeof(float);
  CHECK(taken(20) - taken(10) == 10 * array);  // values alone

  // Both inputs keep their gradients, whichever of them is done first.
  Graph graph;
  const Tensor early = graph.input(3, 5, true), late = graph.input(3, 5, true), target = graph.input(3, 5);
  Tensor x = early;
  for (int i = 0; i < 3; i++) x = activate(graph, x, Activation::relu);
  x = add(graph, x, late);
  for (int i = 0; i < 3; i++) x = activate(graph, x, Activation::relu);
  REQUIRE(graph.plan(squared_error(graph, x, target)).ok());
  for (const Tensor input : {early, late}) std::ranges::fill(graph.value(input), 1.0f);
  REQUIRE(graph.forward().ok());
  REQUIRE(graph.backward().ok());
  for (const Tensor input : {early, late}) {
    for (const float number : graph.gradient(input)) CHECK(number == 4.0f / 15.0f);
  }
}
