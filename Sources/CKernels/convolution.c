// Convolutions in register tiles: pixels times outputs forwards, channels times outputs for gradients of kernels. In tiles of pixels a number
// of the image meets one vector of the kernel for each multiplication, and numbers of kernels are read in the order in which they are packed.
#include "convolution.h"

// Tiles of minimal filtering that are transformed at a time.
#define WINOGRAD_TILES 48

#if defined(__x86_64__)
#define T float
#define VL 16
#define QUADS(v) ((v) == 1 ? 6 : 3)
#define TRIPLE 16
#define TERMS(v) ((v) == 1 ? 24 : 12)
#define NAME(x) avx512_float_##x
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#include "convolution_tiles.h"

#define T double
#define VL 8
#define QUADS(v) ((v) == 1 ? 6 : 3)
#define TRIPLE 16
#define TERMS(v) ((v) == 1 ? 24 : 12)
#define NAME(x) avx512_double_##x
#define TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#include "convolution_tiles.h"

#define T float
#define VL 8
#define QUADS(v) ((v) == 1 ? 3 : 1)
#define TRIPLE 8
#define TERMS(v) ((v) == 1 ? 12 : 4)
#define NAME(x) avx2_float_##x
#define TARGET __attribute__((target("avx2,fma")))
#include "convolution_tiles.h"

#define T double
#define VL 4
#define QUADS(v) ((v) == 1 ? 3 : 1)
#define TRIPLE 8
#define TERMS(v) ((v) == 1 ? 12 : 4)
#define NAME(x) avx2_double_##x
#define TARGET __attribute__((target("avx2,fma")))
#include "convolution_tiles.h"
#endif

#define T float
#define VL 4
#define QUADS(v) ((v) == 1 ? 3 : 1)
#define TRIPLE 8
#define TERMS(v) ((v) == 1 ? 12 : 4)
#define NAME(x) plain_float_##x
#define TARGET
#include "convolution_tiles.h"

#define T double
#define VL 2
#define QUADS(v) ((v) == 1 ? 3 : 1)
#define TRIPLE 8
#define TERMS(v) ((v) == 1 ? 12 : 4)
#define NAME(x) plain_double_##x
#define TARGET
#include "convolution_tiles.h"

int lipcert_widest_instructions(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw"))
    return lipcert_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return lipcert_avx2;
#endif
  return lipcert_baseline;
}

ptrdiff_t lipcert_lanes(int instructions, ptrdiff_t size) { return (16 << instructions) / size; }

ptrdiff_t lipcert_convolution_count(const lipcert_convolution *c) {
  ptrdiff_t lanes = lipcert_lanes(c->instructions, c->size);
  return c->kernel_rows * c->kernel_columns * c->channels * ((c->outputs + lanes - 1) / lanes * lanes);
}

#define DEFINE_PACKING(T)                                                                                                             \
  static void pack_##T(const lipcert_convolution *c, const T *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,            \
                       ptrdiff_t w_output, T *packed) {                                                                               \
    const ptrdiff_t lanes = lipcert_lanes(c->instructions, c->size);                                                                  \
    for (ptrdiff_t o = 0; o < c->outputs; o += 2 * lanes) {                                                                           \
      const ptrdiff_t left = c->outputs - o, width = left > lanes ? 2 * lanes : lanes, count = left < width ? left : width;           \
      for (ptrdiff_t i = 0; i < c->kernel_rows; i++)                                                                                  \
        for (ptrdiff_t j = 0; j < c->kernel_columns; j++)                                                                             \
          for (ptrdiff_t k = 0; k < c->channels; k++) {                                                                               \
            const T *from = w + i * w_row + j * w_column + k * w_channel + o * w_output;                                              \
            for (ptrdiff_t p = 0; p < count; p++) packed[p] = from[p * w_output];                                                     \
            for (ptrdiff_t p = count; p < width; p++) packed[p] = 0;                                                                  \
            packed += width;                                                                                                          \
          }                                                                                                                           \
    }                                                                                                                                 \
  }                                                                                                                                   \
  static void add_unpacked_##T(const lipcert_convolution *c, const T *packed, T *w, ptrdiff_t w_row, ptrdiff_t w_column,              \
                               ptrdiff_t w_channel, ptrdiff_t w_output) {                                                             \
    const ptrdiff_t lanes = lipcert_lanes(c->instructions, c->size);                                                                  \
    for (ptrdiff_t o = 0; o < c->outputs; o += 2 * lanes) {                                                                           \
      const ptrdiff_t left = c->outputs - o, width = left > lanes ? 2 * lanes : lanes, count = left < width ? left : width;           \
      for (ptrdiff_t i = 0; i < c->kernel_rows; i++)                                                                                  \
        for (ptrdiff_t j = 0; j < c->kernel_columns; j++)                                                                             \
          for (ptrdiff_t k = 0; k < c->channels; k++) {                                                                               \
            T *to = w + i * w_row + j * w_column + k * w_channel + o * w_output;                                                      \
            for (ptrdiff_t p = 0; p < count; p++) to[p * w_output] += packed[p];                                                      \
            packed += width;                                                                                                          \
          }                                                                                                                           \
    }                                                                                                                                 \
  }
DEFINE_PACKING(float)
DEFINE_PACKING(double)

