// The loops of layers that are trained, on feature maps whose channels lie beside each other: pixel r, channel c is at [r * channels + c].
#ifndef LIPCERT_TRAINING_LAYERS_H
#define LIPCERT_TRAINING_LAYERS_H
#include <stddef.h>
#include <stdint.h>

/// The vectors that these kernels use on the calling thread (see convolution.h); the limit is for tests.
int lipcert_training_instructions(void);
void lipcert_limit_training_instructions(int instructions);

/// A pool's window over an image.
typedef struct {
  ptrdiff_t height, width, channels;
  ptrdiff_t kernel_height, kernel_width, stride_height, stride_width, pad_height, pad_width;
  ptrdiff_t output_height, output_width;
  /// Whether an average divides by the whole window where it reaches into the padding.
  int counts_padding;
} lipcert_window;

#define LIPCERT_DECLARE(prefix, type)                                                                                       \
  /* Channels (training_channels.c). v = (x - mean) scale + shift, one value of each for every channel. */                  \
                                                                                                                            \
  /* The mean and the sum of squared distances from it of every channel over some pixels, at least one. */                  \
  void lipcert_##prefix##channel_moments(ptrdiff_t pixels, ptrdiff_t channels, const type *x, double *mean,                 \
                                         double *squares);                                                                  \
  /* y = v, or `lower` where v is smaller. */                                                                               \
  void lipcert_##prefix##channel_normalize(ptrdiff_t pixels, ptrdiff_t channels, const type *x, const type *mean,           \
                                           const type *scale, const type *shift, type lower, type *y);                      \
  /* With g the gradient where v > lower and zero elsewhere: the sums of g and of g (x - mean) of every channel. */         \
  void lipcert_##prefix##channel_gradient_sums(ptrdiff_t pixels, ptrdiff_t channels, const type *x, const type *gradient,   \
                                               const type *mean, const type *scale, const type *shift, type lower,          \
                                               double *sums, double *products);                                             \
  /* y = scale g - base - slope (x - mean), or +=. */                                                                       \
  void lipcert_##prefix##channel_gradient(ptrdiff_t pixels, ptrdiff_t channels, const type *x, const type *gradient,        \
                                          const type *mean, const type *scale, const type *shift, type lower,               \
                                          const type *base, const type *slope, type *y, int accumulate);                    \
                                                                                                                            \
  /* Single elements (training_elements.c). */                                                                              \
                                                                                                                            \
  /* z = a x + b y; z may be x or y. */                                                                                     \
  void lipcert_##prefix##combine(ptrdiff_t count, type a, const type *x, type b, const type *y, type *z);                   \
  /* y = a x, or +=. */                                                                                                     \
  void lipcert_##prefix##multiply(ptrdiff_t count, type a, const type *x, type *y, int accumulate);                         \
  /* y = x, or slope x where x < 0. */                                                                                      \
  void lipcert_##prefix##leak(ptrdiff_t count, type slope, const type *x, type *y);                                         \
  /* y = gradient where x > 0, slope gradient elsewhere, or +=. */                                                          \
  void lipcert_##prefix##leak_gradient(ptrdiff_t count, type slope, const type *x, const type *gradient, type *y,           \
                                       int accumulate);                                                                     \
  /* y = x within [lower, upper], the nearest bound elsewhere. */                                                           \
  void lipcert_##prefix##clip(ptrdiff_t count, type lower, type upper, const type *x, type *y);                             \
  /* y = gradient where lower < x < upper, zero elsewhere, or +=. */                                                        \
  void lipcert_##prefix##clip_gradient(ptrdiff_t count, type lower, type upper, const type *x, const type *gradient,        \
                                       type *y, int accumulate);                                                            \
  /* For the halves a and b of every pixel's channels: y = (max(a, b), min(a, b)). */                                       \
  void lipcert_##prefix##extremes(ptrdiff_t pixels, ptrdiff_t half, const type *x, type *y);                                \
  void lipcert_##prefix##extremes_gradient(ptrdiff_t pixels, ptrdiff_t half, const type *x, const type *gradient, type *y,  \
                                           int accumulate);                                                                 \
  /* y = neighbouring elements in ascending order in groups of `size`; source[i] is the place within its group that y[i]    \
     comes from. Equal elements keep their order. */                                                                        \
  void lipcert_##prefix##sort_groups(ptrdiff_t groups, ptrdiff_t size, const type *x, type *y, int32_t *source);            \
  void lipcert_##prefix##sort_groups_gradient(ptrdiff_t groups, ptrdiff_t size, const int32_t *source,                      \
                                              const type *gradient, type *y, int accumulate);                               \
  /* y[j * rows + i] = x[i * columns + j], or +=. */                                                                        \
  void lipcert_##prefix##transpose(ptrdiff_t rows, ptrdiff_t columns, const type *x, type *y, int accumulate);              \
  /* For every pixel y[i] = x[source[i]], or zero where source[i] is negative. */                                           \
  void lipcert_##prefix##select(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *source,               \
                                const type *x, type *y);                                                                    \
  /* Its gradient: y[source[i]] += gradient[i], from zero unless it accumulates. */                                         \
  void lipcert_##prefix##select_gradient(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *source,      \
                                         const type *gradient, type *y, int accumulate);                                    \
                                                                                                                            \
  /* Windows over one image (training_windows.c). */                                                                        \
                                                                                                                            \
  /* The greatest element of every window and its index in x; the first one where several are equal. */                     \
  void lipcert_##prefix##window_maximum(const lipcert_window *window, const type *x, type *y, int32_t *source);             \
  void lipcert_##prefix##window_maximum_gradient(const lipcert_window *window, const int32_t *source,                       \
                                                 const type *gradient, type *y, int accumulate);                            \
  /* The mean of every window. */                                                                                           \
  void lipcert_##prefix##window_mean(const lipcert_window *window, const type *x, type *y);                                 \
  void lipcert_##prefix##window_mean_gradient(const lipcert_window *window, const type *gradient, type *y, int accumulate); \
                                                                                                                            \
  /* Noise (training_noise.c). */                                                                                           \
                                                                                                                            \
  /* y = x + deviation g with independent normal g of variance one that depend on the key alone; a null x is zero. */       \
  void lipcert_##prefix##add_noise(ptrdiff_t count, uint64_t key, type deviation, const type *x, type *y);                  \
  /* y = scale x where a random word is at least `threshold` and zero elsewhere, or +=. */                                  \
  void lipcert_##prefix##drop(ptrdiff_t count, uint64_t key, uint32_t threshold, type scale, const type *x, type *y,        \
                              int accumulate);                                                                              \
  /* The sum of g (y - x). */                                                                                               \
  double lipcert_##prefix##noise_product(ptrdiff_t count, const type *g, const type *x, const type *y);                     \
  /* y = g + slope (x - mean), or +=. */                                                                                    \
  void lipcert_##prefix##noise_gradient(ptrdiff_t count, const type *g, type slope, type mean, const type *x, type *y,      \
                                        int accumulate);

