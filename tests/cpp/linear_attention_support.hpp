// The oracle of linear attention in scalar float64, written from the formulas and sharing no code with cpp/,
// with what float32 results may be away from it; and linear_attend() on the same case, over heap blocks of
// exact size.
#pragma once

#include "attention_support.hpp"
#include "limelight/linear_attention.hpp"

namespace linear {

using limelight::LinearRule;

inline constexpr LinearRule kRules[] = {LinearRule::linear, LinearRule::gated, LinearRule::delta,
                                        LinearRule::gated_delta};

inline bool is_gated(LinearRule rule) {
  return rule == LinearRule::gated || rule == LinearRule::gated_delta;
}
inline bool is_delta(LinearRule rule) {
  return rule == LinearRule::delta || rule == LinearRule::gated_delta;
}

/// Contiguous [batch, heads, seq, dim].
struct Case {
  LinearRule rule = LinearRule::linear;
  int64_t batch = 1, q_heads = 1, kv_heads = 1, seq = 1, key_dim = 1, value_dim = 1;
  int64_t decay_dim = 1, beta_heads = 1;
  std::vector<float> q, k, v, decay, beta;
  std::vector<float> state;  ///< [batch, kv_heads, key_dim, value_dim] before the first token
  std::optional<double> scale;
};

struct Shape {
  int64_t batch, q_heads, kv_heads, seq, key_dim, value_dim;
};

/// Random numbers; keys of length 1, decays of -1 to 0, betas of 0 to 1.
inline Case random_case(LinearRule rule, const Shape& s, bool per_dim = true, bool shared_beta = false,
                        uint64_t seed = 1) {
  Case c{rule, s.batch, s.q_heads, s.kv_heads, s.seq, s.key_dim, s.value_dim, 1,
         1,    {},      {},        {},         {},    {},        {},          {}};
  reference::Random random(seed * 7919 + static_cast<uint64_t>(s.seq * 31 + s.key_dim * 5 + s.value_dim));
  c.q = random.numbers(s.batch * s.q_heads * s.seq * s.key_dim);
  c.k = random.numbers(s.batch * s.kv_heads * s.seq * s.key_dim);
  c.v = random.numbers(s.batch * s.kv_heads * s.seq * s.value_dim);
  c.state = random.numbers(s.batch * s.kv_heads * s.key_dim * s.value_dim);
  for (std::size_t row = 0; row < c.k.size(); row += static_cast<std::size_t>(s.key_dim)) {
    double length = 0;
    for (int64_t d = 0; d < s.key_dim; d++) length += static_cast<double>(c.k[row + d]) * c.k[row + d];
    for (int64_t d = 0; d < s.key_dim; d++) c.k[row + d] /= static_cast<float>(std::sqrt(length));
  }
  if (is_gated(rule)) {
    c.decay_dim = per_dim ? s.key_dim : 1;
    c.decay = random.numbers(s.batch * s.kv_heads * s.seq * c.decay_dim, 0.5f);
    for (float& g : c.decay) g -= 0.5f;
  }
  if (is_delta(rule)) {
    c.beta_heads = shared_beta ? 1 : s.kv_heads;
    c.beta = random.numbers(s.batch * c.beta_heads * s.seq, 0.5f);
    for (float& beta : c.beta) beta += 0.5f;
  }
  return c;
}

struct Answer {
  std::vector<double> out, state;              ///< as the results
  std::vector<double> out_bound, state_bound;  ///< of the distance of a float32 result
};

/// The recurrence, and beside it a bound on the distance e_m (the 2-norm over the key dimensions) of every
/// column m of the state from what float32 comes to; eps = 2^-24, a multiply-add is rounded once or twice.
///   decay:    e <- max_d f_d e + (4 eps) |f S|_2              f = exp(g) within 1.5 ulp = 3 eps, and a
///   product retrieve: r is a chain of key_dim multiply-adds:  |dr| <= (key_dim + 1) eps sum_d |k_d S_d| u:
///   |du| <= beta |dr| + 3 eps beta (|v| + |r|) write:    e <- |I - beta k k^T|_2 e + |k|_2 |du| + eps (2
///   |k|_2 |u| + |S|_2)
///             where the matrix, symmetric and of rank 1 beside I, has norm max(1, |1 - beta |k|^2|); without
///             delta it is I
///   read:     |scale| (|q|_2 e + (key_dim + 2) eps sum_d |q_d S_d|)
/// Products of two errors are left out; the results show how much room there is.
inline Answer attention(const Case& c) {
  constexpr double eps = reference::kEpsilon;
  const int64_t group = c.q_heads / c.kv_heads, dk = c.key_dim, dv = c.value_dim;
  const double scale = c.scale.value_or(1.0 / std::sqrt(static_cast<double>(dk)));
  const double n = static_cast<double>(dk);
  Answer a;
  a.out.resize(static_cast<std::size_t>(c.batch * c.q_heads * c.seq * dv));
  a.out_bound.resize(a.out.size());
  a.state.assign(c.state.begin(), c.state.end());
  a.state_bound.resize(a.state.size());
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t h = 0; h < c.kv_heads; h++) {
      const int64_t head = b * c.kv_heads + h;
      double* state = &a.state[head * dk * dv];
      std::vector<double> off(static_cast<std::size_t>(dv), 0.0);
      for (int64_t t = 0; t < c.seq; t++) {
        const float* k = &c.k[(head * c.seq + t) * dk];
        const float* v = &c.v[(head * c.seq + t) * dv];
        const int64_t beta_head = c.beta_heads == 1 ? b : head;
        const double beta = is_delta(c.rule) ? c.beta[beta_head * c.seq + t] : 1.0;
        double key_square = 0;
        for (int64_t d = 0; d < dk; d++) key_square += static_cast<double>(k[d]) * k[d];
        const double key_length = std::sqrt(key_square);
        const double spread = is_delta(c.rule) ? std::max(1.0, std::abs(1 - beta * key_square)) : 1.0;
        for (int64_t m = 0; m < dv; m++) {
          double* column = state + m;  // step dv
          if (is_gated(c.rule)) {
            double most = 0, square = 0;
            for (int64_t d = 0; d < dk; d++) {
              const float* g = &c.decay[(head * c.seq + t) * c.decay_dim];
              const double factor = std::exp(static_cast<double>(g[c.decay_dim == 1 ? 0 : d]));
              column[d * dv] *= factor;
              most = std::max(most, factor);
              square += column[d * dv] * column[d * dv];
            }
            off[m] = most * off[m] + 4 * eps * std::sqrt(square);
          }
          double u = v[m], u_off = 0;
          if (is_delta(c.rule)) {
            double found = 0, absolute = 0;
            for (int64_t d = 0; d < dk; d++) {
              found += k[d] * column[d * dv];
              absolute += std::abs(k[d] * column[d * dv]);
            }
            u = beta * (v[m] - found);
            u_off =
                std::abs(beta) * ((n + 1) * eps * absolute + 3 * eps * (std::abs(v[m]) + std::abs(found)));
          }
          double square = 0;
          for (int64_t d = 0; d < dk; d++) {
            column[d * dv] += k[d] * u;
            square += column[d * dv] * column[d * dv];
          }
          off[m] =
              spread * off[m] + key_length * u_off + eps * (2 * key_length * std::abs(u) + std::sqrt(square));
          for (int64_t member = 0; member < group; member++) {
            const int64_t row = (b * c.q_heads + h * group + member) * c.seq + t;
            const float* q = &c.q[row * dk];
            double sum = 0, absolute = 0, length = 0;
            for (int64_t d = 0; d < dk; d++) {
              sum += q[d] * column[d * dv];
              absolute += std::abs(q[d] * column[d * dv]);
              length += static_cast<double>(q[d]) * q[d];
            }
            a.out[row * dv + m] = scale * sum;
            a.out_bound[row * dv + m] =
                std::abs(scale) * (std::sqrt(length) * off[m] + (n + 2) * eps * absolute);
          }
        }
      }
      for (int64_t i = 0; i < dk * dv; i++) a.state_bound[head * dk * dv + i] = off[i % dv];
    }
  }
  return a;
}

