// Template of the kernels of training_noise.c.
#include "training_logarithm.h"

// Normal numbers of COUNTERS counters from `first` on, four from each, by Box and Muller's method: for uniform u and t,
// sqrt(-2 log u) (cos 2 pi t, sin 2 pi t) is a pair of independent ones.
TARGET static inline __attribute__((always_inline)) void NAME(gaussians)(uint64_t key, uint32_t first, vf g[4]) {
  vu w[4];
  PHILOX(key, first, w)
  for (int half = 0; half < 2; half++) {
    // u is an odd multiple of 2^-32 below 1, up to rounding.
    vf u = (__builtin_convertvector((vi)(w[2 * half] >> 1), vf) + 0.5f) * 0x1p-31f;
    vf square = -2.0f * NAME(logarithm)(u);
    square = (vf)((vi)square & (square > 0.0f));
    vf radius = __builtin_elementwise_sqrt(square);
    // The two highest bits choose a quarter of the circle, the others an angle from -pi/4 to pi/4 in it (mirrored in every second one).
    vu turn = w[2 * half + 1];
    vf angle = __builtin_convertvector((vi)(turn << 2), vf) * (1.57079632679f * 0x1p-32f);
    vf a = angle * angle;
    vf sine = angle + angle * a * ((-1.9515295891e-4f * a + 8.3321608736e-3f) * a - 1.6666654611e-1f);
    vf cosine = 1.0f - 0.5f * a + a * a * ((2.443315711809948e-5f * a - 1.388731625493765e-3f) * a + 4.166664568298827e-2f);
    vi is_swapped = (vi)(turn << 1) >> 31, sign = (vi)(turn & 0x80000000u);
    vf x = (vf)(((vi)cosine & ~is_swapped) | ((vi)sine & is_swapped));
    vf y = (vf)(((vi)sine & ~is_swapped) | ((vi)cosine & is_swapped));
    g[2 * half] = radius * (vf)((vi)x ^ sign);
    g[2 * half + 1] = radius * (vf)((vi)y ^ sign);
  }
}

TARGET static void NAME(add_noise)(ptrdiff_t count, uint64_t key, T deviation, const T *x, T *y) {
  for (ptrdiff_t at = 0; at < count; at += BLOCK) {
    float g[BLOCK] __attribute__((aligned(64)));
    NAME(gaussians)(key, (uint32_t)(at / 4), (vf *)g);
    ptrdiff_t length = count - at < BLOCK ? count - at : BLOCK;
    if (!x)
      for (ptrdiff_t i = 0; i < length; i++) y[at + i] = deviation * (T)g[i];
    else if (length == BLOCK)
      for (ptrdiff_t i = 0; i < BLOCK; i++) y[at + i] = x[at + i] + deviation * (T)g[i];
    else
      for (ptrdiff_t i = 0; i < length; i++) y[at + i] = x[at + i] + deviation * (T)g[i];
  }
}

TARGET static void NAME(drop)(ptrdiff_t count, uint64_t key, uint32_t threshold, T scale, const T *restrict x,
                              T *restrict y, int accumulate) {
  for (ptrdiff_t at = 0; at < count; at += BLOCK) {
    vu w[4];
    PHILOX(key, (uint32_t)(at / 4), w)
    T factor[BLOCK];
    for (int j = 0; j < 4; j++)
      for (int i = 0; i < COUNTERS; i++) factor[COUNTERS * j + i] = w[j][i] >= threshold ? scale : 0;
    ptrdiff_t length = count - at < BLOCK ? count - at : BLOCK;
    if (accumulate)
      for (ptrdiff_t i = 0; i < length; i++) y[at + i] += factor[i] * x[at + i];
    else if (length == BLOCK)
      for (ptrdiff_t i = 0; i < BLOCK; i++) y[at + i] = factor[i] * x[at + i];
    else
      for (ptrdiff_t i = 0; i < length; i++) y[at + i] = factor[i] * x[at + i];
  }
}

TARGET static double NAME(product)(ptrdiff_t count, const T *restrict g, const T *restrict x, const T *restrict y) {
  T sum[BLOCK] = {0};
  ptrdiff_t i = 0;
  for (; i + BLOCK <= count; i += BLOCK)
    for (int j = 0; j < BLOCK; j++) sum[j] += g[i + j] * (y[i + j] - x[i + j]);
  for (int j = 0; i < count; i++, j++) sum[j] += g[i] * (y[i] - x[i]);
  double total = 0;
  for (int j = 0; j < BLOCK; j++) total += (double)sum[j];
  return total;
}

TARGET static void NAME(noise_gradient)(ptrdiff_t count, const T *restrict g, T slope, T mean, const T *restrict x, T *restrict y,
                                        int accumulate) {
  if (accumulate)
    for (ptrdiff_t i = 0; i < count; i++) y[i] += g[i] + slope * (x[i] - mean);
  else
    for (ptrdiff_t i = 0; i < count; i++) y[i] = g[i] + slope * (x[i] - mean);
}
