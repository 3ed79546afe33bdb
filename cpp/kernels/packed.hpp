// linear over weights that are kept in fewer bytes: f16, and int8 with a scale per output feature.
//
// One row is bound by memory: its weights are widened in registers on their way into the multiply-adds, so a
// half or a quarter of the bytes is what it gains. More rows share the work of widening: a strip of some
// panels by kStripDepth steps is widened once into a block on the stack, 16 to 64 KiB, and multiplied from
// there as f32 weights are; each widened number then serves up to kRowBlock rows.
//
// Either way a cell is the one chain of multiply-adds along the depth that kernels.hpp describes, over the
// widened weights. A strip ends a chain in y and the next one takes it up there, which rounds nothing. int8
// multiplies the finished chain by the scale. The int8 dot products of relaxed SIMD and of AVX-512 VNNI have
// no place here: they want activations in int8 too, and these are f32.
#pragma once

#include "kernels/products.hpp"

namespace limelight::kernels {

/// Steps along the depth that are widened at once: with 8 columns of f32, 8 KiB a panel.
inline constexpr int64_t kStripDepth = 256;

/// Panels that are widened at once: as many as the widest tile for several rows takes.
template <class A>
inline constexpr int kStripPanels = tile_panels<A>(2);

/// y + this is y, also for y = -0: what a chain that goes on in y has for a bias.
inline constexpr auto kNoBias = [] {
  struct {
    float values[8 * kPanel];
  } none{};
  for (float& value : none.values) value = -0.0f;
  return none;
}();

/// One row times P panels, widened in registers.
template <class A, int P, class Weight, class Finish>
LIMELIGHT_INLINE void packed_row(const float* x, const Weight* const (&panels)[P], int64_t depth,
                                 const float* start, Finish&& finish) {
  using B = Batch<A>;
  constexpr int kWidth = static_cast<int>(kLanes<A>);
  constexpr int kVectors = P * 8 / kWidth;
  constexpr int kPerLoad = kWidth < 8 ? 8 / kWidth : 1;
  constexpr int kLoadPanels = kWidth > 8 ? kWidth / 8 : 1;
  B sums[kVectors];
  unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA { sums[v] = B::load_unaligned(start + v * kWidth); });
  for (int64_t k = 0; k < depth; k++) {
    const B value(x[k]);
    unroll<P / kLoadPanels>([&](auto p) LIMELIGHT_INLINE_LAMBDA {
      B wide[kPerLoad];
      widen<A>(panels[p * kLoadPanels] + k * kPanel, panels[p * kLoadPanels + kLoadPanels - 1] + k * kPanel,
               wide);
      unroll<kPerLoad>([&](auto i) LIMELIGHT_INLINE_LAMBDA {
        sums[p * kPerLoad + i] = madd<A>(value, wide[i], sums[p * kPerLoad + i]);
      });
    });
  }
  unroll<kVectors>([&](auto v) LIMELIGHT_INLINE_LAMBDA { finish(v * kWidth, sums[v]); });
}

/// dst [steps][8] = the panel rows at `src`, widened.
template <class A, class Weight>
void widen_panel(const Weight* src, int64_t steps, float* dst) {
  constexpr int kPerLoad = kLanes<A> < 8 ? static_cast<int>(8 / kLanes<A>) : 1;
  int64_t k = 0;
  if constexpr (kLanes<A> > 8) {
    // Sixteen lanes are two panel rows, one behind the other.
    for (; k + 2 <= steps; k += 2) {
      Batch<A> wide[1];
      widen<A>(src + k * kPanel, src + (k + 1) * kPanel, wide);
      wide[0].store_unaligned(dst + k * kPanel);
    }
    if (k < steps) {
      Batch<A> wide[1];
      widen<A>(src + k * kPanel, src + k * kPanel, wide);
      store_part<A>(dst + k * kPanel, kPanel, wide[0]);
    }
  } else {
    for (; k < steps; k++) {
      Batch<A> wide[kPerLoad];
      widen<A>(src + k * kPanel, nullptr, wide);
      unroll<kPerLoad>(
          [&](auto i) LIMELIGHT_INLINE_LAMBDA { wide[i].store_unaligned(dst + k * kPanel + i * kLanes<A>); });
    }
  }
}

