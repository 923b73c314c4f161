// Convolution as sums of shifted rows: y[i, q] = sum over channels c and taps t of w[i, c, t] x[c, offsets[t] + q].
//
// Every output element is one chain of multiply-adds in the order of (c, t), whatever the tile it falls in, so results do not depend on
// how callers split rows or columns.
#include "CKernels.h"
#include <string.h>

#define SHIFTED_PRODUCTS_ROWS LIPCERT_SHIFTED_PRODUCTS_ROWS

#if defined(__x86_64__)
#define T float
#define VL 16
#define ROWS 8
#define NAME(x) avx512_float_##x
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#include "shifted_products.h"

#define T double
#define VL 8
#define ROWS 8
#define NAME(x) avx512_double_##x
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#include "shifted_products.h"

#define T float
#define VL 8
#define ROWS 4
#define NAME(x) avx2_float_##x
#define TARGET __attribute__((target("avx2,fma")))
#include "shifted_products.h"

#define T double
#define VL 4
#define ROWS 4
#define NAME(x) avx2_double_##x
#define TARGET __attribute__((target("avx2,fma")))
#include "shifted_products.h"
#endif

#define T float
#define VL 4
#define ROWS 4
#define NAME(x) plain_float_##x
#define TARGET
#include "shifted_products.h"

#define T double
#define VL 2
#define ROWS 4
#define NAME(x) plain_double_##x
#define TARGET
#include "shifted_products.h"

#if defined(__x86_64__)
#define DISPATCH(type, ...)                                                                                        \
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&                                   \
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))                                    \
    return avx512_##type##_run(__VA_ARGS__);                                                                       \
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return avx2_##type##_run(__VA_ARGS__);      \
  plain_##type##_run(__VA_ARGS__)
#else
#define DISPATCH(type, ...) plain_##type##_run(__VA_ARGS__)
#endif

#define DEFINE(prefix, type)                                                                                       \
  void lipcert_##prefix##shifted_products(const type *w, ptrdiff_t rows, ptrdiff_t channels,                       \
                                          ptrdiff_t channel_stride, const ptrdiff_t *offsets, ptrdiff_t taps,      \
                                          const type *x, ptrdiff_t count, type *y, ptrdiff_t y_stride) {           \
    DISPATCH(type, w, rows, channels, channel_stride, offsets, taps, x, count, y, y_stride);                       \
  }                                                                                                                \
  void lipcert_##prefix##pack_panel(ptrdiff_t rows, ptrdiff_t channels, const ptrdiff_t *restrict kernels,         \
                                    ptrdiff_t taps, const type *restrict x, ptrdiff_t x_row,                       \
                                    ptrdiff_t x_channel, type *restrict w) {                                       \
    for (ptrdiff_t c = 0; c < channels; c++, x += x_channel)                                                       \
      for (ptrdiff_t t = 0; t < taps; t++, w += SHIFTED_PRODUCTS_ROWS) {                                           \
        const type *source = x + kernels[t];                                                                       \
        if (rows == SHIFTED_PRODUCTS_ROWS)                                                                         \
          for (int i = 0; i < SHIFTED_PRODUCTS_ROWS; i++) w[i] = source[i * x_row];                                \
        else                                                                                                       \
          for (int i = 0; i < SHIFTED_PRODUCTS_ROWS; i++) w[i] = i < rows ? source[i * x_row] : 0;                 \
      }                                                                                                            \
  }                                                                                                                \
  void lipcert_##prefix##copy_grid(ptrdiff_t rows, ptrdiff_t columns, const type *restrict x, ptrdiff_t x_row,     \
                                   ptrdiff_t x_column, type *restrict y, ptrdiff_t y_row, ptrdiff_t y_column,      \
                                   int accumulate) {                                                               \
    for (ptrdiff_t i = 0; i < rows; i++, x += x_row, y += y_row) {                                                 \
      if (x_column == 1 && y_column == 1) {                                                                        \
        if (accumulate)                                                                                            \
          for (ptrdiff_t j = 0; j < columns; j++) y[j] += x[j];                                                    \
        else                                                                                                       \
          memcpy(y, x, (size_t)columns * sizeof(type));                                                            \
      } else if (accumulate) {                                                                                     \
        for (ptrdiff_t j = 0; j < columns; j++) y[j * y_column] += x[j * x_column];                                \
      } else {                                                                                                     \
        for (ptrdiff_t j = 0; j < columns; j++) y[j * y_column] = x[j * x_column];                                 \
      }                                                                                                            \
    }                                                                                                              \
  }                                                                                                                \
  void lipcert_##prefix##gather(ptrdiff_t count, const ptrdiff_t *restrict indices, const type *restrict x,        \
                                type *restrict y, int accumulate) {                                                \
    if (accumulate) {                                                                                              \
      for (ptrdiff_t i = 0; i < count; i++)                                                                        \
        if (indices[i] >= 0) y[i] += x[indices[i]];                                                                \
    } else {                                                                                                       \
      for (ptrdiff_t i = 0; i < count; i++) y[i] = indices[i] >= 0 ? x[indices[i]] : 0;                            \
    }                                                                                                              \
  }                                                                                                                \
  void lipcert_##prefix##scatter(ptrdiff_t count, const ptrdiff_t *restrict indices, const type *restrict y,       \
                                 type *restrict x) {                                                               \
    for (ptrdiff_t i = 0; i < count; i++)                                                                          \
      if (indices[i] >= 0) x[indices[i]] += y[i];                                                                  \
  }                                                                                                                \
  void lipcert_##prefix##scale(ptrdiff_t count, const type *restrict scale, const type *restrict x,                \
                               type *restrict y, int accumulate) {                                                 \
    if (accumulate)                                                                                                \
      for (ptrdiff_t i = 0; i < count; i++) y[i] += scale[i] * x[i];                                               \
    else                                                                                                           \
      for (ptrdiff_t i = 0; i < count; i++) y[i] = scale[i] * x[i];                                                \
  }

DEFINE(s, float)
DEFINE(d, double)
