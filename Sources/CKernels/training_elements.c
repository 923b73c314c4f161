// Activations, sums and permutations of elements.
#include "training_dispatch.h"

#define TEMPLATE "training_elements.h"
#include "each_processor.h"

#define DEFINE(prefix, T)                                                                                                   \
  void lipcert_##prefix##combine(ptrdiff_t count, T a, const T *x, T b, const T *y, T *z) {                                 \
    DISPATCH(T, combine(count, a, x, b, y, z));                                                                             \
  }                                                                                                                         \
  void lipcert_##prefix##multiply(ptrdiff_t count, T a, const T *x, T *y, int accumulate) {                                 \
    DISPATCH(T, multiply(count, a, x, y, accumulate));                                                                      \
  }                                                                                                                         \
  void lipcert_##prefix##leak(ptrdiff_t count, T slope, const T *x, T *y) { DISPATCH(T, leak(count, slope, x, y)); }        \
  void lipcert_##prefix##leak_gradient(ptrdiff_t count, T slope, const T *x, const T *gradient, T *y, int accumulate) {     \
    DISPATCH(T, leak_gradient(count, slope, x, gradient, y, accumulate));                                                   \
  }                                                                                                                         \
  void lipcert_##prefix##clip(ptrdiff_t count, T lower, T upper, const T *x, T *y) {                                        \
    DISPATCH(T, clip(count, lower, upper, x, y));                                                                           \
  }                                                                                                                         \
  void lipcert_##prefix##clip_gradient(ptrdiff_t count, T lower, T upper, const T *x, const T *gradient, T *y,              \
                                       int accumulate) {                                                                    \
    DISPATCH(T, clip_gradient(count, lower, upper, x, gradient, y, accumulate));                                            \
  }                                                                                                                         \
  void lipcert_##prefix##extremes(ptrdiff_t pixels, ptrdiff_t half, const T *x, T *y) {                                     \
    DISPATCH(T, extremes(pixels, half, x, y));                                                                              \
  }                                                                                                                         \
  void lipcert_##prefix##extremes_gradient(ptrdiff_t pixels, ptrdiff_t half, const T *x, const T *gradient, T *y,           \
                                           int accumulate) {                                                                \
    DISPATCH(T, extremes_gradient(pixels, half, x, gradient, y, accumulate));                                               \
  }                                                                                                                         \
  void lipcert_##prefix##sort_groups(ptrdiff_t groups, ptrdiff_t size, const T *x, T *y, int32_t *source) {                 \
    DISPATCH(T, sort_groups(groups, size, x, y, source));                                                                   \
  }                                                                                                                         \
  void lipcert_##prefix##sort_groups_gradient(ptrdiff_t groups, ptrdiff_t size, const int32_t *source, const T *gradient,   \
                                              T *y, int accumulate) {                                                       \
    DISPATCH(T, sort_groups_gradient(groups, size, source, gradient, y, accumulate));                                       \
  }                                                                                                                         \
  void lipcert_##prefix##transpose(ptrdiff_t rows, ptrdiff_t columns, const T *x, T *y, int accumulate) {                   \
    DISPATCH(T, transpose(rows, columns, x, y, accumulate));                                                                \
  }                                                                                                                         \
  void lipcert_##prefix##select(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *source,               \
                                const T *x, T *y) {                                                                         \
    DISPATCH(T, select(pixels, channels, count, source, x, y));                                                             \
  }                                                                                                                         \
  void lipcert_##prefix##select_gradient(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *source,      \
                                         const T *gradient, T *y, int accumulate) {                                         \
    DISPATCH(T, select_gradient(pixels, channels, count, source, gradient, y, accumulate));                                 \
  }

DEFINE(s, float)
DEFINE(d, double)
