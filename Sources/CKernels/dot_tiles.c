// Inner-product kernels of the verified Cholesky factorisation. The proof of a certificate rests on these
// loops, so they are plain: every result is a sum of products, in some order, divided at most once by the
// pivot itself. No reciprocals, no inverted blocks, no Strassen.
#include "dot_tiles.h"
#include <math.h>

typedef double v8 __attribute__((vector_size(64), aligned(8)));
typedef double v4 __attribute__((vector_size(32), aligned(8)));
typedef double v2 __attribute__((vector_size(16), aligned(8)));

// s[i] = the sum of the lanes of the i-th accumulator.
static inline void plain_lanes(v2 a, v2 b, v2 c, v2 d, double *s) {
  s[0] = a[0] + a[1];
  s[1] = b[0] + b[1];
  s[2] = c[0] + c[1];
  s[3] = d[0] + d[1];
}
#define DEFINE_LANES_4(NAME, TARGET)                                                                          \
  TARGET static inline void NAME##_lanes4(v4 a, v4 b, v4 c, v4 d, double *s) {                                \
    v4 ab = __builtin_shufflevector(a, b, 0, 4, 2, 6) + __builtin_shufflevector(a, b, 1, 5, 3, 7);            \
    v4 cd = __builtin_shufflevector(c, d, 0, 4, 2, 6) + __builtin_shufflevector(c, d, 1, 5, 3, 7);            \
    *(v4 *)s = __builtin_shufflevector(ab, cd, 0, 1, 4, 5) + __builtin_shufflevector(ab, cd, 2, 3, 6, 7);     \
  }
#define HALVES(x) (__builtin_shufflevector(x, x, 0, 1, 2, 3) + __builtin_shufflevector(x, x, 4, 5, 6, 7))

