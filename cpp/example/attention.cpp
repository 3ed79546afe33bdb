// Causal attention of two heads over five tokens, through the public headers alone. README.md shows the
// middle of it.
#include "limelight/attention.hpp"

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <vector>

int main() {
  const int heads = 2, n = 5, dim = 8;
  std::vector<float> q(n * heads * dim), k(q.size()), v(q.size()), y(q.size()), lse(heads * n);
  for (std::size_t i = 0; i < q.size(); i++) {
    const float t = static_cast<float>(i);
    q[i] = std::sin(t), k[i] = std::cos(2 * t), v[i] = std::sin(3 * t);
  }

  using Heads = limelight::HeadsView<const float>;
  limelight::AttentionInputs in{Heads::seq_first(q.data(), 1, heads, n, dim),
                                Heads::seq_first(k.data(), 1, heads, n, dim),
                                Heads::seq_first(v.data(), 1, heads, n, dim)};  // views: nothing is copied
  limelight::AttentionOptions options;
  options.causal = true;
  std::vector<float> workspace(limelight::attend_workspace(in, options));  // never n * n
  auto out = limelight::HeadsView<float>::seq_first(y.data(), 1, heads, n, dim);
  limelight::Status status = limelight::attend(in, options, out, lse, workspace);

  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", status.message);
    return 1;
  }
  for (int token = 0; token < n; token++) {  // a line for each token, head after head
    for (int i = 0; i < heads * dim; i++)
      std::printf("%12.8f", static_cast<double>(*(out.row(0, 0, token) + i)));
    std::printf("\n");
  }
  return 0;
}
