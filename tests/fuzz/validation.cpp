#include <cmath>
#include <optional>
#include <vector>

#include "fuzz.hpp"
#include "limelight/attention.hpp"

namespace limelight::fuzz {
namespace {

constexpr int64_t kMost = 4;  // of every axis: what a view may reach is there
constexpr std::size_t kNumbers = kMost * kMost * kMost * kMost;

template <class T>
HeadsView<T> choose_view(Choices& choices, T* data) {
  const auto size = [&] { return choices.below(kMost + 2) - 1; };
  const auto stride = [&](int64_t usual) { return choices.one_of({usual, usual, int64_t{0}, int64_t{-1}}); };
  HeadsView<T> view{choices.below(16) == 15 ? nullptr : data, size(), size(), size(), size()};
  view.batch_stride = stride(kMost * kMost * kMost);
  view.head_stride = stride(kMost * kMost);
  view.seq_stride = stride(kMost);
  return view;
}

template <class T>
std::vector<T> choose_numbers(Choices& choices) {
  std::vector<T> numbers(static_cast<std::size_t>(choices.below(kMost + 1)));
  for (T& number : numbers) number = choices.raw<T>();
  return numbers;
}

std::vector<AttentionEdge> choose_edges(Choices& choices) {
  std::vector<AttentionEdge> edges(static_cast<std::size_t>(choices.below(kMost + 1)));
  for (AttentionEdge& edge : edges) {
    const auto place = [&] { return static_cast<int32_t>(choices.below(kMost + 2)) - 1; };
    edge = {place(), place(), place(), place(), std::nullopt};
    if (choices.flag()) edge.weight = choices.raw<float>();
  }
  return edges;
}

}  // namespace

/// A call with any options at all succeeds or is refused, and a refused one writes nothing.
void validation(Bytes input) {
  Choices choices(input);
  std::vector<float> numbers(kNumbers), written(kNumbers, std::nanf("")), lse(kNumbers, std::nanf(""));
  std::vector<uint8_t> flags(kNumbers);
  for (std::size_t i = 0; i < kNumbers; i++) {
    numbers[i] = std::sin(static_cast<float>(i));
    flags[i] = i % 3 != 0;
  }

  AttentionInputs in;
  in.q = choose_view<const float>(choices, numbers.data());
  in.k = choose_view<const float>(choices, numbers.data());
  in.v = choose_view<const float>(choices, numbers.data());
  const HeadsView<float> out = choose_view<float>(choices, written.data());
  AttentionOptions options;
  options.causal = choices.flag();
  if (choices.flag()) options.scale = choices.raw<float>();
  if (choices.flag()) options.past_len = choices.raw<int64_t>();
  const auto key_lengths = choose_numbers<int32_t>(choices), past_lens = choose_numbers<int32_t>(choices);
  const auto temperature = choose_numbers<float>(choices), gate = choose_numbers<float>(choices);
  const auto slopes = choose_numbers<float>(choices), sinks = choose_numbers<float>(choices);
  const auto relative_bias = choose_numbers<float>(choices);
  const auto edges = choose_edges(choices);
  options.key_lengths = key_lengths;
  options.temperature = temperature;
  options.gate = gate;
  options.past_lens = past_lens;
  options.alibi_slopes = slopes;
  options.sinks = sinks;
  options.relative_bias = relative_bias;
  options.edges = edges;
  if (choices.flag()) options.softcap = choices.raw<float>();
  if (choices.flag()) options.left_window = choices.raw<int64_t>();
  if (choices.flag()) options.right_window = choices.raw<int64_t>();
  if (choices.flag()) options.bias = choose_view<const float>(choices, numbers.data());
  if (choices.flag()) options.mask = choose_view<const uint8_t>(choices, flags.data());

  const bool valid = !refused(validate(in, options), StatusCode::invalid_shape, StatusCode::invalid_value,
                              StatusCode::invalid_option);
  std::vector<float> workspace(attend_workspace(in, options));
  CHECK((valid || workspace.empty()));
  const auto small = [&] { return choices.raw<int8_t>() % 6; };
  const RowRange rows{small(), small(), small(), small(), small()};
  const auto lse_size = static_cast<std::size_t>(valid ? in.q.batch * in.q.heads * in.q.seq
                                                       : choices.below(static_cast<int64_t>(kMost)));
  const Status status =
      attend(in, options, out, std::span<float>(lse).first(choices.flag() ? 0 : lse_size), workspace, rows);
  if (!refused(status, StatusCode::invalid_shape, StatusCode::invalid_value, StatusCode::invalid_option)) {
    CHECK(valid);
    return;
  }
  for (std::size_t i = 0; i < kNumbers; i++) {
    REQUIRE(std::isnan(written[i]));
    REQUIRE(std::isnan(lse[i]));
  }
}

}  // namespace limelight::fuzz
