// Inner-product kernels of the verified Cholesky factorisation. The proof of a certificate rests on these
// loops, so they are plain: every result is a sum of products, in some order, divided at most once by the
// pivot itself. No reciprocals, no inverted blocks, no Strassen.
#include "dot_tiles.h"
#include <math.h>

typedef double v8 __attribute__((vector_size(64), aligned(8)));
typedef double v4 __attribute__((vector_size(32), aligned(8)));
typedef double v2 __attribute__((vector_size(16), aligned(8)));

// c[i*ldc + j] += sign * sum_k a[i*lda + k] * b[j*ldb + k] for a tile of MI x NJ rows, vectors along k.
#define DEFINE_TILE(NAME, TARGET, V, W, MI, NJ)                                                               \
  TARGET static void NAME##_tile(size_t k, double sign, const double *a, size_t lda, const double *b,         \
                                 size_t ldb, double *c, size_t ldc) {                                         \
    V acc[MI][NJ];                                                                                            \
    for (int i = 0; i < MI; i++)                                                                              \
      for (int j = 0; j < NJ; j++) acc[i][j] = (V){0};                                                        \
    size_t p = 0;                                                                                             \
    for (; p + W <= k; p += W) {                                                                              \
      V x[MI];                                                                                                \
      for (int i = 0; i < MI; i++) x[i] = *(const V *)(a + (size_t)i * lda + p);                              \
      for (int j = 0; j < NJ; j++) {                                                                          \
        V y = *(const V *)(b + (size_t)j * ldb + p);                                                          \
        for (int i = 0; i < MI; i++) acc[i][j] += x[i] * y;                                                   \
      }                                                                                                       \
    }                                                                                                         \
    for (int i = 0; i < MI; i++)                                                                              \
      for (int j = 0; j < NJ; j++) {                                                                          \
        double s = 0;                                                                                         \
        for (int l = 0; l < W; l++) s += acc[i][j][l];                                                        \
        for (size_t q = p; q < k; q++) s += a[(size_t)i * lda + q] * b[(size_t)j * ldb + q];                  \
        c[(size_t)i * ldc + j] += sign * s;                                                                   \
      }                                                                                                       \
  }                                                                                                           \
  TARGET static void NAME##_one(size_t k, double sign, const double *a, const double *b, double *c) {         \
    V acc = (V){0};                                                                                           \
    size_t p = 0;                                                                                             \
    for (; p + W <= k; p += W) acc += *(const V *)(a + p) * *(const V *)(b + p);                              \
    double s = 0;                                                                                             \
    for (int l = 0; l < W; l++) s += acc[l];                                                                  \
    for (; p < k; p++) s += a[p] * b[p];                                                                      \
    *c += sign * s;                                                                                           \
  }                                                                                                           \
  TARGET static void NAME##_dots(size_t m, size_t n, size_t k, double sign, const double *a, size_t lda,      \
                                 const double *b, size_t ldb, double *c, size_t ldc) {                        \
    for (size_t k0 = 0; k0 < k; k0 += 512) {                                                                  \
      size_t kb = k - k0 < 512 ? k - k0 : 512;                                                                \
      for (size_t j = 0; j < n; j += NJ)                                                                      \
        for (size_t i = 0; i < m; i += MI) {                                                                  \
          const double *ai = a + i * lda + k0, *bj = b + j * ldb + k0;                                        \
          if (i + MI <= m && j + NJ <= n)                                                                     \
            NAME##_tile(kb, sign, ai, lda, bj, ldb, c + i * ldc + j, ldc);                                    \
          else                                                                                                \
            for (size_t ii = i; ii < m && ii < i + MI; ii++)                                                  \
              for (size_t jj = j; jj < n && jj < j + NJ; jj++)                                                \
                NAME##_one(kb, sign, a + ii * lda + k0, b + jj * ldb + k0, c + ii * ldc + jj);                \
        }                                                                                                     \
    }                                                                                                         \
  }                                                                                                           \
  TARGET static void NAME##_solve(size_t rows, size_t n, const double *block, size_t ldblock, double *x,      \
                                  size_t ldx) {                                                               \
    for (size_t i = 0; i < rows; i++) {                                                                       \
      double *row = x + i * ldx;                                                                              \
      for (size_t j = 0; j < n; j++) {                                                                        \
        const double *l = block + j * ldblock;                                                                \
        double q = row[j] / l[j];                                                                             \
        row[j] = q;                                                                                           \
        for (size_t t = j + 1; t < n; t++) row[t] -= q * l[t];                                                \
      }                                                                                                       \
    }                                                                                                         \
  }                                                                                                           \
  TARGET static void NAME##_axpy(size_t n, double alpha, const double *x, double *y) {                        \
    size_t p = 0;                                                                                             \
    for (; p + W <= n; p += W) *(V *)(y + p) += alpha * *(const V *)(x + p);                                  \
    for (; p < n; p++) y[p] += alpha * x[p];                                                                  \
  }                                                                                                           \
  TARGET static double NAME##_absolute_dot(size_t n, const double *x, const double *y) {                      \
    V acc = (V){0};                                                                                           \
    size_t p = 0;                                                                                             \
    for (; p + W <= n; p += W) {                                                                              \
      V v = *(const V *)(x + p);                                                                              \
      acc += __builtin_elementwise_abs(v) * *(const V *)(y + p);                                              \
    }                                                                                                         \
    double s = 0;                                                                                             \
    for (int l = 0; l < W; l++) s += acc[l];                                                                  \
    for (; p < n; p++) s += fabs(x[p]) * y[p];                                                                \
    return s;                                                                                                 \
  }

