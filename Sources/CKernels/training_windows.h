// Template of the kernels of training_windows.c.

// The window of output pixel (i, j) cut down to the image: rows top ..< bottom, columns left ..< right.
#define CUT_WINDOW                                                                                        \
  ptrdiff_t top = i * w->stride_height - w->pad_height, left = j * w->stride_width - w->pad_width;        \
  ptrdiff_t bottom = top + w->kernel_height, right = left + w->kernel_width;                              \
  ptrdiff_t taps = w->kernel_height * w->kernel_width;                                                    \
  top = top < 0 ? 0 : top;                                                                                \
  left = left < 0 ? 0 : left;                                                                             \
  bottom = bottom > w->height ? w->height : bottom;                                                       \
  right = right > w->width ? w->width : right;                                                            \
  if (!w->counts_padding) taps = (bottom - top) * (right - left);

// Some channels of one window, at most LANES. The count is a constant where that is the common one, and everything stays in registers.
TARGET static inline __attribute__((always_inline)) void NAME(greatest)(
    const ptrdiff_t lanes, ptrdiff_t top, ptrdiff_t bottom, ptrdiff_t left, ptrdiff_t right, ptrdiff_t width, ptrdiff_t channels,
    ptrdiff_t first, const T *restrict x, T *restrict y, int32_t *restrict source) {
  T best[LANES];
  int32_t place[LANES];
  ptrdiff_t start = (top * width + left) * channels + first;
  for (ptrdiff_t c = 0; c < lanes; c++) {
    best[c] = x[start + c];
    place[c] = (int32_t)(start + c);
  }
  for (ptrdiff_t row = top; row < bottom; row++)
    for (ptrdiff_t column = left; column < right; column++) {
      ptrdiff_t at = (row * width + column) * channels + first;
      for (ptrdiff_t c = 0; c < lanes; c++) {
        // A value that is not a number wins, so that it is seen.
        T value = x[at + c];
        int is_less = value <= best[c];
        best[c] = is_less ? best[c] : value;
        place[c] = is_less ? place[c] : (int32_t)(at + c);
      }
    }
  for (ptrdiff_t c = 0; c < lanes; c++) {
    y[c] = best[c];
    source[c] = place[c];
  }
}

TARGET static void NAME(maximum)(const lipcert_window *w, const T *restrict x, T *restrict y, int32_t *restrict source) {
  ptrdiff_t channels = w->channels;
  for (ptrdiff_t i = 0; i < w->output_height; i++)
    for (ptrdiff_t j = 0; j < w->output_width; j++, y += channels, source += channels) {
      CUT_WINDOW
      (void)taps;
      ptrdiff_t first = 0;
      for (; first + LANES <= channels; first += LANES)
        NAME(greatest)(LANES, top, bottom, left, right, w->width, channels, first, x, y + first, source + first);
      for (; first + 4 <= channels; first += 4)
        NAME(greatest)(4, top, bottom, left, right, w->width, channels, first, x, y + first, source + first);
      if (first < channels)
        NAME(greatest)(channels - first, top, bottom, left, right, w->width, channels, first, x, y + first, source + first);
    }
}

TARGET static void NAME(maximum_gradient)(const lipcert_window *w, const int32_t *source, const T *gradient, T *y,
                                          int accumulate) {
  if (!accumulate) memset(y, 0, (size_t)(w->height * w->width * w->channels) * sizeof(T));
  ptrdiff_t count = w->output_height * w->output_width * w->channels;
  for (ptrdiff_t i = 0; i < count; i++) y[source[i]] += gradient[i];
}

TARGET static void NAME(mean)(const lipcert_window *w, const T *restrict x, T *restrict y) {
  ptrdiff_t channels = w->channels;
  for (ptrdiff_t i = 0; i < w->output_height; i++)
    for (ptrdiff_t j = 0; j < w->output_width; j++, y += channels) {
      CUT_WINDOW
      for (ptrdiff_t c = 0; c < channels; c++) y[c] = 0;
      for (ptrdiff_t row = top; row < bottom; row++)
        for (ptrdiff_t column = left; column < right; column++) {
          const T *from = x + (row * w->width + column) * channels;
          for (ptrdiff_t c = 0; c < channels; c++) y[c] += from[c];
        }
      T factor = 1 / (T)taps;
      for (ptrdiff_t c = 0; c < channels; c++) y[c] *= factor;
    }
}

TARGET static void NAME(mean_gradient)(const lipcert_window *w, const T *restrict gradient, T *restrict y, int accumulate) {
  ptrdiff_t channels = w->channels;
  if (!accumulate) memset(y, 0, (size_t)(w->height * w->width * channels) * sizeof(T));
  for (ptrdiff_t i = 0; i < w->output_height; i++)
    for (ptrdiff_t j = 0; j < w->output_width; j++, gradient += channels) {
      CUT_WINDOW
      T factor = 1 / (T)taps;
      for (ptrdiff_t row = top; row < bottom; row++)
        for (ptrdiff_t column = left; column < right; column++) {
          T *to = y + (row * w->width + column) * channels;
          for (ptrdiff_t c = 0; c < channels; c++) to[c] += factor * gradient[c];
        }
    }
}
#undef CUT_WINDOW
