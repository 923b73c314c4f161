// The kernels of convolution.h for one type of numbers and one instruction set. The includer defines
//   T        type of numbers             VL      lanes in one vector
//   QUADS(v) most groups of four pixels in a register tile of v vectors of outputs
//   TRIPLE   pixels in a register tile of kernels three pixels wide, of one vector of outputs
//   TERMS(v) most channels in a register tile of a gradient of v vectors of outputs, a multiple of four
//   NAME(x)  name mangling               TARGET  function attribute that selects the instruction set
// Sizes of tiles are constants after inlining, so their sums live in registers.

typedef T NAME(vector) __attribute__((vector_size(VL * sizeof(T)), aligned(sizeof(T)), may_alias));
#define INLINE TARGET static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// Where a tile of output pixels begins: four pixels of a row at a time, of which the last ones may lie beyond its end.
typedef struct {
  const T *x;
  ptrdiff_t y, count;
} NAME(quad);

INLINE void NAME(store)(NAME(vector) sum, const T *addend, T *y, ptrdiff_t count) {
  if (count >= VL) {
    if (addend) sum += *(const NAME(vector) *)addend;
    *(NAME(vector) *)y = sum;
  } else {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = addend ? addend[i] + sum[i] : sum[i];
  }
}

// One tile: 4 `quads` pixels, `vectors` vectors of outputs of which `outputs` numbers count.
INLINE void NAME(tile)(const int quads, const int vectors, ptrdiff_t segments, ptrdiff_t across, ptrdiff_t length, ptrdiff_t line,
                       ptrdiff_t pixel, ptrdiff_t x_column, ptrdiff_t y_column, const T *restrict w, const T *bias, ptrdiff_t outputs,
                       const NAME(quad) *place, const T *addend, T *y) {
  NAME(vector) sum[6][4][2];
  for (int v = 0; v < vectors; v++) {
    NAME(vector) start = {0};
    if (bias) {
      ptrdiff_t count = outputs - v * VL < VL ? outputs - v * VL : VL;
      for (ptrdiff_t i = 0; i < count; i++) start[i] = bias[v * VL + i];
    }
    UNROLL for (int q = 0; q < quads; q++)
      UNROLL for (int i = 0; i < 4; i++) sum[q][i][v] = start;
  }
  ptrdiff_t offset = 0, column = 0;
  const ptrdiff_t twice = 2 * x_column, thrice = 3 * x_column;
  for (ptrdiff_t s = 0; s < segments; s++) {
    const T *x[6];
    UNROLL for (int q = 0; q < quads; q++) x[q] = place[q].x + offset + column * pixel;
    for (ptrdiff_t k = 0; k < length; k++) {
      NAME(vector) a[2];
      UNROLL for (int v = 0; v < vectors; v++) a[v] = *(const NAME(vector) *)(w + v * VL);
      UNROLL for (int q = 0; q < quads; q++) {
        const T b[4] = {x[q][0], x[q][x_column], x[q][twice], x[q][thrice]};
        UNROLL for (int i = 0; i < 4; i++)
          UNROLL for (int v = 0; v < vectors; v++) sum[q][i][v] += b[i] * a[v];
        x[q]++;
      }
      w += vectors * VL;
    }
    if (++column == across) {
      column = 0;
      offset += line;
    }
  }
  UNROLL for (int q = 0; q < quads; q++)
    UNROLL for (int i = 0; i < 4; i++)
      if (i < place[q].count)
        UNROLL for (int v = 0; v < vectors; v++) {
          ptrdiff_t to = place[q].y + i * y_column + v * VL;
          NAME(store)(sum[q][i][v], addend ? addend + to : 0, y + to, outputs - v * VL);
        }
}

