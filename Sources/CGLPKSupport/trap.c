#include "trap.h"

#include <glpk.h>
#include <math.h>
#include <string.h>
#include <time.h>

double cglpk_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int cglpk_is_cancelled(const cglpk_trap *trap) {
  return trap->observer->is_cancelled != NULL && trap->observer->is_cancelled(trap->observer->context);
}

// Keeps the tail of the output: what explains a failure comes last.
static void remember(cglpk_trap *trap, const char *text) {
  const size_t room = trap->observer->capacity;
  if (room < 2) return;
  size_t added = strlen(text);
  if (added > room - 1) {
    text += added - (room - 1);
    added = room - 1;
  }
  char *message = trap->observer->message;
  if (trap->length + added > room - 1) {
    const size_t dropped = trap->length + added - (room - 1);
    memmove(message, message + dropped, trap->length - dropped);
    trap->length -= dropped;
  }
  memcpy(message + trap->length, text, added);
  trap->length += added;
  message[trap->length] = '\0';
}

// The observer's functions have returned before longjmp, so no frame of Swift lies between it and setjmp.
static int on_output(void *info, const char *text) {
  cglpk_trap *trap = info;
  remember(trap, text);
  if (trap->observer->write != NULL) trap->observer->write(trap->observer->context, text);
  if (trap->end == CGLPK_ABORTED) return 1;
  if (cglpk_is_cancelled(trap)) {
    trap->end = CGLPK_CANCELLED;
    longjmp(trap->jump, 1);
  }
  if (cglpk_now() > trap->deadline) {
    trap->end = CGLPK_OUT_OF_TIME;
    longjmp(trap->jump, 1);
  }
  return 1;
}

static void on_abort(void *info) {
  cglpk_trap *trap = info;
  trap->end = CGLPK_ABORTED;
  longjmp(trap->jump, 1);
}

cglpk_end cglpk_guarded(cglpk_trap *trap, const cglpk_observer *observer, cglpk_end (*body)(void *arguments), void *arguments) {
  trap->end = CGLPK_RETURNED;
  trap->observer = observer;
  trap->length = 0;
  trap->deadline = INFINITY;
  trap->blocks_left = 0;
  if (observer->capacity > 0) observer->message[0] = '\0';
  const int state = glp_init_env();
  if (state == 1) return CGLPK_BUSY;
  if (state != 0) return CGLPK_NO_RESOURCES;
  if (setjmp(trap->jump) == 0) {
    glp_term_hook(on_output, trap);
    glp_error_hook(on_abort, trap);
    trap->end = body(arguments);
    glp_mem_usage(&trap->blocks_left, NULL, NULL, NULL);
  }
  // The memory of everything that was alive at a longjmp belongs to the environment.
  glp_free_env();
  return trap->end;
}

static cglpk_end misuse(void *arguments) {
  (void)arguments;
  glp_prob *problem = glp_create_prob();
  glp_add_rows(problem, 1000);
  glp_set_row_bnds(problem, 1001, GLP_FR, 0, 0);
  return CGLPK_RETURNED;
}

cglpk_end cglpk_provoke_abort(const cglpk_observer *observer) {
  cglpk_trap trap;
  return cglpk_guarded(&trap, observer, misuse, NULL);
}
