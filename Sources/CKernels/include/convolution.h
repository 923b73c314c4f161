// The sums of a convolution and of its gradients, on images that hold the channels of a pixel beside each other.
//
// One description serves all three: forwards, the gradient of the input (a convolution of the output's gradient with the mirrored kernel,
// one for each residue of the strides) and the gradient of the kernel. Numbers are `float` or `double`; a function that takes `void *`
// goes by the description's `size`.
#ifndef LIPCERT_CONVOLUTION_H
#define LIPCERT_CONVOLUTION_H
#include <stddef.h>

// What the processor may be asked for.
enum lipcert_instructions { lipcert_baseline = 0, lipcert_avx2 = 1, lipcert_avx512 = 2 };
// The widest vectors that this processor has.
int lipcert_widest_instructions(void);
// Numbers of `size` bytes in one vector.
ptrdiff_t lipcert_lanes(int instructions, ptrdiff_t size);

// y[r, c, o] = sum over i < kernel_rows, j < kernel_columns, k < channels of w[i, j, k, o] x[r, c; i, j, k], where x[r, c; i, j, k] is at
// r*x_row + c*x_column + i*line + j*pixel + k, and y[r, c, o] at r*y_row + c*y_column + o. Nothing is outside of the image: zeros that
// surround it are in memory.
//
// Packed kernels are panels of up to two vectors of outputs, each kernel_rows x kernel_columns x channels x width; missing outputs are zeros.
typedef struct {
  int instructions;
  ptrdiff_t size;
  ptrdiff_t kernel_rows, kernel_columns, channels, outputs;
  ptrdiff_t rows, columns;
  ptrdiff_t line, pixel;
  ptrdiff_t x_row, x_column, y_row, y_column;
} lipcert_convolution;

// Numbers that x is read past the last pixel's: columns are taken four at a time, and so are the channels of gradients.
#define LIPCERT_CONVOLUTION_SLACK(c) (3 * ((c)->x_column + 1))

// Numbers in a packed kernel.
ptrdiff_t lipcert_convolution_count(const lipcert_convolution *c);
// Packs the kernel whose number w[i, j, k, o] is at i*w_row + j*w_column + k*w_channel + o*w_output.
void lipcert_convolution_pack(const lipcert_convolution *c, const void *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,
                              ptrdiff_t w_output, void *packed);
// w += packed, for such a w.
void lipcert_convolution_add_unpacked(const lipcert_convolution *c, const void *packed, void *w, ptrdiff_t w_row, ptrdiff_t w_column,
                                      ptrdiff_t w_channel, ptrdiff_t w_output);
// y = the convolution + bias (one number for each output, or null) + addend (placed as y is, possibly y itself; or null).
void lipcert_convolution_run(const lipcert_convolution *c, const void *packed, const void *bias, const void *x, const void *addend,
                             void *y);
// packed[i, j, k, o] += sum over r, c of x[r, c; i, j, k] y[r, c, o]; y is read up to the end of a vector past the last pixel's outputs.
void lipcert_convolution_gradient(const lipcert_convolution *c, const void *x, const void *y, void *packed);

// The same sums by minimal filtering, less exact, for kernels of 3 x 3 on neighbouring pixels (x_row is line, x_column is pixel), whole
// vectors of channels and outputs, and rows and columns that are multiples of four.
int lipcert_winograd_applies(const lipcert_convolution *c);
// Numbers in a transformed kernel, and of the memory for the sums of so many images.
ptrdiff_t lipcert_winograd_count(const lipcert_convolution *c);
ptrdiff_t lipcert_winograd_work(const lipcert_convolution *c, ptrdiff_t images);
void lipcert_winograd_pack(const lipcert_convolution *c, const void *w, ptrdiff_t w_row, ptrdiff_t w_column, ptrdiff_t w_channel,
                           ptrdiff_t w_output, void *packed);
// Several images at a time, x_image and y_image numbers from one to the next.
void lipcert_winograd_run(const lipcert_convolution *c, const void *packed, const void *bias, ptrdiff_t images, ptrdiff_t x_image,
                          ptrdiff_t y_image, const void *x, const void *addend, void *y, void *work);
// Adds to the gradient of the transformed kernel, lipcert_winograd_count numbers.
void lipcert_winograd_gradient(const lipcert_convolution *c, ptrdiff_t images, ptrdiff_t x_image, ptrdiff_t y_image, const void *x,
                               const void *y, void *work, void *sums);
// Adds the gradient of the kernel, packed as lipcert_convolution_gradient has it, that belongs to such sums.
void lipcert_winograd_gather(const lipcert_convolution *c, const void *sums, void *packed);

// y += x.
void lipcert_convolution_add(ptrdiff_t size, ptrdiff_t count, const void *x, void *y);
// sums[o] += sum over p of y[p*outputs + o].
void lipcert_convolution_add_pixels(ptrdiff_t size, ptrdiff_t pixels, ptrdiff_t outputs, const void *y, void *sums);

#endif
