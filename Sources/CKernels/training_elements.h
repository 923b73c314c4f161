// Template of the kernels of training_elements.c.

// y[i] = value, or +=.
#define WRITE(value)                                                  \
  if (accumulate)                                                     \
    for (ptrdiff_t i = 0; i < count; i++) y[i] += (value);            \
  else                                                                \
    for (ptrdiff_t i = 0; i < count; i++) y[i] = (value);

TARGET static void NAME(combine)(ptrdiff_t count, T a, const T *x, T b, const T *y, T *z) {
  if (a == 1 && b == 1)
    for (ptrdiff_t i = 0; i < count; i++) z[i] = x[i] + y[i];
  else
    for (ptrdiff_t i = 0; i < count; i++) z[i] = a * x[i] + b * y[i];
}

TARGET static void NAME(multiply)(ptrdiff_t count, T a, const T *restrict x, T *restrict y, int accumulate) { WRITE(a * x[i]) }

TARGET static void NAME(leak)(ptrdiff_t count, T slope, const T *restrict x, T *restrict y) {
  for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] < 0 ? slope * x[i] : x[i];
}

TARGET static void NAME(leak_gradient)(ptrdiff_t count, T slope, const T *restrict x, const T *restrict gradient, T *restrict y,
                                       int accumulate) {
  WRITE((x[i] > 0 ? 1 : slope) * gradient[i])
}

TARGET static void NAME(clip)(ptrdiff_t count, T lower, T upper, const T *restrict x, T *restrict y) {
  for (ptrdiff_t i = 0; i < count; i++) {
    T v = x[i] < lower ? lower : x[i];
    y[i] = v > upper ? upper : v;
  }
}

TARGET static void NAME(clip_gradient)(ptrdiff_t count, T lower, T upper, const T *restrict x, const T *restrict gradient,
                                       T *restrict y, int accumulate) {
  WRITE(((x[i] > lower) & (x[i] < upper)) ? gradient[i] : 0)
}

TARGET static void NAME(extremes)(ptrdiff_t pixels, ptrdiff_t half, const T *restrict x, T *restrict y) {
  for (ptrdiff_t r = 0; r < pixels; r++, x += 2 * half, y += 2 * half)
    for (ptrdiff_t i = 0; i < half; i++) {
      T a = x[i], b = x[half + i];
      y[i] = a >= b ? a : b;
      y[half + i] = a >= b ? b : a;
    }
}

TARGET static void NAME(extremes_gradient)(ptrdiff_t pixels, ptrdiff_t half, const T *restrict x, const T *restrict gradient,
                                           T *restrict y, int accumulate) {
  for (ptrdiff_t r = 0; r < pixels; r++, x += 2 * half, gradient += 2 * half, y += 2 * half)
    for (ptrdiff_t i = 0; i < half; i++) {
      T p = gradient[i], q = gradient[half + i];
      T first = x[i] >= x[half + i] ? p : q, second = x[i] >= x[half + i] ? q : p;
      y[i] = accumulate ? y[i] + first : first;
      y[half + i] = accumulate ? y[half + i] + second : second;
    }
}

TARGET static void NAME(sort_groups)(ptrdiff_t groups, ptrdiff_t size, const T *restrict x, T *restrict y,
                                     int32_t *restrict source) {
  if (size == 2) {
    for (ptrdiff_t i = 0; i < groups; i++) {
      T a = x[2 * i], b = x[2 * i + 1];
      int is_swapped = a > b;
      y[2 * i] = is_swapped ? b : a;
      y[2 * i + 1] = is_swapped ? a : b;
      source[2 * i] = is_swapped;
      source[2 * i + 1] = 1 - is_swapped;
    }
    return;
  }
  for (ptrdiff_t g = 0; g < groups; g++, x += size, y += size, source += size)
    for (ptrdiff_t i = 0; i < size; i++) {
      ptrdiff_t place = i;
      for (; place > 0 && y[place - 1] > x[i]; place--) {
        y[place] = y[place - 1];
        source[place] = source[place - 1];
      }
      y[place] = x[i];
      source[place] = (int32_t)i;
    }
}

TARGET static void NAME(sort_groups_gradient)(ptrdiff_t groups, ptrdiff_t size, const int32_t *restrict source,
                                              const T *restrict gradient, T *restrict y, int accumulate) {
  if (size == 2) {
    for (ptrdiff_t i = 0; i < groups; i++) {
      int is_swapped = source[2 * i];
      T p = gradient[2 * i], q = gradient[2 * i + 1], first = is_swapped ? q : p, second = is_swapped ? p : q;
      y[2 * i] = accumulate ? y[2 * i] + first : first;
      y[2 * i + 1] = accumulate ? y[2 * i + 1] + second : second;
    }
    return;
  }
  for (ptrdiff_t g = 0; g < groups; g++, gradient += size, y += size, source += size)
    for (ptrdiff_t i = 0; i < size; i++) y[source[i]] = accumulate ? y[source[i]] + gradient[i] : gradient[i];
}

TARGET static void NAME(transpose)(ptrdiff_t rows, ptrdiff_t columns, const T *restrict x, T *restrict y, int accumulate) {
  for (ptrdiff_t j = 0; j < columns; j++)
    for (ptrdiff_t i = 0; i < rows; i++) {
      T value = x[i * columns + j];
      y[j * rows + i] = accumulate ? y[j * rows + i] + value : value;
    }
}

TARGET static void NAME(select)(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *restrict source,
                                const T *restrict x, T *restrict y) {
  for (ptrdiff_t r = 0; r < pixels; r++, x += channels, y += count)
    for (ptrdiff_t i = 0; i < count; i++) y[i] = source[i] < 0 ? 0 : x[source[i]];
}

TARGET static void NAME(select_gradient)(ptrdiff_t pixels, ptrdiff_t channels, ptrdiff_t count, const int32_t *restrict source,
                                         const T *restrict gradient, T *restrict y, int accumulate) {
  for (ptrdiff_t r = 0; r < pixels; r++, gradient += count, y += channels) {
    if (!accumulate)
      for (ptrdiff_t i = 0; i < channels; i++) y[i] = 0;
    for (ptrdiff_t i = 0; i < count; i++)
      if (source[i] >= 0) y[source[i]] += gradient[i];
  }
}
#undef WRITE
