// Template of the kernels of sparse_products.c.

// Rows first ..< last for one packet of `lanes` vectors, element by element side by side.
TARGET static inline __attribute__((always_inline)) void NAME(packet)(
    const ptrdiff_t lanes, ptrdiff_t first, ptrdiff_t last, const int32_t *restrict starts, const int32_t *restrict columns,
    const T *restrict values, const T *restrict x, T *restrict y) {
  for (ptrdiff_t i = first; i < last; i++) {
    // Two sums, so that a product need not wait for the one before.
    T even[LIPCERT_SPARSE_LANES] = {0}, odd[LIPCERT_SPARSE_LANES] = {0};
    int32_t k = starts[i], end = starts[i + 1];
    for (; k + 2 <= end; k += 2) {
      const T *p = x + (ptrdiff_t)columns[k] * lanes, *q = x + (ptrdiff_t)columns[k + 1] * lanes;
      for (ptrdiff_t b = 0; b < lanes; b++) even[b] += values[k] * p[b];
      for (ptrdiff_t b = 0; b < lanes; b++) odd[b] += values[k + 1] * q[b];
    }
    if (k < end) {
      const T *p = x + (ptrdiff_t)columns[k] * lanes;
      for (ptrdiff_t b = 0; b < lanes; b++) even[b] += values[k] * p[b];
    }
    for (ptrdiff_t b = 0; b < lanes; b++) y[i * lanes + b] = even[b] + odd[b];
  }
}

TARGET static void NAME(product)(ptrdiff_t lanes, ptrdiff_t first, ptrdiff_t last, const int32_t *starts, const int32_t *columns,
                                 const T *values, const T *x, T *y) {
  switch (lanes) {
    case 32: NAME(packet)(32, first, last, starts, columns, values, x, y); break;
    case 16: NAME(packet)(16, first, last, starts, columns, values, x, y); break;
    case 8: NAME(packet)(8, first, last, starts, columns, values, x, y); break;
    case 4: NAME(packet)(4, first, last, starts, columns, values, x, y); break;
    case 2: NAME(packet)(2, first, last, starts, columns, values, x, y); break;
    default: NAME(packet)(1, first, last, starts, columns, values, x, y);
  }
}

// x[j * lanes + b] = rows[b * count + j], in tiles that stay in the cache.
TARGET static void NAME(interleave)(ptrdiff_t lanes, ptrdiff_t count, const T *restrict rows, T *restrict x) {
  for (ptrdiff_t j0 = 0; j0 < count; j0 += 16) {
    ptrdiff_t end = j0 + 16 < count ? j0 + 16 : count;
    for (ptrdiff_t b = 0; b < lanes; b++)
      for (ptrdiff_t j = j0; j < end; j++) x[j * lanes + b] = rows[b * count + j];
  }
}

// rows[b * count + j] = x[j * lanes + b], or +=.
TARGET static void NAME(separate)(ptrdiff_t lanes, ptrdiff_t count, const T *restrict x, T *restrict rows, int accumulate) {
  for (ptrdiff_t j0 = 0; j0 < count; j0 += 16) {
    ptrdiff_t end = j0 + 16 < count ? j0 + 16 : count;
    for (ptrdiff_t b = 0; b < lanes; b++) {
      T *row = rows + b * count;
      if (accumulate)
        for (ptrdiff_t j = j0; j < end; j++) row[j] += x[j * lanes + b];
      else
        for (ptrdiff_t j = j0; j < end; j++) row[j] = x[j * lanes + b];
    }
  }
}
