// The activation passes of the lifted iteration. A batch is r rows of n units; the norms run over the rows, so
// units are independent and vectors run along them. Units are taken in strips that stay in the first-level cache.
#include "lifted_units.h"
#include <math.h>

#define STRIP 128

#define DEFINE_UNITS(NAME, TARGET, T, SQRT)                                                                               \
  TARGET static void NAME##_forward(size_t r, size_t n, size_t first, size_t last, const T *p, const T *s, const T *c,    \
                                    const T *d, T *h) {                                                                   \
    for (size_t i0 = first; i0 < last; i0 += STRIP) {                                                                     \
      size_t w = last - i0 < STRIP ? last - i0 : STRIP;                                                                   \
      T norm[STRIP];                                                                                                      \
      for (size_t i = 0; i < w; i++) norm[i] = 0;                                                                         \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0;                                                                                     \
        for (size_t i = 0; i < w; i++) norm[i] += pk[i] * pk[i];                                                          \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) norm[i] = d[i0 + i] * SQRT(norm[i]);                                                 \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *sk = s + k * n + i0;                                                               \
        T *hk = h + k * n + i0;                                                                                           \
        for (size_t i = 0; i < w; i++) hk[i] = c[i0 + i] * pk[i] + norm[i] * sk[i];                                       \
      }                                                                                                                   \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_backward(size_t r, size_t n, size_t first, size_t last, T beta, const T *p, const T *c,       \
                                     const T *d, T *a, T *s, T *old, T *tau, T *moved) {                                  \
    for (size_t i0 = first; i0 < last; i0 += STRIP) {                                                                     \
      size_t w = last - i0 < STRIP ? last - i0 : STRIP;                                                                   \
      T na[STRIP], np[STRIP], ia[STRIP], ip[STRIP], ns[STRIP], mv[STRIP];                                                 \
      for (size_t i = 0; i < w; i++) na[i] = np[i] = ns[i] = mv[i] = 0;                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *ak = a + k * n + i0;                                                               \
        for (size_t i = 0; i < w; i++) {                                                                                  \
          na[i] += ak[i] * ak[i];                                                                                         \
          np[i] += pk[i] * pk[i];                                                                                         \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) {                                                                                    \
        na[i] = SQRT(na[i]);                                                                                              \
        np[i] = SQRT(np[i]);                                                                                              \
        ia[i] = na[i] > 0 ? 1 / na[i] : 0;                                                                                \
        ip[i] = np[i] > 0 ? d[i0 + i] * na[i] / np[i] : 0;                                                                \
        tau[i0 + i] = np[i] > 0 && d[i0 + i] > 0 ? na[i] / (d[i0 + i] * np[i]) : 0;                                       \
      }                                                                                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0;                                                                                     \
        T *ak = a + k * n + i0, *sk = s + k * n + i0, *ok = old + k * n + i0;                                             \
        for (size_t i = 0; i < w; i++) {                                                                                  \
          T fresh = na[i] > 0 ? ak[i] * ia[i] : ok[i];                                                                    \
          T step = fresh - sk[i], z = fresh + beta * (fresh - ok[i]);                                                     \
          mv[i] += step * step;                                                                                           \
          ns[i] += z * z;                                                                                                 \
          sk[i] = z;                                                                                                      \
          ok[i] = fresh;                                                                                                  \
          ak[i] = c[i0 + i] * ak[i] + ip[i] * pk[i];                                                                      \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) moved[i0 + i] = d[i0 + i] * np[i] * na[i] * mv[i];                                   \
      for (size_t i = 0; i < w; i++) ns[i] = ns[i] > 0 ? 1 / SQRT(ns[i]) : 0;                                             \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        T *sk = s + k * n + i0;                                                                                           \
        for (size_t i = 0; i < w; i++) sk[i] *= ns[i];                                                                    \
      }                                                                                                                   \
    }                                                                                                                     \
  }

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define AVX2 __attribute__((target("avx2,fma")))
DEFINE_UNITS(double512, AVX512, double, sqrt)
DEFINE_UNITS(float512, AVX512, float, sqrtf)
DEFINE_UNITS(double256, AVX2, double, sqrt)
DEFINE_UNITS(float256, AVX2, float, sqrtf)
#endif
DEFINE_UNITS(double_plain, , double, sqrt)
DEFINE_UNITS(float_plain, , float, sqrtf)

#if defined(__x86_64__)
#define DISPATCH(T, call)                                                                                                 \
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))      \
    T##512_##call;                                                                                                        \
  else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))                                               \
    T##256_##call;                                                                                                        \
  else                                                                                                                    \
    T##_plain_##call
#else
#define DISPATCH(T, call) T##_plain_##call
#endif

void lipcert_units_forward_double(size_t r, size_t n, size_t first, size_t last, const double *p, const double *s,
                                  const double *c, const double *d, double *h) {
  DISPATCH(double, forward(r, n, first, last, p, s, c, d, h));
}

void lipcert_units_forward_float(size_t r, size_t n, size_t first, size_t last, const float *p, const float *s, const float *c,
                                 const float *d, float *h) {
  DISPATCH(float, forward(r, n, first, last, p, s, c, d, h));
}

void lipcert_units_backward_double(size_t r, size_t n, size_t first, size_t last, double beta, const double *p,
                                   const double *c, const double *d, double *a, double *s, double *old, double *tau,
                                   double *moved) {
  DISPATCH(double, backward(r, n, first, last, beta, p, c, d, a, s, old, tau, moved));
}

void lipcert_units_backward_float(size_t r, size_t n, size_t first, size_t last, float beta, const float *p, const float *c,
                                  const float *d, float *a, float *s, float *old, float *tau,
                                   float *moved) {
  DISPATCH(float, backward(r, n, first, last, beta, p, c, d, a, s, old, tau, moved));
}
