// Every input that attend() and explain() refuse: the code, the named value, and that nothing was written.
#include <functional>

#include "attention_support.hpp"

using namespace limelight;
using support::Block;

namespace {

/// A call that succeeds; a row of the table spoils one thing.
struct Call {
  reference::Case c = support::random_case(2, 4, 2, 5, 7, 6, 8);
  AttentionInputs in = support::inputs_of(c);
  AttentionOptions options;
  Block out_block{2 * 4 * 5 * 8}, lse_block{2 * 4 * 5}, workspace_block{attend_workspace(in, options)};
  HeadsView<float> out = HeadsView<float>::heads_first(out_block.data(), 2, 4, 5, 8);
  std::span<float> lse = lse_block.span(), workspace = workspace_block.span();
  RowRange rows;
  std::vector<int32_t> lengths;
  std::vector<float> numbers;

  Status attend() { return limelight::attend(in, options, out, lse, workspace, rows); }
};

struct Bad {
  const char* what;
  std::function<void(Call&)> spoil;
  StatusCode code;
  const char* named;  ///< must occur in the message
};

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr int64_t kHuge = std::numeric_limits<int64_t>::max() / 2;

void set_temperature(Call& call, std::vector<float> values) {
  call.numbers = std::move(values);
  call.options.temperature = call.numbers;
}
void set_gate(Call& call, std::vector<float> values) {
  call.numbers = std::move(values);
  call.options.gate = call.numbers;
}
void set_lengths(Call& call, std::vector<int32_t> values) {
  call.lengths = std::move(values);
  call.options.key_lengths = call.lengths;
}

const std::vector<Bad> kBad = {
    {"q of batch 0", [](Call& c) { c.in.q.batch = 0; }, StatusCode::invalid_shape, "q has shape [0,"},
    {"q without heads", [](Call& c) { c.in.q.heads = 0; }, StatusCode::invalid_shape, "q has shape"},
    {"q of a negative length", [](Call& c) { c.in.q.seq = -1; }, StatusCode::invalid_shape, "-1"},
    {"head_dim 0", [](Call& c) { c.in.q.dim = c.in.k.dim = 0; }, StatusCode::invalid_shape, "q has shape"},
    {"k without heads", [](Call& c) { c.in.k.heads = 0; }, StatusCode::invalid_shape, "k has shape"},
    {"value_dim 0", [](Call& c) { c.in.v.dim = 0; }, StatusCode::invalid_shape, "v has shape"},
    {"vectors beyond reason", [](Call& c) { c.in.q.dim = int64_t{1} << 40; }, StatusCode::invalid_shape,
     "1099511627776"},
    {"a negative stride", [](Call& c) { c.in.k.seq_stride = -6; }, StatusCode::invalid_shape,
     "k.seq_stride is -6"},
    {"a negative head stride", [](Call& c) { c.in.v.head_stride = -1; }, StatusCode::invalid_shape,
     "v.head_stride is -1"},
    {"a stride beyond memory", [](Call& c) { c.in.q.batch_stride = kHuge; }, StatusCode::invalid_shape,
     "q of shape"},
    {"a length beyond memory", [](Call& c) { c.in.k.seq = c.in.v.seq = kHuge; }, StatusCode::invalid_shape,
     "k of shape"},
    {"a length beyond memory through stride 0",
     [](Call& c) {
       c.in.k.seq = c.in.v.seq = kHuge;
       c.in.k.seq_stride = c.in.v.seq_stride = 0;
     },
     StatusCode::invalid_shape, "k of shape"},
    {"q without data", [](Call& c) { c.in.q.data = nullptr; }, StatusCode::invalid_shape, "q has no data"},
    {"k without data", [](Call& c) { c.in.k.data = nullptr; }, StatusCode::invalid_shape, "k has no data"},
    {"v without data", [](Call& c) { c.in.v.data = nullptr; }, StatusCode::invalid_shape, "v has no data"},
    {"k of another batch", [](Call& c) { c.in.k.batch = 1; }, StatusCode::invalid_shape, "k has batch 1"},
    {"k of another head_dim", [](Call& c) { c.in.k.dim = 5; }, StatusCode::invalid_shape, "k has head_dim 5"},
    {"heads that do not divide", [](Call& c) { c.in.k.heads = c.in.v.heads = 3; }, StatusCode::invalid_shape,
     "4 query heads are no multiple of 3"},
    {"v of another length", [](Call& c) { c.in.v.seq = 6; }, StatusCode::invalid_shape, "[2, 2, 6]"},
    {"v of other heads", [](Call& c) { c.in.v.heads = 1; }, StatusCode::invalid_shape, "[2, 1, 7]"},
    {"scale NaN", [](Call& c) { c.options.scale = kNaN; }, StatusCode::invalid_value, "scale is"},
    {"scale inf", [](Call& c) { c.options.scale = -kInf; }, StatusCode::invalid_value, "scale is -inf"},
    {"past without causal", [](Call& c) { c.options.past_len = 2; }, StatusCode::invalid_option,
     "past_len is 2"},
    {"a negative past",
     [](Call& c) {
       c.options.causal = true;
       c.options.past_len = -1;
     },
     StatusCode::invalid_value, "past_len is -1"},
    {"a past that would wrap",
     [](Call& c) {
       c.options.causal = true;
       c.options.past_len = std::numeric_limits<int64_t>::max();
     },
     StatusCode::invalid_value, "past_len is 9223372036854775807"},
    {"too few key lengths", [](Call& c) { set_lengths(c, {7}); }, StatusCode::invalid_shape,
     "key_lengths has 1"},
    {"a negative key length", [](Call& c) { set_lengths(c, {7, -1}); }, StatusCode::invalid_value,
     "key_lengths[1] is -1"},
    {"a key length beyond the keys", [](Call& c) { set_lengths(c, {8, 7}); }, StatusCode::invalid_value,
     "key_lengths[0] is 8"},
    {"too few temperatures", [](Call& c) { set_temperature(c, {1, 1}); }, StatusCode::invalid_shape,
     "temperature has 2"},
    {"temperature 0", [](Call& c) { set_temperature(c, {1, 0, 1, 1}); }, StatusCode::invalid_value,
     "temperature[1] is 0"},
    {"temperature below 0", [](Call& c) { set_temperature(c, {1, 1, -2, 1}); }, StatusCode::invalid_value,
     "temperature[2] is -2"},
    {"temperature NaN", [](Call& c) { set_temperature(c, {1, 1, 1, kNaN}); }, StatusCode::invalid_value,
     "temperature[3]"},
    {"temperature inf", [](Call& c) { set_temperature(c, {kInf, 1, 1, 1}); }, StatusCode::invalid_value,
     "temperature[0]"},
    {"a temperature so small that the scores overflow",
     [](Call& c) {
       c.options.scale = 1e10f;
       set_temperature(c, {1, 1e-30f, 1, 1});
     },
     StatusCode::invalid_value, "temperature[1]"},
    {"too many gates", [](Call& c) { set_gate(c, {1, 1, 1, 1, 1}); }, StatusCode::invalid_shape,
     "gate has 5"},
    {"gate inf", [](Call& c) { set_gate(c, {1, kInf, 1, 1}); }, StatusCode::invalid_value, "gate[1] is inf"},
};

const std::vector<Bad> kBadCalls = {
    {"out of another length", [](Call& c) { c.out.seq = 4; }, StatusCode::invalid_shape,
     "out has shape [2, 4, 4, 8]"},
    {"out of another value_dim", [](Call& c) { c.out.dim = 6; }, StatusCode::invalid_shape,
     "out has shape [2, 4, 5, 6]"},
    {"out without data", [](Call& c) { c.out.data = nullptr; }, StatusCode::invalid_shape, "out has no data"},
    {"out whose rows overlap", [](Call& c) { c.out.seq_stride = 7; }, StatusCode::invalid_shape,
     "stride of 7"},
    {"out that repeats a row", [](Call& c) { c.out.head_stride = 0; }, StatusCode::invalid_shape,
     "stride of 0"},
    {"out whose heads overlap", [](Call& c) { c.out.head_stride = 33; }, StatusCode::invalid_shape,
     "stride of 33"},
    {"out of a negative stride", [](Call& c) { c.out.batch_stride = -160; }, StatusCode::invalid_shape,
     "stride of -160"},
    {"rows before the first", [](Call& c) { c.rows = {-1, 2}; }, StatusCode::invalid_shape, "rows [-1, +2)"},
    {"rows beyond the last", [](Call& c) { c.rows = {3, 3}; }, StatusCode::invalid_shape, "rows [3, +3)"},
    {"a first row beyond the last", [](Call& c) { c.rows = {6, -1}; }, StatusCode::invalid_shape, "rows [6,"},
    {"a negative number of rows", [](Call& c) { c.rows = {0, -2}; }, StatusCode::invalid_shape,
     "rows [0, +-2)"},
    {"lse of another size", [](Call& c) { c.lse = c.lse.first(39); }, StatusCode::invalid_shape,
     "lse has 39"},
    {"a workspace that is too small",
     [](Call& c) { c.workspace = c.workspace.first(c.workspace.size() - 1); }, StatusCode::invalid_shape,
     "workspace has"},
};

void check(const Status& status, const Bad& bad) {
  CAPTURE(std::string(bad.what));
  CAPTURE(std::string(status.message));
  CHECK(std::string(status_name(status.code)) == status_name(bad.code));
  CHECK(std::string(status.message).find(bad.named) != std::string::npos);
}

}  // namespace

