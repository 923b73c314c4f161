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

// Lists those of the units given that have a coefficient that is not zero; returns how many there are.
size_t lipcert_rows_active(size_t count, const ptrdiff_t *units, size_t width, const double *a, ptrdiff_t *active);
// Marks columns[k] for i in active and starts[i] <= k < starts[i + 1], and appends those that had no mark to `units`, which has `listed`
// entries before; returns how many it has then.
size_t lipcert_rows_touch(size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns, unsigned char *marks,
                          size_t listed, ptrdiff_t *units);
// Sets the coefficients and the marks of some units to zero.
void lipcert_rows_clear(size_t count, const ptrdiff_t *units, size_t width, double *a, unsigned char *marks);
// c[j*width + q] += sum over i in active of w(i, j) a[i*width + q], w an m x n matrix packed in panels; c has n rounded up to panels.
void lipcert_rows_dense(size_t width, size_t count, const ptrdiff_t *active, size_t m, size_t n, const double *packed, const double *a,
                        double *c);
// c[columns[k]*width + q] += values[k] a[i*width + q] for i in active and starts[i] <= k < starts[i + 1].
void lipcert_rows_sparse(size_t width, size_t count, const ptrdiff_t *active, const ptrdiff_t *starts, const ptrdiff_t *columns,
                         const double *values, const double *a, double *c);
// Replaces each active unit i by a line: its lower one where the coefficient is positive, its upper one where it is negative.
//
// c[j*width + q] += a slope, sums[q] += a intercept, slacks[q] += |a| slack[i]. A null c leaves the slopes out. The lines are functions of
// unit j = i of another node, or of units j = lower_units[i] and j = upper_units[i] if these are not null. `stride` is 0 when all rows
// share the lines of a unit, else the width, and unit i's line for row q is at [i*stride + q].
void lipcert_rows_relax(size_t width, size_t count, const ptrdiff_t *active, size_t stride, const ptrdiff_t *lower_units,
                        const ptrdiff_t *upper_units, const double *a, const double *lower_slopes, const double *lower_intercepts,
                        const double *upper_slopes, const double *upper_intercepts, const double *slack, double *c, double *sums,
                        double *slacks);
// sums[q] += sum_i a[i*width + q] x[i], squares[q] += sum_i a[i*width + q]^2, slacks[q] += sum_i |a[i*width + q]| slack[i], i in active.
void lipcert_rows_norms(size_t width, size_t count, const ptrdiff_t *active, const double *a, const double *x, const double *slack,
                        double *sums, double *squares, double *slacks);
// y[i] += sum_j |w[i*n + j]| x[j], i < m, for x >= 0.
void lipcert_magnitude_product(size_t m, size_t n, const double *w, const double *x, double *y);

#endif
