// The inner loops, once per instruction set, behind one table of function pointers. Raw pointers and shapes;
// no allocation, no policy, no checks: callers have validated. All strides are in floats.
//
// Every sum of products here is one chain: cell(r, c) = madd(x[r][n-1], w[n-1][c], ... madd(x[r][0], w[0][c],
// start)), in whatever tile it is computed. So a row's bits depend neither on how many rows are computed
// together nor on where the row falls in a tile, and `scores` on keys as they lie equals `linear` on packed
// keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace limelight::kernels {

/// Rows of a packed matrix are grouped in panels of this many output features.
inline constexpr int64_t kPanel = 8;

constexpr int64_t rounded_to_panel(int64_t n) {
  return (n + kPanel - 1) / kPanel * kPanel;
}

/// Floats of a weight matrix [out_features, in_features] packed for `linear`: panels [ceil(out / 8)][in][8],
/// zero padded.
constexpr std::size_t packed_size(int64_t out_features, int64_t in_features) {
  return static_cast<std::size_t>(rounded_to_panel(out_features) * in_features);
}

/// Some query rows of one head, at most Table::query_rows, against one block of its keys and values, at most
/// kKeyBlock. Row r sees keys [0, min(keys, first_end + r * end_step)) of the block; nothing of the others
/// reaches a result. With value_dim 0 only maximum and total are computed.
struct AttentionBlock {
  const float* q;  ///< what pack_queries made of these rows
  int64_t rows, head_dim;
  const float *k, *v;  ///< [keys, head_dim], [keys, value_dim] with row strides k_stride, v_stride
  int64_t k_stride, v_stride, keys, value_dim;
  bool padded;                  ///< rows of v go on with zeros up to a multiple of kPanel
  bool grouped;                 ///< k and v lie as in a KeyValueCache (kGroup), strides do not matter
  int64_t first_end, end_step;  ///< end_step 0: all rows alike; 1: the causal diagonal
  float* maximum;  ///< [rows] running maximum of score * log2(e), -FLT_MAX before the first block
  float* total;    ///< [rows] running sum of exp(score - maximum), 0 before the first block
  float* out;      ///< [rows, value_dim] running sum of exp(score - maximum) * v, 0 before the first block
  int64_t out_stride;
  float* scratch;  ///< kBlockScratch floats
  /// What is added to the scores, from pack_bias with as many rows; -inf hides. Null: nothing.
  const float* bias;
  float softcap;       ///< scores become softcap * tanh(score), which then are times log2(e); 0: they stay
  bool finite_values;  ///< no number in v is NaN or infinite; only looked at where there is a bias
};

/// Keys that stay are read once per query, as fast as memory gives them: in one stream from front to back,
/// and with no shuffling. A block of kKeyBlock tokens has its keys in groups of 32, [dim][32] each, and its
/// values in groups of 32 dimensions, [kKeyBlock][32] each, the last one as narrow as group_width() says: 32
/// columns are the tile of one row on 4 lanes, 8 accumulators.
inline constexpr int64_t kGroup = 32;
constexpr int64_t group_width(int64_t columns, int64_t first) {
  const int64_t left = rounded_to_panel(columns - first);
  return left < kGroup ? left : kGroup;
}

/// Keys per block of fused attention; blocks start at multiples of it, counted from key 0 (tiles.hpp has the
/// arithmetic).
inline constexpr int64_t kKeyBlock = 64;
/// Upper bound of Table::query_rows.
inline constexpr int64_t kMostQueryRows = 64;
inline constexpr int64_t kBlockScratch = kMostQueryRows * kKeyBlock + kKeyBlock * kPanel;
/// Room for the packed queries of a block.
constexpr std::size_t packed_queries(int64_t head_dim) {
  return static_cast<std::size_t>(kMostQueryRows * head_dim);
}

/// Room for the packed bias of a block.
inline constexpr int64_t kPackedBias = kMostQueryRows * kKeyBlock;

