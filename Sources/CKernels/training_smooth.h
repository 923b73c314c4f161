// Template of the kernels of training_smooth.c, for one instruction set.
#include "training_logarithm.h"

#define INLINE TARGET static inline __attribute__((always_inline))
#define ALL(value) ((vf){0} + (value))

INLINE vf NAME(choose)(vi mask, vf a, vf b) { return (vf)(((vi)a & mask) | ((vi)b & ~mask)); }

INLINE vf NAME(magnitude)(vf x) { return (vf)((vi)x & 0x7fffffff); }

// e^x - 1 and e^x for x up to 88; below -87 as at -87 (Cephes, Moshier 1989). With x = n log 2 + r, e^x = 2^n e^r.
INLINE vf NAME(exponential)(vf x, vf *less_one) {
  x = NAME(choose)(x < -87.0f, ALL(-87.0f), x);
  x = NAME(choose)(x > 88.0f, ALL(88.0f), x);
  vf n = (x * 1.44269504089f + 12582912.0f) - 12582912.0f;
  vf r = x - n * 0.693359375f + n * 2.12194440e-4f;
  vf p = 1.9875691500e-4f * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  vf power = (vf)((__builtin_convertvector(n, vi) + 127) << 23), small = r + r * r * p;
  *less_one = power * small + (power - 1.0f);
  return power * small + power;
}

INLINE vf NAME(exp)(vf x) {
  vf less_one;
  return NAME(exponential)(x, &less_one);
}

// log(1 + e) for e in [0, 1]: the rounding of u = 1 + e is made up for by e / (u - 1).
INLINE vf NAME(log_one_plus)(vf e) {
  vf u = e + 1.0f, d = u - 1.0f;
  return NAME(choose)(d > 0.0f, NAME(logarithm)(u) * (e / d), e);
}

// 1 / (1 + e^-x); `*other` is the same of -x.
INLINE vf NAME(logistic)(vf x, vf *other) {
  vf e = NAME(exp)(-NAME(magnitude)(x)), larger = 1.0f / (1.0f + e), smaller = e * larger;
  *other = NAME(choose)(x < 0.0f, larger, smaller);
  return NAME(choose)(x < 0.0f, smaller, larger);
}

// The normal distribution function (Abramowitz and Stegun 7.1.26, absolute error 7.5e-8) and its density.
INLINE vf NAME(normal)(vf x, vf *density) {
  vf z = NAME(magnitude)(x) * 0.70710678118f, t = 1.0f / (1.0f + 0.3275911f * z), e = NAME(exp)(-z * z);
  vf p = 1.061405429f * t - 1.453152027f;
  p = p * t + 1.421413741f;
  p = p * t - 0.284496736f;
  p = p * t + 0.254829592f;
  vf tail = 0.5f * p * t * e;
  *density = e * 0.39894228040f;
  return NAME(choose)(x < 0.0f, tail, 1.0f - tail);
}

INLINE vf NAME(tanh)(vf x, vf *slope) {
  vf e = NAME(exp)(-2.0f * NAME(magnitude)(x)), inverse = 1.0f / (1.0f + e), z = x * x;
  *slope = 4.0f * e * inverse * inverse;
  vf p = -5.70498872745e-3f * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  vf far = (1.0f - e) * inverse;
  return NAME(choose)(NAME(magnitude)(x) < 0.625f, p * z * x + x, NAME(choose)(x < 0.0f, -far, far));
}

INLINE vf NAME(elu)(vf x, float alpha, vf *slope) {
  vf less_one, e = NAME(exponential)(x, &less_one);
  *slope = NAME(choose)(x > 0.0f, ALL(1.0f), alpha * e);
  return NAME(choose)(x < 0.0f, alpha * less_one, x);
}

INLINE vf NAME(softplus)(vf x, vf *slope) {
  vf e = NAME(exp)(-NAME(magnitude)(x)), other;
  *slope = NAME(logistic)(x, &other);
  return NAME(choose)(x < 0.0f, ALL(0.0f), x) + NAME(log_one_plus)(e);
}

INLINE vf NAME(gelu)(vf x, vf *slope) {
  vf density, share = NAME(normal)(x, &density);
  *slope = share + x * density;
  return x * share;
}

