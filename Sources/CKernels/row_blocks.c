// The kernels of backward bound propagation. Proofs rest on these loops, so they are plain: every result is a sum of products, in some
// order. A coefficient that is not a number reaches `slacks`, whatever else becomes of it.
#include "row_blocks.h"
#include "dot_tiles.h"

#include <string.h>

typedef double v8 __attribute__((vector_size(64), aligned(8)));
typedef long long m8 __attribute__((vector_size(64)));

// Units treated at a time by dense products, so that their coefficients stay in the nearest cache.
#define DEPTH 128

#define DEFINE_ROWS(NAME, TARGET, V)                                                                                        \
  TARGET static void NAME##_dense(size_t count, const ptrdiff_t *active, size_t m, size_t n, const double *packed,          \
                                  const double *a, double *c) {                                                             \
    for (size_t first = 0; first < count; first += DEPTH) {                                                                 \
      size_t last = first + DEPTH < count ? first + DEPTH : count;                                                          \
      for (size_t j = 0; j < n; j += LIPCERT_ROW_PANEL) {                                                                   \
        const double *panel = packed + j * m;                                                                               \
        double *to = c + j * 8 * V;                                                                                         \
        v8 s0[V], s1[V], s2[V], s3[V];                                                                                      \
        for (int v = 0; v < V; v++) {                                                                                       \
          s0[v] = *(const v8 *)(to + 8 * v);                                                                                \
          s1[v] = *(const v8 *)(to + 8 * (V + v));                                                                          \
          s2[v] = *(const v8 *)(to + 8 * (2 * V + v));                                                                      \
          s3[v] = *(const v8 *)(to + 8 * (3 * V + v));                                                                      \
        }                                                                                                                   \
        for (size_t t = first; t < last; t++) {                                                                             \
          const double *x = a + active[t] * 8 * V, *w = panel + active[t] * LIPCERT_ROW_PANEL;                              \
          double w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];                                                                \
          for (int v = 0; v < V; v++) {                                                                                     \
            v8 y = *(const v8 *)(x + 8 * v);                                                                                \
            s0[v] += w0 * y;                                                                                                \
            s1[v] += w1 * y;                                                                                                \
            s2[v] += w2 * y;                                                                                                \
            s3[v] += w3 * y;                                                                                                \
          }                                                                                                                 \
        }                                                                                                                   \
        for (int v = 0; v < V; v++) {                                                                                       \
          *(v8 *)(to + 8 * v) = s0[v];                                                                                      \
          *(v8 *)(to + 8 * (V + v)) = s1[v];                                                                                \
          *(v8 *)(to + 8 * (2 * V + v)) = s2[v];                                                                            \
          *(v8 *)(to + 8 * (3 * V + v)) = s3[v];                                                                            \
        }                                                                                                                   \
      }                                                                                                                     \
    }                                                                                                                       \
  }                                                                                                                         \
  TARGET static void NAME##_sparse(size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns, \
                                   const double *values, const double *a, double *c) {                                      \
    for (size_t t = 0; t < count; t++) {                                                                                    \
      ptrdiff_t i = active[t];                                                                                              \
      v8 x[V];                                                                                                              \
      for (int v = 0; v < V; v++) x[v] = *(const v8 *)(a + i * 8 * V + 8 * v);                                              \
      for (ptrdiff_t k = starts[i]; k < starts[i + 1]; k++) {                                                               \
        double *to = c + columns[k] * 8 * V;                                                                                \
        for (int v = 0; v < V; v++) *(v8 *)(to + 8 * v) += values[k] * x[v];                                                \
      }                                                                                                                     \
    }                                                                                                                       \
  }                                                                                                                         \
  TARGET static void NAME##_relax(size_t count, const ptrdiff_t *active, size_t stride, const ptrdiff_t *lower_units,       \
                                  const ptrdiff_t *upper_units, const double *a, const double *lower_slopes,                \
                                  const double *lower_intercepts, const double *upper_slopes,                               \
                                  const double *upper_intercepts, const double *slack, double *c, double *sums,             \
                                  double *slacks) {                                                                         \
    v8 s[V], e[V], zero = {0};                                                                                              \
    for (int v = 0; v < V; v++) {                                                                                           \
      s[v] = *(const v8 *)(sums + 8 * v);                                                                                   \
      e[v] = *(const v8 *)(slacks + 8 * v);                                                                                 \
    }                                                                                                                       \
    for (size_t t = 0; t < count; t++) {                                                                                    \
      size_t i = (size_t)active[t];                                                                                         \
      for (int v = 0; v < V; v++) {                                                                                         \
        v8 x = *(const v8 *)(a + (i * V + v) * 8);                                                                          \
        m8 is_positive = x >= 0;                                                                                            \
        v8 p = (v8)((m8)x & is_positive), q = (v8)((m8)x & ~is_positive), up, down;                                         \
        size_t place = i * stride + 8 * v;                                                                                  \
        if (stride) {                                                                                                       \
          down = *(const v8 *)(lower_intercepts + place);                                                                   \
          up = *(const v8 *)(upper_intercepts + place);                                                                     \
        } else {                                                                                                            \
          down = zero + lower_intercepts[i];                                                                                \
          up = zero + upper_intercepts[i];                                                                                  \
        }                                                                                                                   \
        s[v] += p * down;                                                                                                   \
        s[v] += q * up;                                                                                                     \
        e[v] += __builtin_elementwise_abs(x) * slack[i];                                                                    \
        if (c) {                                                                                                            \
          if (stride) {                                                                                                     \
            down = *(const v8 *)(lower_slopes + place);                                                                     \
            up = *(const v8 *)(upper_slopes + place);                                                                       \
          } else {                                                                                                          \
            down = zero + lower_slopes[i];                                                                                  \
            up = zero + upper_slopes[i];                                                                                    \
          }                                                                                                                 \
          if (lower_units) {                                                                                                \
            *(v8 *)(c + ((size_t)lower_units[i] * V + v) * 8) += p * down;                                                  \
            *(v8 *)(c + ((size_t)upper_units[i] * V + v) * 8) += q * up;                                                    \
          } else {                                                                                                          \
            *(v8 *)(c + (i * V + v) * 8) += p * down + q * up;                                                              \
          }                                                                                                                 \
        }                                                                                                                   \
      }                                                                                                                     \
    }                                                                                                                       \
    for (int v = 0; v < V; v++) {                                                                                           \
      *(v8 *)(sums + 8 * v) = s[v];                                                                                         \
      *(v8 *)(slacks + 8 * v) = e[v];                                                                                       \
    }                                                                                                                       \
  }                                                                                                                         \
  TARGET static void NAME##_norms(size_t count, const ptrdiff_t *active, const double *a, const double *x,                  \
                                  const double *slack, double *sums, double *squares, double *slacks) {                     \
    v8 s[V], r[V], e[V];                                                                                                    \
    for (int v = 0; v < V; v++) {                                                                                           \
      s[v] = *(const v8 *)(sums + 8 * v);                                                                                   \
      r[v] = *(const v8 *)(squares + 8 * v);                                                                                \
      e[v] = *(const v8 *)(slacks + 8 * v);                                                                                 \
    }                                                                                                                       \
    for (size_t t = 0; t < count; t++) {                                                                                    \
      size_t i = (size_t)active[t];                                                                                         \
      for (int v = 0; v < V; v++) {                                                                                         \
        v8 y = *(const v8 *)(a + (i * V + v) * 8);                                                                          \
        s[v] += y * x[i];                                                                                                   \
        r[v] += y * y;                                                                                                      \
        e[v] += __builtin_elementwise_abs(y) * slack[i];                                                                    \
      }                                                                                                                     \
    }                                                                                                                       \
    for (int v = 0; v < V; v++) {                                                                                           \
      *(v8 *)(sums + 8 * v) = s[v];                                                                                         \
      *(v8 *)(squares + 8 * v) = r[v];                                                                                      \
      *(v8 *)(slacks + 8 * v) = e[v];                                                                                       \
    }                                                                                                                       \
  }