// The tile c[i*ldc + j] += sign * sum_k a[i*lda + k] * b[j*ldb + k] has MI x 4 entries, vectors run along k. On AVX-512 (Zen 5) 4 x 4 tiles
// and blocks of 512 along k are fastest of those tried (4 x 5, 6 x 4; 256); what matters most is that no edge of a 64 x 64 block is left to
// the slow path and that the lanes are added by shuffles. Each entry is a sum of products in some order, however k is cut.
#define DEFINE_TILE(NAME, TARGET, V, W, MI)                                                                   \
  TARGET static void NAME##_tile(size_t k, double sign, const double *a, size_t lda, const double *b,         \
                                 size_t ldb, double *c, size_t ldc) {                                         \
    V acc[MI][4];                                                                                             \
    for (int i = 0; i < MI; i++)                                                                              \
      for (int j = 0; j < 4; j++) acc[i][j] = (V){0};                                                         \
    size_t p = 0;                                                                                             \
    for (; p + W <= k; p += W) {                                                                              \
      V x[MI];                                                                                                \
      for (int i = 0; i < MI; i++) x[i] = *(const V *)(a + (size_t)i * lda + p);                              \
      for (int j = 0; j < 4; j++) {                                                                           \
        V y = *(const V *)(b + (size_t)j * ldb + p);                                                          \
        for (int i = 0; i < MI; i++) acc[i][j] += x[i] * y;                                                   \
      }                                                                                                       \
    }                                                                                                         \
    for (int i = 0; i < MI; i++) {                                                                            \
      double s[4];                                                                                            \
      NAME##_lanes(acc[i][0], acc[i][1], acc[i][2], acc[i][3], s);                                            \
      for (size_t q = p; q < k; q++)                                                                          \
        for (int j = 0; j < 4; j++) s[j] += a[(size_t)i * lda + q] * b[(size_t)j * ldb + q];                  \
      for (int j = 0; j < 4; j++) c[(size_t)i * ldc + j] += sign * s[j];                                      \
    }                                                                                                         \
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
      for (size_t j = 0; j < n; j += 4)                                                                       \
        for (size_t i = 0; i < m; i += MI) {                                                                  \
          const double *ai = a + i * lda + k0, *bj = b + j * ldb + k0;                                        \
          if (i + MI <= m && j + 4 <= n)                                                                      \
            NAME##_tile(kb, sign, ai, lda, bj, ldb, c + i * ldc + j, ldc);                                    \
          else                                                                                                \
            for (size_t ii = i; ii < m && ii < i + MI; ii++)                                                  \
              for (size_t jj = j; jj < n && jj < j + 4; jj++)                                                 \
                NAME##_one(kb, sign, a + ii * lda + k0, b + jj * ldb + k0, c + ii * ldc + jj);                \
        }                                                                                                     \
    }                                                                                                         \
  }                                                                                                           \
  /* Eight rows at a time, transposed: the divisions and the subtractions of different rows are independent. */ \
  TARGET static void NAME##_solve(size_t rows, size_t n, const double *block, size_t ldblock, double *x,      \
                                  size_t ldx) {                                                               \
    double t[LIPCERT_PANEL][8];                                                                               \
    for (size_t i = 0; i < rows; i += 8) {                                                                    \
      size_t count = rows - i < 8 ? rows - i : 8;                                                             \
      for (size_t j = 0; j < n; j++)                                                                          \
        for (size_t r = 0; r < 8; r++) t[j][r] = r < count ? x[(i + r) * ldx + j] : 0;                        \
      for (size_t j = 0; j < n; j++) {                                                                        \
        const double *l = block + j * ldblock;                                                                \
        V q[8 / W];                                                                                           \
        for (int v = 0; v < 8 / W; v++) *(V *)(t[j] + v * W) = q[v] = *(V *)(t[j] + v * W) / l[j];            \
        for (size_t s = j + 1; s < n; s++)                                                                    \
          for (int v = 0; v < 8 / W; v++) *(V *)(t[s] + v * W) -= q[v] * l[s];                                \
      }                                                                                                       \
      for (size_t r = 0; r < count; r++)                                                                      \
        for (size_t j = 0; j < n; j++) x[(i + r) * ldx + j] = t[j][r];                                        \
    }                                                                                                         \
  }                                                                                                           \
  TARGET static void NAME##_combine(size_t count, const ptrdiff_t *starts, const ptrdiff_t *rows,             \
                                    const double *values, const double *x, size_t width, double *y,           \
                                    size_t ldy, int accumulate) {                                             \
    for (size_t i = 0; i < count; i++) {                                                                      \
      double sums[LIPCERT_COMBINED];                                                                          \
      for (int g = 0; g < LIPCERT_COMBINED; g += 4 * W) {                                                     \
        V even[4] = {{0}, {0}, {0}, {0}}, odd[4] = {{0}, {0}, {0}, {0}};                                      \
        ptrdiff_t k = starts[i];                                                                              \
        for (; k + 2 <= starts[i + 1]; k += 2) {                                                              \
          const double *x0 = x + rows[k] * LIPCERT_COMBINED + g, *x1 = x + rows[k + 1] * LIPCERT_COMBINED + g; \
          for (int v = 0; v < 4; v++) {                                                                       \
            even[v] += values[k] * *(const V *)(x0 + v * W);                                                  \
            odd[v] += values[k + 1] * *(const V *)(x1 + v * W);                                               \
          }                                                                                                   \
        }                                                                                                     \
        if (k < starts[i + 1])                                                                                \
          for (int v = 0; v < 4; v++) even[v] += values[k] * *(const V *)(x + rows[k] * LIPCERT_COMBINED + g + v * W); \
        for (int v = 0; v < 4; v++) *(V *)(sums + g + v * W) = even[v] + odd[v];                              \
      }                                                                                                       \
      double *row = y + i * ldy;                                                                              \
      if (accumulate)                                                                                         \
        for (size_t q = 0; q < width; q++) row[q] += sums[q];                                                 \
      else                                                                                                    \
        for (size_t q = 0; q < width; q++) row[q] = sums[q];                                                  \
    }                                                                                                         \
  }                                                                                                           \
  TARGET static double NAME##_absolute_dot(size_t n, const double *x, const double *y) {                      \
    V acc[4] = {{0}, {0}, {0}, {0}};                                                                          \
    size_t p = 0;                                                                                             \
    for (; p + 4 * W <= n; p += 4 * W)                                                                        \
      for (int v = 0; v < 4; v++)                                                                             \
        acc[v] += __builtin_elementwise_abs(*(const V *)(x + p + v * W)) * *(const V *)(y + p + v * W);       \
    V all = (acc[0] + acc[1]) + (acc[2] + acc[3]);                                                            \
    double s = 0;                                                                                             \
    for (int l = 0; l < W; l++) s += all[l];                                                                  \
    for (; p < n; p++) s += fabs(x[p]) * y[p];                                                                \
    return s;                                                                                                 \
  }

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,fma")))
#define AVX2 __attribute__((target("avx2,fma")))
DEFINE_LANES_4(avx512, AVX512)
AVX512 static inline void avx512_lanes(v8 a, v8 b, v8 c, v8 d, double *s) {
  avx512_lanes4(HALVES(a), HALVES(b), HALVES(c), HALVES(d), s);
}
DEFINE_LANES_4(avx2, AVX2)
AVX2 static inline void avx2_lanes(v4 a, v4 b, v4 c, v4 d, double *s) { avx2_lanes4(a, b, c, d, s); }
DEFINE_TILE(avx512, AVX512, v8, 8, 4)
DEFINE_TILE(avx2, AVX2, v4, 4, 2)
#endif
DEFINE_TILE(plain, , v2, 2, 2)

#if defined(__x86_64__)
static int lanes_log2(void) {
  if (__builtin_cpu_supports("avx512f")) return 3;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? 2 : 1;
}
#define DISPATCH(call)                        \
  switch (lanes_log2()) {                          \
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

void lipcert_combine_rows(size_t count, const ptrdiff_t *starts, const ptrdiff_t *rows, const double *values,
                          const double *x, size_t n, double *y, size_t ldy, int accumulate) {
  DISPATCH(combine(count, starts, rows, values, x, n, y, ldy, accumulate));
}

void lipcert_absolute_columns(size_t m, size_t n, const double *a, size_t lda, const double *x, double *y) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) y[j] += fabs(a[i * lda + j]) * x[i];
}

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
