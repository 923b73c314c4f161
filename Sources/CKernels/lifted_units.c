// The activation passes of the lifted iteration. A batch is r rows of n units; the norms run over the rows, so
// units are independent and vectors run along them.
#include "lifted_units.h"
#include "lifted_dispatch.h"

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
  }                                                                                                                      \
  TARGET static void NAME##_gradient(size_t r, size_t n, size_t first, size_t last, const T *p, const T *s, const T *c,   \
                                     const T *d, T *a, T *g, T *w, T *tau) {                                              \
    for (size_t i0 = first; i0 < last; i0 += STRIP) {                                                                     \
      size_t m = last - i0 < STRIP ? last - i0 : STRIP;                                                                   \
      T na[STRIP], np[STRIP], sa[STRIP], ip[STRIP];                                                                       \
      for (size_t i = 0; i < m; i++) na[i] = np[i] = sa[i] = 0;                                                           \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *ak = a + k * n + i0, *sk = s + k * n + i0;                                         \
        for (size_t i = 0; i < m; i++) {                                                                                  \
          na[i] += ak[i] * ak[i];                                                                                         \
          np[i] += pk[i] * pk[i];                                                                                         \
          sa[i] += ak[i] * sk[i];                                                                                         \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < m; i++) {                                                                                    \
        na[i] = SQRT(na[i]);                                                                                              \
        np[i] = SQRT(np[i]);                                                                                              \
        ip[i] = np[i] > 0 ? d[i0 + i] * sa[i] / np[i] : 0;                                                                \
        tau[i0 + i] = np[i] > 0 && d[i0 + i] > 0 ? na[i] / (d[i0 + i] * np[i]) : 0;                                       \
        np[i] *= d[i0 + i];                                                                                               \
        w[i0 + i] = np[i] * na[i];                                                                                        \
      }                                                                                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *sk = s + k * n + i0;                                                               \
        T *ak = a + k * n + i0, *gk = g + k * n + i0;                                                                     \
        for (size_t i = 0; i < m; i++) {                                                                                  \
          gk[i] = np[i] * (ak[i] - sa[i] * sk[i]);                                                                        \
          ak[i] = c[i0 + i] * ak[i] + ip[i] * pk[i];                                                                      \
        }                                                                                                                 \
      }                                                                                                                   \
    }                                                                                                                     \
  }

DEFINE_ALL(DEFINE_UNITS)

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

void lipcert_units_gradient_double(size_t r, size_t n, size_t first, size_t last, const double *p, const double *s, const double *c,
                                const double *d, double *a, double *g, double *w, double *tau) {
  DISPATCH(double, gradient(r, n, first, last, p, s, c, d, a, g, w, tau));
}

void lipcert_units_gradient_float(size_t r, size_t n, size_t first, size_t last, const float *p, const float *s, const float *c,
                                const float *d, float *a, float *g, float *w, float *tau) {
  DISPATCH(float, gradient(r, n, first, last, p, s, c, d, a, g, w, tau));
}