// One tile of kernels three pixels wide on neighbouring pixels, of which there are TRIPLE: each number of the image is read once for all three
// taps of a row, so that reading does not hold up the sums.
INLINE void NAME(triple)(const lipcert_convolution *c, const T *restrict w, const T *bias, ptrdiff_t outputs, const T *x, const T *addend,
                         T *y) {
  NAME(vector) sum[TRIPLE], start = {0};
  if (bias)
    for (ptrdiff_t i = 0; i < outputs && i < VL; i++) start[i] = bias[i];
  UNROLL for (int p = 0; p < TRIPLE; p++) sum[p] = start;
  const ptrdiff_t pixel = c->pixel, twice = 2 * pixel, thrice = 3 * pixel, channels = c->channels;
  for (ptrdiff_t i = 0; i < c->kernel_rows; i++) {
    const T *from[(TRIPLE + 2 + 3) / 4];
    UNROLL for (int q = 0; q < (TRIPLE + 2 + 3) / 4; q++) from[q] = x + i * c->line + 4 * q * pixel;
    for (ptrdiff_t k = 0; k < channels; k++) {
      const NAME(vector) left = *(const NAME(vector) *)w, middle = *(const NAME(vector) *)(w + channels * VL),
                         right = *(const NAME(vector) *)(w + 2 * channels * VL);
      UNROLL for (int p = 0; p < TRIPLE + 2; p++) {
        const T *place = from[p / 4] + k;
        const T b = p % 4 == 0 ? place[0] : p % 4 == 1 ? place[pixel] : p % 4 == 2 ? place[twice] : place[thrice];
        if (p < TRIPLE) sum[p] += b * left;
        if (p >= 1 && p <= TRIPLE) sum[p - 1] += b * middle;
        if (p >= 2) sum[p - 2] += b * right;
      }
      w += VL;
    }
    w += 2 * channels * VL;
  }
  UNROLL for (int p = 0; p < TRIPLE; p++)
    NAME(store)(sum[p], addend ? addend + p * c->y_column : 0, y + p * c->y_column, outputs);
}

INLINE void NAME(panel)(const lipcert_convolution *c, const int vectors, ptrdiff_t segments, ptrdiff_t across, ptrdiff_t length,
                        const T *w, const T *bias, ptrdiff_t outputs, const T *x, const T *addend, T *y) {
#define TILE(most)                                                                                                                    \
  NAME(tile)(most, vectors, segments, across, length, c->line, c->pixel, c->x_column, c->y_column, w, bias, outputs, place + done,   \
             addend, y)
  ptrdiff_t start = 0;
  if (vectors == 1 && c->kernel_columns == 3 && c->x_column == c->pixel)
    for (; start + TRIPLE <= c->columns; start += TRIPLE)
      for (ptrdiff_t r = 0; r < c->rows; r++) {
        const ptrdiff_t to = r * c->y_row + start * c->y_column;
        NAME(triple)(c, w, bias, outputs, x + r * c->x_row + start * c->x_column, addend ? addend + to : 0, y + to);
      }
  if (start == c->columns) return;
  NAME(quad) place[QUADS(1)];
  ptrdiff_t row = 0, column = start;
  const ptrdiff_t all = c->rows * ((c->columns - start + 3) / 4);
  for (ptrdiff_t left = all; left > 0;) {
    // Four go as two and two, since single ones do not keep the arithmetic busy.
    const ptrdiff_t count = left < QUADS(vectors) ? left : left == 4 && QUADS(vectors) == 3 ? 2 : QUADS(vectors);
    left -= count;
    for (ptrdiff_t i = 0; i < count; i++) {
      place[i].x = x + row * c->x_row + column * c->x_column;
      place[i].y = row * c->y_row + column * c->y_column;
      place[i].count = c->columns - column;
      column += 4;
      if (column >= c->columns) {
        column = start;
        row++;
      }
    }
    for (ptrdiff_t done = 0; done < count;) {
      if (QUADS(vectors) >= 6 && count - done >= 6) {
        TILE(6);
        done += 6;
      } else if (QUADS(vectors) >= 3 && count - done >= 3) {
        TILE(3);
        done += 3;
      } else if (QUADS(vectors) >= 2 && count - done >= 2) {
        TILE(2);
        done += 2;
      } else {
        TILE(1);
        done++;
      }
    }
  }
#undef TILE
}

TARGET static void NAME(run)(const lipcert_convolution *c, const T *w, const T *bias, const T *x, const T *addend, T *y) {
  // Taps that lie beside each other in memory are one segment.
  const int is_joined = c->channels == c->pixel;
  const ptrdiff_t across = is_joined ? 1 : c->kernel_columns, segments = c->kernel_rows * across;
  const ptrdiff_t length = is_joined ? c->kernel_columns * c->channels : c->channels;
  const ptrdiff_t depth = c->kernel_rows * c->kernel_columns * c->channels;
  for (ptrdiff_t o = 0; o < c->outputs; o += 2 * VL) {
    const T *own = bias ? bias + o : 0, *added = addend ? addend + o : 0;
    if (c->outputs - o > VL)
      NAME(panel)(c, 2, segments, across, length, w, own, c->outputs - o, x, added, y + o);
    else
      NAME(panel)(c, 1, segments, across, length, w, own, c->outputs - o, x, added, y + o);
    w += 2 * VL * depth;
  }
}

