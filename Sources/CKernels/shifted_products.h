// Template of the shifted-product kernel for one scalar type and one instruction set. The includer defines
//   T       scalar type                VL    lanes in one vector
//   ROWS    most rows in a register tile (divides SHIFTED_PRODUCTS_ROWS)
//   NAME(x) name mangling              TARGET function attribute that selects the instruction set
// A register tile is `rows` x `vectors` accumulators; both are constants after inlining, so they live in registers.

typedef T NAME(vector) __attribute__((vector_size(VL * sizeof(T)), aligned(sizeof(T)), may_alias));

TARGET static inline __attribute__((always_inline)) void NAME(tile)(
    const int rows, const int vectors, const T *restrict w, ptrdiff_t channels, ptrdiff_t channel_stride,
    const ptrdiff_t *restrict offsets, ptrdiff_t taps, const T *restrict x, T *restrict y, ptrdiff_t y_stride) {
  NAME(vector) sum[8][4];
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) sum[i][j] = (NAME(vector)){0};
  for (ptrdiff_t c = 0; c < channels; c++) {
    for (ptrdiff_t t = 0; t < taps; t++) {
      const T *source = x + c * channel_stride + offsets[t];
      NAME(vector) v[4];
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) v[j] = *(const NAME(vector) *)(source + j * VL);
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
#pragma clang loop unroll(full)
        for (int j = 0; j < vectors; j++) sum[i][j] += w[i] * v[j];
      }
      w += SHIFTED_PRODUCTS_ROWS;
    }
  }
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < vectors; j++) *(NAME(vector) *)(y + i * y_stride + j * VL) = sum[i][j];
}

TARGET static inline __attribute__((always_inline)) void NAME(columns)(
    const int vectors, const T *restrict w, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t channel_stride,
    const ptrdiff_t *restrict offsets, ptrdiff_t taps, const T *restrict x, T *restrict y, ptrdiff_t y_stride) {
  const ptrdiff_t depth = channels * taps * SHIFTED_PRODUCTS_ROWS;
  for (ptrdiff_t i = 0; i < rows;) {
    const T *panel = w + i / SHIFTED_PRODUCTS_ROWS * depth + i % SHIFTED_PRODUCTS_ROWS;
    T *target = y + i * y_stride;
    ptrdiff_t left = rows - i;
    if (left >= ROWS) {
      NAME(tile)(ROWS, vectors, panel, channels, channel_stride, offsets, taps, x, target, y_stride);
      i += ROWS;
    } else if (ROWS > 4 && left >= 4) {
      NAME(tile)(4, vectors, panel, channels, channel_stride, offsets, taps, x, target, y_stride);
      i += 4;
    } else if (left >= 2) {
      NAME(tile)(2, vectors, panel, channels, channel_stride, offsets, taps, x, target, y_stride);
      i += 2;
    } else {
      NAME(tile)(1, vectors, panel, channels, channel_stride, offsets, taps, x, target, y_stride);
      i += 1;
    }
  }
}

TARGET static void NAME(run)(const T *restrict w, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t channel_stride,
                             const ptrdiff_t *restrict offsets, ptrdiff_t taps, const T *restrict x, ptrdiff_t count,
                             T *restrict y, ptrdiff_t y_stride) {
  for (ptrdiff_t q = 0; q < count;) {
    ptrdiff_t left = (count - q + VL - 1) / VL;
    if (left == 3 || left > 4) {
      NAME(columns)(3, w, rows, channels, channel_stride, offsets, taps, x + q, y + q, y_stride);
      q += 3 * VL;
    } else if (left >= 2) {
      NAME(columns)(2, w, rows, channels, channel_stride, offsets, taps, x + q, y + q, y_stride);
      q += 2 * VL;
    } else {
      NAME(columns)(1, w, rows, channels, channel_stride, offsets, taps, x + q, y + q, y_stride);
      q += VL;
    }
  }
}

#undef T
#undef VL
#undef ROWS
#undef NAME
#undef TARGET
