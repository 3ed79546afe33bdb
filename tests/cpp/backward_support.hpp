// The oracle of the reverse pass in scalar float64, written from the formulas, and attend_backward() on the
// same case.
#pragma once

#include "attention_support.hpp"
#include "limelight/attention_backward.hpp"

namespace backward {

template <class T>
struct Gradients {
  std::vector<T> dq, dk, dv;  ///< as q, k, v
  std::vector<T> d_bias;      ///< [batch, q_heads, q_len, kv_len] in the oracle, as asked for in results
  std::vector<T> d_gate, d_temperature;
};

/// The case in float64, with a bias on every score: what finite differences move.
struct Problem {
  reference::Case shape;
  std::vector<double> q, k, v, bias, gate, temperature, d_out;

  Problem(const reference::Case& c, const std::vector<float>& d_out_of)
      : shape(c),
        q(c.q.begin(), c.q.end()),
        k(c.k.begin(), c.k.end()),
        v(c.v.begin(), c.v.end()),
        bias(static_cast<std::size_t>(c.batch * c.q_heads * c.q_len * c.kv_len), 0.0),
        gate(c.gate.begin(), c.gate.end()),
        temperature(c.temperature.begin(), c.temperature.end()),
        d_out(d_out_of.begin(), d_out_of.end()) {
    gate.resize(static_cast<std::size_t>(c.q_heads), 1.0);
    temperature.resize(static_cast<std::size_t>(c.q_heads), 1.0);
  }

  double scale() const { return shape.scale.value_or(1.0 / std::sqrt(static_cast<double>(shape.head_dim))); }
  int64_t query(int64_t b, int64_t h, int64_t i) const { return (b * shape.q_heads + h) * shape.q_len + i; }
  int64_t key(int64_t b, int64_t h, int64_t j) const {
    return (b * shape.kv_heads + h / (shape.q_heads / shape.kv_heads)) * shape.kv_len + j;
  }
  bool sees(int64_t b, int64_t i, int64_t j) const {
    const int64_t past = shape.past_len.value_or(shape.kv_len > shape.q_len ? shape.kv_len - shape.q_len : 0);
    if (shape.causal && j > i + past) return false;
    return shape.key_lengths.empty() || j < shape.key_lengths[static_cast<std::size_t>(b)];
  }

  /// What one row comes to: weights (0 where hidden), log-sum-exp, and the largest sum of |q k| factor.
  struct Row {
    std::vector<double> weight;
    double lse, largest;
  };
  Row row(int64_t b, int64_t h, int64_t i) const {
    const int64_t dim = shape.head_dim;
    const double factor = scale() / temperature[h];
    Row made{std::vector<double>(static_cast<std::size_t>(shape.kv_len), -reference::kInfinity),
             -reference::kInfinity, 0.0};
    double maximum = -reference::kInfinity, total = 0;
    for (int64_t j = 0; j < shape.kv_len; j++) {
      if (!sees(b, i, j)) continue;
      double dot = 0, absolute = 0;
      for (int64_t d = 0; d < dim; d++) {
        const double product = q[query(b, h, i) * dim + d] * k[key(b, h, j) * dim + d];
        dot += product;
        absolute += std::abs(product);
      }
      made.weight[j] = factor * dot + bias[query(b, h, i) * shape.kv_len + j];
      made.largest = std::max(made.largest, std::abs(factor) * absolute);
      maximum = std::max(maximum, made.weight[j]);
    }
    for (double score : made.weight)
      total += score == -reference::kInfinity ? 0.0 : std::exp(score - maximum);
    if (total > 0) made.lse = maximum + std::log(total);
    for (double& score : made.weight)
      score = score == -reference::kInfinity ? 0.0 : std::exp(score - made.lse);
    return made;
  }

