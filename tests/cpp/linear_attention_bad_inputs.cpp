// Every input that linear_attend() refuses: the code, the named value, and that nothing was written.
#include <functional>

#include "linear_attention_support.hpp"

using namespace limelight;
using support::Block;

namespace {

/// A call that succeeds; a row of the table spoils one thing.
struct Call {
  linear::Case c = linear::random_case(LinearRule::gated_delta, {2, 4, 2, 5, 6, 8});
  LinearAttentionInputs in{HeadsView<const float>::heads_first(c.q.data(), 2, 4, 5, 6),
                           HeadsView<const float>::heads_first(c.k.data(), 2, 2, 5, 6),
                           HeadsView<const float>::heads_first(c.v.data(), 2, 2, 5, 8),
                           HeadsView<const float>::heads_first(c.decay.data(), 2, 2, 5, 6),
                           HeadsView<const float>::heads_first(c.beta.data(), 2, 2, 5, 1)};
  LinearAttentionOptions options{LinearRule::gated_delta};
  Block out_block{2 * 4 * 5 * 8}, state_block{c.state};
  Block workspace_block{linear_attend_workspace(in, options)};
  HeadsView<float> out = HeadsView<float>::heads_first(out_block.data(), 2, 4, 5, 8);
  std::span<float> state = state_block.span(), workspace = workspace_block.span();

  Status attend() { return linear_attend(in, options, out, state, workspace); }
};

struct Bad {
  const char* what;
  std::function<void(Call&)> spoil;
  StatusCode code;
  const char* named;  ///< must occur in the message
};

constexpr auto kShape = StatusCode::invalid_shape;
constexpr auto kOption = StatusCode::invalid_option;
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2;

void rule(Call& call, LinearRule rule) {
  call.options.rule = rule;
}

const std::vector<Bad> kBad = {
    {"a rule that does not exist", [](Call& c) { rule(c, static_cast<LinearRule>(4)); }, kOption,
     "rule is 4"},
    {"a rule below the first", [](Call& c) { rule(c, static_cast<LinearRule>(-1)); }, kOption, "rule is -1"},
    {"decay that the rule has not", [](Call& c) { rule(c, LinearRule::linear); }, kOption,
     "decay is given: the linear rule has none"},
    {"decay that the delta rule has not", [](Call& c) { rule(c, LinearRule::delta); }, kOption,
     "decay is given: the delta rule has none"},
    {"beta that the rule has not", [](Call& c) { rule(c, LinearRule::gated); }, kOption,
     "beta is given: the gated rule has none"},
    {"beta that the plain rule has not",
     [](Call& c) {
       rule(c, LinearRule::linear);
       c.in.decay = {};
     },
     kOption, "beta is given: the linear rule has none"},
    {"no decay", [](Call& c) { c.in.decay = {}; }, kOption,
     "decay is not given: the gated delta rule needs it"},
    {"no beta", [](Call& c) { c.in.beta = {}; }, kOption, "beta is not given: the gated delta rule"},
    {"scale NaN", [](Call& c) { c.options.scale = kNaN; }, StatusCode::invalid_value, "scale is nan"},
    {"scale inf", [](Call& c) { c.options.scale = -kInf; }, StatusCode::invalid_value, "scale is -inf"},
    {"q of batch 0", [](Call& c) { c.in.q.batch = 0; }, kShape, "q has shape [0,"},
    {"q without heads", [](Call& c) { c.in.q.heads = 0; }, kShape, "q has shape [2, 0,"},
    {"a negative length", [](Call& c) { c.in.q.seq = -1; }, kShape, "q has shape [2, 4, -1, 6]"},
    {"key_dim 0", [](Call& c) { c.in.q.dim = 0; }, kShape, "q has shape [2, 4, 5, 0]"},
    {"value_dim 0", [](Call& c) { c.in.v.dim = 0; }, kShape, "v has shape [2, 2, 5, 0]"},
    {"vectors beyond any head", [](Call& c) { c.in.v.dim = (1 << 20) + 1; }, kShape, "1048577"},
    {"k of another batch", [](Call& c) { c.in.k.batch = 1; }, kShape,
     "k has shape [1, 2, 5, 6], needed is [2,"},
    {"k of another length", [](Call& c) { c.in.k.seq = 4; }, kShape, "k has shape [2, 2, 4, 6]"},
    {"k of another key_dim", [](Call& c) { c.in.k.dim = 5; }, kShape, "k has shape [2, 2, 5, 5]"},
    {"k without heads", [](Call& c) { c.in.k.heads = 0; }, kShape, "k has shape [2, 0,"},
    {"heads that do not divide", [](Call& c) { c.in.k.heads = 3; }, kShape,
     "4 query heads are no multiple of 3"},
    {"v of other heads", [](Call& c) { c.in.v.heads = 1; }, kShape, "v has shape [2, 1, 5, 8]"},
    {"v of another length", [](Call& c) { c.in.v.seq = 6; }, kShape, "v has shape [2, 2, 6, 8]"},
    {"decay of another width", [](Call& c) { c.in.decay.dim = 5; }, kShape,
     "decay has shape [2, 2, 5, 5], needed is [2, 2, 5, 6]"},
    {"decay of one head", [](Call& c) { c.in.decay.heads = 1; }, kShape, "decay has shape [2, 1, 5, 6]"},
    {"beta of two numbers", [](Call& c) { c.in.beta.dim = 2; }, kShape,
     "beta has shape [2, 2, 5, 2], needed is [2, 2, 5, 1]"},
    {"beta of three heads", [](Call& c) { c.in.beta.heads = 3; }, kShape, "beta has shape [2, 3, 5, 1]"},
    {"beta of the query heads", [](Call& c) { c.in.beta.heads = 4; }, kShape, "beta has shape [2, 4, 5, 1]"},
    {"a negative stride", [](Call& c) { c.in.decay.seq_stride = -6; }, kShape, "decay.seq_stride is -6"},
    {"a stride beyond memory", [](Call& c) { c.in.q.batch_stride = kHuge; }, kShape, "q of shape"},
    {"q without data", [](Call& c) { c.in.q.data = nullptr; }, kShape, "q has no data"},
    {"k without data", [](Call& c) { c.in.k.data = nullptr; }, kShape, "k has no data"},
    {"v without data", [](Call& c) { c.in.v.data = nullptr; }, kShape, "v has no data"},
};

const std::vector<Bad> kBadCalls = {
    {"out of another length", [](Call& c) { c.out.seq = 4; }, kShape, "out has shape [2, 4, 4, 8]"},
    {"out of another value_dim", [](Call& c) { c.out.dim = 6; }, kShape, "out has shape [2, 4, 5, 6]"},
    {"out of the key-value heads", [](Call& c) { c.out.heads = 2; }, kShape, "out has shape [2, 2, 5, 8]"},
    {"out without data", [](Call& c) { c.out.data = nullptr; }, kShape, "out has no data"},
    {"out whose rows overlap", [](Call& c) { c.out.seq_stride = 7; }, kShape, "stride of 7"},
    {"a state that is too small", [](Call& c) { c.state = c.state.first(191); }, kShape,
     "state has 191 numbers for a shape of [2, 2, 6, 8]"},
    {"no state", [](Call& c) { c.state = {}; }, kShape, "state has 0 numbers"},
    {"a workspace that is too small",
     [](Call& c) { c.workspace = c.workspace.first(c.workspace.size() - 1); }, kShape, "workspace has"},
};

void check(const Status& status, const Bad& bad) {
  CAPTURE(std::string(bad.what));
  CAPTURE(std::string(status.message));
  CHECK(std::string(status_name(status.code)) == status_name(bad.code));
  CHECK(std::string(status.message).find(bad.named) != std::string::npos);
}

}  // namespace

