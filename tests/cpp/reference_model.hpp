// Transformers in float64, written from the formulas and reading a checkpoint's tensors by their names;
// shares nothing with the library.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numbers>
#include <string>
#include <vector>

#include "checkpoint.hpp"

namespace limelight::test {

using Rows = std::vector<std::vector<double>>;  // [tokens][features]

struct ReferenceOptions {
  /// [layer][head]; empty: all 1.
  std::vector<std::vector<double>> gate, temperature;
  // Of an encoder-decoder, whose decoder's own attention those above are about.
  std::vector<int32_t> source = {};
  std::vector<std::vector<double>> cross_gate = {}, encoder_gate = {};
};

struct Reference {
  std::map<std::string, Rows> sites;
  std::map<std::pair<int64_t, int64_t>, Rows> weights;  ///< by layer and head, [query][key]
  std::map<std::pair<int64_t, int64_t>, Rows> cross_weights, encoder_weights;  ///< of an encoder-decoder
  Rows logits;
};

class ReferenceModel {
 public:
  ReferenceModel(const Checkpoint& checkpoint, const Sizes& sizes) : c_(checkpoint), s_(sizes) {}

  double base = 10000;                             ///< of rotary frequencies
  std::function<double(double)> scaled = nullptr;  ///< what a configuration makes of one

  Reference run(Family family, const std::vector<int32_t>& ids, const ReferenceOptions& options = {}) {
    if (family == Family::bert) return bert(ids, options);
    if (family == Family::llama) return llama(ids, options);
    if (family == Family::marian) return marian(ids, options);
    return gpt2(ids, options);
  }

  /// Without MLP where there are no tensors of one.
  Reference gpt2(const std::vector<int32_t>& ids, const ReferenceOptions& options = {}) {
    Reference r;
    Rows x = embedding(r, ids, "wte.weight", "wpe.weight");
    for (int64_t layer = 0; layer < s_.layers; ++layer) {
      const std::string h = "h." + std::to_string(layer) + ".", b = "blocks." + std::to_string(layer) + ".";
      r.sites[b + "resid_pre"] = x;
      const Rows a = r.sites[b + "ln1"] = norm(x, h + "ln_1");
      const Rows qkv = conv1d(a, h + "attn.c_attn");
      const Rows out = conv1d(attention(r, b, layer, part(qkv, 0), part(qkv, 1), part(qkv, 2), true, options),
                              h + "attn.c_proj");
      r.sites[b + "attn.out"] = out;
      const Rows mid = r.sites[b + "resid_mid"] = sum(x, out);
      if (!c_.find(h + "ln_2.weight")) {
        x = r.sites[b + "resid_post"] = mid;
        continue;
      }
      const Rows m = r.sites[b + "ln2"] = norm(mid, h + "ln_2");
      const Rows pre = r.sites[b + "mlp.pre"] = conv1d(m, h + "mlp.c_fc");
      const Rows post = r.sites[b + "mlp.post"] =
          activate(pre, s_.activation.empty() ? "gelu_new" : s_.activation);
      const Rows mlp = r.sites[b + "mlp.out"] = conv1d(post, h + "mlp.c_proj");
      x = r.sites[b + "resid_post"] = sum(mid, mlp);
    }
    const Rows last = r.sites["ln_final"] = norm(x, "ln_f");
    r.logits = times_rows(last, tensor(c_.find("lm_head.weight") ? "lm_head.weight" : "wte.weight"));
    return r;
  }

