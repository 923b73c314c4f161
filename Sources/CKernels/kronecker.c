// Second derivatives of matrix inequalities in matrix variables.
#include "CKernels.h"

#define SYMMETRIC 0
#define MULTIPLE 2

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CLONES
#endif

// out[l] += x a[l] + y b[l] + z c[l] + w d[l]
CLONES static void combine(ptrdiff_t n, double x, const double *restrict a, double y, const double *restrict b, double z,
                           const double *restrict c, double w, const double *restrict d, double *restrict out) {
  for (ptrdiff_t l = 0; l < n; l++) out[l] += x * a[l] + y * b[l] + z * c[l] + w * d[l];
}

// Entries over (k, l) of the second variable for the pair of rows (i, j) of the first; halved where i = j.
static void row(ptrdiff_t i, ptrdiff_t j, int kind, ptrdiff_t q, double factor, const double *a, const double *b,
                double *out) {
  const double *ai = a + i * q, *aj = a + j * q, *bi = b + i * q, *bj = b + j * q;
  double f = i == j ? 0.5 * factor : factor;
  if (kind != SYMMETRIC) {
    for (ptrdiff_t k = 0; k < q; k++) out[kind == MULTIPLE ? 0 : k] += f * (aj[k] * bi[k] + ai[k] * bj[k]);
    return;
  }
  for (ptrdiff_t k = 0; k < q; k++) {
    out[0] += f * (aj[k] * bi[k] + ai[k] * bj[k]);
    combine(q - k - 1, f * aj[k], bi + k + 1, f * ai[k], bj + k + 1, f * bi[k], aj + k + 1, f * bj[k], ai + k + 1, out + 1);
    out += q - k;
  }
}

void lipcert_add_kronecker(int kind_p, ptrdiff_t p, int kind_q, ptrdiff_t q, double factor, const double *a,
                           const double *b, double *out, ptrdiff_t stride) {
  if (kind_p != SYMMETRIC) {
    for (ptrdiff_t i = 0; i < p; i++) row(i, i, kind_q, q, factor, a, b, kind_p == MULTIPLE ? out : out + i * stride);
    return;
  }
  for (ptrdiff_t i = 0; i < p; i++)
    for (ptrdiff_t j = i; j < p; j++, out += stride) row(i, j, kind_q, q, factor, a, b, out);
}
