#define _GNU_SOURCE
#include <glpk.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "program.h"
#include "trap.h"

typedef struct {
  const char *path;
  cglpk_format format;
  cglpk_contents *contents;
  const cglpk_program *program;
} task;

static void *keep(cglpk_contents *contents, size_t count, size_t size) {
  void *memory = calloc(count + 1, size);
  if (memory == NULL) glp_error("not enough memory\n");
  contents->storage[contents->storage_count++] = memory;
  return memory;
}

void cglpk_contents_free(cglpk_contents *contents) {
  for (int k = 0; k < contents->storage_count; k++) free(contents->storage[k]);
  contents->storage_count = 0;
}

static size_t length_of(const char *name) { return (name == NULL ? 0 : strlen(name)) + 1; }

static char *append(char *names, const char *name) {
  const size_t length = length_of(name);
  memcpy(names, name == NULL ? "" : name, length);
  return names + length;
}

static void copy_names(glp_prob *problem, cglpk_contents *contents) {
  const int rows = glp_get_num_rows(problem), columns = glp_get_num_cols(problem);
  size_t bytes = length_of(glp_get_prob_name(problem)) + length_of(glp_get_obj_name(problem));
  for (int i = 1; i <= rows; i++) bytes += length_of(glp_get_row_name(problem, i));
  for (int j = 1; j <= columns; j++) bytes += length_of(glp_get_col_name(problem, j));
  char *names = keep(contents, bytes, 1);
  contents->program.names = names;
  contents->name_bytes = bytes;
  names = append(names, glp_get_prob_name(problem));
  names = append(names, glp_get_obj_name(problem));
  for (int i = 1; i <= rows; i++) names = append(names, glp_get_row_name(problem, i));
  for (int j = 1; j <= columns; j++) names = append(names, glp_get_col_name(problem, j));
}

static void copy_bounds(int type, double lower, double upper, double *lower_out, double *upper_out) {
  *lower_out = type == GLP_FR || type == GLP_UP ? -INFINITY : lower;
  *upper_out = type == GLP_FR || type == GLP_LO ? INFINITY : type == GLP_FX ? lower : upper;
}

static void copy(glp_prob *problem, cglpk_contents *contents) {
  cglpk_program *program = &contents->program;
  const int rows = glp_get_num_rows(problem), columns = glp_get_num_cols(problem), entries = glp_get_num_nz(problem);
  program->row_count = rows;
  program->column_count = columns;
  program->entry_count = entries;
  program->is_maximisation = glp_get_obj_dir(problem) == GLP_MAX;
  program->constant = glp_get_obj_coef(problem, 0);
  double *objective = keep(contents, (size_t)columns, sizeof(double));
  double *column_lower = keep(contents, (size_t)columns, sizeof(double)), *column_upper = keep(contents, (size_t)columns, sizeof(double));
  double *row_lower = keep(contents, (size_t)rows, sizeof(double)), *row_upper = keep(contents, (size_t)rows, sizeof(double));
  uint8_t *is_integer = keep(contents, (size_t)columns, 1);
  int32_t *entry_rows = keep(contents, (size_t)entries, sizeof(int32_t));
  // One more than there are columns, because a row's entries are read from element one on.
  int32_t *entry_columns = keep(contents, (size_t)entries + 1, sizeof(int32_t));
  double *entry_values = keep(contents, (size_t)entries + 1, sizeof(double));
  int32_t end = 0;
  for (int i = 1; i <= rows; i++) {
    copy_bounds(glp_get_row_type(problem, i), glp_get_row_lb(problem, i), glp_get_row_ub(problem, i), &row_lower[i - 1], &row_upper[i - 1]);
    const int count = glp_get_mat_row(problem, i, entry_columns + end, entry_values + end);
    for (int t = 1; t <= count; t++) entry_rows[end + t] = i;
    end += count;
  }
  for (int j = 1; j <= columns; j++) {
    copy_bounds(
      glp_get_col_type(problem, j), glp_get_col_lb(problem, j), glp_get_col_ub(problem, j), &column_lower[j - 1], &column_upper[j - 1]);
    objective[j - 1] = glp_get_obj_coef(problem, j);
    is_integer[j - 1] = glp_get_col_kind(problem, j) != GLP_CV;
  }
  program->objective = objective;
  program->column_lower = column_lower;
  program->column_upper = column_upper;
  program->row_lower = row_lower;
  program->row_upper = row_upper;
  program->is_integer = is_integer;
  program->entry_rows = entry_rows;
  program->entry_columns = entry_columns;
  program->entry_values = entry_values;
  copy_names(problem, contents);
}

static cglpk_end read_program(void *arguments) {
  task *task = arguments;
  glp_prob *problem = glp_create_prob();
  glp_mpscp parameters;
  glp_init_mpscp(&parameters);
  parameters.tol_mps = 0;  // by default numbers below 1e-12 are taken for zero
  int code;
  switch (task->format) {
    case CGLPK_FIXED_MPS: code = glp_read_mps(problem, GLP_MPS_DECK, &parameters, task->path); break;
    case CGLPK_FREE_MPS: code = glp_read_mps(problem, GLP_MPS_FILE, &parameters, task->path); break;
    default: code = glp_read_lp(problem, NULL, task->path); break;
  }
  if (code == 0) copy(problem, task->contents);
  glp_delete_prob(problem);
  return code == 0 ? CGLPK_RETURNED : CGLPK_BAD_FILE;
}

cglpk_end cglpk_read(const char *path, cglpk_format format, const cglpk_observer *observer, cglpk_contents *contents) {
  cglpk_trap trap;
  task task = {.path = path, .format = format, .contents = contents};
  contents->storage_count = 0;
  const cglpk_end end = cglpk_guarded(&trap, observer, read_program, &task);
  contents->blocks_left = trap.blocks_left;
  if (end != CGLPK_RETURNED) cglpk_contents_free(contents);
  return end;
}

static cglpk_end write_program(void *arguments) {
  task *task = arguments;
  glp_prob *problem = cglpk_build(task->program);
  int code;
  switch (task->format) {
    case CGLPK_FIXED_MPS: code = glp_write_mps(problem, GLP_MPS_DECK, NULL, task->path); break;
    case CGLPK_FREE_MPS: code = glp_write_mps(problem, GLP_MPS_FILE, NULL, task->path); break;
    default: code = glp_write_lp(problem, NULL, task->path); break;
  }
  glp_delete_prob(problem);
  return code == 0 ? CGLPK_RETURNED : CGLPK_BAD_FILE;
}

cglpk_end cglpk_write(const cglpk_program *program, cglpk_format format, const char *path, const cglpk_observer *observer) {
  cglpk_trap trap;
  task task = {.path = path, .format = format, .program = program};
  return cglpk_guarded(&trap, observer, write_program, &task);
}

int cglpk_memory_file(char *path, size_t capacity) {
  const int descriptor = memfd_create("program", MFD_CLOEXEC);
  if (descriptor >= 0) snprintf(path, capacity, "/proc/self/fd/%d", descriptor);
  return descriptor;
}