#if defined(__x86_64__)
DEFINE_TILE(avx512, __attribute__((target("avx512f,fma"))), v8, 8, 4, 5)
DEFINE_TILE(avx2, __attribute__((target("avx2,fma"))), v4, 4, 3, 3)
#endif
DEFINE_TILE(plain, , v2, 2, 2, 2)

#if defined(__x86_64__)
static int width(void) {
  if (__builtin_cpu_supports("avx512f")) return 3;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2 : 1;
}
#define DISPATCH(call)                        \
  switch (width()) {                          \
    case 3: return avx512_##call;             \
    case 2: return avx2_##call;               \
    default: return plain_##call;             \
  }
#else
#define DISPATCH(call) return plain_##call
#endif

void lipcert_dots(size_t m, size_t n, size_t k, double sign, const double *a, size_t lda, const double *b, size_t ldb,
                  double *c, size_t ldc) {
  DISPATCH(dots(m, n, k, sign, a, lda, b, ldb, c, ldc));
}

void lipcert_solve_rows(size_t rows, size_t n, const double *block, size_t ldblock, double *x, size_t ldx) {
  DISPATCH(solve(rows, n, block, ldblock, x, ldx));
}

void lipcert_axpy(size_t n, double alpha, const double *x, double *y) { DISPATCH(axpy(n, alpha, x, y)); }

double lipcert_absolute_dot(size_t n, const double *x, const double *y) { DISPATCH(absolute_dot(n, x, y)); }

size_t lipcert_factor_block(size_t n, double *a, size_t lda) {
  for (size_t j = 0; j < n; j++) {
    double pivot = a[j * lda + j];
    for (size_t k = 0; k < j; k++) pivot -= a[j * lda + k] * a[j * lda + k];
    if (!(pivot > 0 && pivot < INFINITY)) return j;
    double d = sqrt(pivot);
    a[j * lda + j] = d;
    for (size_t i = j + 1; i < n; i++) {
      double s = a[i * lda + j];
      for (size_t k = 0; k < j; k++) s -= a[i * lda + k] * a[j * lda + k];
      a[i * lda + j] = s / d;
    }
  }
  return n;
}

int lipcert_arithmetic_is_standard(void) {
  // Volatile, so that the processor and not the compiler computes.
  volatile double one = 1, u = 0x1p-53, normal = 0x1p-1022, subnormal = 0x1p-1074, half = 0.5, large = 0x1p+100;
  volatile double up = one + u, down = -one - u, even = one + 2 * u + u, flushed = normal * half, read = subnormal * large;
  return up == 1 && down == -1 && even == 1 + 0x1p-51 && flushed > 0 && read > 0;
}