INLINE vf NAME(gelu_tanh)(vf x, vf *slope) {
  // Beyond 50 the logistic function is 0 or 1.
  vf y = NAME(choose)(x > 50.0f, ALL(50.0f), NAME(choose)(x < -50.0f, ALL(-50.0f), x)), other;
  vf share = NAME(logistic)(1.59576912161f * (y + 0.044715f * y * y * y), &other);
  *slope = share * (1.0f + y * other * (1.59576912161f * (1.0f + 0.134145f * y * y)));
  return x * share;
}

INLINE vf NAME(silu)(vf x, vf *slope) {
  vf other, share = NAME(logistic)(x, &other);
  *slope = share * (1.0f + x * other);
  return x * share;
}

INLINE vf NAME(mish)(vf x, vf *slope) {
  // tanh(softplus x) = n / (n + 2); from 20 on it is 1.
  vf y = NAME(choose)(x > 20.0f, ALL(20.0f), x), e = NAME(exp)(y), n = e * (e + 2.0f), other;
  vf inverse = 1.0f / (n + 2.0f), ratio = n * inverse;
  *slope = ratio + y * 4.0f * ((n + 1.0f) * inverse) * inverse * NAME(logistic)(y, &other);
  return x * ratio;
}

INLINE vf NAME(hard_sigmoid)(vf x, float factor, float offset, vf *slope) {
  vf y = factor * x + offset;
  *slope = NAME(choose)((y > 0.0f) & (y < 1.0f), ALL(factor), ALL(0.0f));
  return NAME(choose)(y < 0.0f, ALL(0.0f), NAME(choose)(y > 1.0f, ALL(1.0f), y));
}

INLINE vf NAME(hard_swish)(vf x, vf *slope) {
  vf y = x * (1.0f / 6.0f) + 0.5f;
  *slope = NAME(choose)(x <= -3.0f, ALL(0.0f), NAME(choose)(x >= 3.0f, ALL(1.0f), x * (1.0f / 3.0f) + 0.5f));
  return x * NAME(choose)(y < 0.0f, ALL(0.0f), NAME(choose)(y > 1.0f, ALL(1.0f), y));
}

// y = value or slope gradient, the last elements by way of a whole vector.
#define LOOP(value_and_slope)                                                                         \
  for (ptrdiff_t at = 0; at < count; at += LANES) {                                                   \
    size_t bytes = (size_t)(count - at < LANES ? count - at : LANES) * sizeof(float);                 \
    vf v = {0}, slope, result;                                                                        \
    if (bytes == sizeof(v)) memcpy(&v, x + at, sizeof(v)); else memcpy(&v, x + at, bytes);            \
    result = value_and_slope;                                                                         \
    if (gradient) {                                                                                   \
      vf g = {0}, before = {0};                                                                       \
      if (bytes == sizeof(v)) memcpy(&g, gradient + at, sizeof(v)); else memcpy(&g, gradient + at, bytes); \
      if (accumulate) memcpy(&before, y + at, bytes);                                                 \
      result = before + slope * g;                                                                    \
    }                                                                                                 \
    if (bytes == sizeof(v)) memcpy(y + at, &result, sizeof(v)); else memcpy(y + at, &result, bytes);  \
  }                                                                                                   \
  return;

TARGET static void NAME(run)(lipcert_smooth function, ptrdiff_t count, float p, float q, const float *x, const float *gradient, float *y,
                             int accumulate) {
  switch (function) {
    case LIPCERT_TANH: LOOP(NAME(tanh)(v, &slope))
    case LIPCERT_SIGMOID: LOOP((slope = NAME(logistic)(v, &result) * result, NAME(logistic)(v, &result)))
    case LIPCERT_ELU: LOOP(NAME(elu)(v, p, &slope))
    case LIPCERT_SOFTPLUS: LOOP(NAME(softplus)(v, &slope))
    case LIPCERT_HARD_SIGMOID: LOOP(NAME(hard_sigmoid)(v, p, q, &slope))
    case LIPCERT_GELU: LOOP(NAME(gelu)(v, &slope))
    case LIPCERT_GELU_TANH: LOOP(NAME(gelu_tanh)(v, &slope))
    case LIPCERT_SILU: LOOP(NAME(silu)(v, &slope))
    case LIPCERT_MISH: LOOP(NAME(mish)(v, &slope))
    case LIPCERT_HARD_SWISH: LOOP(NAME(hard_swish)(v, &slope))
  }
}
#undef LOOP
#undef INLINE
#undef ALL