LIPCERT_DECLARE(s, float)
LIPCERT_DECLARE(d, double)
#undef LIPCERT_DECLARE

/// Smooth activations (training_smooth.c).
typedef enum {
  LIPCERT_TANH,
  LIPCERT_SIGMOID,
  /// p (e^x - 1) below zero.
  LIPCERT_ELU,
  LIPCERT_SOFTPLUS,
  /// p x + q between 0 and 1.
  LIPCERT_HARD_SIGMOID,
  LIPCERT_GELU,
  LIPCERT_GELU_TANH,
  LIPCERT_SILU,
  LIPCERT_MISH,
  LIPCERT_HARD_SWISH,
} lipcert_smooth;

/// y = f(x).
void lipcert_smooth_values(lipcert_smooth function, ptrdiff_t count, float p, float q, const float *x, float *y);
/// y = f'(x) gradient, or +=.
void lipcert_smooth_gradient(lipcert_smooth function, ptrdiff_t count, float p, float q, const float *x, const float *gradient, float *y,
                             int accumulate);

/// The words of Philox 4x32-10 for the counters 0, 1, ... : word w of counter n is at [(n / 16 * 4 + w) * 16 + n % 16].
void lipcert_random_words(ptrdiff_t blocks, uint64_t key, uint32_t *words);

#endif
