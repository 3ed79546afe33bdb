#include "measure/ways.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/kernels.hpp"
#include "limelight/attention.hpp"
#include "limelight/key_value_cache.hpp"
#include "measure/scalar.hpp"

namespace limelight::measure {
namespace {

HeadsView<const float> view(const float* data, const Shape& s, int64_t heads, int64_t tokens) {
  HeadsView<const float> all = HeadsView<const float>::heads_first(data, 1, heads, s.tokens, s.head_dim);
  all.seq = tokens;
  return all;
}
HeadsView<float> view(float* data, const Shape& s, int64_t heads, int64_t tokens) {
  HeadsView<float> all = HeadsView<float>::heads_first(data, 1, heads, s.tokens, s.head_dim);
  all.seq = tokens;
  return all;
}

/// Room for rows * columns of every head. Sizes stay below 2^63 (kMost of measure.hpp), which 32-bit memory
/// does not reach.
Status resize(Buffer<float>& buffer, int64_t rows, int64_t columns) {
  const auto numbers = static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns);
  if (numbers > SIZE_MAX / sizeof(float)) {
    return Status::error(StatusCode::out_of_memory, "no memory for %lld x %lld numbers",
                         static_cast<long long>(rows), static_cast<long long>(columns));
  }
  return buffer.resize(static_cast<std::size_t>(numbers));
}

/// Two of the blocks of query rows, of 48, that attention works on in WebAssembly, and a multiple of any
/// tile.
constexpr int64_t kWholeBlocks = 96;

/// Goes through the query rows, some of one head a unit.
class RowWay : public Way {
 public:
  /// A unit has about `flops`, and at least so many rows.
  RowWay(const Problem& problem, float* out, int64_t flops = 100'000'000, int64_t least_rows = kWholeBlocks)
      : p_(problem), s_(problem.shape), out_(out), block_(rows_of(s_, flops, least_rows)) {}

  int64_t units() const override { return s_.heads * blocks_; }
  Status work(int64_t unit) override {
    const int64_t first = unit % blocks_ * block_;
    return rows(unit / blocks_, first, std::min(block_, s_.tokens - first));
  }

 protected:
  virtual Status rows(int64_t head, int64_t first, int64_t count) = 0;

  const Problem& p_;
  const Shape s_;
  float* const out_;
  const int64_t block_;

 private:
  static int64_t rows_of(const Shape& s, int64_t flops, int64_t least) {
    const int64_t rows = flops / (4 * s.head_dim * s.tokens);
    return std::min(s.tokens, std::max(rows / kWholeBlocks * kWholeBlocks, least));
  }

  const int64_t blocks_ = (s_.tokens + block_ - 1) / block_;
};

/// attend(): a running softmax over blocks of keys; nothing of size tokens * tokens, and no hidden block.
class Fused : public RowWay {
 public:
  Fused(const Problem& problem, float* out, bool causal) : RowWay(problem, out) { options_.causal = causal; }

  Status prepare() override { return workspace_.resize(attend_workspace(inputs(0, s_.tokens), options_)); }

 protected:
  Status rows(int64_t head, int64_t first, int64_t count) override {
    return attend_prefix(head, s_.tokens, first, count);
  }

  /// Rows of the attention of the first `tokens` alone.
  Status attend_prefix(int64_t head, int64_t tokens, int64_t first, int64_t count) {
    return attend(inputs(head, tokens), options_, view(out_ + p_.head(head), s_, 1, tokens), {},
                  workspace_.span(), {first, count});
  }

 private:
  AttentionInputs inputs(int64_t head, int64_t tokens) const {
    const int64_t at = p_.head(head);
    return {view(p_.q.data() + at, s_, 1, tokens), view(p_.k.data() + at, s_, 1, tokens),
            view(p_.v.data() + at, s_, 1, tokens)};
  }

  AttentionOptions options_;
  Buffer<float> workspace_;
};

class Scalar : public RowWay {
 public:
  Scalar(const Problem& problem, float* out) : RowWay(problem, out, 20'000'000, 1) {}