  Reference marian(const std::vector<int32_t>& ids, const ReferenceOptions& options) {
    Reference r;
    const std::string act = s_.activation.empty() ? "swish" : s_.activation;
    const auto stack = [&](const std::string& name, const std::vector<int32_t>& tokens) {
      const std::string table = s_.shared ? "model.shared.weight" : "model." + name + ".embed_tokens.weight";
      Rows embed, position;
      for (std::size_t t = 0; t < tokens.size(); ++t) {
        embed.push_back(row(tensor(table), tokens[t]));
        for (double& v : embed.back()) v *= std::sqrt(static_cast<double>(s_.width));
        std::vector<double> angles(static_cast<std::size_t>(s_.width));
        const std::size_t half = angles.size() / 2;
        for (std::size_t i = 0; i < half; ++i) {
          const double angle = static_cast<double>(t) /
                               std::pow(10000.0, 2 * static_cast<double>(i) / static_cast<double>(s_.width));
          angles[i] = std::sin(angle);
          angles[half + i] = std::cos(angle);
        }
        position.push_back(angles);
      }
      r.sites[name + ".embed"] = embed;
      r.sites[name + ".pos_embed"] = position;
      return sum(embed, position);
    };
    const auto project = [&](const Rows& x, const std::string& h, const char* part) {
      return dense(x, h + part + "_proj");
    };
    Rows memory;
    for (const std::string name : {"encoder", "decoder"}) {
      const bool decoder = name == "decoder";
      Rows x = stack(name, decoder ? ids : options.source);
      for (int64_t layer = 0; layer < s_.layers; ++layer) {
        const std::string h = "model." + name + ".layers." + std::to_string(layer) + ".",
                          b = name + ".blocks." + std::to_string(layer) + ".";
        r.sites[b + "resid_pre"] = r.sites[b + "ln1"] = x;
        const std::string self = h + "self_attn.";
        const Rows z =
            attention(r, b, layer, project(x, self, "q"), project(x, self, "k"), project(x, self, "v"),
                      decoder, decoder ? options : ReferenceOptions{options.encoder_gate, {}});
        const Rows out = r.sites[b + "attn.out"] = project(z, self, "out");
        Rows mid = r.sites[b + "resid_mid"] = sum(x, out);
        Rows m = norm(mid, h + "self_attn_layer_norm");
        if (decoder) {
          const Rows asks = r.sites[b + "cross.ln"] = m;
          const std::string cross = h + "encoder_attn.";
          Reference aside;
          const Rows zc = attention(aside, "", layer, project(asks, cross, "q"), project(memory, cross, "k"),
                                    project(memory, cross, "v"), false, {options.cross_gate, {}});
          for (const char* part : {"q", "k", "v", "z", "lse"})
            r.sites[b + "cross." + part] = aside.sites[std::string("attn.") + part];
          r.cross_weights.merge(aside.weights);
          const Rows cross_out = r.sites[b + "cross.out"] = project(zc, cross, "out");
          mid = r.sites[b + "resid_cross"] = sum(asks, cross_out);
          m = norm(mid, h + "encoder_attn_layer_norm");
        }
        r.sites[b + "ln2"] = m;
        const Rows pre = r.sites[b + "mlp.pre"] = dense(m, h + "fc1");
        const Rows post = r.sites[b + "mlp.post"] = activate(pre, act);
        const Rows mlp = r.sites[b + "mlp.out"] = dense(post, h + "fc2");
        x = r.sites[b + "resid_post"] = norm(sum(m, mlp), h + "final_layer_norm");
      }
      if (!decoder) {
        memory = x;
        r.encoder_weights.swap(r.weights);
        continue;
      }
      r.logits = times_rows(x, tensor(!s_.tied    ? "lm_head.weight"
                                      : s_.shared ? "model.shared.weight"
                                                  : "model.decoder.embed_tokens.weight"));
      for (auto& one : r.logits) {
        for (std::size_t i = 0; i < one.size(); ++i)
          one[i] += static_cast<double>(tensor("final_logits_bias").values[i]);
      }
    }
    return r;
  }

