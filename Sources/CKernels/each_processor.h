// Includes TEMPLATE once for every processor and precision. A template defines static functions TARGET ... NAME(function) on the scalar
// type T; callers choose among them by DISPATCH.
#include "training_dispatch.h"

#if defined(__x86_64__)
#define T float
#define TARGET AVX512
#define NAME(x) float512_##x
#include TEMPLATE
#undef T
#undef NAME
#define T double
#define NAME(x) double512_##x
#include TEMPLATE
#undef T
#undef NAME
#undef TARGET

#define T float
#define TARGET AVX2
#define NAME(x) float256_##x
#include TEMPLATE
#undef T
#undef NAME
#define T double
#define NAME(x) double256_##x
#include TEMPLATE
#undef T
#undef NAME
#undef TARGET
#endif

#define T float
#define TARGET
#define NAME(x) float_plain_##x
#include TEMPLATE
#undef T
#undef NAME
#define T double
#define NAME(x) double_plain_##x
#include TEMPLATE
#undef T
#undef NAME
#undef TARGET