TEST_CASE("what attend refuses it refuses by name, and writes nothing") {
  for (const auto& table : {kBad, kBadCalls}) {
    for (const Bad& bad : table) {
      Call call;
      bad.spoil(call);
      check(call.attend(), bad);
      for (float value : call.out_block.copy()) CHECK(std::isnan(value));
      for (float value : call.lse_block.copy()) CHECK(std::isnan(value));
    }
  }
  Call good;
  CHECK(good.attend().ok());
}

TEST_CASE("validate, the size of the workspace and the explanations refuse the same inputs") {
  for (const Bad& bad : kBad) {
    Call call;
    bad.spoil(call);
    check(validate(call.in, call.options), bad);
    CHECK(attend_workspace(call.in, call.options) == 0);
    RowDetail detail;
    Block out(1);
    detail.out = out.span();
    check(explain_row(call.in, call.options, 0, 0, 0, detail), bad);
    CHECK(std::isnan(out[0]));
    if (std::string(bad.what) == "v without data") continue;  // explain needs no values
    const Rectangle cell = {.rows = 1, .cols = 1};
    check(explain(call.in, call.options, call.lse, cell, Stage::dot, {.cells = out.span()}, {}), bad);
    CHECK(explain_workspace(call.in, call.options, cell) == 0);
    CHECK(std::isnan(out[0]));
  }
}

