// Pools over the windows of one image.
#include "training_dispatch.h"
#include <string.h>

// Channels treated at a time.
#define LANES 16

#define TEMPLATE "training_windows.h"
#include "each_processor.h"

#define DEFINE(prefix, T)                                                                                                   \
  void lipcert_##prefix##window_maximum(const lipcert_window *w, const T *x, T *y, int32_t *source) {                       \
    DISPATCH(T, maximum(w, x, y, source));                                                                                  \
  }                                                                                                                         \
  void lipcert_##prefix##window_maximum_gradient(const lipcert_window *w, const int32_t *source, const T *gradient, T *y,   \
                                                 int accumulate) {                                                          \
    DISPATCH(T, maximum_gradient(w, source, gradient, y, accumulate));                                                      \
  }                                                                                                                         \
  void lipcert_##prefix##window_mean(const lipcert_window *w, const T *x, T *y) { DISPATCH(T, mean(w, x, y)); }             \
  void lipcert_##prefix##window_mean_gradient(const lipcert_window *w, const T *gradient, T *y, int accumulate) {           \
    DISPATCH(T, mean_gradient(w, gradient, y, accumulate));                                                                 \
  }

DEFINE(s, float)
DEFINE(d, double)
