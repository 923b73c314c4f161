// The activation passes of the lifted iteration where groups of units share one sphere, and the operations on the
// product of these spheres. Sums over a group are taken unit by unit first, so that vectors run along the units.
#include "lifted_groups.h"
#include "lifted_dispatch.h"

#define DEFINE_GROUPS(NAME, TARGET, T, SQRT)                                                                              \
  TARGET static void NAME##_multiply(size_t r, size_t n, const size_t *group, const double *factor, T *x) {               \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T own[STRIP];                                                                                                       \
      for (size_t i = 0; i < w; i++) own[i] = (T)factor[group[i0 + i]];                                                   \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < w; i++) x[k * n + i0 + i] *= own[i];                                                       \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_forward(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c,\
                                    const T *d, T *h, double *size) {                                                     \
    for (size_t g = 0; g < m; g++) size[g] = 0;                                                                           \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T sum[STRIP];                                                                                                       \
      for (size_t i = 0; i < w; i++) sum[i] = 0;                                                                          \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < w; i++) sum[i] += p[k * n + i0 + i] * p[k * n + i0 + i];                                   \
      for (size_t i = 0; i < w; i++) size[group[i0 + i]] += (double)(d[i0 + i] * d[i0 + i] * sum[i]);                     \
    }                                                                                                                     \
    for (size_t g = 0; g < m; g++) size[g] = sqrt(size[g]);                                                               \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T radius[STRIP];                                                                                                    \
      for (size_t i = 0; i < w; i++) radius[i] = (T)size[group[i0 + i]];                                                  \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *sk = s + k * n + i0;                                                               \
        T *hk = h + k * n + i0;                                                                                           \
        for (size_t i = 0; i < w; i++) hk[i] = c[i0 + i] * pk[i] + radius[i] * sk[i];                                     \
      }                                                                                                                   \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_backward(size_t r, size_t n, size_t m, const size_t *group, T beta, const T *p, const T *c,   \
                                     const T *d, T *a, T *s, T *old, T *tau, T *moved, double *scratch) {                 \
    double *na = scratch, *np = scratch + m, *ns = scratch + 2 * m;                                                       \
    for (size_t g = 0; g < 3 * m; g++) scratch[g] = 0;                                                                    \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T pp[STRIP], aa[STRIP];                                                                                             \
      for (size_t i = 0; i < w; i++) pp[i] = aa[i] = 0;                                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *ak = a + k * n + i0;                                                               \
        for (size_t i = 0; i < w; i++) {                                                                                  \
          aa[i] += ak[i] * ak[i];                                                                                         \
          pp[i] += pk[i] * pk[i];                                                                                         \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) {                                                                                    \
        na[group[i0 + i]] += (double)aa[i];                                                                               \
        np[group[i0 + i]] += (double)(d[i0 + i] * d[i0 + i] * pp[i]);                                                     \
      }                                                                                                                   \
    }                                                                                                                     \
    for (size_t g = 0; g < 2 * m; g++) scratch[g] = sqrt(scratch[g]);                                                     \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T ia[STRIP], ip[STRIP], mv[STRIP], zz[STRIP];                                                                       \
      for (size_t i = 0; i < w; i++) {                                                                                    \
        double a1 = na[group[i0 + i]], p1 = np[group[i0 + i]];                                                            \
        T width = d[i0 + i];                                                                                              \
        ia[i] = a1 > 0 ? (T)(1 / a1) : 0;                                                                                 \
        ip[i] = p1 > 0 ? width * width * (T)(a1 / p1) : 0;                                                                \
        tau[i0 + i] = p1 > 0 && width > 0 ? (T)(a1 / p1) : 0;                                                             \
        mv[i] = zz[i] = 0;                                                                                                \
      }                                                                                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0;                                                                                     \
        T *ak = a + k * n + i0, *sk = s + k * n + i0, *ok = old + k * n + i0;                                             \
        for (size_t i = 0; i < w; i++) {                                                                                  \
          T fresh = ia[i] > 0 ? ak[i] * ia[i] : ok[i];                                                                    \
          T step = fresh - sk[i], z = fresh + beta * (fresh - ok[i]);                                                     \
          mv[i] += step * step;                                                                                           \
          zz[i] += z * z;                                                                                                 \
          sk[i] = z;                                                                                                      \
          ok[i] = fresh;                                                                                                  \
          ak[i] = c[i0 + i] * ak[i] + ip[i] * pk[i];                                                                      \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) {                                                                                    \
        moved[i0 + i] = (T)(np[group[i0 + i]] * na[group[i0 + i]]) * mv[i];                                               \
        ns[group[i0 + i]] += (double)zz[i];                                                                               \
      }                                                                                                                   \
    }                                                                                                                     \
    for (size_t g = 0; g < m; g++) ns[g] = ns[g] > 0 ? 1 / sqrt(ns[g]) : 0;                                               \
    NAME##_multiply(r, n, group, ns, s);                                                                                  \
  }                                                                                                                       \
  TARGET static void NAME##_gradient(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c,\
                                     const T *d, T *a, T *g, T *w, T *tau, double *scratch) {                             \
    double *na = scratch, *np = scratch + m, *sa = scratch + 2 * m;                                                       \
    for (size_t j = 0; j < 3 * m; j++) scratch[j] = 0;                                                                    \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t l = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T pp[STRIP], aa[STRIP], as[STRIP];                                                                                  \
      for (size_t i = 0; i < l; i++) pp[i] = aa[i] = as[i] = 0;                                                           \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *ak = a + k * n + i0, *sk = s + k * n + i0;                                         \
        for (size_t i = 0; i < l; i++) {                                                                                  \
          aa[i] += ak[i] * ak[i];                                                                                         \
          pp[i] += pk[i] * pk[i];                                                                                         \
          as[i] += ak[i] * sk[i];                                                                                         \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < l; i++) {                                                                                    \
        na[group[i0 + i]] += (double)aa[i];                                                                               \
        np[group[i0 + i]] += (double)(d[i0 + i] * d[i0 + i] * pp[i]);                                                     \
        sa[group[i0 + i]] += (double)as[i];                                                                               \
      }                                                                                                                   \
    }                                                                                                                     \
    for (size_t j = 0; j < 2 * m; j++) scratch[j] = sqrt(scratch[j]);                                                     \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t l = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T radius[STRIP], along[STRIP], ip[STRIP];                                                                           \
      for (size_t i = 0; i < l; i++) {                                                                                    \
        size_t j = group[i0 + i];                                                                                         \
        T width = d[i0 + i];                                                                                              \
        radius[i] = (T)np[j];                                                                                             \
        along[i] = (T)sa[j];                                                                                              \
        ip[i] = np[j] > 0 ? width * width * (T)(sa[j] / np[j]) : 0;                                                       \
        tau[i0 + i] = np[j] > 0 && width > 0 ? (T)(na[j] / np[j]) : 0;                                                    \
        w[i0 + i] = (T)(np[j] * na[j]);                                                                                   \
      }                                                                                                                   \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *pk = p + k * n + i0, *sk = s + k * n + i0;                                                               \
        T *ak = a + k * n + i0, *gk = g + k * n + i0;                                                                     \
        for (size_t i = 0; i < l; i++) {                                                                                  \
          gk[i] = radius[i] * (ak[i] - along[i] * sk[i]);                                                                 \
          ak[i] = c[i0 + i] * ak[i] + ip[i] * pk[i];                                                                      \
        }                                                                                                                 \
      }                                                                                                                   \
    }                                                                                                                     \
  }                                                                                                                       \
  TARGET static void NAME##_retract(size_t r, size_t n, size_t m, const size_t *group, T t, const T *x, const T *z, T *out,\
                                    double *size) {                                                                       \
    for (size_t g = 0; g < m; g++) size[g] = 0;                                                                           \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T sum[STRIP];                                                                                                       \
      for (size_t i = 0; i < w; i++) sum[i] = 0;                                                                          \
      for (size_t k = 0; k < r; k++) {                                                                                    \
        const T *xk = x + k * n + i0, *zk = z + k * n + i0;                                                               \
        T *ok = out + k * n + i0;                                                                                         \
        for (size_t i = 0; i < w; i++) {                                                                                  \
          T y = xk[i] + t * zk[i];                                                                                        \
          ok[i] = y;                                                                                                      \
          sum[i] += y * y;                                                                                                \
        }                                                                                                                 \
      }                                                                                                                   \
      for (size_t i = 0; i < w; i++) size[group[i0 + i]] += (double)sum[i];                                               \
    }                                                                                                                     \
    for (size_t g = 0; g < m; g++) size[g] = size[g] > 0 ? 1 / sqrt(size[g]) : 0;                                         \
    NAME##_multiply(r, n, group, size, out);                                                                              \
  }                                                                                                                       \
  TARGET static void NAME##_project(size_t r, size_t n, size_t m, const size_t *group, const T *x, T *z, double *along) { \
    for (size_t g = 0; g < m; g++) along[g] = 0;                                                                          \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T sum[STRIP];                                                                                                       \
      for (size_t i = 0; i < w; i++) sum[i] = 0;                                                                          \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < w; i++) sum[i] += x[k * n + i0 + i] * z[k * n + i0 + i];                                   \
      for (size_t i = 0; i < w; i++) along[group[i0 + i]] += (double)sum[i];                                              \
    }                                                                                                                     \
    for (size_t i0 = 0; i0 < n; i0 += STRIP) {                                                                            \
      size_t w = n - i0 < STRIP ? n - i0 : STRIP;                                                                         \
      T factor[STRIP];                                                                                                    \
      for (size_t i = 0; i < w; i++) factor[i] = (T)along[group[i0 + i]];                                                 \
      for (size_t k = 0; k < r; k++)                                                                                      \
        for (size_t i = 0; i < w; i++) z[k * n + i0 + i] -= factor[i] * x[k * n + i0 + i];                                \
    }                                                                                                                     \
  }