#if defined(__x86_64__)
DEFINE_ROWS(avx512_wide, __attribute__((target("avx512f,fma"))), 4)
DEFINE_ROWS(avx512_narrow, __attribute__((target("avx512f,fma"))), 2)
DEFINE_ROWS(avx2_wide, __attribute__((target("avx2,fma"))), 4)
DEFINE_ROWS(avx2_narrow, __attribute__((target("avx2,fma"))), 2)
#endif
DEFINE_ROWS(plain_wide, , 4)
DEFINE_ROWS(plain_narrow, , 2)

#if defined(__x86_64__)
#define DISPATCH(call)                                                                                                      \
  if (__builtin_cpu_supports("avx512f")) {                                                                                  \
    if (width == LIPCERT_ROW_BLOCK) avx512_wide_##call; else avx512_narrow_##call;                                          \
  } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {                                             \
    if (width == LIPCERT_ROW_BLOCK) avx2_wide_##call; else avx2_narrow_##call;                                              \
  } else {                                                                                                                  \
    if (width == LIPCERT_ROW_BLOCK) plain_wide_##call; else plain_narrow_##call;                                            \
  }
#else
#define DISPATCH(call) if (width == LIPCERT_ROW_BLOCK) plain_wide_##call; else plain_narrow_##call
#endif

