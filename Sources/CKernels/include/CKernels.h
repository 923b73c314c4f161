// Small numerical kernels that want the machine's widest vectors. Every function is compiled for several
// instruction sets and the loader picks one, so the package needs no special compiler flags.
#ifndef LIPCERT_CKERNELS_H
#define LIPCERT_CKERNELS_H
#include <stddef.h>

#endif