DEFINE_ALL(DEFINE_GROUPS)

#define EXPORT(T)                                                                                                         \
  void lipcert_groups_forward_##T(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c,  \
                                  const T *d, T *h, double *scratch) {                                                    \
    DISPATCH(T, forward(r, n, m, group, p, s, c, d, h, scratch));                                                         \
  }                                                                                                                       \
  void lipcert_groups_backward_##T(size_t r, size_t n, size_t m, const size_t *group, T beta, const T *p, const T *c,     \
                                   const T *d, T *a, T *s, T *old, T *tau, T *moved, double *scratch) {                   \
    DISPATCH(T, backward(r, n, m, group, beta, p, c, d, a, s, old, tau, moved, scratch));                                 \
  }                                                                                                                       \
  void lipcert_groups_gradient_##T(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c, \
                                   const T *d, T *a, T *g, T *w, T *tau, double *scratch) {                               \
    DISPATCH(T, gradient(r, n, m, group, p, s, c, d, a, g, w, tau, scratch));                                             \
  }                                                                                                                       \
  void lipcert_groups_retract_##T(size_t r, size_t n, size_t m, const size_t *group, T t, const T *x, const T *z, T *out, \
                                  double *scratch) {                                                                      \
    DISPATCH(T, retract(r, n, m, group, t, x, z, out, scratch));                                                          \
  }                                                                                                                       \
  void lipcert_groups_project_##T(size_t r, size_t n, size_t m, const size_t *group, const T *x, T *z, double *scratch) { \
    DISPATCH(T, project(r, n, m, group, x, z, scratch));                                                                  \
  }
EXPORT(double)
EXPORT(float)
