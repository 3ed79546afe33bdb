#include "training/products.hpp"

#include <algorithm>

#include "kernels/kernels.hpp"
#include "training/pieces.hpp"

namespace limelight::training {
namespace {

using kernels::kPanel;
using kernels::packed_size;
using kernels::rounded_to_panel;

/// Output features that are packed by a task: the most that pack_keys takes.
constexpr int64_t kPackOutputs = kernels::kKeyBlock;
/// Rows of the left operand of a task: what the kernels keep in the second-level cache while the panels pass.
constexpr int64_t kTaskRows = 64;
/// Rows that are multiplied at once when the depth is rows: a panel of 8 columns is then 8 KiB, so the two to
/// four of a tile stay in the first-level cache.
constexpr int64_t kSlab = 256;
/// Left columns of a task of add_outer_products(): two tiles of the widest architecture.
constexpr int64_t kTaskColumns = 16;

double product_work(int64_t a, int64_t b, int64_t c) {
  return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
}

/// Distance of the turned rows: whole panels, and not a power of two, where the rows of a tile would fall
/// into one set of the cache.
int64_t turned_stride(int64_t rows) {
  return rounded_to_panel(rows) + 16;
}

}  // namespace

void pack_right(const float* w, bool depth_first, int64_t outputs, int64_t depth, float* packed,
                ThreadPool* pool) {
  const kernels::Table& kernel = kernels::table();
  share_pieces(pool, outputs, kPackOutputs, product_work(outputs, depth, 4),
               [&](int64_t first, int64_t count, int) {
                 float* to = packed + packed_size(first, depth);
                 if (depth_first) {
                   kernel.pack_values(w + first, outputs, depth, count, to);
                 } else {
                   kernel.pack_keys(w + first * depth, depth, count, depth, to);
                 }
               });
}

void multiply(const float* x, int64_t rows, const float* packed, int64_t depth, int64_t outputs,
              const float* bias, float* y, bool add, ThreadPool* pool) {
  const kernels::Table& kernel = kernels::table();
  share_pieces(pool, rows, kTaskRows, product_work(rows, depth, outputs),
               [&](int64_t first, int64_t count, int) {
                 kernel.linear(x + first * depth, depth, count, packed, depth, outputs, bias,
                               y + first * outputs, outputs, add);
               });
}

int64_t outer_products_scratch(int64_t rows, int64_t left_width, int64_t right_width) {
  return left_width * turned_stride(rows) + static_cast<int64_t>(packed_size(right_width, rows));
}

void add_outer_products(const float* left, int64_t left_width, const float* right, int64_t right_width,
                        int64_t rows, float* sums, float* scratch, ThreadPool* pool) {
  const kernels::Table& kernel = kernels::table();
  const int64_t stride = turned_stride(rows);
  float* turned = scratch;                        // [left_width][stride]
  float* packed = scratch + left_width * stride;  // by slabs
  share_pieces(pool, rows, kSlab, product_work(rows, left_width + right_width, 4),
               [&](int64_t first, int64_t count, int) {
                 for (int64_t r = first; r < first + count; r += kPanel) {
                   kernel.pack_panel(left + r * left_width, left_width, std::min(kPanel, first + count - r),
                                     left_width, turned + r, stride);
                 }
                 kernel.pack_values(right + first * right_width, right_width, count, right_width,
                                    packed + packed_size(right_width, first));
               });
  share_pieces(pool, left_width, kTaskColumns, product_work(rows, left_width, right_width),
               [&](int64_t column, int64_t columns, int) {
                 for (int64_t first = 0; first < rows; first += kSlab) {
                   kernel.linear(turned + column * stride + first, stride, columns,
                                 packed + packed_size(right_width, first), std::min(kSlab, rows - first),
                                 right_width, nullptr, sums + column * right_width, right_width, true);
                 }
               });
}

void add_rows(const float* x, int64_t rows, int64_t width, float* sums, ThreadPool* pool) {
  const kernels::Table& kernel = kernels::table();
  // A cache line or more, so that no two threads write to one.
  constexpr int64_t kColumns = 64;
  share_pieces(pool, width, kColumns, static_cast<double>(rows * width) * kWorkOfSum,
               [&](int64_t column, int64_t columns, int) {
                 for (int64_t r = 0; r < rows; ++r)
                   kernel.add(sums + column, x + r * width + column, columns);
               });
}

}  // namespace limelight::training