#define DEFINE_ADDITION(T)                                                                                                            \
  static void add_##T(ptrdiff_t count, const T *x, T *y) {                                                                            \
    for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];                                                                               \
  }                                                                                                                                   \
  static void add_pixels_##T(ptrdiff_t pixels, ptrdiff_t outputs, const T *y, T *restrict sums) {                                     \
    for (; pixels > 0; pixels--, y += outputs)                                                                                        \
      for (ptrdiff_t o = 0; o < outputs; o++) sums[o] += y[o];                                                                        \
  }
DEFINE_ADDITION(float)
DEFINE_ADDITION(double)

#define OF_SIZE(size, function, ...)                                                                                                  \
  if (size == sizeof(float))                                                                                                          \
    function##_float(__VA_ARGS__);                                                                                                    \
  else                                                                                                                                \
    function##_double(__VA_ARGS__)

void lipcert_convolution_pack(const lipcert_convolution *c, const void *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,
                              ptrdiff_t w_output, void *packed) {
  OF_SIZE(c->size, pack, c, w, w_row, w_column, w_channel, w_output, packed);
}

void lipcert_convolution_add_unpacked(const lipcert_convolution *c, const void *packed, void *w, ptrdiff_t w_row, ptrdiff_t w_column,
                                      ptrdiff_t w_channel, ptrdiff_t w_output) {
  OF_SIZE(c->size, add_unpacked, c, packed, w, w_row, w_column, w_channel, w_output);
}

void lipcert_convolution_add(ptrdiff_t size, ptrdiff_t count, const void *x, void *y) { OF_SIZE(size, add, count, x, y); }

void lipcert_convolution_add_pixels(ptrdiff_t size, ptrdiff_t pixels, ptrdiff_t outputs, const void *y, void *sums) {
  OF_SIZE(size, add_pixels, pixels, outputs, y, sums);
}

#if defined(__x86_64__)
#define DISPATCH(kernel, ...)                                                                                                         \
  const int is_float = c->size == sizeof(float);                                                                                      \
  if (c->instructions == lipcert_avx512)                                                                                              \
    is_float ? avx512_float_##kernel(__VA_ARGS__) : avx512_double_##kernel(__VA_ARGS__);                                              \
  else if (c->instructions == lipcert_avx2)                                                                                           \
    is_float ? avx2_float_##kernel(__VA_ARGS__) : avx2_double_##kernel(__VA_ARGS__);                                                  \
  else                                                                                                                                \
    is_float ? plain_float_##kernel(__VA_ARGS__) : plain_double_##kernel(__VA_ARGS__)
#else
#define DISPATCH(kernel, ...)                                                                                                         \
  c->size == sizeof(float) ? plain_float_##kernel(__VA_ARGS__) : plain_double_##kernel(__VA_ARGS__)
#endif

void lipcert_convolution_run(const lipcert_convolution *c, const void *packed, const void *bias, const void *x, const void *addend,
                             void *y) {
  DISPATCH(run, c, packed, bias, x, addend, y);
}

void lipcert_convolution_gradient(const lipcert_convolution *c, const void *x, const void *y, void *packed) {
  DISPATCH(gradient, c, x, y, packed);
}

int lipcert_winograd_applies(const lipcert_convolution *c) {
  const ptrdiff_t lanes = lipcert_lanes(c->instructions, c->size);
  return c->kernel_rows == 3 && c->kernel_columns == 3 && c->x_row == c->line && c->x_column == c->pixel && c->rows % 4 == 0 &&
         c->columns % 4 == 0 && c->channels % lanes == 0 && c->outputs % lanes == 0;
}

ptrdiff_t lipcert_winograd_count(const lipcert_convolution *c) { return 36 * c->channels * c->outputs; }

ptrdiff_t lipcert_winograd_work(const lipcert_convolution *c, ptrdiff_t images) {
  const ptrdiff_t all = images * (c->rows / 4) * (c->columns / 4), tiles = all < WINOGRAD_TILES ? all : WINOGRAD_TILES;
  const ptrdiff_t lanes = lipcert_lanes(c->instructions, c->size);
  // Tiles are taken four at a time.
  return 36 * (tiles * (c->channels + c->outputs) + 2 * lanes) + 4 * c->channels;
}

void lipcert_winograd_pack(const lipcert_convolution *c, const void *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,
                           ptrdiff_t w_output, void *packed) {
  DISPATCH(winograd_pack, c, w, w_row, w_column, w_channel, w_output, packed);
}

void lipcert_winograd_run(const lipcert_convolution *c, const void *packed, const void *bias, ptrdiff_t images, ptrdiff_t x_image,
                          ptrdiff_t y_image, const void *x, const void *addend, void *y, void *work) {
  DISPATCH(winograd_run, c, packed, bias, images, x_image, y_image, x, addend, y, work);
}

void lipcert_winograd_gradient(const lipcert_convolution *c, ptrdiff_t images, ptrdiff_t x_image, ptrdiff_t y_image, const void *x,
                               const void *y, void *work, void *sums) {
  DISPATCH(winograd_gradient, c, images, x_image, y_image, x, y, work, sums);
}

void lipcert_winograd_gather(const lipcert_convolution *c, const void *sums, void *packed) {
  DISPATCH(winograd_gather, c, sums, packed);
}
