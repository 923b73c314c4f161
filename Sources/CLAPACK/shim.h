// Fortran BLAS and LAPACK symbols used by LinearAlgebra. The trailing size_t arguments are the
// hidden CHARACTER lengths of the Fortran calling convention; callers pass 1 for each.
#ifndef LIPCERT_CLAPACK_SHIM_H
#define LIPCERT_CLAPACK_SHIM_H
#include <stddef.h>

#define LIPCERT_DECLARE(p, T)                                                                                      \
  void p##gemm_(const char *ta, const char *tb, const int *m, const int *n, const int *k, const T *alpha,          \
                const T *a, const int *lda, const T *b, const int *ldb, const T *beta, T *c, const int *ldc,       \
                size_t, size_t);                                                                                   \
  void p##gemv_(const char *trans, const int *m, const int *n, const T *alpha, const T *a, const int *lda,         \
                const T *x, const int *incx, const T *beta, T *y, const int *incy, size_t);                        \
  void p##syrk_(const char *uplo, const char *trans, const int *n, const int *k, const T *alpha, const T *a,       \
                const int *lda, const T *beta, T *c, const int *ldc, size_t, size_t);                              \
  void p##trsm_(const char *side, const char *uplo, const char *transa, const char *diag, const int *m,            \
                const int *n, const T *alpha, const T *a, const int *lda, T *b, const int *ldb, size_t, size_t,    \
                size_t, size_t);                                                                                   \
  void p##potrf_(const char *uplo, const int *n, T *a, const int *lda, int *info, size_t);                         \
  void p##syevd_(const char *jobz, const char *uplo, const int *n, T *a, const int *lda, T *w, T *work,            \
                 const int *lwork, int *iwork, const int *liwork, int *info, size_t, size_t);                      \
  void p##syevr_(const char *jobz, const char *range, const char *uplo, const int *n, T *a, const int *lda,        \
                 const T *vl, const T *vu, const int *il, const int *iu, const T *abstol, int *m, T *w, T *z,      \
                 const int *ldz, int *isuppz, T *work, const int *lwork, int *iwork, const int *liwork, int *info, \
                 size_t, size_t, size_t);                                                                          \
  void p##sytrd_(const char *uplo, const int *n, T *a, const int *lda, T *d, T *e, T *tau, T *work,                \
                 const int *lwork, int *info, size_t);                                                             \
  void p##stemr_(const char *jobz, const char *range, const int *n, T *d, T *e, const T *vl, const T *vu,          \
                 const int *il, const int *iu, int *m, T *w, T *z, const int *ldz, const int *nzc, int *isuppz,    \
                 int *tryrac, T *work, const int *lwork, int *iwork, const int *liwork, int *info, size_t,         \
                 size_t);                                                                                          \
  void p##stedc_(const char *compz, const int *n, T *d, T *e, T *z, const int *ldz, T *work, const int *lwork,     \
                 int *iwork, const int *liwork, int *info, size_t);                                                \
  void p##ormtr_(const char *side, const char *uplo, const char *trans, const int *m, const int *n, const T *a,    \
                 const int *lda, const T *tau, T *c, const int *ldc, T *work, const int *lwork, int *info, size_t, \
                 size_t, size_t);                                                                                  \
  void p##geqrf_(const int *m, const int *n, T *a, const int *lda, T *tau, T *work, const int *lwork, int *info);  \
  void p##gelqf_(const int *m, const int *n, T *a, const int *lda, T *tau, T *work, const int *lwork, int *info);  \
  void p##orglq_(const int *m, const int *n, const int *k, T *a, const int *lda, const T *tau, T *work,            \
                 const int *lwork, int *info);                                                                     \
  void p##gesdd_(const char *jobz, const int *m, const int *n, T *a, const int *lda, T *s, T *u, const int *ldu,   \
                 T *vt, const int *ldvt, T *work, const int *lwork, int *iwork, int *info, size_t);

LIPCERT_DECLARE(s, float)
LIPCERT_DECLARE(d, double)
#undef LIPCERT_DECLARE

#endif
