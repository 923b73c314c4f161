// Template of the kernels of training_channels.c.

// Which part of the channels is treated at a time. Few channels are repeated over several pixels, so that a strip is long and all its
// memory contiguous; of many, a strip takes some from every pixel.
typedef struct {
  ptrdiff_t channels, width, stride, rows, tail;
} NAME(strip);

TARGET static inline NAME(strip) NAME(strip_at)(ptrdiff_t first, ptrdiff_t pixels, ptrdiff_t channels) {
  NAME(strip) s;
  if (channels <= STRIP) {
    s.channels = channels;
    s.width = s.stride = STRIP / channels * channels;
    s.rows = pixels * channels / s.width;
    s.tail = pixels * channels % s.width;
  } else {
    s.channels = s.width = channels - first < STRIP ? channels - first : STRIP;
    s.stride = channels;
    s.rows = pixels;
    s.tail = 0;
  }
  return s;
}

TARGET static inline void NAME(spread)(const NAME(strip) * s, const T *values, T *lanes) {
  for (ptrdiff_t start = 0; start < s->width; start += s->channels)
    for (ptrdiff_t c = 0; c < s->channels; c++) lanes[start + c] = values[c];
}

TARGET static inline void NAME(fold)(const NAME(strip) * s, const T *lanes, double *values) {
  for (ptrdiff_t c = 0; c < s->channels; c++) values[c] = 0;
  for (ptrdiff_t start = 0; start < s->width; start += s->channels)
    for (ptrdiff_t c = 0; c < s->channels; c++) values[c] += (double)lanes[start + c];
}

// A strip's loop with a width that the compiler knows where that is the common one.
#define OVER_STRIP(s, row)                                             \
  if ((s).width == STRIP)                                              \
    for (ptrdiff_t r = 0; r < (s).rows; r++) row(STRIP, r * (s).stride) \
  else                                                                 \
    for (ptrdiff_t r = 0; r < (s).rows; r++) row((s).width, r * (s).stride) \
  row((s).tail, (s).rows * (s).stride)

// The corrected two-pass algorithm in one sweep through slower memory. Distances are taken from the mean of the first part of the pixels: if
// that is the fraction p of them, it is within sqrt((1 - p) / p) standard deviations of the mean, so little cancels.
//
// Chan, Golub, LeVeque: "Algorithms for computing the sample variance", The American Statistician 37 (1983), equation 1.7.
TARGET static void NAME(moments)(ptrdiff_t pixels, ptrdiff_t channels, const T *restrict x, double *mean, double *squares) {
  ptrdiff_t part = (pixels + 7) / 8;
  for (ptrdiff_t first = 0; first < channels; first += STRIP) {
    const T *from = x + first;
    T sum[STRIP] = {0}, square[STRIP] = {0}, center[STRIP];
    double total[STRIP], excess[STRIP];
    NAME(strip) s = NAME(strip_at)(first, part, channels);
#define ROW(width, at) { for (ptrdiff_t j = 0; j < (width); j++) sum[j] += from[(at) + j]; }
    OVER_STRIP(s, ROW)
#undef ROW
    NAME(fold)(&s, sum, total);
    for (ptrdiff_t c = 0; c < s.channels; c++) square[c] = (T)(total[c] / (double)part);
    NAME(spread)(&s, square, center);

    s = NAME(strip_at)(first, pixels, channels);
    memset(sum, 0, sizeof(sum));
    memset(square, 0, sizeof(square));
#define ROW(width, at)                                                 \
  {                                                                    \
    for (ptrdiff_t j = 0; j < (width); j++) {                          \
      T distance = from[(at) + j] - center[j];                         \
      sum[j] += distance;                                              \
      square[j] += distance * distance;                                \
    }                                                                  \
  }
    OVER_STRIP(s, ROW)
#undef ROW
    NAME(fold)(&s, sum, excess);
    NAME(fold)(&s, square, total);
    for (ptrdiff_t c = 0; c < s.channels; c++) {
      mean[first + c] = (double)center[c] + excess[c] / (double)pixels;
      double rest = total[c] - excess[c] * excess[c] / (double)pixels;
      squares[first + c] = rest < 0 ? 0 : rest;
    }
  }
}

