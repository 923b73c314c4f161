// Small numerical kernels that want the machine's widest vectors. Every function is compiled for several
// instruction sets and the loader picks one, so the package needs no special compiler flags.
#ifndef LIPCERT_CKERNELS_H
#define LIPCERT_CKERNELS_H
#include <stddef.h>

#include "convolution.h"
#include "dot_tiles.h"
#include "lifted_groups.h"
#include "lifted_spheres.h"
#include "lifted_units.h"
#include "row_blocks.h"
#include "sparse_products.h"
#include "training_layers.h"

// MARK: - Linear maps (shifted_products.c)

/// Rows in one panel of packed weights: element (i, k) is at [(i / 8 * depth + k) * 8 + i % 8], rows padded with zeros.
#define LIPCERT_SHIFTED_PRODUCTS_ROWS 8
/// Columns that shifted products may read and write past `count`: one vector less one lane.
#define LIPCERT_SHIFTED_PRODUCTS_SLACK 16

#define LIPCERT_DECLARE(prefix, type)                                                                              \
  /* y[i, q] = sum over c, t of w[i, c, t] x[c * channel_stride + offsets[t] + q] for q < count, w packed. */      \
  void lipcert_##prefix##shifted_products(const type *w, ptrdiff_t rows, ptrdiff_t channels,                       \
                                          ptrdiff_t channel_stride, const ptrdiff_t *offsets, ptrdiff_t taps,      \
                                          const type *x, ptrdiff_t count, type *y, ptrdiff_t y_stride);            \
  /* One panel of packed weights: w[i, c, t] = x[i * x_row + c * x_channel + kernels[t]], zero for i >= rows. */   \
  void lipcert_##prefix##pack_panel(ptrdiff_t rows, ptrdiff_t channels, const ptrdiff_t *kernels, ptrdiff_t taps,  \
                                    const type *x, ptrdiff_t x_row, ptrdiff_t x_channel, type *w);                 \
  /* y[i, j] = x[i, j], or +=, on strided grids. */                                                                \
  void lipcert_##prefix##copy_grid(ptrdiff_t rows, ptrdiff_t columns, const type *x, ptrdiff_t x_row,              \
                                   ptrdiff_t x_column, type *y, ptrdiff_t y_row, ptrdiff_t y_column,               \
                                   int accumulate);                                                                \
  /* y[i] = x[indices[i]], or +=; a negative index stands for zero. */                                             \
  void lipcert_##prefix##gather(ptrdiff_t count, const ptrdiff_t *indices, const type *x, type *y,                 \
                                int accumulate);                                                                   \
  /* x[indices[i]] += y[i]; negative indices are skipped. */                                                       \
  void lipcert_##prefix##scatter(ptrdiff_t count, const ptrdiff_t *indices, const type *y, type *x);               \
  /* y[i] = scale[i] x[i], or +=. */                                                                               \
  void lipcert_##prefix##scale(ptrdiff_t count, const type *scale, const type *x, type *y, int accumulate);

LIPCERT_DECLARE(s, float)
LIPCERT_DECLARE(d, double)
#undef LIPCERT_DECLARE

// MARK: - Reductions (reductions.c)

#define LIPCERT_DECLARE(prefix, type)                                                                              \
  /* The Euclidean norm, summed in double precision, free of overflow and underflow on the way. */                 \
  double lipcert_##prefix##norm(ptrdiff_t count, const type *x);                                                   \
  /* 1 when no element is NaN or infinite. */                                                                      \
  int lipcert_##prefix##all_finite(ptrdiff_t count, const type *x);

LIPCERT_DECLARE(s, float)
LIPCERT_DECLARE(d, double)
#undef LIPCERT_DECLARE

// MARK: - Matrix inequalities (kronecker.c)

/// For matrix variables P (p x p) and Q (q x q), each symmetric (kind 0: upper triangle row by row), diagonal (1) or a
/// multiple of the identity (2): adds factor * <E, A G B'> to out[E, G] for all pairs of their basis matrices E and G,
/// A and B being p x q.
void lipcert_add_kronecker(int kind_p, ptrdiff_t p, int kind_q, ptrdiff_t q, double factor, const double *a,
                           const double *b, double *out, ptrdiff_t stride);

#endif