  Status prepare() override { return resize(weights_, 1, s_.tokens); }

 protected:
  Status rows(int64_t head, int64_t first, int64_t count) override {
    const int64_t at = p_.head(head), from = at + first * s_.head_dim;
    scalar_attention(p_.q.data() + from, p_.k.data() + at, p_.v.data() + at, count, s_.head_dim, s_.tokens,
                     weights_.data(), out_ + from);
    return {};
  }

 private:
  Buffer<float> weights_;
};

/// The formula as it is written: scores of all keys, softmax, products with the values, each over whole rows,
/// by the same matrix products as everywhere.
class Written : public RowWay {
 public:
  using RowWay::RowWay;

 protected:
  Status prepare_packed() {
    if (Status status = keys_.resize(kernels::packed_size(s_.tokens, s_.head_dim)); !status.ok())
      return status;
    return values_.resize(kernels::packed_size(s_.head_dim, s_.tokens));
  }
  void scores(int64_t head, int64_t first, int64_t count, float* to) {
    if (first == 0)
      kernels::pack(p_.k.data() + p_.head(head), s_.head_dim, false, s_.tokens, s_.head_dim, keys_.data());
    kernels::table().linear(p_.q.data() + p_.head(head) + first * s_.head_dim, s_.head_dim, count,
                            keys_.data(), s_.head_dim, s_.tokens, nullptr, to, s_.tokens, false);
  }
  void hide(int64_t first, int64_t count, float* scores) {
    for (int64_t r = 0; r < count; ++r, scores += s_.tokens)
      std::fill(scores + first + r + 1, scores + s_.tokens, -std::numeric_limits<float>::infinity());
  }
  void softmax(int64_t count, float* scores) {
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(s_.head_dim)));
    for (int64_t r = 0; r < count; ++r, scores += s_.tokens) {
      kernels::table().multiply(scores, scale, s_.tokens);
      kernels::table().softmax(scores, s_.tokens);
    }
  }
  void values(int64_t head, int64_t first, int64_t count, const float* weights) {
    if (first == 0)
      kernels::pack(p_.v.data() + p_.head(head), s_.head_dim, true, s_.head_dim, s_.tokens, values_.data());
    kernels::table().linear(weights, s_.tokens, count, values_.data(), s_.tokens, s_.head_dim, nullptr,
                            out_ + p_.head(head) + first * s_.head_dim, s_.head_dim, false);
  }

 private:
  Buffer<float> keys_, values_;
};

/// Each step for all heads before the next one, as frameworks do: heads * tokens * tokens numbers are stored.
class Naive : public Written {
 public:
  using Written::Written;
  Status prepare() override {
    if (Status status = resize(matrix_, s_.heads * s_.tokens, s_.tokens); !status.ok()) return status;
    return prepare_packed();
  }
  int64_t units() const override { return 3 * Written::units(); }
  Status work(int64_t unit) override {
    step_ = unit / Written::units();
    return Written::work(unit % Written::units());
  }

 protected:
  Status rows(int64_t head, int64_t first, int64_t count) override {
    float* block = matrix_.data() + (head * s_.tokens + first) * s_.tokens;
    if (step_ == 0) scores(head, first, count, block);
    if (step_ == 1) softmax(count, block);
    if (step_ == 2) values(head, first, count, block);
    return {};
  }

 private:
  Buffer<float> matrix_;
  int64_t step_ = 0;
};

/// Computes what is hidden, too, and then hides it. Only the rows of a unit are stored.
class Masked : public Written {
 public:
  using Written::Written;
  Status prepare() override {
    if (Status status = resize(block_of_rows_, block_, s_.tokens); !status.ok()) return status;
    return prepare_packed();
  }

 protected:
  Status rows(int64_t head, int64_t first, int64_t count) override {
    scores(head, first, count, block_of_rows_.data());
    hide(first, count, block_of_rows_.data());
    softmax(count, block_of_rows_.data());
    values(head, first, count, block_of_rows_.data());
    return {};
  }

 private:
  Buffer<float> block_of_rows_;
};