TARGET static void NAME(normalize)(ptrdiff_t pixels, ptrdiff_t channels, const T *restrict x, const T *mean, const T *scale,
                                   const T *shift, T lower, T *restrict y) {
  for (ptrdiff_t first = 0; first < channels; first += STRIP) {
    NAME(strip) s = NAME(strip_at)(first, pixels, channels);
    T m[STRIP], a[STRIP], b[STRIP];
    NAME(spread)(&s, mean + first, m);
    NAME(spread)(&s, scale + first, a);
    NAME(spread)(&s, shift + first, b);
    const T *from = x + first;
    T *to = y + first;
#define ROW(width, at)                                                 \
  {                                                                    \
    for (ptrdiff_t j = 0; j < (width); j++) {                          \
      T v = (from[(at) + j] - m[j]) * a[j] + b[j];                     \
      to[(at) + j] = v < lower ? lower : v;                            \
    }                                                                  \
  }
    OVER_STRIP(s, ROW)
#undef ROW
  }
}

TARGET static void NAME(gradient_sums)(ptrdiff_t pixels, ptrdiff_t channels, const T *restrict x, const T *restrict gradient,
                                       const T *mean, const T *scale, const T *shift, T lower, double *sums, double *products) {
  for (ptrdiff_t first = 0; first < channels; first += STRIP) {
    NAME(strip) s = NAME(strip_at)(first, pixels, channels);
    T m[STRIP], a[STRIP], b[STRIP], sum[STRIP] = {0}, product[STRIP] = {0};
    NAME(spread)(&s, mean + first, m);
    NAME(spread)(&s, scale + first, a);
    NAME(spread)(&s, shift + first, b);
    const T *from = x + first, *with = gradient + first;
#define ROW(width, at)                                                 \
  {                                                                    \
    for (ptrdiff_t j = 0; j < (width); j++) {                          \
      T distance = from[(at) + j] - m[j], v = distance * a[j] + b[j];  \
      T g = v > lower ? with[(at) + j] : 0;                            \
      sum[j] += g;                                                     \
      product[j] += g * distance;                                      \
    }                                                                  \
  }
    OVER_STRIP(s, ROW)
#undef ROW
    NAME(fold)(&s, sum, sums + first);
    NAME(fold)(&s, product, products + first);
  }
}

TARGET static void NAME(gradient)(ptrdiff_t pixels, ptrdiff_t channels, const T *x, const T *gradient, const T *mean,
                                  const T *scale, const T *shift, T lower, const T *base, const T *slope, T *y, int accumulate) {
  for (ptrdiff_t first = 0; first < channels; first += STRIP) {
    NAME(strip) s = NAME(strip_at)(first, pixels, channels);
    T m[STRIP], a[STRIP], b[STRIP], k[STRIP], l[STRIP];
    NAME(spread)(&s, mean + first, m);
    NAME(spread)(&s, scale + first, a);
    NAME(spread)(&s, shift + first, b);
    NAME(spread)(&s, base + first, k);
    NAME(spread)(&s, slope + first, l);
    const T *restrict from = x + first, *restrict with = gradient + first;
    T *restrict to = y + first;
#define ROW_AS(width, at, assign)                                      \
  {                                                                    \
    for (ptrdiff_t j = 0; j < (width); j++) {                          \
      T distance = from[(at) + j] - m[j], v = distance * a[j] + b[j];  \
      T g = v > lower ? with[(at) + j] : 0;                            \
      to[(at) + j] assign a[j] * g - k[j] - l[j] * distance;           \
    }                                                                  \
  }
#define ROW(width, at) ROW_AS(width, at, =)
#define ROW_ADDED(width, at) ROW_AS(width, at, +=)
    if (accumulate) {
      OVER_STRIP(s, ROW_ADDED)
    } else {
      OVER_STRIP(s, ROW)
    }
#undef ROW
#undef ROW_ADDED
#undef ROW_AS
  }
}
#undef OVER_STRIP
