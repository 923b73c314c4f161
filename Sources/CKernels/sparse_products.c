// Products of a sparse matrix with several vectors at once.
#include "sparse_products.h"

#include "training_dispatch.h"

#define TEMPLATE "sparse_packets.h"
#include "each_processor.h"

#define DEFINE(prefix, T)                                                                                                        \
  void lipcert_##prefix##sparse_product(ptrdiff_t lanes, ptrdiff_t first, ptrdiff_t last, const int32_t *starts,                 \
                                        const int32_t *columns, const T *values, const T *x, T *y) {                             \
    DISPATCH(T, product(lanes, first, last, starts, columns, values, x, y));                                                     \
  }                                                                                                                              \
  void lipcert_##prefix##interleave(ptrdiff_t lanes, ptrdiff_t count, const T *rows, T *x) {                                     \
    DISPATCH(T, interleave(lanes, count, rows, x));                                                                              \
  }                                                                                                                              \
  void lipcert_##prefix##separate(ptrdiff_t lanes, ptrdiff_t count, const T *x, T *rows, int accumulate) {                       \
    DISPATCH(T, separate(lanes, count, x, rows, accumulate));                                                                    \
  }

DEFINE(s, float)
DEFINE(d, double)
