// The product of spheres that the quasi-Newton steps of the lifted iteration move on.
#include "lifted_spheres.h"
#include "lifted_dispatch.h"

// Partial sums, so that the compiler may use vectors without reordering anything.
#define LANES 32

#define DEFINE_SPHERES(NAME, TARGET, T, SQRT)                                                                             \
  TARGET static void NAME##_retract(size_t r, size_t n, T t, const T *x, const T *z, T *out) {                             \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t m = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T ns[STRIP];                                                                                                        \
      for (size_t i = 0; i < m; i++) ns[i] = 0;                                                                           \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *xk = x + k * n + i0, *zk = z + k * n + i0;                                                               \
        T *ok = out + k * n + i0;                                                                                         \
        for (size_t i = 0; i < m; i++) {                                                                                  \
          T y = xk[i] + t * zk[i];                                                                                        \
          ok[i] = y;                                                                                                      \
          ns[i] += y * y;                                                                                                 \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < m; i++) ns[i] = ns[i] > 0 ? 1 / SQRT(ns[i]) : 0;                                             \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        T *ok = out + k * n + i0;                                                                                         \
        for (size_t i = 0; i < m; i++) ok[i] *= ns[i];                                                                    \
      }                                                                                                                   \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_project(size_t r, size_t n, const T *x, T *z) {                                                \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t m = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T xz[STRIP];                                                                                                        \
      for (size_t i = 0; i < m; i++) xz[i] = 0;                                                                           \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < m; i++) xz[i] += x[k * n + i0 + i] * z[k * n + i0 + i];                                    \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < m; i++) z[k * n + i0 + i] -= xz[i] * x[k * n + i0 + i];                                    \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_scale(size_t r, size_t n, const T *h, const T *z, T *out) {                                    \
    for (size_t k = 0; k < r; k++)                                                                                        \
      for (size_t i = 0; i < n; i++) out[k * n + i] = h[i] * z[k * n + i];                                                \
  }                                                                                                                       \
  TARGET static double NAME##_add_then_dot(size_t n, T a, const T *x, T *y, const T *z) {                                 \
    T sums[LANES] = {0};                                                                                                  \
    size_t i = 0;                                                                                                         \
    for (; i + LANES <= n; i += LANES)                                                                                    \
      for (int j = 0; j < LANES; j++) {                                                                                   \
        y[i + j] += a * x[i + j];                                                                                         \
        sums[j] += y[i + j] * z[i + j];                                                                                   \
      }                                                                                                                   \
    double sum = 0;                                                                                                       \
    for (; i < n; i++) {                                                                                                  \
      y[i] += a * x[i];                                                                                                   \
      sum += y[i] * z[i];                                                                                                 \
    }                                                                                                                     \
    for (int j = 0; j < LANES; j++) sum += sums[j];                                                                       \
    return sum;                                                                                                           \
  }                                                                                                                       \
  TARGET static double NAME##_dot(size_t n, const T *x, const T *y) {                                                     \
    T sums[LANES] = {0};                                                                                                  \
    size_t i = 0;                                                                                                         \
    for (; i + LANES <= n; i += LANES)                                                                                    \
      for (int j = 0; j < LANES; j++) sums[j] += x[i + j] * y[i + j];                                                     \
    double sum = 0;                                                                                                       \
    for (; i < n; i++) sum += x[i] * y[i];                                                                                \
    for (int j = 0; j < LANES; j++) sum += sums[j];                                                                       \
    return sum;                                                                                                           \
  }

DEFINE_ALL(DEFINE_SPHERES)

#define EXPORT(T)                                                                                                         \
  void lipcert_spheres_retract_##T(size_t r, size_t n, T t, const T *x, const T *z, T *out) {                             \
    DISPATCH(T, retract(r, n, t, x, z, out));                                                                             \
  }                                                                                                                       \
  void lipcert_spheres_project_##T(size_t r, size_t n, const T *x, T *z) { DISPATCH(T, project(r, n, x, z)); }            \
  void lipcert_spheres_scale_##T(size_t r, size_t n, const T *h, const T *z, T *out) { DISPATCH(T, scale(r, n, h, z, out)); } \
  double lipcert_add_then_dot_##T(size_t n, T a, const T *x, T *y, const T *z) {                                          \
    return DISPATCH(T, add_then_dot(n, a, x, y, z));                                                                      \
  }                                                                                                                       \
  double lipcert_dot_##T(size_t n, const T *x, const T *y) { return DISPATCH(T, dot(n, x, y)); }
EXPORT(double)
EXPORT(float)
