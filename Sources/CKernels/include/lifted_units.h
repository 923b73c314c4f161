// The activation passes of the lifted iteration, units first..<last of n, r rows
#ifndef LIPCERT_LIFTED_UNITS_H
#define LIPCERT_LIFTED_UNITS_H
#include <stddef.h>

#define LIPCERT_UNITS(T)                                                                                                  \
  /* h = c p + d |p| s */                                                                                                 \
  void lipcert_units_forward_##T(size_t r, size_t n, size_t first, size_t last, const T *p, const T *s, const T *c,       \
                                 const T *d, T *h);                                                                       \
  /* fresh = a/|a|, s = normalise(fresh + beta (fresh - old)), old = fresh, tau = |a| / (d |p|),                          \
     moved = d |p| |a| |fresh - s|^2 (old s), a = c a + d |a| p/|p| */                                                    \
  void lipcert_units_backward_##T(size_t r, size_t n, size_t first, size_t last, T beta, const T *p, const T *c,          \
                                  const T *d, T *a, T *s, T *old, T *tau, T *moved);                            \
  /* g = d |p| (a - (a.s) s), the gradient along the spheres; w = d |p| |a|, tau = |a| / (d |p|), a = c a + d (a.s) p/|p| */ \
  void lipcert_units_gradient_##T(size_t r, size_t n, size_t first, size_t last, const T *p, const T *s, const T *c,      \
                                  const T *d, T *a, T *g, T *w, T *tau);
LIPCERT_UNITS(float)
LIPCERT_UNITS(double)
#undef LIPCERT_UNITS

#endif
