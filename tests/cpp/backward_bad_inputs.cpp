// What attend_backward() refuses, with which code and words, and that it then wrote nothing.
#include "backward_support.hpp"

using namespace limelight;
using View = HeadsView<float>;
using ConstView = HeadsView<const float>;

namespace {

struct Call {
  std::vector<float> numbers = std::vector<float>(4096, 0.5f);
  std::vector<float> dq = std::vector<float>(4096, 7.0f), dk = dq, dv = dq, d_bias = dq, d_gate = dq;
  std::vector<float> workspace = std::vector<float>(1 << 16);
  AttentionInputs in = {ConstView::heads_first(numbers.data(), 2, 4, 3, 5),
                        ConstView::heads_first(numbers.data(), 2, 2, 6, 5),
                        ConstView::heads_first(numbers.data(), 2, 2, 6, 7)};
  AttentionOptions options;
  AttentionForward forward = {ConstView::heads_first(numbers.data(), 2, 4, 3, 7),
                              std::span(numbers).first(24),
                              ConstView::heads_first(numbers.data(), 2, 4, 3, 7)};
  AttentionGradients to = {View::heads_first(dq.data(), 2, 4, 3, 5), View::heads_first(dk.data(), 2, 2, 6, 5),
                           View::heads_first(dv.data(), 2, 2, 6, 7),
                           View::heads_first(d_bias.data(), 1, 4, 3, 6)};
  BackwardParts parts;

  Status operator()() { return attend_backward(in, options, forward, to, workspace, parts); }
};

template <class Change>
void refused(const char* words, Change&& change, StatusCode code = StatusCode::invalid_shape) {
  Call call;
  change(call);
  const Status status = call();
  CAPTURE(std::string(words));
  CAPTURE(std::string(status.message));
  CHECK(status.code == code);
  CHECK(std::string(status.message).find(words) != std::string::npos);
  for (const std::vector<float>* written : {&call.dq, &call.dk, &call.dv, &call.d_bias, &call.d_gate}) {
    CHECK(std::all_of(written->begin(), written->end(), [](float value) { return value == 7.0f; }));
  }
}

}  // namespace

TEST_CASE("the call that the refusals are made from is a good one") {
  Call call;
  const Status status = call();
  CHECK_MESSAGE(status.ok(), std::string(status.message));
}

TEST_CASE("what attend() refuses, attend_backward() refuses") {
  refused("k has head_dim 4 where q has 5", [](Call& c) { c.in.k.dim = 4; });
  const float bad[] = {1, 1, -2, 1};
  refused("temperature[2] is -2", [&](Call& c) { c.options.temperature = bad; }, StatusCode::invalid_value);
  refused(
      "past_len is 3 where nothing counts from it", [](Call& c) { c.options.past_len = 3; },
      StatusCode::invalid_option);
}

TEST_CASE("what the forward pass gave must fit") {
  refused("out has shape [2, 4, 3, 5], needed is [2, 4, 3, 7]", [](Call& c) { c.forward.out.dim = 5; });
  refused("out has no data", [](Call& c) { c.forward.out.data = nullptr; });
  refused("out.seq_stride is -7", [](Call& c) { c.forward.out.seq_stride = -7; });
  refused("d_out has shape [2, 4, 2, 7]", [](Call& c) { c.forward.d_out.seq = 2; });
  refused("d_out has no data", [](Call& c) { c.forward.d_out.data = nullptr; });
  refused("lse has 23 numbers for 24 rows", [](Call& c) { c.forward.lse = c.forward.lse.first(23); });
  refused("lse has 0 numbers for 24 rows", [](Call& c) { c.forward.lse = {}; });
}

TEST_CASE("the gradients' places must fit and not overlap themselves") {
  refused("dq has shape [2, 4, 3, 4]", [](Call& c) { c.to.dq.dim = 4; });
  refused("dk has shape [2, 4, 6, 5], needed is [2, 2, 6, 5]", [](Call& c) { c.to.dk.heads = 4; });
  refused("dv has shape [1, 2, 6, 7]", [](Call& c) { c.to.dv.batch = 1; });
  refused("dq has no data", [](Call& c) { c.to.dq.data = nullptr; });
  refused("dk has a stride of 0", [](Call& c) { c.to.dk.head_stride = 0; });
  refused("dv has a stride of 6", [](Call& c) { c.to.dv.seq_stride = 6; });
  refused("d_bias has shape [1, 2, 3, 6], needed is [1, 4, 3, 6]", [](Call& c) { c.to.d_bias.heads = 2; });
  refused("d_bias has shape [1, 4, 3, 5]", [](Call& c) { c.to.d_bias.dim = 5; });
  refused("d_bias has a stride of 5", [](Call& c) { c.to.d_bias.seq_stride = 5; });
  refused("d_gate has 3 numbers for 4 query heads",
          [](Call& c) { c.to.d_gate = std::span(c.d_gate).first(3); });
  refused("d_temperature has 5 numbers", [](Call& c) { c.to.d_temperature = std::span(c.d_gate).first(5); });
}

TEST_CASE("parts and workspace must be there") {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  refused("parts [0, +5) are outside the 4", [](Call& c) { c.parts = {0, 5}; });
  refused("parts [5, +-1)", [](Call& c) { c.parts = {5, -1}; });
  refused("parts [-1, +1)", [](Call& c) { c.parts = {-1, 1}; });
  refused("are outside the 4", [](Call& c) { c.parts = {kLeast, -1}; });
  refused("are outside the 4", [](Call& c) { c.parts = {1, kMost}; });
  refused("are outside the 4", [](Call& c) { c.parts = {0, kLeast}; });
  Call call;
  const std::size_t needed = attend_backward_workspace(call.in, call.options);
  CHECK(needed > 0);
  refused("workspace has", [&](Call& c) { c.workspace.resize(needed - 1); });
  call.workspace.resize(needed);
  CHECK(call().ok());
}

TEST_CASE("no parts and no workspace are known for inputs that are refused") {
  Call call;
  call.in.k.dim = 4;
  CHECK(attend_backward_parts(call.in, call.options) == 0);
  CHECK(attend_backward_workspace(call.in, call.options) == 0);
}

TEST_CASE("an empty range of parts writes nothing") {
  Call call;
  call.parts = {4, 0};
  CHECK(call().ok());
  CHECK(call.dq == std::vector<float>(4096, 7.0f));
}
