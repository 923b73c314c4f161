// Products of a sparse matrix with a packet of vectors that stand side by side (sparse_products.c).
#ifndef LIPCERT_SPARSE_PRODUCTS_H
#define LIPCERT_SPARSE_PRODUCTS_H
#include <stddef.h>
#include <stdint.h>

/// The most vectors in a packet; packets hold 32, 16, 8, 4, 2 or 1.
#define LIPCERT_SPARSE_LANES 32

#define LIPCERT_DECLARE(prefix, type)                                                                                            \
  /* y[i, b] = sum over k of values[k] x[columns[k], b], starts[i] <= k < starts[i + 1], for rows first ..< last. */             \
  void lipcert_##prefix##sparse_product(ptrdiff_t lanes, ptrdiff_t first, ptrdiff_t last, const int32_t *starts,                 \
                                        const int32_t *columns, const type *values, const type *x, type *y);                     \
  /* x[j, b] = rows[b, j] for `lanes` rows of `count` elements. */                                                               \
  void lipcert_##prefix##interleave(ptrdiff_t lanes, ptrdiff_t count, const type *rows, type *x);                                \
  /* rows[b, j] = x[j, b], or +=. */                                                                                             \
  void lipcert_##prefix##separate(ptrdiff_t lanes, ptrdiff_t count, const type *x, type *rows, int accumulate);

LIPCERT_DECLARE(s, float)
LIPCERT_DECLARE(d, double)
#undef LIPCERT_DECLARE

#endif
