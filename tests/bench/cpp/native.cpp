// Natively, on Google Benchmark: attend() on every instruction set of this processor beside attention made of OpenBLAS
// products, and the core's matrix product beside sgemm. Names are SHAPE/CONTESTANT with the shapes of cases.mjs. Results
// are checked in float64 before they are timed. One thread: run it with OPENBLAS_NUM_THREADS=1.
#include <benchmark/benchmark.h>
#include <cblas.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "kernels/kernels.hpp"
#include "limelight/attention.hpp"

namespace {

using namespace limelight;
using Floats = std::vector<float>;

struct Shape {
  int64_t heads, dim, queries, keys;
  bool causal;
  int64_t width() const { return heads * dim; }
  int64_t seen(int64_t row) const { return causal ? row + 1 + keys - queries : keys; }
};

struct Problem {
  Shape shape;
  Floats q, k, v, out;
};

Floats noise(int64_t count, uint32_t seed) {
  Floats values(static_cast<std::size_t>(count));
  uint32_t state = seed * 2654435761u | 1u;
  for (float& value : values) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    value = static_cast<float>(static_cast<int32_t>(state)) / 1073741824.0f;
  }
  return values;
}

Problem make_problem(const Shape& shape) {
  const int64_t q = shape.queries * shape.width(), k = shape.keys * shape.width();
  return {shape, noise(q, 1), noise(k, 2), noise(k, 3), Floats(static_cast<std::size_t>(q))};
}

/// Whether rows at the beginning, in the middle and at the end are what the formula gives, up to rounding.
bool is_right(const Problem& problem) {
  const Shape& shape = problem.shape;
  const Floats &q = problem.q, &k = problem.k, &v = problem.v, &out = problem.out;
  for (const int64_t row : {int64_t{0}, shape.queries / 2, shape.queries - 1}) {
    for (int64_t h = 0; h < shape.heads; h++) {
      const int64_t seen = shape.seen(row);
      std::vector<double> weights(static_cast<std::size_t>(seen)), sum(static_cast<std::size_t>(shape.dim));
      const auto at = [&](const Floats& values, int64_t i, int64_t d) {
        return static_cast<double>(values[static_cast<std::size_t>(i * shape.width() + h * shape.dim + d)]);
      };
      double maximum = -INFINITY, total = 0;
      for (int64_t j = 0; j < seen; j++) {
        double& score = weights[static_cast<std::size_t>(j)];
        for (int64_t d = 0; d < shape.dim; d++) score += at(q, row, d) * at(k, j, d);
        score /= std::sqrt(static_cast<double>(shape.dim));
        maximum = std::max(maximum, score);
      }
      for (double& weight : weights) total += weight = std::exp(weight - maximum);
      for (int64_t j = 0; j < seen; j++)
        for (int64_t d = 0; d < shape.dim; d++)
          sum[static_cast<std::size_t>(d)] += weights[static_cast<std::size_t>(j)] / total * at(v, j, d);
      // Values are at most 2; sums of `seen` terms and scores of some tens, each rounded to 2^-24.
      const double bound = 4.0 * std::ldexp(static_cast<double>(seen + 20 * shape.dim), -24);
      for (int64_t d = 0; d < shape.dim; d++)
        if (!(std::fabs(at(out, row, d) - sum[static_cast<std::size_t>(d)]) <= bound)) return false;
    }
  }
  return true;
}

void run_core(Problem& problem, Floats& workspace) {
  const Shape& shape = problem.shape;
  const auto view = [&](auto* data, int64_t seq) {
    return HeadsView<std::remove_pointer_t<decltype(data)>>::seq_first(data, 1, shape.heads, seq, shape.dim);
  };
  const float *q = problem.q.data(), *k = problem.k.data(), *v = problem.v.data();
  const AttentionInputs inputs = {view(q, shape.queries), view(k, shape.keys), view(v, shape.keys)};
  AttentionOptions options;
  options.causal = shape.causal;
  workspace.resize(attend_workspace(inputs, options));
  const Status status = attend(inputs, options, view(problem.out.data(), shape.queries), {}, workspace);
  if (!status.ok()) std::fill(problem.out.begin(), problem.out.end(), NAN);
}