TEST_CASE("a row of details that does not fit is refused by name") {
  Call call;
  Block block(64);
  const auto refused = [&](int64_t batch, int64_t head, int64_t row, RowDetail detail, const char* named) {
    const Status status = explain_row(call.in, {}, batch, head, row, detail);
    CAPTURE(std::string(status.message));
    CHECK(status.code == StatusCode::invalid_shape);
    CHECK(std::string(status.message).find(named) != std::string::npos);
  };
  refused(2, 0, 0, {}, "batch is 2 of 2");
  refused(0, -1, 0, {}, "head is -1 of 4");
  refused(0, 0, 5, {}, "row is 5 of 5");
  const std::span<float> wrong = block.span().first(9);
  refused(0, 0, 0, {.products = wrong}, "products has 9 numbers, needed are 42");
  refused(0, 0, 0, {.dot = wrong}, "dot has 9 numbers, needed are 7");
  refused(0, 0, 0, {.scaled = wrong}, "scaled has 9");
  refused(0, 0, 0, {.masked = wrong}, "masked has 9");
  refused(0, 0, 0, {.exponent = wrong}, "exponent has 9");
  refused(0, 0, 0, {.weight = wrong}, "weight has 9");
  refused(0, 0, 0, {.weighted = wrong}, "weighted has 9 numbers, needed are 56");
  refused(0, 0, 0, {.out = wrong}, "out has 9 numbers, needed are 8");
  for (float value : block.copy()) CHECK(std::isnan(value));
}
