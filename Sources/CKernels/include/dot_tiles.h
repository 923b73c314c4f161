// The kernels of the proofs: plain sums of products.
#ifndef LIPCERT_DOT_TILES_H
#define LIPCERT_DOT_TILES_H
#include <stddef.h>

// The greatest order of a diagonal block.
#define LIPCERT_PANEL 64
// The columns that sparse products treat at a time.
#define LIPCERT_COMBINED 32

// c[i*ldc + j] += sign * sum_k a[i*lda + k] * b[j*ldb + k],  0 <= i < m, 0 <= j < n; sign is +1 or -1.
void lipcert_dots(size_t m, size_t n, size_t k, double sign, const double *a, size_t lda, const double *b, size_t ldb,
                  double *c, size_t ldc);
// Solves X L' = X in place for `rows` rows of length n <= LIPCERT_PANEL: block[j*ldblock + t] = L(t, j), upper part, diagonal included.
void lipcert_solve_rows(size_t rows, size_t n, const double *block, size_t ldblock, double *x, size_t ldx);
// Cholesky of the lower triangle in place, row-major; returns n, or the first column whose pivot is not positive and finite.
size_t lipcert_factor_block(size_t n, double *a, size_t lda);
// y[i*ldy + q] = (or +=) sum of values[k] * x[rows[k]*LIPCERT_COMBINED + q], starts[i] <= k < starts[i + 1]; i < count, q < n <= LIPCERT_COMBINED.
void lipcert_combine_rows(size_t count, const ptrdiff_t *starts, const ptrdiff_t *rows, const double *values,
                          const double *x, size_t n, double *y, size_t ldy, int accumulate);
// sum_i |x_i| y_i.
double lipcert_absolute_dot(size_t n, const double *x, const double *y);
// y[j] += sum_i |a[i*lda + j]| x_i,  i < m, j < n.
void lipcert_absolute_columns(size_t m, size_t n, const double *a, size_t lda, const double *x, double *y);
// Whether this thread rounds to nearest even and neither flushes results nor reads operands below 2^-1022 as zero.
int lipcert_arithmetic_is_standard(void);

#endif