/// Some query rows of one head against one block of its keys and values, on the way back. Rows and keys see
/// each other as in AttentionBlock; what is hidden from one another is never multiplied.
struct BackwardBlock {
  const float *q, *d_out, *out;  ///< [rows, head_dim], [rows, value_dim] twice
  int64_t q_stride, d_out_stride, out_stride, rows, head_dim, value_dim;
  const float* lse;             ///< [rows]
  const float* keys_packed;     ///< pack_keys of the keys
  const float* values_packed;   ///< pack_keys of the values
  const float* keys_as_values;  ///< pack_values of the keys
  int64_t keys, first_end, end_step;
  float factor, gate;  ///< of scores, of outputs
  float* dq;           ///< [rows, head_dim], added to like everything below
  float *dk, *dv;      ///< [keys, head_dim], [keys, value_dim]
  float* d_bias;       ///< [rows, keys], or null
  float* d_gate;       ///< one number, or null
  int64_t dq_stride, dk_stride, dv_stride, d_bias_stride;
  float* scratch;  ///< backward_scratch() floats
};
/// Query rows that are taken through the products of the reverse pass at once.
inline constexpr int64_t kBackwardRows = 64;
constexpr std::size_t backward_scratch(int64_t head_dim, int64_t value_dim) {
  return packed_size(head_dim, kBackwardRows) + packed_size(value_dim, kBackwardRows) +
         static_cast<std::size_t>(4 * kBackwardRows * kKeyBlock);
}

/// Some tokens of one key-value head of linear attention, in their order, on some columns of its state. The
/// state is [key_dim, columns], what a column holds depends on no other column.
struct LinearAttentionBlock {
  const float* q;  ///< [tokens, group, key_dim]: the query heads that share the state
  int64_t q_stride, q_head_stride, group;
  const float *k, *v;  ///< [tokens, key_dim], [tokens, columns]
  int64_t k_stride, v_stride;
  const float* decay;  ///< [tokens, decay_dim] logarithms, decay_dim 1 or key_dim; or null: no decay
  int64_t decay_stride, decay_dim;
  const float* beta;  ///< [tokens]; or null: values are written as they are
  int64_t beta_stride;
  int64_t tokens, key_dim, columns;  ///< at most kStateTokens; any; a multiple of kStateColumns
  float* state;
  int64_t state_stride;
  float* out;  ///< [tokens, group, columns]
  int64_t out_stride, out_head_stride;
  float scale;
  float* factors;  ///< with decay: kStateTokens * key_dim floats of scratch
};
inline constexpr int64_t kStateColumns = 16;
/// Tokens that a block has at most. Their decay factors, 8 KiB for 64 key dimensions, have to stay beside the
/// state, 4 KiB for each 16 columns.
inline constexpr int64_t kStateTokens = 32;

// A kernel of a table. A WebAssembly module has one table, whose kernels are variables of their own: the
// linker then leaves out those that a module does not ask for.
#if defined(__wasm__)
#define LIMELIGHT_KERNEL(result, name) static result(*const name)
#else
#define LIMELIGHT_KERNEL(result, name) result(*name)
#endif

struct Table {
  const char* arch;  ///< "wasm-simd128", "wasm-relaxed", "sse2", "avx2", "avx512", "neon64"

  /// y[r, o] = sum_i x[r, i] * w[o, i] + bias[o]   (bias may be null); adds to y instead of setting where
  /// `accumulate`. x [rows, in] with row stride ldx, w packed, y [rows, out] with row stride ldy, not
  /// overlapping x.
  LIMELIGHT_KERNEL(void, linear)(const float* x, int64_t ldx, int64_t rows, const float* packed, int64_t in,
                                 int64_t out, const float* bias, float* y, int64_t ldy, bool accumulate);
  /// linear without `accumulate`, w kept as f16 (finite): bit for bit what linear gives for the same numbers
  /// as f32.
  LIMELIGHT_KERNEL(void, linear_f16)(const float* x, int64_t ldx, int64_t rows, const uint16_t* packed,
                                     int64_t in, int64_t out, const float* bias, float* y, int64_t ldy);
  /// y[r, o] = scales[o] * (sum_i x[r, i] * q[o, i]) + bias[o]: w[o, i] = scales[o] * q[o, i], q packed. The
  /// sum is one chain from 0, the end one madd.
  LIMELIGHT_KERNEL(void, linear_i8)(const float* x, int64_t ldx, int64_t rows, const int8_t* packed,
                                    const float* scales, int64_t in, int64_t out, const float* bias, float* y,
                                    int64_t ldy);

