// The kernels of the verified Cholesky factorisation: plain sums of products.
#ifndef LIPCERT_DOT_TILES_H
#define LIPCERT_DOT_TILES_H
#include <stddef.h>

// c[i*ldc + j] += sign * sum_k a[i*lda + k] * b[j*ldb + k],  0 <= i < m, 0 <= j < n; sign is +1 or -1.
void lipcert_dots(size_t m, size_t n, size_t k, double sign, const double *a, size_t lda, const double *b, size_t ldb,
                  double *c, size_t ldc);
// Solves X L' = X in place for `rows` rows of length n: block[j*ldblock + t] = L(t, j), upper part, diagonal included.
void lipcert_solve_rows(size_t rows, size_t n, const double *block, size_t ldblock, double *x, size_t ldx);
// Cholesky of the lower triangle in place, row-major; returns n, or the first column whose pivot is not positive and finite.
size_t lipcert_factor_block(size_t n, double *a, size_t lda);
// y += alpha x.
void lipcert_axpy(size_t n, double alpha, const double *x, double *y);
// sum_i |x_i| y_i.
double lipcert_absolute_dot(size_t n, const double *x, const double *y);
// Whether this thread rounds to nearest even and neither flushes results nor reads operands below 2^-1022 as zero.
int lipcert_arithmetic_is_standard(void);

#endif
