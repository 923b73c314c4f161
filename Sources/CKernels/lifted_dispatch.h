// Which build of a kernel runs: wide vectors where the processor has them.
#ifndef LIPCERT_LIFTED_DISPATCH_H
#define LIPCERT_LIFTED_DISPATCH_H
#include <math.h>
#include <stddef.h>

// Units taken at a time, so that their sums stay in the first-level cache.
#define STRIP 128

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512dq,avx512vl,fma")))
#define AVX2 __attribute__((target("avx2,fma")))
// Defines the kernels of one family for every processor and precision.
#define DEFINE_ALL(FAMILY)                                                                                                \
  FAMILY(double512, AVX512, double, sqrt)                                                                                 \
  FAMILY(float512, AVX512, float, sqrtf)                                                                                  \
  FAMILY(double256, AVX2, double, sqrt)                                                                                   \
  FAMILY(float256, AVX2, float, sqrtf)                                                                                    \
  FAMILY(double_plain, , double, sqrt)                                                                                    \
  FAMILY(float_plain, , float, sqrtf)
// An expression: the call of the kernel that fits this processor.
#define DISPATCH(T, call)                                                                                                 \
  (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")          \
     ? T##512_##call                                                                                                      \
     : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? T##256_##call : T##_plain_##call)
#else
#define DEFINE_ALL(FAMILY)                                                                                                \
  FAMILY(double_plain, , double, sqrt)                                                                                    \
  FAMILY(float_plain, , float, sqrtf)
#define DISPATCH(T, call) T##_plain_##call
#endif

#endif