  /// y = x / sum(x) after x = exp(x - max); in place over n values; -inf gives 0; a row of only -inf gives
  /// zeros.
  LIMELIGHT_KERNEL(void, softmax)(float* x, int64_t n);

  /// y[i] = (x[i] - mean) / sqrt(var + epsilon) * gain[i] + shift[i], one row; biased variance. x may be y.
  LIMELIGHT_KERNEL(void, layer_norm)(const float* x, int64_t n, const float* gain, const float* shift,
                                     float epsilon, float* y);

  /// y[i] = x[i] / sqrt(mean of x^2 + epsilon) * gain[i], one row. x may be y.
  LIMELIGHT_KERNEL(void, rms_norm)(const float* x, int64_t n, const float* gain, float epsilon, float* y);

  /// GELU with erf (BERT's "gelu"), in place: |error| <= 2e-7 |x|.
  LIMELIGHT_KERNEL(void, gelu_erf)(float* x, int64_t n);
  /// GELU with tanh (GPT-2's "gelu_new"), in place.
  LIMELIGHT_KERNEL(void, gelu_tanh)(float* x, int64_t n);
  /// SiLU, x / (1 + exp(-x)), in place: |error| <= 4e-7 |result|.
  LIMELIGHT_KERNEL(void, silu)(float* x, int64_t n);
  /// y[i] = exp(x[i]) for x <= 0 up to 1.5 ulp; below the smallest normal result gives 0. x may be y.
  LIMELIGHT_KERNEL(void, exp)(const float* x, int64_t n, float* y);
  /// x[i] = exp(x[i] * factor - lse), for weights of one row.
  LIMELIGHT_KERNEL(void, weigh)(float* x, int64_t n, float factor, float lse);
  /// y[i] = 2^x[i], likewise, but subnormal results are kept down to x = -126.5: what attend_block weighs
  /// with.
  LIMELIGHT_KERNEL(void, exp2)(const float* x, int64_t n, float* y);
  /// y[i] = x[i], the bits of an f16, exactly; infinities and NaN stay such.
  LIMELIGHT_KERNEL(void, widen_f16)(const uint16_t* x, int64_t n, float* y);
  /// x[i] = cap * tanh(x[i] / cap), in place, cap > 0, within 6 eps.
  LIMELIGHT_KERNEL(void, softcap)(float* x, float cap, int64_t n);
  /// Whether no number of x [rows, n] is NaN or infinite.
  LIMELIGHT_KERNEL(bool, finite)(const float* x, int64_t ldx, int64_t rows, int64_t n);
  /// x[i] += y[i].
  LIMELIGHT_KERNEL(void, add)(float* x, const float* y, int64_t n);
  /// x[i] *= y[i].
  LIMELIGHT_KERNEL(void, multiply_by)(float* x, const float* y, int64_t n);
  /// x[i] *= factor.
  LIMELIGHT_KERNEL(void, multiply)(float* x, float factor, int64_t n);
  LIMELIGHT_KERNEL(float, dot)(const float* a, const float* b, int64_t n);
  /// to[r][i] = from[r][i] for i < n, and 0 for n <= i < width.
  LIMELIGHT_KERNEL(void, copy_rows)(const float* from, int64_t ldf, int64_t rows, int64_t n, float* to,
                                    int64_t ldt, int64_t width);

  /// out[r, j] = <q_r, k_j> with keys as they lie: q [rows, dim], k [keys, dim], out [rows, keys], strides
  /// ldq, ldk, ldo.
  LIMELIGHT_KERNEL(void, scores)(const float* q, int64_t ldq, int64_t rows, const float* k, int64_t ldk,
                                 int64_t keys, int64_t dim, float* out, int64_t ldo);