size_t lipcert_rows_active(size_t count, const ptrdiff_t *units, size_t width, const double *a, ptrdiff_t *active) {
  size_t found = 0;
  for (size_t t = 0; t < count; t++) {
    const double *own = a + units[t] * (ptrdiff_t)width;
    int is_zero = 1;
    for (size_t q = 0; q < width; q++) is_zero &= own[q] == 0;
    active[found] = units[t];
    found += !is_zero;
  }
  return found;
}

size_t lipcert_rows_touch(size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns, unsigned char *marks,
                          size_t listed, ptrdiff_t *units) {
  for (size_t t = 0; t < count; t++)
    for (ptrdiff_t k = starts[active[t]]; k < starts[active[t] + 1]; k++) {
      ptrdiff_t j = columns[k];
      if (marks[j]) continue;
      marks[j] = 1;
      units[listed++] = j;
    }
  return listed;
}

void lipcert_rows_clear(size_t count, const ptrdiff_t *units, size_t width, double *a, unsigned char *marks) {
  for (size_t t = 0; t < count; t++) {
    memset(a + units[t] * (ptrdiff_t)width, 0, width * sizeof *a);
    marks[units[t]] = 0;
  }
}

void lipcert_rows_dense(size_t width, size_t count, const ptrdiff_t *active, size_t m, size_t n, const double *packed, const double *a,
                        double *c) {
  DISPATCH(dense(count, active, m, n, packed, a, c));
}

void lipcert_rows_sparse(size_t width, size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns,
                         const double *values, const double *a, double *c) {
  DISPATCH(sparse(count, active, starts, columns, values, a, c));
}

void lipcert_rows_relax(size_t width, size_t count, const ptrdiff_t *active, size_t stride, const ptrdiff_t *lower_units,
                        const ptrdiff_t *upper_units, const double *a, const double *lower_slopes, const double *lower_intercepts,
                        const double *upper_slopes, const double *upper_intercepts, const double *slack, double *c, double *sums,
                        double *slacks) {
  DISPATCH(relax(count, active, stride, lower_units, upper_units, a, lower_slopes, lower_intercepts, upper_slopes, upper_intercepts, slack, c, sums, slacks));
}

void lipcert_rows_norms(size_t width, size_t count, const ptrdiff_t *active, const double *a, const double *x, const double *slack,
                        double *sums, double *squares, double *slacks) {
  DISPATCH(norms(count, active, a, x, slack, sums, squares, slacks));
}

void lipcert_magnitude_product(size_t m, size_t n, const double *w, const double *x, double *y) {
  for (size_t i = 0; i < m; i++) y[i] += lipcert_absolute_dot(n, w + i * n, x);
}
