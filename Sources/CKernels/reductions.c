// Reductions over one array.
#include "CKernels.h"
#include <math.h>
#include <stdint.h>
#include <string.h>

// Sums in sixteen interleaved partial sums, so that the compiler may use vectors without reordering anything.
#define LANES 16

#define DEFINE(prefix, type, bits, mask)                                                                           \
  static double prefix##squares(ptrdiff_t count, const type *x, double scale) {                                    \
    double sum[LANES] = {0};                                                                                       \
    ptrdiff_t i = 0;                                                                                               \
    for (; i + LANES <= count; i += LANES)                                                                         \
      for (int j = 0; j < LANES; j++) {                                                                            \
        double value = scale * (double)x[i + j];                                                                   \
        sum[j] += value * value;                                                                                   \
      }                                                                                                            \
    for (; i < count; i++) {                                                                                       \
      double value = scale * (double)x[i];                                                                         \
      sum[0] += value * value;                                                                                     \
    }                                                                                                              \
    for (int j = 1; j < LANES; j++) sum[0] += sum[j];                                                              \
    return sum[0];                                                                                                 \
  }                                                                                                                \
  double lipcert_##prefix##norm(ptrdiff_t count, const type *x) {                                                  \
    double sum = prefix##squares(count, x, 1);                                                                     \
    if (sum > 0x1p-900 && sum < 0x1p1000) return sqrt(sum);                                                        \
    if (!lipcert_##prefix##all_finite(count, x)) return sum == sum ? INFINITY : sum;                               \
    double largest = 0;                                                                                            \
    for (ptrdiff_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)x[i]));                             \
    if (largest == 0) return 0;                                                                                    \
    int exponent;                                                                                                  \
    frexp(largest, &exponent);                                                                                     \
    if (exponent < -1000) exponent = -1000;                                                                        \
    return ldexp(sqrt(prefix##squares(count, x, ldexp(1, -exponent))), exponent);                                  \
  }                                                                                                                \
  int lipcert_##prefix##all_finite(ptrdiff_t count, const type *x) {                                               \
    const unsigned char *bytes = (const unsigned char *)x;                                                         \
    bits bad = 0;                                                                                                  \
    for (ptrdiff_t i = 0; i < count; i++) {                                                                        \
      bits b;                                                                                                      \
      memcpy(&b, bytes + (size_t)i * sizeof(b), sizeof(b));                                                        \
      bad |= (b & mask) == mask;                                                                                   \
    }                                                                                                              \
    return bad == 0;                                                                                               \
  }

DEFINE(s, float, uint32_t, 0x7F800000u)
DEFINE(d, double, uint64_t, 0x7FF0000000000000u)
