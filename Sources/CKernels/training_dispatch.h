// Which build of a kernel of training runs: wide vectors where the processor has them.
#ifndef LIPCERT_TRAINING_DISPATCH_H
#define LIPCERT_TRAINING_DISPATCH_H
#include "convolution.h"
#include "training_layers.h"

#if defined(__x86_64__)
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")))
#define AVX2 __attribute__((target("avx2,fma")))
// An expression: the call of the kernel that fits this processor.
#define DISPATCH(T, call)                                               \
  (lipcert_training_instructions() == lipcert_avx512 ? T##512_##call    \
   : lipcert_training_instructions() == lipcert_avx2 ? T##256_##call    \
                                                     : T##_plain_##call)
#else
#define DISPATCH(T, call) T##_plain_##call
#endif

#endif
