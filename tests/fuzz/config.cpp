#include <cmath>

#include "fuzz.hpp"
#include "limelight/model.hpp"

namespace limelight::fuzz {

void config(Bytes input) {
  ModelConfig c;
  c.vocabulary = -1;
  if (refused(parse_config(text_of(input), c), StatusCode::corrupt_file, StatusCode::unsupported_model,
              StatusCode::invalid_shape, StatusCode::invalid_value)) {
    CHECK(c.vocabulary == -1);
    return;
  }
  using Family = ModelConfig::Family;
  for (const int64_t size : {c.vocabulary, c.positions, c.width, c.layers, c.heads, c.kv_heads, c.head_dim})
    CHECK(size > 0);
  CHECK(c.mlp_width >= (c.family == Family::gpt2 ? 0 : 1));  // 0: attention alone
  CHECK(c.heads % c.kv_heads == 0);
  if (c.family != Family::llama) CHECK(c.heads * c.head_dim == c.width);
  CHECK(c.norm_epsilon > 0);
  CHECK(std::isfinite(c.norm_epsilon));
}

}  // namespace limelight::fuzz
