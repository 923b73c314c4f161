// Random numbers from counters: block n of a key's numbers can be computed without those before it, and sixteen counters at a time.
//
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011 (Philox 4x32 with ten rounds).
#include "training_dispatch.h"

typedef float vf __attribute__((vector_size(64), may_alias));
typedef int32_t vi __attribute__((vector_size(64), may_alias));
typedef uint32_t vu __attribute__((vector_size(64), may_alias));
typedef uint64_t vw __attribute__((vector_size(64), may_alias));

#define COUNTERS 16
// The numbers from COUNTERS counters.
#define BLOCK 64

// The high and low words of the products of every lane with a constant, from the products of the even and the odd lanes.
#define MULTIPLY(factor, lanes, high, low)                                   \
  {                                                                          \
    vw all = (vw)(lanes), even = (all & 0xffffffffu) * (factor), odd = (all >> 32) * (factor); \
    high = (vu)((even >> 32) | (odd & 0xffffffff00000000u));                 \
    low = (vu)((even & 0xffffffffu) | (odd << 32));                          \
  }

// w = the four words of the counters first, first + 1, ...
#define PHILOX(key, first, w)                                                \
  {                                                                          \
    uint32_t k0 = (uint32_t)(key), k1 = (uint32_t)((key) >> 32);             \
    w[0] = (vu){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15} + (first); \
    w[1] = w[2] = w[3] = (vu){0};                                            \
    for (int round = 0; round < 10; round++) {                               \
      vu high0, low0, high1, low1;                                           \
      MULTIPLY(0xD2511F53u, w[0], high0, low0)                               \
      MULTIPLY(0xCD9E8D57u, w[2], high1, low1)                               \
      w[0] = high1 ^ w[1] ^ k0;                                              \
      w[1] = low1;                                                           \
      w[2] = high0 ^ w[3] ^ k1;                                              \
      w[3] = low0;                                                           \
      k0 += 0x9E3779B9u;                                                     \
      k1 += 0xBB67AE85u;                                                     \
    }                                                                        \
  }

#define TEMPLATE "training_noise.h"
#include "each_processor.h"

#define DEFINE(prefix, T)                                                                                                   \
  void lipcert_##prefix##add_noise(ptrdiff_t count, uint64_t key, T deviation, const T *x, T *y) {                          \
    DISPATCH(T, add_noise(count, key, deviation, x, y));                                                                    \
  }                                                                                                                         \
  void lipcert_##prefix##drop(ptrdiff_t count, uint64_t key, uint32_t threshold, T scale, const T *x, T *y,                 \
                              int accumulate) {                                                                             \
    DISPATCH(T, drop(count, key, threshold, scale, x, y, accumulate));                                                      \
  }                                                                                                                         \
  double lipcert_##prefix##noise_product(ptrdiff_t count, const T *g, const T *x, const T *y) {                             \
    return DISPATCH(T, product(count, g, x, y));                                                                            \
  }                                                                                                                         \
  void lipcert_##prefix##noise_gradient(ptrdiff_t count, const T *g, T slope, T mean, const T *x, T *y, int accumulate) {   \
    DISPATCH(T, noise_gradient(count, g, slope, mean, x, y, accumulate));                                                   \
  }

DEFINE(s, float)
DEFINE(d, double)

void lipcert_random_words(ptrdiff_t blocks, uint64_t key, uint32_t *words) {
  for (ptrdiff_t block = 0; block < blocks; block++) {
    vu w[4];
    PHILOX(key, (uint32_t)(block * COUNTERS), w)
    __builtin_memcpy(words + block * BLOCK, w, sizeof(w));
  }
}