/// Decoding: each token's key and value are appended, its query goes over all that are there.
class Cached : public Way {
 public:
  Cached(const Problem& problem, float* out) : p_(problem), s_(problem.shape), out_(out) {}

  Status prepare() override {
    if (Status status = KeyValueCache::create({1, s_.heads, s_.head_dim, s_.head_dim}, s_.tokens, cache_);
        !status.ok())
      return status;
    return workspace_.resize(cache_->attend_workspace(view(p_.q.data(), s_, s_.heads, 1)));
  }
  int64_t units() const override { return decoded(s_); }
  Status work(int64_t unit) override {
    const int64_t token = s_.tokens - units() + unit, at = token * s_.head_dim;
    if (Status status = cache_->truncate(std::min(token, cache_->length())); !status.ok()) return status;
    // The first time, all tokens before those that are decoded come along.
    const int64_t from = cache_->length(), count = token + 1 - from, begin = from * s_.head_dim;
    if (Status status = cache_->append(view(p_.k.data() + begin, s_, s_.heads, count),
                                       view(p_.v.data() + begin, s_, s_.heads, count));
        !status.ok())
      return status;
    return cache_->attend(view(p_.q.data() + at, s_, s_.heads, 1), {}, view(out_ + at, s_, s_.heads, 1), {},
                          workspace_.span());
  }

 private:
  const Problem& p_;
  const Shape s_;
  float* const out_;
  std::unique_ptr<KeyValueCache> cache_;
  Buffer<float> workspace_;
};

/// Decoding without a memory: with each token, the attention of all so far is computed again.
class Uncached : public Fused {
 public:
  Uncached(const Problem& problem, float* out) : Fused(problem, out, true) {}

  int64_t units() const override { return decoded(s_) * Fused::units(); }
  Status work(int64_t unit) override {
    tokens_ = s_.tokens - decoded(s_) + unit / Fused::units() + 1;
    return Fused::work(unit % Fused::units());
  }

 protected:
  Status rows(int64_t head, int64_t first, int64_t count) override {
    if (first >= tokens_) return {};
    return attend_prefix(head, tokens_, first, std::min(count, tokens_ - first));
  }

 private:
  int64_t tokens_ = 0;
};

}  // namespace

bool is_causal(Variant variant) {
  return variant != Variant::fused && variant != Variant::naive && variant != Variant::scalar;
}

int64_t decoded(const Shape& s) {
  constexpr double kMostFlops = 1e10;
  const auto n = static_cast<double>(s.tokens);
  const double of_a_token = 2 * n * n * static_cast<double>(s.head_dim * s.heads);
  return std::clamp(static_cast<int64_t>(kMostFlops / of_a_token), int64_t{1}, s.tokens);
}

double flops(Variant variant, const Shape& s) {
  const auto n = static_cast<double>(s.tokens), first = n - static_cast<double>(decoded(s));
  const auto pairs = [](double t) { return t * (t + 1) / 2; };                // sum of 1 .. t
  const auto triangles = [](double t) { return t * (t + 1) * (t + 2) / 6; };  // sum of pairs(1) .. pairs(t)
  const double cells = variant == Variant::causal     ? pairs(n)
                       : variant == Variant::cached   ? pairs(n) - pairs(first)
                       : variant == Variant::uncached ? triangles(n) - triangles(first)
                                                      : n * n;
  return 4 * static_cast<double>(s.head_dim * s.heads) * cells;
}

std::unique_ptr<Way> make_way(Variant variant, const Problem& problem, float* out) {
  switch (variant) {
    case Variant::fused:
    case Variant::causal:
      break;
    case Variant::naive:
      return std::make_unique<Naive>(problem, out);
    case Variant::scalar:
      return std::make_unique<Scalar>(problem, out);
    case Variant::causal_masked:
      return std::make_unique<Masked>(problem, out);
    case Variant::cached:
      return std::make_unique<Cached>(problem, out);
    case Variant::uncached:
      return std::make_unique<Uncached>(problem, out);
  }
  return std::make_unique<Fused>(problem, out, is_causal(variant));
}

}  // namespace limelight::measure
