// The trap that GLPK runs in.
#ifndef CGLPK_TRAP_H
#define CGLPK_TRAP_H

#include <setjmp.h>

#include "CGLPKSupport.h"

typedef struct {
  jmp_buf jump;
  cglpk_end end;
  const cglpk_observer *observer;
  size_t length;
  /// Seconds of `cglpk_now` at which routines without a time limit of their own are left; infinite for none.
  double deadline;
  /// GLPK's blocks after a normal return.
  int blocks_left;
} cglpk_trap;

/// Runs `body`, which calls GLPK and nothing that must be undone, and frees GLPK's environment.
cglpk_end cglpk_guarded(cglpk_trap *trap, const cglpk_observer *observer, cglpk_end (*body)(void *arguments), void *arguments);

/// Whether the observer asks to stop.
int cglpk_is_cancelled(const cglpk_trap *trap);

/// Seconds of a clock that never goes back.
double cglpk_now(void);

#endif