  /// Packs up to kKeyBlock keys [keys, dim] as the right operand of a product along dim: packed_size(keys,
  /// dim) floats.
  LIMELIGHT_KERNEL(void, pack_keys)(const float* k, int64_t ldk, int64_t keys, int64_t dim, float* packed);
  /// A panel of pack_keys: up to 8 keys, dimension d at panel[d * step], 8 floats; those of missing keys are
  /// any number.
  LIMELIGHT_KERNEL(void, pack_panel)(const float* k, int64_t ldk, int64_t keys, int64_t dim, float* panel,
                                     int64_t step);
  /// Packs values [keys, dim] as the right operand of a product along keys: panels [ceil(dim / 8)][keys][8],
  /// zero padded; packed_size(dim, keys) floats.
  LIMELIGHT_KERNEL(void, pack_values)(const float* v, int64_t ldv, int64_t keys, int64_t dim, float* packed);
  /// Packs `rows` <= query_rows queries [rows, dim], times factor * log2(e), for attend_block with as many
  /// rows: packed_queries(dim) floats.
  LIMELIGHT_KERNEL(void, pack_queries)(const float* q, int64_t ldq, int64_t rows, int64_t dim, float factor,
                                       float* packed);
  /// Packs what is added to the scores of `rows` queries and `keys` keys, bias [kMostQueryRows, kKeyBlock],
  /// times log2(e): kPackedBias floats. What was in `bias` is lost.
  LIMELIGHT_KERNEL(void, pack_bias)(float* bias, int64_t rows, int64_t keys, float* packed);
  int64_t query_rows;  ///< most rows of a block of fused attention
  /// Takes one block of keys into the running softmax of some rows.
  LIMELIGHT_KERNEL(void, attend_block)(const AttentionBlock& block);
  /// Adds what one block of keys and some rows give each other to their gradients.
  LIMELIGHT_KERNEL(void, backward_block)(const BackwardBlock& block);
  /// Takes some tokens into the state of linear attention, and reads it after each of them.
  LIMELIGHT_KERNEL(void, linear_attend)(const LinearAttentionBlock& block);
};

#undef LIMELIGHT_KERNEL

/// All of them, for those who make a table.
// clang-format off
#define LIMELIGHT_KERNELS(X)                                                                      \
  X(linear) X(linear_f16) X(linear_i8) X(softmax) X(layer_norm) X(rms_norm) X(gelu_erf)          \
  X(gelu_tanh) X(silu) X(exp) X(weigh) X(exp2) X(widen_f16) X(softcap) X(finite) X(add)          \
  X(multiply_by) X(multiply) X(dot) X(copy_rows) X(scores) X(pack_keys) X(pack_panel)            \
  X(pack_values) X(pack_queries) X(pack_bias) X(attend_block) X(backward_block)                  \
  X(linear_attend)
// clang-format on

/// Packs w [out, in] (row stride ldw) or, where `transposed`, w [in, out] (GPT-2's Conv1D), for `linear` and
/// its kin. T is float, uint16_t (the bits of an f16) or int8_t.
template <class T>
void pack(const T* w, int64_t ldw, bool transposed, int64_t out_features, int64_t in_features, T* packed);
/// The same for one row as it is stored: w[o, :], or where `transposed` w[:, i]; `index` is o or i. The last
/// row of [out, in], or every row of [in, out], also writes the zeros behind the last output feature.
template <class T>
void pack_row(const T* row, int64_t index, bool transposed, int64_t out_features, int64_t in_features,
              T* packed);
/// Row `o` of a packed matrix: row[i] = w[o, i].
template <class T>
void unpack_row(const T* packed, int64_t in_features, int64_t o, T* row);

/// The table in use: the best that this processor can run, unless use_table() chose another.
const Table& table();
/// Every table that this processor can run, best first.
std::span<const Table* const> tables();
/// For tests and measurements: from now on table() is `chosen`.
void use_table(const Table& chosen);

}  // namespace limelight::kernels
