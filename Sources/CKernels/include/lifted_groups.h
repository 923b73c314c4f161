// The activation passes of the lifted iteration where groups of units share one sphere, r rows of n units.
//
// group[i] < m is the group of unit i; |.|_g is the Frobenius norm over a group's columns. The last argument is
// scratch of the length given with each function.
#ifndef LIPCERT_LIFTED_GROUPS_H
#define LIPCERT_LIFTED_GROUPS_H
#include <stddef.h>

#define LIPCERT_GROUPS(T)                                                                                                 \
  /* h = c p + |d p|_g s; m numbers */                                                                                    \
  void lipcert_groups_forward_##T(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c,  \
                                  const T *d, T *h, double *scratch);                                                     \
  /* fresh = a/|a|_g, s = normalise(fresh + beta (fresh - old)), old = fresh, tau = |a|_g / |d p|_g,                      \
     moved = |d p|_g |a|_g |fresh - s|^2 (old s), a = c a + |a|_g d^2 p/|d p|_g; 3 m numbers */                           \
  void lipcert_groups_backward_##T(size_t r, size_t n, size_t m, const size_t *group, T beta, const T *p, const T *c,     \
                                   const T *d, T *a, T *s, T *old, T *tau, T *moved, double *scratch);                    \
  /* g = |d p|_g (a - (a.s)_g s), w = |d p|_g |a|_g, tau = |a|_g / |d p|_g, a = c a + (a.s)_g d^2 p/|d p|_g;               \
     3 m numbers */                                                                                                       \
  void lipcert_groups_gradient_##T(size_t r, size_t n, size_t m, const size_t *group, const T *p, const T *s, const T *c, \
                                   const T *d, T *a, T *g, T *w, T *tau, double *scratch);                                \
  /* out = normalise(x + t z), group by group; m numbers */                                                               \
  void lipcert_groups_retract_##T(size_t r, size_t n, size_t m, const size_t *group, T t, const T *x, const T *z, T *out, \
                                  double *scratch);                                                                       \
  /* z = z - x (x.z), group by group; m numbers */                                                                        \
  void lipcert_groups_project_##T(size_t r, size_t n, size_t m, const size_t *group, const T *x, T *z, double *scratch);
LIPCERT_GROUPS(float)
LIPCERT_GROUPS(double)
#undef LIPCERT_GROUPS

#endif