  Reference llama(const std::vector<int32_t>& ids, const ReferenceOptions& options = {}) {
    Reference r;
    Rows x;
    for (const int32_t id : ids) x.push_back(row(tensor("model.embed_tokens.weight"), id));
    r.sites["embed"] = x;
    const std::string act = s_.activation.empty() ? "silu" : s_.activation;
    for (int64_t layer = 0; layer < s_.layers; ++layer) {
      const std::string h = "model.layers." + std::to_string(layer) + ".",
                        b = "blocks." + std::to_string(layer) + ".";
      const auto weight = [&](const char* name) -> const Tensor& { return tensor(h + name + ".weight"); };
      r.sites[b + "resid_pre"] = x;
      const Rows a = r.sites[b + "ln1"] = rms_norm(x, h + "input_layernorm");
      const Rows q = times_rows(a, weight("self_attn.q_proj")), k = times_rows(a, weight("self_attn.k_proj"));
      const Rows z = attention(r, b, layer, turn(q), turn(k), times_rows(a, weight("self_attn.v_proj")), true,
                               options, Sizes::kHeadDim);
      r.sites[b + "attn.rot_q"] = r.sites[b + "attn.q"];
      r.sites[b + "attn.rot_k"] = r.sites[b + "attn.k"];
      r.sites[b + "attn.q"] = q;
      r.sites[b + "attn.k"] = k;
      const Rows out = r.sites[b + "attn.out"] = times_rows(z, weight("self_attn.o_proj"));
      const Rows mid = r.sites[b + "resid_mid"] = sum(x, out);
      const Rows m = r.sites[b + "ln2"] = rms_norm(mid, h + "post_attention_layernorm");
      const Rows pre = r.sites[b + "mlp.pre"] = times_rows(m, weight("mlp.gate_proj"));
      const Rows linear = r.sites[b + "mlp.pre_linear"] = times_rows(m, weight("mlp.up_proj"));
      Rows post = activate(pre, act);
      for (std::size_t t = 0; t < post.size(); ++t) {
        for (std::size_t i = 0; i < post[t].size(); ++i) post[t][i] *= linear[t][i];
      }
      r.sites[b + "mlp.post"] = post;
      const Rows mlp = r.sites[b + "mlp.out"] = times_rows(post, weight("mlp.down_proj"));
      x = r.sites[b + "resid_post"] = sum(mid, mlp);
    }
    const Rows last = r.sites["ln_final"] = rms_norm(x, "model.norm");
    r.logits = times_rows(last, tensor(s_.tied ? "model.embed_tokens.weight" : "lm_head.weight"));
    return r;
  }

  Reference bert(const std::vector<int32_t>& ids, const ReferenceOptions& options = {}) {
    Reference r;
    const std::string e = "bert.embeddings.";
    Rows x = embedding(r, ids, e + "word_embeddings.weight", e + "position_embeddings.weight");
    const Tensor& types = tensor(e + "token_type_embeddings.weight");
    Rows type(ids.size(), std::vector<double>(types.values.begin(), types.values.begin() + s_.width));
    r.sites["type_embed"] = type;
    x = r.sites["embed_ln"] = norm(sum(x, type), e + "LayerNorm");
    const std::string act = s_.activation.empty() ? "gelu" : s_.activation;
    for (int64_t layer = 0; layer < s_.layers; ++layer) {
      const std::string h = "bert.encoder.layer." + std::to_string(layer) + ".",
                        b = "blocks." + std::to_string(layer) + ".";
      r.sites[b + "resid_pre"] = r.sites[b + "ln1"] = x;
      const std::string self = h + "attention.self.";
      const Rows z = attention(r, b, layer, dense(x, self + "query"), dense(x, self + "key"),
                               dense(x, self + "value"), false, options);
      const Rows out = r.sites[b + "attn.out"] = dense(z, h + "attention.output.dense");
      const Rows mid = r.sites[b + "resid_mid"] = sum(x, out);
      const Rows m = r.sites[b + "ln2"] = norm(mid, h + "attention.output.LayerNorm");
      const Rows pre = r.sites[b + "mlp.pre"] = dense(m, h + "intermediate.dense");
      const Rows post = r.sites[b + "mlp.post"] = activate(pre, act);
      const Rows mlp = r.sites[b + "mlp.out"] = dense(post, h + "output.dense");
      x = r.sites[b + "resid_post"] = norm(sum(m, mlp), h + "output.LayerNorm");
    }
    const std::string p = "cls.predictions.";
    const Rows last = r.sites["ln_final"] =
        norm(activate(dense(x, p + "transform.dense"), act), p + "transform.LayerNorm");
    r.logits = times_rows(last, tensor(e + "word_embeddings.weight"));
    for (auto& row : r.logits) {
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] += static_cast<double>(tensor(p + "bias").values[i]);
    }
    return r;
  }