/// The chains of some rows: y[r, o] = bias[o] + sum_i x[r, i] * w[o, i], w packed in fewer bytes.
template <class A, class Weight>
void packed_product(const float* x, int64_t ldx, int64_t rows, const Weight* packed, int64_t in, int64_t out,
                    const float* bias, float* y, int64_t ldy) {
  constexpr int64_t kStrip = kStripPanels<A>;
  alignas(64) float strip[kStrip * kPanel * kStripDepth];
  for (int64_t first = 0; first < rows; first += kRowBlock) {
    const int64_t block = rows - first < kRowBlock ? rows - first : kRowBlock;
    for (int64_t o = 0; o < out; o += kStrip * kPanel) {
      const int64_t columns = out - o < kStrip * kPanel ? out - o : kStrip * kPanel;
      for (int64_t k = 0; k < in; k += kStripDepth) {
        const int64_t depth = in - k < kStripDepth ? in - k : kStripDepth;
        for (int64_t p = 0; p * kPanel < columns; p++) {
          widen_panel<A>(packed + (o + p * kPanel) * in + k * kPanel, depth, strip + p * kPanel * depth);
        }
        const bool begun = k > 0;
        product<A>(x + first * ldx + k, ldx, block, {strip, kPanel * depth, kPanel}, depth, columns,
                   begun  ? kNoBias.values
                   : bias ? bias + o
                          : nullptr,
                   y + first * ldy + o, ldy, begun);
      }
    }
  }
}

template <class A>
void linear_f16(const float* x, int64_t ldx, int64_t rows, const uint16_t* packed, int64_t in, int64_t out,
                const float* bias, float* y, int64_t ldy) {
  if (rows != 1) return packed_product<A>(x, ldx, rows, packed, in, out, bias, y, ldy);
  constexpr int kPanels = tile_panels<A>(1), kColumns = kPanels * kPanel;
  const int64_t panels = (out + kPanel - 1) / kPanel;
  for (int64_t p = 0; p < panels; p += kPanels) {
    const int64_t o = p * kPanel, columns = out - o < kColumns ? out - o : kColumns;
    const uint16_t* panel[kPanels];
    for (int i = 0; i < kPanels; i++) panel[i] = packed + (p + i < panels ? p + i : panels - 1) * kPanel * in;
    float start[kColumns] = {};
    if (bias) std::memcpy(start, bias + o, static_cast<std::size_t>(columns) * sizeof(float));
    packed_row<A, kPanels>(x, panel, in, start, [&](int64_t column, Batch<A> sum) LIMELIGHT_INLINE_LAMBDA {
      if (column + kLanes<A> <= columns) {
        sum.store_unaligned(y + o + column);
      } else if (column < columns) {
        store_part<A>(y + o + column, columns - column, sum);
      }
    });
  }
}

/// sum * scale + bias, the end of every int8 cell, for 0 < count columns.
template <class A>
LIMELIGHT_INLINE void finish_i8(Batch<A> sum, const float* scales, const float* bias, int64_t count,
                                float* y) {
  if (count >= kLanes<A>) {
    const Batch<A> start = bias ? Batch<A>::load_unaligned(bias) : Batch<A>(0.0f);
    madd<A>(sum, Batch<A>::load_unaligned(scales), start).store_unaligned(y);
  } else {
    const Batch<A> start = bias ? load_part<A>(bias, count, 0.0f) : Batch<A>(0.0f);
    store_part<A>(y, count, madd<A>(sum, load_part<A>(scales, count, 0.0f), start));
  }
}

template <class A>
void linear_i8(const float* x, int64_t ldx, int64_t rows, const int8_t* packed, const float* scales,
               int64_t in, int64_t out, const float* bias, float* y, int64_t ldy) {
  if (rows != 1) {
    packed_product<A>(x, ldx, rows, packed, in, out, nullptr, y, ldy);
    for (int64_t r = 0; r < rows; r++) {
      for (int64_t o = 0; o < out; o += kLanes<A>) {
        float* at = y + r * ldy + o;
        const int64_t count = out - o;
        const Batch<A> sum =
            count >= kLanes<A> ? Batch<A>::load_unaligned(at) : load_part<A>(at, count, 0.0f);
        finish_i8<A>(sum, scales + o, bias ? bias + o : nullptr, count, at);
      }
    }
    return;
  }
  constexpr int kPanels = tile_panels<A>(1), kColumns = kPanels * kPanel;
  const int64_t panels = (out + kPanel - 1) / kPanel;
  for (int64_t p = 0; p < panels; p += kPanels) {
    const int64_t o = p * kPanel, columns = out - o < kColumns ? out - o : kColumns;
    const int8_t* panel[kPanels];
    for (int i = 0; i < kPanels; i++) panel[i] = packed + (p + i < panels ? p + i : panels - 1) * kPanel * in;
    const float start[kColumns] = {};
    packed_row<A, kPanels>(x, panel, in, start, [&](int64_t column, Batch<A> sum) LIMELIGHT_INLINE_LAMBDA {
      if (column >= columns) return;
      finish_i8<A>(sum, scales + o + column, bias ? bias + o + column : nullptr, columns - column,
                   y + o + column);
    });
  }
}

}  // namespace limelight::kernels
