#include "training_dispatch.h"

static _Thread_local int limit = lipcert_avx512;

void lipcert_limit_training_instructions(int instructions) { limit = instructions; }

int lipcert_training_instructions(void) {
  int widest = lipcert_widest_instructions();
  return widest < limit ? widest : limit;
}
