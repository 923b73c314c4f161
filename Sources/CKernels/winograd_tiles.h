// Winograd's minimal filtering of four by four pixels with a kernel of three by three, F(4 x 4, 3 x 3): 36 products for each pair of channels
// where the sums themselves have 144. Part of convolution_tiles.h, whose macros it uses.
//
// Lavin, Gray: Fast algorithms for convolutional neural networks, section 4.3: Y = A'[(G g G') . (B' d B)] A. Products of the transforms have
// larger rounding errors than the sums (about ten times), so only training uses them.

// B' d for six numbers.
INLINE void NAME(transform_image)(const NAME(vector) d[6], NAME(vector) t[6]) {
  const NAME(vector) a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], e = d[4] - d[2], f = 2 * (d[3] - d[1]);
  t[0] = 4 * d[0] - 5 * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = e + f;
  t[4] = e - f;
  t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

// G g for three numbers.
INLINE void NAME(transform_kernel)(const NAME(vector) g[3], NAME(vector) t[6]) {
  const NAME(vector) a = (g[0] + g[2]) / -6, b = g[1] / 6, e = g[0] / 24 + g[2] / 6, f = g[1] / 12;
  t[0] = g[0] / 4;
  t[1] = a - b;
  t[2] = a + b;
  t[3] = e + f;
  t[4] = e - f;
  t[5] = g[2];
}

// A' m for six numbers.
INLINE void NAME(transform_output)(const NAME(vector) m[6], NAME(vector) t[4]) {
  const NAME(vector) a = m[1] + m[2], b = m[1] - m[2], e = m[3] + m[4], f = m[3] - m[4];
  t[0] = m[0] + a + e;
  t[1] = b + 2 * f;
  t[2] = a + 4 * e;
  t[3] = b + 8 * f + m[5];
}

// A y for four numbers, the transpose of transform_output.
INLINE void NAME(spread_output)(const NAME(vector) y[4], NAME(vector) t[6]) {
  const NAME(vector) a = y[0] + y[2], b = y[1] + y[3], e = y[0] + 4 * y[2], f = 2 * y[1] + 8 * y[3];
  t[0] = y[0];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = e + f;
  t[4] = e - f;
  t[5] = y[3];
}

// G' u for six numbers, the transpose of transform_kernel.
INLINE void NAME(gather_kernel)(const NAME(vector) u[6], NAME(vector) g[3]) {
  const NAME(vector) a = (u[1] + u[2]) / 6, e = u[3] + u[4];
  g[0] = u[0] / 4 - a + e / 24;
  g[1] = (u[2] - u[1]) / 6 + (u[3] - u[4]) / 12;
  g[2] = e / 6 - a + u[5];
}

TARGET static void NAME(winograd_pack)(const lipcert_convolution *c, const T *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,
                                       ptrdiff_t w_output, T *packed) {
  const ptrdiff_t count = c->channels * c->outputs;
  for (ptrdiff_t o = 0; o < c->outputs; o += VL) {
    const ptrdiff_t first = o / (2 * VL) * (2 * VL), width = c->outputs - first > VL ? 2 * VL : VL;
    for (ptrdiff_t k = 0; k < c->channels; k++) {
      NAME(vector) g[3][3], half[3][6];
      for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
          for (int p = 0; p < VL; p++) g[i][j][p] = w[j * w_row + i * w_column + k * w_channel + (o + p) * w_output];
      for (int i = 0; i < 3; i++) NAME(transform_kernel)(g[i], half[i]);
      T *to = packed + first * c->channels + k * width + (o - first);
      for (int i = 0; i < 6; i++) {
        const NAME(vector) row[3] = {half[0][i], half[1][i], half[2][i]};
        NAME(vector) t[6];
        NAME(transform_kernel)(row, t);
        for (int j = 0; j < 6; j++) *(NAME(vector) *)(to + (6 * i + j) * count) = t[j];
      }
    }
  }
}