struct Result {
  std::vector<float> out, state;
};

struct How {
  bool seq_first = false;
  std::vector<int64_t> cuts = {};  ///< lengths of the calls; what is left is one more
  limelight::ThreadPool* pool = nullptr;
};

inline limelight::LinearAttentionOptions options_of(const Case& c) {
  limelight::LinearAttentionOptions options{c.rule};
  if (c.scale) options.scale = static_cast<float>(*c.scale);
  return options;
}

/// [batch, heads, seq, dim] to [batch, seq, heads, dim], or back where `back`.
inline std::vector<float> turned(const std::vector<float>& x, const Case& c, int64_t heads, int64_t dim,
                                 bool back) {
  std::vector<float> y(x.size());
  if (x.empty()) return y;  // what the rule has not
  for (int64_t b = 0; b < c.batch; b++) {
    for (int64_t h = 0; h < heads; h++) {
      for (int64_t s = 0; s < c.seq; s++) {
        const int64_t heads_first = ((b * heads + h) * c.seq + s) * dim;
        const int64_t seq_first = ((b * c.seq + s) * heads + h) * dim;
        std::copy_n(x.begin() + (back ? seq_first : heads_first), dim,
                    y.begin() + (back ? heads_first : seq_first));
      }
    }
  }
  return y;
}

