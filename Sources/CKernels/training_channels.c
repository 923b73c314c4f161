// Normalisation of channels and its gradient. Sums are taken in single lanes over the pixels of one call, a few thousand elements, and
// added up in double precision.
#include "training_dispatch.h"
#include <string.h>

// Lanes of one strip of channels: several vectors, so that their sums do not wait for each other.
#define STRIP 128

#define TEMPLATE "training_channels.h"
#include "each_processor.h"

#define DEFINE(prefix, T)                                                                                                   \
  void lipcert_##prefix##channel_moments(ptrdiff_t pixels, ptrdiff_t channels, const T *x, double *mean, double *squares) { \
    DISPATCH(T, moments(pixels, channels, x, mean, squares));                                                               \
  }                                                                                                                         \
  void lipcert_##prefix##channel_normalize(ptrdiff_t pixels, ptrdiff_t channels, const T *x, const T *mean, const T *scale, \
                                           const T *shift, T lower, T *y) {                                                 \
    DISPATCH(T, normalize(pixels, channels, x, mean, scale, shift, lower, y));                                              \
  }                                                                                                                         \
  void lipcert_##prefix##channel_gradient_sums(ptrdiff_t pixels, ptrdiff_t channels, const T *x, const T *gradient,         \
                                               const T *mean, const T *scale, const T *shift, T lower, double *sums,        \
                                               double *products) {                                                          \
    DISPATCH(T, gradient_sums(pixels, channels, x, gradient, mean, scale, shift, lower, sums, products));                   \
  }                                                                                                                         \
  void lipcert_##prefix##channel_gradient(ptrdiff_t pixels, ptrdiff_t channels, const T *x, const T *gradient,              \
                                          const T *mean, const T *scale, const T *shift, T lower, const T *base,            \
                                          const T *slope, T *y, int accumulate) {                                           \
    DISPATCH(T, gradient(pixels, channels, x, gradient, mean, scale, shift, lower, base, slope, y, accumulate));            \
  }

DEFINE(s, float)
DEFINE(d, double)