// B' d B of tiles first ..< first + tiles, counted image by image and row by row: place f of tile t is at [f*step + t*channels].
TARGET static void NAME(winograd_images)(const lipcert_convolution *c, ptrdiff_t first, ptrdiff_t tiles, ptrdiff_t x_image, const T *x,
                                         ptrdiff_t step, T *transformed) {
  const ptrdiff_t across = c->columns / 4, each = c->rows / 4 * across, channels = c->channels;
  for (ptrdiff_t tile = 0; tile < tiles; tile++) {
    const ptrdiff_t place = (first + tile) % each;
    const T *from = x + (first + tile) / each * x_image + 4 * (place / across * c->x_row + place % across * c->x_column);
    for (ptrdiff_t k = 0; k < channels; k += VL) {
      NAME(vector) half[6][6];
      UNROLL for (int j = 0; j < 6; j++) {
        NAME(vector) d[6], t[6];
        UNROLL for (int i = 0; i < 6; i++) d[i] = *(const NAME(vector) *)(from + i * c->line + j * c->pixel + k);
        NAME(transform_image)(d, t);
        UNROLL for (int i = 0; i < 6; i++) half[i][j] = t[i];
      }
      T *to = transformed + tile * channels + k;
      UNROLL for (int i = 0; i < 6; i++) {
        NAME(vector) t[6];
        NAME(transform_image)(half[i], t);
        UNROLL for (int j = 0; j < 6; j++) *(NAME(vector) *)(to + (6 * i + j) * step) = t[j];
      }
    }
  }
}

// The outputs of tiles first ..< first + tiles.
TARGET static void NAME(winograd_block)(const lipcert_convolution *c, const T *packed, const T *bias, ptrdiff_t first, ptrdiff_t tiles,
                                        ptrdiff_t x_image, ptrdiff_t y_image, const T *x, const T *addend, T *y, T *work) {
  const ptrdiff_t across = c->columns / 4, each = c->rows / 4 * across;
  const ptrdiff_t channels = c->channels, outputs = c->outputs;
  // Not a power of two, so that the 36 places of a tile lie in different sets of the cache.
  const ptrdiff_t x_step = tiles * channels + VL, y_step = tiles * outputs + VL;
  T *transformed = work, *products = work + 36 * x_step;
  NAME(winograd_images)(c, first, tiles, x_image, x, x_step, transformed);
  // At each of the 36 places, tiles are the pixels of a convolution with a kernel of one by one.
  const lipcert_convolution product = {.instructions = c->instructions, .size = c->size, .kernel_rows = 1, .kernel_columns = 1,
                                       .channels = channels, .outputs = outputs, .rows = 1, .columns = tiles, .pixel = channels,
                                       .x_column = channels, .y_column = outputs};
  for (ptrdiff_t f = 0; f < 36; f++)
    NAME(run)(&product, packed + f * channels * outputs, 0, transformed + f * x_step, 0, products + f * y_step);
  for (ptrdiff_t tile = 0; tile < tiles; tile++) {
    const ptrdiff_t place = (first + tile) % each;
    const ptrdiff_t to = (first + tile) / each * y_image + 4 * (place / across * c->y_row + place % across * c->y_column);
    for (ptrdiff_t o = 0; o < outputs; o += VL) {
      const T *from = products + tile * outputs + o;
      const NAME(vector) start = bias ? *(const NAME(vector) *)(bias + o) : (NAME(vector)){0};
      NAME(vector) half[4][6];
      UNROLL for (int j = 0; j < 6; j++) {
        NAME(vector) m[6], t[4];
        UNROLL for (int i = 0; i < 6; i++) m[i] = *(const NAME(vector) *)(from + (6 * i + j) * y_step);
        NAME(transform_output)(m, t);
        UNROLL for (int i = 0; i < 4; i++) half[i][j] = t[i];
      }
      UNROLL for (int i = 0; i < 4; i++) {
        NAME(vector) t[4];
        NAME(transform_output)(half[i], t);
        UNROLL for (int j = 0; j < 4; j++) {
          const ptrdiff_t at = to + i * c->y_row + j * c->y_column + o;
          NAME(store)(t[j] + start, addend ? addend + at : 0, y + at, VL);
        }
      }
    }
  }
}

