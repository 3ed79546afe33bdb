// A matrix of weights, whatever it is kept as.
#include <algorithm>

#include "kernels/kernels.hpp"
#include "limelight/half.hpp"
#include "model/weights.hpp"
#include "threads/worth.hpp"

namespace limelight {
namespace {

/// Output features of a task are a multiple of this: whole panels, and of y whole cache lines.
constexpr int64_t kTaskOutputs = 4 * kernels::kPanel;

}  // namespace

std::size_t Matrix::bytes() const {
  return (f32.size() + scales.size()) * sizeof(float) + f16.size() * sizeof(uint16_t) + int8.size();
}

Status Matrix::reserve(Type kept_as, int64_t out_features, int64_t in_features) {
  const std::size_t count = kernels::packed_size(out_features, in_features);
  Status s = kept_as == Type::f32   ? f32.resize(count)
             : kept_as == Type::f16 ? f16.resize(count)
                                    : int8.resize(count);
  if (!s.ok()) return s;
  type = kept_as;
  out = out_features;
  in = in_features;
  return {};
}

void Matrix::multiply(const float* x, int64_t ldx, int64_t rows, const float* bias, float* y, int64_t ldy,
                      ThreadPool* pool) const {
  const kernels::Table& kernel = kernels::table();
  const int threads =
      threads_worth(static_cast<double>(rows) * static_cast<double>(out * in), threads_of(pool));
  const int64_t wanted = threads == 1 ? 1 : kTasksOfThread * threads;
  const int64_t share_of_task =
      ((out + wanted - 1) / wanted + kTaskOutputs - 1) / kTaskOutputs * kTaskOutputs;
  share(pool, (out + share_of_task - 1) / share_of_task, threads, [&](int64_t task, int) {
    const int64_t first = task * share_of_task;
    const int64_t count = std::min(share_of_task, out - first);
    const float* b = bias ? bias + first : nullptr;
    switch (type) {
      case Type::f32:
        kernel.linear(x, ldx, rows, f32.data() + first * in, in, count, b, y + first, ldy, false);
        break;
      case Type::f16:
        kernel.linear_f16(x, ldx, rows, f16.data() + first * in, in, count, b, y + first, ldy);
        break;
      case Type::int8:
        kernel.linear_i8(x, ldx, rows, int8.data() + first * in, scales.data() + first, in, count, b,
                         y + first, ldy);
        break;
    }
  });
}

void Matrix::row(int64_t o, float* values) const {
  const int64_t panel = o / kernels::kPanel * kernels::kPanel * in, lane = o % kernels::kPanel;
  const auto at = [&](int64_t i) { return static_cast<std::size_t>(panel + i * kernels::kPanel + lane); };
  switch (type) {
    case Type::f32:
      kernels::unpack_row(f32.data(), in, o, values);
      break;
    case Type::f16:
      for (int64_t i = 0; i < in; ++i) values[i] = f16_to_f32(f16[at(i)]);
      break;
    case Type::int8:
      for (int64_t i = 0; i < in; ++i)
        values[i] = static_cast<float>(int8[at(i)]) * scales[static_cast<std::size_t>(o)];
      break;
  }
}

Status Matrix::convert(Type to) {
  if (to == type) return {};
  Matrix fresh;
  if (Status s = fresh.reserve(to, out, in); !s.ok()) return s;
  if (to == Type::int8) {
    if (Status s = fresh.scales.resize(static_cast<std::size_t>(out)); !s.ok()) return s;
  }
  StoredRow stored;
  if (Status s = stored.resize(static_cast<std::size_t>(in)); !s.ok()) return s;
  const Slot whole{out, in, false, {}, {&fresh}};
  for (int64_t o = 0; o < out; ++o) {
    row(o, stored.values.data());
    if (Status s = store_row(whole, o, false, stored); !s.ok()) return s;
  }
  *this = std::move(fresh);
  return {};
}

}  // namespace limelight