  /// The number whose gradients are taken: sum of d_out * out.
  double loss() const {
    double sum = 0;
    for (int64_t b = 0; b < shape.batch; b++) {
      for (int64_t h = 0; h < shape.q_heads; h++) {
        for (int64_t i = 0; i < shape.q_len; i++) {
          const Row made = row(b, h, i);
          for (int64_t j = 0; j < shape.kv_len; j++) {
            if (!sees(b, i, j)) continue;
            for (int64_t d = 0; d < shape.value_dim; d++) {
              sum += gate[h] * made.weight[j] * v[key(b, h, j) * shape.value_dim + d] *
                     d_out[query(b, h, i) * shape.value_dim + d];
            }
          }
        }
      }
    }
    return sum;
  }
};

struct Answer {
  Gradients<double> exact, bound;
};

/// Gradients by the formulas, and what float32 results may be away from them, with eps = 2^-24 and L = max_j
/// |factor| sum|q||k_j| of a row. A score is uncertain by head_dim eps L, the kept log-sum-exp by as much, by
/// its own rounding, and by kv_len eps from its sum; so a weight's relative error is at most rho = eps (n + 2
/// head_dim L + 2 |lse|), where n = head_dim + value_dim + kv_len + q_len * group + 8 holds the lengths of
/// all other chains. The slope, weight * (gate <g, v> - delta), is off by rho times the same with absolute
/// values (delta is a weighted sum of <g, v> over the row), and every gradient by rho times its sum over
/// absolute values.
inline Answer gradients(const Problem& p) {
  const reference::Case& c = p.shape;
  Answer a;
  for (Gradients<double>* g : {&a.exact, &a.bound}) {
    g->dq.resize(p.q.size());
    g->dk.resize(p.k.size());
    g->dv.resize(p.v.size());
    g->d_bias.resize(p.bias.size());
    g->d_gate.resize(p.gate.size());
    g->d_temperature.resize(p.gate.size());
  }
  const double n =
      static_cast<double>(c.head_dim + c.value_dim + c.kv_len + c.q_len * (c.q_heads / c.kv_heads) + 8);
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t h = 0; h < c.q_heads; h++) {
      const double factor = p.scale() / p.temperature[h];
      for (int64_t i = 0; i < c.q_len; i++) {
        const Problem::Row row = p.row(b, h, i);
        if (row.lse == -reference::kInfinity) continue;
        const double head_dim = static_cast<double>(c.head_dim);
        const double rho = reference::kEpsilon * (n + 2 * head_dim * row.largest + 2 * std::abs(row.lse));
        const double* g = &p.d_out[p.query(b, h, i) * c.value_dim];
        std::vector<double> arriving(c.kv_len), absolute(c.kv_len);
        double mean = 0, mean_absolute = 0;
        for (int64_t j = 0; j < c.kv_len; j++) {
          if (!p.sees(b, i, j)) continue;
          for (int64_t d = 0; d < c.value_dim; d++) {
            const double product = g[d] * p.v[p.key(b, h, j) * c.value_dim + d];
            arriving[j] += product;
            absolute[j] += std::abs(product);
          }
          mean += row.weight[j] * arriving[j];
          mean_absolute += row.weight[j] * absolute[j];
        }
        a.exact.d_gate[h] += mean;
        a.bound.d_gate[h] += rho * mean_absolute;
        for (int64_t j = 0; j < c.kv_len; j++) {
          if (!p.sees(b, i, j)) continue;
          const double gate = p.gate[h], weight = row.weight[j];
          const double slope = weight * gate * (arriving[j] - mean);
          const double off = rho * weight * std::abs(gate) * (absolute[j] + mean_absolute);
          a.exact.d_bias[p.query(b, h, i) * c.kv_len + j] = slope;
          a.bound.d_bias[p.query(b, h, i) * c.kv_len + j] = off;
          for (int64_t d = 0; d < c.head_dim; d++) {
            const int64_t at_q = p.query(b, h, i) * c.head_dim + d, at_k = p.key(b, h, j) * c.head_dim + d;
            a.exact.dq[at_q] += factor * slope * p.k[at_k];
            a.bound.dq[at_q] += std::abs(factor * p.k[at_k]) * off;
            a.exact.dk[at_k] += factor * slope * p.q[at_q];
            a.bound.dk[at_k] += std::abs(factor * p.q[at_q]) * off;
            a.exact.d_temperature[h] -= slope * factor * p.q[at_q] * p.k[at_k] / p.temperature[h];
            a.bound.d_temperature[h] += std::abs(factor * p.q[at_q] * p.k[at_k] / p.temperature[h]) * off;
          }
          for (int64_t d = 0; d < c.value_dim; d++) {
            const int64_t at_v = p.key(b, h, j) * c.value_dim + d;
            a.exact.dv[at_v] += gate * weight * g[d];
            a.bound.dv[at_v] += rho * std::abs(gate * weight * g[d]);
          }
        }
      }
    }
  }
  return a;
}

/// [batch, heads, seq, dim] to [batch, seq, heads, dim], or back where `back`.
inline std::vector<float> turned(const std::vector<float>& x, int64_t batch, int64_t heads, int64_t seq,
                                 int64_t dim, bool back = false) {
  std::vector<float> y(x.size());
  for (int64_t b = 0; b < batch; b++) {
    for (int64_t h = 0; h < heads; h++) {
      for (int64_t s = 0; s < seq; s++) {
        const int64_t heads_first = ((b * heads + h) * seq + s) * dim;
        const int64_t seq_first = ((b * seq + s) * heads + h) * dim;
        std::copy_n(x.begin() + (back ? seq_first : heads_first), dim,
                    y.begin() + (back ? heads_first : seq_first));
      }
    }
  }
  return y;
}