/// For each head: scores by sgemm, a softmax of every row by the core's kernel, the output by sgemm.
void run_openblas(Problem& problem, Floats& scores) {
  const Shape& shape = problem.shape;
  const auto [n, m, dim, width] = std::array{static_cast<int>(shape.queries), static_cast<int>(shape.keys),
                                             static_cast<int>(shape.dim), static_cast<int>(shape.width())};
  scores.resize(static_cast<std::size_t>(shape.queries * shape.keys));
  for (int64_t h = 0; h < shape.heads; h++) {
    const int64_t at = h * shape.dim;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, m, dim, 1.0f / std::sqrt(static_cast<float>(dim)),
                problem.q.data() + at, width, problem.k.data() + at, width, 0.0f, scores.data(), m);
    for (int64_t row = 0; row < shape.queries; row++) {
      float* weights = scores.data() + row * shape.keys;
      std::fill(weights + shape.seen(row), weights + shape.keys, -INFINITY);
      kernels::table().softmax(weights, shape.keys);
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, dim, m, 1.0f, scores.data(), m,
                problem.v.data() + at, width, 0.0f, problem.out.data() + at, width);
  }
}

template <class Run>
void time_attention(benchmark::State& state, const Shape& shape, const kernels::Table& table, Run run) {
  kernels::use_table(table);
  Problem problem = make_problem(shape);
  Floats scratch;
  run(problem, scratch);
  if (!is_right(problem)) return state.SkipWithError("wrong result");
  for (auto _ : state) {
    run(problem, scratch);
    benchmark::ClobberMemory();
  }
}

void time_product(benchmark::State& state, int64_t size, const kernels::Table* table) {
  const Floats a = noise(size * size, 1), b = noise(size * size, 2);
  Floats out(a.size()), packed(kernels::packed_size(size, size));
  kernels::pack(b.data(), size, true, size, size, packed.data());
  if (table) kernels::use_table(*table);
  const int n = static_cast<int>(size);
  const auto run = [&] {
    if (table) {
      table->linear(a.data(), size, size, packed.data(), size, size, nullptr, out.data(), size, false);
    } else {
      cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0f, a.data(), n, b.data(), n, 0.0f,
                  out.data(), n);
    }
  };
  run();
  for (const int64_t cell : {int64_t{0}, size * size / 2 + 3, size * size - 1}) {
    double sum = 0;
    for (int64_t i = 0; i < size; i++)
      sum += static_cast<double>(a[static_cast<std::size_t>(cell / size * size + i)]) *
             static_cast<double>(b[static_cast<std::size_t>(i * size + cell % size)]);
    const double bound = 4.0 * std::ldexp(static_cast<double>(size) * std::sqrt(static_cast<double>(size)), -24);
    if (!(std::fabs(static_cast<double>(out[static_cast<std::size_t>(cell)]) - sum) <= bound))
      return state.SkipWithError("wrong result");
  }
  for (auto _ : state) {
    run();
    benchmark::ClobberMemory();
  }
}

void offer(const std::string& name, const Shape& shape) {
  for (const kernels::Table* table : kernels::tables()) {
    benchmark::RegisterBenchmark((name + "/Limelight " + table->arch).c_str(), [=](benchmark::State& state) {
      time_attention(state, shape, *table, run_core);
    });
  }
  benchmark::RegisterBenchmark((name + "/OpenBLAS").c_str(), [=](benchmark::State& state) {
    time_attention(state, shape, *kernels::tables().front(), run_openblas);
  });
}

}  // namespace

int main(int count, char** arguments) {
  for (const int64_t n : {16, 64, 256})
    for (const bool causal : {false, true})
      offer("s" + std::to_string(n) + (causal ? "c" : ""), {4, 32, n, n, causal});
  for (const int64_t n : {16, 64, 128, 512, 1024, 2048, 4096})
    for (const bool causal : {false, true})
      offer("n" + std::to_string(n) + (causal ? "c" : ""), {12, 64, n, n, causal});
  offer("decode", {12, 64, 1, 4096, false});
  for (const int64_t size : {512, 1024}) {
    const std::string name = "sgemm" + std::to_string(size);
    for (const kernels::Table* table : kernels::tables())
      benchmark::RegisterBenchmark((name + "/Limelight " + table->arch).c_str(),
                                   [=](benchmark::State& state) { time_product(state, size, table); });
    benchmark::RegisterBenchmark((name + "/OpenBLAS").c_str(),
                                 [=](benchmark::State& state) { time_product(state, size, nullptr); });
  }
  benchmark::Initialize(&count, arguments);
  if (benchmark::ReportUnrecognizedArguments(count, arguments)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