 private:
  const Tensor& tensor(const std::string& name) const {
    const Tensor* t = c_.find(name);
    REQUIRE_MESSAGE(t != nullptr, name);
    return *t;
  }

  Rows embedding(Reference& r, const std::vector<int32_t>& ids, const std::string& tokens,
                 const std::string& positions) {
    Rows a, b;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      a.push_back(row(tensor(tokens), ids[i]));
      b.push_back(row(tensor(positions), static_cast<int64_t>(i)));
    }
    r.sites["embed"] = a;
    r.sites["pos_embed"] = b;
    return sum(a, b);
  }
  std::vector<double> row(const Tensor& t, int64_t i) const {
    return {t.values.begin() + i * t.shape[1], t.values.begin() + (i + 1) * t.shape[1]};
  }
  static Rows sum(const Rows& a, const Rows& b) {
    Rows y = a;
    for (std::size_t i = 0; i < y.size(); ++i) {
      for (std::size_t j = 0; j < y[i].size(); ++j) y[i][j] += b[i][j];
    }
    return y;
  }
  Rows part(const Rows& x, int64_t index) const {
    Rows y;
    for (const auto& r : x) y.emplace_back(r.begin() + index * s_.width, r.begin() + (index + 1) * s_.width);
    return y;
  }
  /// y = x W^T + b, W [out, in].
  Rows dense(const Rows& x, const std::string& name) const {
    Rows y = times_rows(x, tensor(name + ".weight"));
    return add_bias(std::move(y), tensor(name + ".bias"));
  }
  /// y = x W + b, W [in, out].
  Rows conv1d(const Rows& x, const std::string& name) const {
    const Tensor& w = tensor(name + ".weight");
    const auto in = static_cast<std::size_t>(w.shape[0]), out = static_cast<std::size_t>(w.shape[1]);
    Rows y(x.size(), std::vector<double>(out));
    for (std::size_t r = 0; r < x.size(); ++r) {
      for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i) y[r][o] += x[r][i] * static_cast<double>(w.values[i * out + o]);
      }
    }
    return add_bias(std::move(y), tensor(name + ".bias"));
  }
  static Rows times_rows(const Rows& x, const Tensor& w) {
    const auto out = static_cast<std::size_t>(w.shape[0]), in = static_cast<std::size_t>(w.shape[1]);
    Rows y(x.size(), std::vector<double>(out));
    for (std::size_t r = 0; r < x.size(); ++r) {
      for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i) y[r][o] += x[r][i] * static_cast<double>(w.values[o * in + i]);
      }
    }
    return y;
  }
  static Rows add_bias(Rows y, const Tensor& bias) {
    for (auto& r : y) {
      for (std::size_t i = 0; i < r.size(); ++i) r[i] += static_cast<double>(bias.values[i]);
    }
    return y;
  }
  Rows norm(const Rows& x, const std::string& name) const {
    const bool bert = c_.find("bert.embeddings.LayerNorm.weight") != nullptr;
    const double epsilon = s_.epsilon != 0 ? s_.epsilon : bert ? 1e-12 : 1e-5;
    Rows y = x;
    for (auto& r : y) {
      double mean = 0, variance = 0;
      for (const double v : r) mean += v / static_cast<double>(r.size());
      for (const double v : r) variance += (v - mean) * (v - mean) / static_cast<double>(r.size());
      for (std::size_t i = 0; i < r.size(); ++i) {
        r[i] = (r[i] - mean) / std::sqrt(variance + epsilon) *
                   static_cast<double>(tensor(name + ".weight").values[i]) +
               static_cast<double>(tensor(name + ".bias").values[i]);
      }
    }
    return y;
  }
  Rows rms_norm(const Rows& x, const std::string& name) const {
    Rows y = x;
    for (auto& r : y) {
      double squares = 0;
      for (const double v : r) squares += v * v / static_cast<double>(r.size());
      for (std::size_t i = 0; i < r.size(); ++i)
        r[i] *= static_cast<double>(tensor(name + ".weight").values[i]) /
                std::sqrt(squares + (s_.epsilon == 0 ? 1e-6 : s_.epsilon));
    }
    return y;
  }
  /// Every head's halves by the angles of its row (Su et al. 2021).
  Rows turn(Rows x) const {
    constexpr std::size_t half = Sizes::kHeadDim / 2;
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t first = 0; first < x[t].size(); first += 2 * half) {
        for (std::size_t i = 0; i < half; ++i) {
          const double frequency = std::pow(base, -static_cast<double>(i) / static_cast<double>(half));
          const double angle = static_cast<double>(t) * (scaled ? scaled(frequency) : frequency);
          double &a = x[t][first + i], &b = x[t][first + half + i];
          const double turned = a * std::cos(angle) - b * std::sin(angle);
          b = a * std::sin(angle) + b * std::cos(angle);
          a = turned;
        }
      }
    }
    return x;
  }
  static Rows activate(Rows x, const std::string& kind) {
    for (auto& r : x) {
      for (double& v : r) {
        if (kind == "gelu") {
          v = 0.5 * v * (1 + std::erf(v / std::numbers::sqrt2));
        } else if (kind == "silu" || kind == "swish") {
          v = v / (1 + std::exp(-v));
        } else if (kind == "relu") {
          v = v > 0 ? v : 0;
        } else {
          v = 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (v + 0.044715 * v * v * v)));
        }
      }
    }
    return x;
  }
  Rows attention(Reference& r, const std::string& block, int64_t layer, const Rows& q, const Rows& k,
                 const Rows& v, bool causal, const ReferenceOptions& options, int64_t its_head_dim = 0) {
    const std::size_t n = q.size(), keys = k.size(),
                      head_dim = static_cast<std::size_t>(its_head_dim ? its_head_dim : s_.width / s_.heads);
    const std::size_t group = q[0].size() / k[0].size();  // query heads that share keys
    Rows z(n, std::vector<double>(q[0].size()));
    Rows lse(n, std::vector<double>(static_cast<std::size_t>(s_.heads)));
    for (std::size_t h = 0; h < static_cast<std::size_t>(s_.heads); ++h) {
      const auto l = static_cast<std::size_t>(layer);
      const double temperature = options.temperature.empty() ? 1 : options.temperature[l][h];
      const double gate = options.gate.empty() ? 1 : options.gate[l][h];
      Rows& weights = r.weights[{layer, static_cast<int64_t>(h)}];
      weights.assign(n, std::vector<double>(keys));
      for (std::size_t i = 0; i < n; ++i) {
        const std::size_t end = causal ? i + 1 : keys;
        double most = -INFINITY, total = 0;
        for (std::size_t j = 0; j < end; ++j) {
          double score = 0;
          for (std::size_t d = 0; d < head_dim; ++d)
            score += q[i][h * head_dim + d] * k[j][h / group * head_dim + d];
          weights[i][j] = score / std::sqrt(static_cast<double>(head_dim)) / temperature;
          most = std::max(most, weights[i][j]);
        }
        for (std::size_t j = 0; j < end; ++j) total += std::exp(weights[i][j] - most);
        lse[i][h] = most + std::log(total);
        for (std::size_t j = 0; j < end; ++j) {
          weights[i][j] = std::exp(weights[i][j] - lse[i][h]);
          for (std::size_t d = 0; d < head_dim; ++d)
            z[i][h * head_dim + d] += gate * weights[i][j] * v[j][h / group * head_dim + d];
        }
      }
    }
    r.sites[block + "attn.q"] = q;
    r.sites[block + "attn.k"] = k;
    r.sites[block + "attn.v"] = v;
    r.sites[block + "attn.lse"] = lse;
    r.sites[block + "attn.z"] = z;
    return z;
  }

  const Checkpoint& c_;
  const Sizes& s_;
};

}  // namespace limelight::test