inline Result run(const Case& c, const How& how = {}) {
  using namespace limelight;
  const auto lay = [&](const std::vector<float>& x, int64_t heads, int64_t dim) {
    return support::Block(how.seq_first ? turned(x, c, heads, dim, false) : x);
  };
  support::Block q = lay(c.q, c.q_heads, c.key_dim), k = lay(c.k, c.kv_heads, c.key_dim),
                 v = lay(c.v, c.kv_heads, c.value_dim), decay = lay(c.decay, c.kv_heads, c.decay_dim),
                 beta = lay(c.beta, c.beta_heads, 1), state(c.state);
  support::Block out(static_cast<std::size_t>(c.batch * c.q_heads * c.seq * c.value_dim));
  const LinearAttentionOptions options = options_of(c);

  int64_t first = 0, count = 0;
  const auto view = [&](auto* data, int64_t heads, int64_t dim) {
    using View = HeadsView<std::remove_pointer_t<decltype(data)>>;
    View all = how.seq_first ? View::seq_first(data, c.batch, heads, c.seq, dim)
                             : View::heads_first(data, c.batch, heads, c.seq, dim);
    all.data += first * all.seq_stride;
    all.seq = count;
    return all;
  };
  const auto input = [&](support::Block& block, int64_t heads, int64_t dim) {
    return view(static_cast<const float*>(block.data()), heads, dim);
  };
  std::vector<int64_t> cuts = how.cuts;
  cuts.push_back(c.seq);
  for (const int64_t cut : cuts) {
    count = std::min(cut, c.seq - first);
    LinearAttentionInputs in{input(q, c.q_heads, c.key_dim), input(k, c.kv_heads, c.key_dim),
                             input(v, c.kv_heads, c.value_dim)};
    if (is_gated(c.rule)) in.decay = input(decay, c.kv_heads, c.decay_dim);
    if (is_delta(c.rule)) in.beta = input(beta, c.beta_heads, 1);
    support::Block workspace(linear_attend_workspace(in, options, how.pool ? how.pool->threads() : 1));
    const Status status = linear_attend(in, options, view(out.data(), c.q_heads, c.value_dim), state.span(),
                                        workspace.span(), how.pool);
    REQUIRE_MESSAGE(status.ok(), std::string(status.message));
    first += count;
  }
  return {how.seq_first ? turned(out.copy(), c, c.q_heads, c.value_dim, true) : out.copy(), state.copy()};
}

struct Ratios {
  support::Worst out, state;
};

inline void compare(const Case& c, const Result& actual, Ratios& ratios) {
  const Answer expected = attention(c);
  REQUIRE(actual.out.size() == expected.out.size());
  REQUIRE(actual.state.size() == expected.state.size());
  for (std::size_t i = 0; i < expected.out.size(); i++)
    ratios.out.see(std::abs(actual.out[i] - expected.out[i]), expected.out_bound[i]);
  for (std::size_t i = 0; i < expected.state.size(); i++)
    ratios.state.see(std::abs(actual.state[i] - expected.state[i]), expected.state_bound[i]);
  CHECK(ratios.out.ratio() <= 1.0);
  CHECK(ratios.state.ratio() <= 1.0);
}

inline void report(const std::string& what, const Ratios& ratios) {
  MESSAGE(what << ": largest |error| / bound is " << ratios.out.ratio() << " for outputs, "
               << ratios.state.ratio() << " for states");
}

inline void check_same(const Result& got, const Result& expected) {
  CHECK(support::same_bits(got.out, expected.out));
  CHECK(support::same_bits(got.state, expected.state));
}

}  // namespace linear