TEST_CASE("what linear_attend refuses it refuses by name, and writes nothing") {
  for (const auto& table : {kBad, kBadCalls}) {
    for (const Bad& bad : table) {
      Call call;
      bad.spoil(call);
      check(call.attend(), bad);
      for (float value : call.out_block.copy()) CHECK(std::isnan(value));
      CHECK(support::same_bits(call.state_block.copy(), call.c.state));
    }
  }
  Call good;
  CHECK(good.attend().ok());
}

TEST_CASE("validate of linear attention and the size of its workspace refuse the same inputs") {
  for (const Bad& bad : kBad) {
    Call call;
    bad.spoil(call);
    check(validate(call.in, call.options), bad);
    CHECK(linear_attend_workspace(call.in, call.options) == 0);
  }
  for (const Bad& bad : kBadCalls) {
    Call call;
    bad.spoil(call);
    CHECK(validate(call.in, call.options).ok());
  }
}

TEST_CASE("a state whose size would wrap around is refused") {
  // 2 * 2^38 * 2^6 * 2^20 = 2^65 numbers, behind views that no stride makes larger than a row.
  Call call;
  const auto wide = [](const float* data, int64_t dim) {
    return HeadsView<const float>{data, 2, int64_t{1} << 38, 0, dim, 0, 0, 0};
  };
  call.options.rule = LinearRule::linear;
  call.in = {wide(call.c.q.data(), 1 << 6), wide(call.c.k.data(), 1 << 6), wide(call.c.v.data(), 1 << 20)};
  call.out = {call.out_block.data(), 2, int64_t{1} << 38, 0, 1 << 20, 0, 0, 0};
  CHECK(call.attend().code == kShape);
  CHECK(support::same_bits(call.state_block.copy(), call.c.state));
}

TEST_CASE("the plain rule on whole groups of columns needs no workspace, and threads each have their own") {
  const auto floats = [](LinearRule rule, int64_t value_dim, int threads) {
    const linear::Case c = linear::random_case(rule, {1, 12, 12, 512, 64, value_dim}, false);
    LinearAttentionInputs in{HeadsView<const float>::heads_first(c.q.data(), 1, 12, 512, 64),
                             HeadsView<const float>::heads_first(c.k.data(), 1, 12, 512, 64),
                             HeadsView<const float>::heads_first(c.v.data(), 1, 12, 512, value_dim)};
    if (linear::is_gated(rule)) in.decay = HeadsView<const float>::heads_first(c.decay.data(), 1, 12, 512, 1);
    return linear_attend_workspace(in, {rule}, threads);
  };
  CHECK(floats(LinearRule::linear, 64, 4) == 0);
  CHECK(floats(LinearRule::gated, 64, 1) == 32 * 64);
  CHECK(floats(LinearRule::linear, 65, 1) == 16 * (64 + 2 * 32));
  CHECK(floats(LinearRule::gated, 64, 3) == (kThreadsAvailable ? 3 : 1) * 32 * 64);
}