// sums[m, o] += sum over rows first ..< last and columns of x[r, c; m] y[r, c, o] for m < terms, of which `count` are kept.
INLINE void NAME(terms)(const lipcert_convolution *c, const int terms, const int vectors, ptrdiff_t first, ptrdiff_t last, const T *x,
                        const T *y, ptrdiff_t count, T *sums) {
  NAME(vector) sum[24][2];
  UNROLL for (int m = 0; m < terms; m++)
    UNROLL for (int v = 0; v < vectors; v++) sum[m][v] = (NAME(vector)){0};
  const ptrdiff_t columns = c->columns, x_column = c->x_column, y_column = c->y_column;
  for (ptrdiff_t r = first; r < last; r++) {
    const T *from = x + r * c->x_row, *with = y + r * c->y_row;
    for (ptrdiff_t j = 0; j < columns; j++) {
      NAME(vector) a[2];
      UNROLL for (int v = 0; v < vectors; v++) a[v] = *(const NAME(vector) *)(with + v * VL);
      UNROLL for (int m = 0; m < terms; m++)
        UNROLL for (int v = 0; v < vectors; v++) sum[m][v] += from[m] * a[v];
      from += x_column;
      with += y_column;
    }
  }
  UNROLL for (int m = 0; m < terms; m++)
    if (m < count)
      UNROLL for (int v = 0; v < vectors; v++) *(NAME(vector) *)(sums + (m * vectors + v) * VL) += sum[m][v];
}

INLINE void NAME(segment)(const lipcert_convolution *c, const int vectors, ptrdiff_t first, ptrdiff_t last, const T *x, const T *y,
                          ptrdiff_t length, T *sums) {
#define TILE(most) NAME(terms)(c, most, vectors, first, last, x + m, y, length - m, sums + m * vectors * VL)
  for (ptrdiff_t m = 0; m < length;) {
    ptrdiff_t left = length - m;
    if (TERMS(vectors) >= 24 && left > 20) {
      TILE(24);
      m += 24;
    } else if (TERMS(vectors) >= 16 && left > 12) {
      TILE(16);
      m += 16;
    } else if (TERMS(vectors) >= 12 && left > 8) {
      TILE(12);
      m += 12;
    } else if (TERMS(vectors) >= 8 && left > 4) {
      TILE(8);
      m += 8;
    } else {
      TILE(4);
      m += 4;
    }
  }
#undef TILE
}

TARGET static void NAME(gradient)(const lipcert_convolution *c, const T *x, const T *y, T *sums) {
  const int is_joined = c->channels == c->pixel;
  const ptrdiff_t across = is_joined ? 1 : c->kernel_columns, segments = c->kernel_rows * across;
  const ptrdiff_t length = is_joined ? c->kernel_columns * c->channels : c->channels;
  const ptrdiff_t depth = c->kernel_rows * c->kernel_columns * c->channels;
  // As many rows as stay in the nearest cache while all terms pass over them.
  ptrdiff_t block = 24576 / ((c->x_row + c->y_row) * (ptrdiff_t)sizeof(T));
  if (block < 1) block = 1;
  for (ptrdiff_t first = 0; first < c->rows; first += block) {
    ptrdiff_t last = first + block < c->rows ? first + block : c->rows;
    T *panel = sums;
    for (ptrdiff_t o = 0; o < c->outputs; o += 2 * VL) {
      const int vectors = c->outputs - o > VL ? 2 : 1;
      for (ptrdiff_t s = 0; s < segments; s++) {
        const T *from = x + s / across * c->line + s % across * c->pixel;
        T *to = panel + s * length * vectors * VL;
        if (vectors == 2)
          NAME(segment)(c, 2, first, last, from, y + o, length, to);
        else
          NAME(segment)(c, 1, first, last, from, y + o, length, to);
      }
      panel += 2 * VL * depth;
    }
  }
}

#include "winograd_tiles.h"

#undef INLINE
#undef UNROLL
#undef T
#undef VL
#undef QUADS
#undef TRIPLE
#undef TERMS
#undef NAME
#undef TARGET
