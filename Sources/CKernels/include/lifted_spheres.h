// Vector operations on points of a product of spheres: r rows of n columns, every column a unit vector.
#ifndef LIPCERT_LIFTED_SPHERES_H
#define LIPCERT_LIFTED_SPHERES_H
#include <stddef.h>

#define LIPCERT_SPHERES(T)                                                                                                \
  /* out = normalise(x + t z), column by column */                                                                        \
  void lipcert_spheres_retract_##T(size_t r, size_t n, T t, const T *x, const T *z, T *out);                              \
  /* z = z - x (x.z), column by column */                                                                                 \
  void lipcert_spheres_project_##T(size_t r, size_t n, const T *x, T *z);                                                 \
  /* out = h z, one factor for each column */                                                                             \
  void lipcert_spheres_scale_##T(size_t r, size_t n, const T *h, const T *z, T *out);                                     \
  /* y = y + a x; returns y.z */                                                                                          \
  double lipcert_add_then_dot_##T(size_t n, T a, const T *x, T *y, const T *z);                                           \
  /* x.y */                                                                                                               \
  double lipcert_dot_##T(size_t n, const T *x, const T *y);
LIPCERT_SPHERES(float)
LIPCERT_SPHERES(double)
#undef LIPCERT_SPHERES

#endif
