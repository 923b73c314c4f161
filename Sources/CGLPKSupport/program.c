#include "program.h"

#include <math.h>
#include <string.h>

static int bound_type(double lower, double upper) {
  if (lower == -INFINITY) return upper == INFINITY ? GLP_FR : GLP_UP;
  if (upper == INFINITY) return GLP_LO;
  return lower == upper ? GLP_FX : GLP_DB;
}

// The numbers GLPK ignores for a type must still be numbers it can store.
static double stored(double bound) { return isfinite(bound) ? bound : 0; }

static const char *next_name(const char **names) {
  const char *name = *names;
  *names += strlen(name) + 1;
  return *name == '\0' ? NULL : name;
}

glp_prob *cglpk_build(const cglpk_program *program) {
  glp_prob *problem = glp_create_prob();
  const int rows = program->row_count, columns = program->column_count;
  glp_set_obj_dir(problem, program->is_maximisation ? GLP_MAX : GLP_MIN);
  glp_set_obj_coef(problem, 0, program->constant);
  if (rows > 0) glp_add_rows(problem, rows);
  if (columns > 0) glp_add_cols(problem, columns);
  for (int i = 0; i < rows; i++) {
    const double lower = program->row_lower[i], upper = program->row_upper[i];
    glp_set_row_bnds(problem, i + 1, bound_type(lower, upper), stored(lower), stored(upper));
  }
  for (int j = 0; j < columns; j++) {
    const double lower = program->column_lower[j], upper = program->column_upper[j];
    glp_set_obj_coef(problem, j + 1, program->objective[j]);
    if (program->is_integer != NULL && program->is_integer[j]) glp_set_col_kind(problem, j + 1, GLP_IV);
    glp_set_col_bnds(problem, j + 1, bound_type(lower, upper), stored(lower), stored(upper));
  }
  glp_load_matrix(problem, program->entry_count, program->entry_rows, program->entry_columns, program->entry_values);
  if (program->names != NULL) {
    const char *names = program->names;
    glp_set_prob_name(problem, next_name(&names));
    glp_set_obj_name(problem, next_name(&names));
    for (int i = 1; i <= rows; i++) glp_set_row_name(problem, i, next_name(&names));
    for (int j = 1; j <= columns; j++) glp_set_col_name(problem, j, next_name(&names));
  }
  return problem;
}