struct How {
  int64_t bias_batch = 0, bias_heads = 0;  ///< 0: no bias gradient
  bool per_head = false;                   ///< d_gate and d_temperature too
  bool seq_first = false;
  int64_t slice = -1;  ///< parts per call
  limelight::ThreadPool* pool = nullptr;
};

/// attend() and attend_backward() over heap blocks of exact size, whose outputs begin as NaN.
inline Gradients<float> run(const reference::Case& c, const std::vector<float>& d_out, const How& how = {}) {
  using namespace limelight;
  const auto lay = [&](const std::vector<float>& x, int64_t heads, int64_t seq, int64_t dim) {
    return support::Block(how.seq_first ? turned(x, c.batch, heads, seq, dim) : x);
  };
  const auto view = [&](auto* data, int64_t heads, int64_t seq, int64_t dim) {
    using View = HeadsView<std::remove_pointer_t<decltype(data)>>;
    return how.seq_first ? View::seq_first(data, c.batch, heads, seq, dim)
                         : View::heads_first(data, c.batch, heads, seq, dim);
  };
  const auto input = [&](support::Block& block, int64_t heads, int64_t seq, int64_t dim) {
    return view(static_cast<const float*>(block.data()), heads, seq, dim);
  };
  support::Block q = lay(c.q, c.q_heads, c.q_len, c.head_dim), k = lay(c.k, c.kv_heads, c.kv_len, c.head_dim),
                 v = lay(c.v, c.kv_heads, c.kv_len, c.value_dim),
                 given = lay(d_out, c.q_heads, c.q_len, c.value_dim);
  const support::Result result = support::run(c);
  support::Block out = lay(result.out, c.q_heads, c.q_len, c.value_dim), lse(result.lse);
  const AttentionInputs in = {input(q, c.q_heads, c.q_len, c.head_dim),
                              input(k, c.kv_heads, c.kv_len, c.head_dim),
                              input(v, c.kv_heads, c.kv_len, c.value_dim)};
  const AttentionOptions options = support::options_of(c);

  support::Block dq(q.size()), dk(k.size()), dv(v.size());
  support::Block d_bias(static_cast<std::size_t>(how.bias_batch * how.bias_heads * c.q_len * c.kv_len));
  support::Block d_gate(how.per_head ? static_cast<std::size_t>(c.q_heads) : 0), d_temperature(d_gate.size());
  AttentionGradients to = {view(dq.data(), c.q_heads, c.q_len, c.head_dim),
                           view(dk.data(), c.kv_heads, c.kv_len, c.head_dim),
                           view(dv.data(), c.kv_heads, c.kv_len, c.value_dim)};
  if (how.bias_batch > 0) {
    to.d_bias =
        HeadsView<float>::heads_first(d_bias.data(), how.bias_batch, how.bias_heads, c.q_len, c.kv_len);
  }
  to.d_gate = d_gate.span();
  to.d_temperature = d_temperature.span();
  const int64_t parts = attend_backward_parts(in, options);
  const int64_t slice = how.slice > 0 ? how.slice : parts;
  for (int64_t first = 0; first < parts; first += slice) {
    support::Block workspace(attend_backward_workspace(in, options, how.pool ? how.pool->threads() : 1));
    const Status status =
        attend_backward(in, options,
                        {input(out, c.q_heads, c.q_len, c.value_dim), lse.span(),
                         input(given, c.q_heads, c.q_len, c.value_dim)},
                        to, workspace.span(), {first, std::min(slice, parts - first)}, how.pool);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message));
  }
  Gradients<float> made = {dq.copy(),     dk.copy(),     dv.copy(),
                           d_bias.copy(), d_gate.copy(), d_temperature.copy()};
  if (how.seq_first) {
    made.dq = turned(made.dq, c.batch, c.q_heads, c.q_len, c.head_dim, true);
    made.dk = turned(made.dk, c.batch, c.kv_heads, c.kv_len, c.head_dim, true);
    made.dv = turned(made.dv, c.batch, c.kv_heads, c.kv_len, c.value_dim, true);
  }
  return made;
}

inline std::vector<float> random_d_out(const reference::Case& c, uint64_t seed = 5) {
  return reference::Random(seed).numbers(c.batch * c.q_heads * c.q_len * c.value_dim);
}

}  // namespace backward