TARGET static void NAME(winograd_run)(const lipcert_convolution *c, const T *packed, const T *bias, ptrdiff_t images, ptrdiff_t x_image,
                                      ptrdiff_t y_image, const T *x, const T *addend, T *y, T *work) {
  const ptrdiff_t all = images * (c->rows / 4) * (c->columns / 4);
  for (ptrdiff_t first = 0; first < all; first += WINOGRAD_TILES)
    NAME(winograd_block)(c, packed, bias, first, all - first < WINOGRAD_TILES ? all - first : WINOGRAD_TILES, x_image, y_image, x, addend,
                         y, work);
}

// sums += (B' d B) (A y A') for all pairs of channels, summed over tiles: the gradient of the transformed kernel.
TARGET static void NAME(winograd_gradient)(const lipcert_convolution *c, ptrdiff_t images, ptrdiff_t x_image, ptrdiff_t y_image,
                                           const T *x, const T *y, T *work, T *sums) {
  const ptrdiff_t across = c->columns / 4, each = c->rows / 4 * across, all = images * each;
  const ptrdiff_t channels = c->channels, outputs = c->outputs;
  for (ptrdiff_t first = 0; first < all; first += WINOGRAD_TILES) {
    const ptrdiff_t tiles = all - first < WINOGRAD_TILES ? all - first : WINOGRAD_TILES;
    const ptrdiff_t x_step = tiles * channels + VL, y_step = tiles * outputs + VL;
    T *transformed = work, *spread = work + 36 * x_step;
    NAME(winograd_images)(c, first, tiles, x_image, x, x_step, transformed);
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      const ptrdiff_t place = (first + tile) % each;
      const T *from = y + (first + tile) / each * y_image + 4 * (place / across * c->y_row + place % across * c->y_column);
      for (ptrdiff_t o = 0; o < outputs; o += VL) {
        NAME(vector) half[6][4];
        UNROLL for (int j = 0; j < 4; j++) {
          NAME(vector) d[4], t[6];
          UNROLL for (int i = 0; i < 4; i++) d[i] = *(const NAME(vector) *)(from + i * c->y_row + j * c->y_column + o);
          NAME(spread_output)(d, t);
          UNROLL for (int i = 0; i < 6; i++) half[i][j] = t[i];
        }
        T *to = spread + tile * outputs + o;
        UNROLL for (int i = 0; i < 6; i++) {
          NAME(vector) t[6];
          NAME(spread_output)(half[i], t);
          UNROLL for (int j = 0; j < 6; j++) *(NAME(vector) *)(to + (6 * i + j) * y_step) = t[j];
        }
      }
    }
    const lipcert_convolution product = {.instructions = c->instructions, .size = c->size, .kernel_rows = 1, .kernel_columns = 1,
                                         .channels = channels, .outputs = outputs, .rows = 1, .columns = tiles, .pixel = channels,
                                         .x_row = x_step, .x_column = channels, .y_row = y_step, .y_column = outputs};
    for (ptrdiff_t f = 0; f < 36; f++)
      NAME(gradient)(&product, transformed + f * x_step, spread + f * y_step, sums + f * channels * outputs);
  }
}

// packed += G' sums G.
TARGET static void NAME(winograd_gather)(const lipcert_convolution *c, const T *sums, T *packed) {
  const ptrdiff_t count = c->channels * c->outputs;
  for (ptrdiff_t o = 0; o < c->outputs; o += VL) {
    const ptrdiff_t first = o / (2 * VL) * (2 * VL), width = c->outputs - first > VL ? 2 * VL : VL;
    for (ptrdiff_t k = 0; k < c->channels; k++) {
      const T *from = sums + first * c->channels + k * width + (o - first);
      T *to = packed + 9 * first * c->channels + k * width + (o - first);
      NAME(vector) half[6][3];
      for (int i = 0; i < 6; i++) {
        NAME(vector) u[6];
        for (int j = 0; j < 6; j++) u[j] = *(const NAME(vector) *)(from + (6 * i + j) * count);
        NAME(gather_kernel)(u, half[i]);
      }
      for (int j = 0; j < 3; j++) {
        NAME(vector) column[6], g[3];
        for (int i = 0; i < 6; i++) column[i] = half[i][j];
        NAME(gather_kernel)(column, g);
        for (int i = 0; i < 3; i++) *(NAME(vector) *)(to + (3 * i + j) * c->channels * width) += g[i];
      }
    }
  }
}
