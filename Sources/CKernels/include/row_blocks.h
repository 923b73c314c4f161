// The kernels of backward bound propagation: blocks of 16 or 32 rows of coefficients, held unit by unit.
//
// A block over n units is an n x width array: element i*width + q is the coefficient of unit i in row q. Sums are plain sums of products.
#ifndef LIPCERT_ROW_BLOCKS_H
#define LIPCERT_ROW_BLOCKS_H
#include <stddef.h>

// The rows of a block: this many, or half of it.
#define LIPCERT_ROW_BLOCK 32
// Columns in one panel of a packed matrix: element (i, j) of an m x n matrix is at [(j / 4 * m + i) * 4 + j % 4], columns padded with zeros.
#define LIPCERT_ROW_PANEL 4

// Lists the units with a coefficient that is not zero; returns how many there are.
size_t lipcert_rows_active(size_t n, size_t width, const double *a, ptrdiff_t *active);
// c[j*width + q] += sum over i in active of w(i, j) a[i*width + q], w an m x n matrix packed in panels; c has n rounded up to panels.
void lipcert_rows_dense(size_t width, size_t count, const ptrdiff_t *active, size_t m, size_t n, const double *packed, const double *a,
                        double *c);
// c[columns[k]*width + q] += values[k] a[i*width + q] for i in active and starts[i] <= k < starts[i + 1].
void lipcert_rows_sparse(size_t width, size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns,
                         const double *values, const double *a, double *c);
// Replaces unit i by a line: its lower one where the coefficient is positive, its upper one where it is negative.
//
// c[i*width + q] += a slope, sums[q] += a intercept, slacks[q] += |a| slack[i]. A null c leaves the slopes out. `stride` is 0 when all
// rows share the lines of a unit, else the width, and unit i's line for row q is at [i*stride + q].
void lipcert_rows_relax(size_t width, size_t n, size_t stride, const double *a, const double *lower_slopes, const double *lower_intercepts,
                        const double *upper_slopes, const double *upper_intercepts, const double *slack, double *c, double *sums,
                        double *slacks);
// sums[q] += sum_i a[i*width + q] x[i], squares[q] += sum_i a[i*width + q]^2, slacks[q] += sum_i |a[i*width + q]| slack[i].
void lipcert_rows_norms(size_t width, size_t n, const double *a, const double *x, const double *slack, double *sums, double *squares,
                        double *slacks);
// y[i] += sum_j |w[i*n + j]| x[j], i < m, for x >= 0.
void lipcert_magnitude_product(size_t m, size_t n, const double *w, const double *x, double *y);

#endif
