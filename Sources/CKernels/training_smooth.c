// Smooth activations in single precision, sixteen elements at a time, to about 1e-7 of the larger of 1 and the argument. Training only: proofs
// evaluate activations elsewhere.
#include "training_dispatch.h"
#include <string.h>

// Vectors are arguments of inlined functions only, so nothing depends on how they are passed.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
typedef float vf __attribute__((vector_size(4 * LANES), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * LANES), may_alias));

#if defined(__x86_64__)
#define TARGET AVX512
#define NAME(x) float512_##x
#include "training_smooth.h"
#undef TARGET
#undef NAME

#define TARGET AVX2
#define NAME(x) float256_##x
#include "training_smooth.h"
#undef TARGET
#undef NAME
#endif

#define TARGET
#define NAME(x) float_plain_##x
#include "training_smooth.h"

void lipcert_smooth_values(lipcert_smooth function, ptrdiff_t count, float p, float q, const float *x, float *y) {
  DISPATCH(float, run(function, count, p, q, x, 0, y, 0));
}

void lipcert_smooth_gradient(lipcert_smooth function, ptrdiff_t count, float p, float q, const float *x, const float *gradient, float *y,
                             int accumulate) {
  DISPATCH(float, run(function, count, p, q, x, gradient, y, accumulate));
}
