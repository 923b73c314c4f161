#include <float.h>
#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "trap.h"

typedef struct {
  const cglpk_program *program;
  const cglpk_settings *settings;
  cglpk_result *result;
  cglpk_trap *trap;
  double deadline;
  glp_prob *problem;
  glp_smcp simplex;
  /// GLPK's copy has this multiple of the objective, a power of two.
  double objective_factor;
} task;

static int milliseconds_left(const task *task) {
  if (task->settings->milliseconds == INT_MAX) return INT_MAX;
  const double left = (task->deadline - cglpk_now()) * 1000;
  return left <= 0 ? 0 : left < INT_MAX ? (int)left : INT_MAX;
}

// The mean of the binary logarithms of numbers that are neither zero nor infinite.
typedef struct {
  double sum;
  int count;
} mean;

static void account(mean *mean, double value) {
  if (value == 0 || !isfinite(value)) return;
  mean->sum += log2(fabs(value));
  mean->count++;
}

static int exponent(mean mean) { return mean.count == 0 ? 0 : (int)lround(mean.sum / mean.count); }

// GLPK scales the matrix, but its tolerances are absolute, so bounds and costs must be neither tiny nor huge. Multiplying all column scales and
// dividing all row scales by the same number leaves the scaled matrix alone and moves the bounds.
static void scale(task *task) {
  glp_prob *problem = task->problem;
  const cglpk_program *program = task->program;
  glp_scale_prob(problem, task->settings->scaling);
  mean bounds = {0, 0}, costs = {0, 0};
  for (int i = 0; i < program->row_count; i++) {
    account(&bounds, program->row_lower[i] * glp_get_rii(problem, i + 1));
    account(&bounds, program->row_upper[i] * glp_get_rii(problem, i + 1));
  }
  for (int j = 0; j < program->column_count; j++) {
    account(&bounds, program->column_lower[j] / glp_get_sjj(problem, j + 1));
    account(&bounds, program->column_upper[j] / glp_get_sjj(problem, j + 1));
  }
  const double factor = ldexp(1, exponent(bounds));
  for (int i = 1; i <= program->row_count; i++) glp_set_rii(problem, i, glp_get_rii(problem, i) / factor);
  for (int j = 1; j <= program->column_count; j++) {
    glp_set_sjj(problem, j, glp_get_sjj(problem, j) * factor);
    account(&costs, program->objective[j - 1] * glp_get_sjj(problem, j));
  }
  const int power = exponent(costs);
  if (abs(power) <= 10) return;
  task->objective_factor = ldexp(1, -power);
  glp_printf("Objective multiplied by 2^%d\n", -power);
  glp_set_obj_coef(problem, 0, program->constant * task->objective_factor);
  for (int j = 1; j <= program->column_count; j++) glp_set_obj_coef(problem, j, program->objective[j - 1] * task->objective_factor);
}

static void set_parameters(task *task) {
  const cglpk_settings *settings = task->settings;
  glp_smcp *simplex = &task->simplex;
  glp_init_smcp(simplex);
  simplex->msg_lev = GLP_MSG_ALL;
  simplex->meth = settings->method == CGLPK_PRIMAL ? GLP_PRIMAL : GLP_DUALP;
  simplex->pricing = settings->has_steepest_edge ? GLP_PT_PSE : GLP_PT_STD;
  simplex->r_test = settings->ratio_test;
  simplex->tol_bnd = settings->primal_tolerance;
  simplex->tol_dj = settings->dual_tolerance;
  simplex->tol_piv = settings->pivot_tolerance;
  simplex->out_frq = 100;  // the output is where cancellation is polled
}

static int is_limit(int code) { return code == GLP_EITLIM || code == GLP_ETMLIM; }

// One run of the simplex method within what is left of time and iterations.
static int run_simplex(task *task, int method, int uses_presolver) {
  glp_smcp parameters = task->simplex;
  parameters.meth = method;
  parameters.presolve = uses_presolver ? GLP_ON : GLP_OFF;
  // The long-step test belongs to the dual method.
  if (method == GLP_PRIMAL && parameters.r_test == GLP_RT_FLIP) parameters.r_test = GLP_RT_HAR;
  parameters.tm_lim = milliseconds_left(task);
  if (task->settings->iteration_limit < INT_MAX) {
    const int left = task->settings->iteration_limit - glp_get_it_cnt(task->problem);
    parameters.it_lim = left > 0 ? left : 0;
  }
  task->result->method = method == GLP_PRIMAL ? CGLPK_PRIMAL : CGLPK_DUAL;
  return glp_simplex(task->problem, &parameters);
}

static int is_optimal(glp_prob *problem) { return glp_get_status(problem) == GLP_OPT; }
static int has_verdict(glp_prob *problem) {
  return is_optimal(problem) || glp_get_prim_stat(problem) == GLP_NOFEAS || glp_get_status(problem) == GLP_UNBND;
}

static int set_basis(task *task) {
  const int rows = task->program->row_count;
  for (int i = 1; i <= rows; i++) glp_set_row_stat(task->problem, i, task->settings->basis[i - 1]);
  for (int j = 1; j <= task->program->column_count; j++) glp_set_col_stat(task->problem, j, task->settings->basis[rows + j - 1]);
  return glp_factorize(task->problem) == 0;
}

// The presolver only supplies a basis: the verdict and all numbers come from a run on the whole program, which starts at that basis.
static int solve_by_simplex(task *task) {
  glp_prob *problem = task->problem;
  const int method = task->simplex.meth;
  int code;
  if (task->settings->basis == NULL || !set_basis(task)) {
    if (task->settings->uses_presolver) {
      code = run_simplex(task, method, 1);
      if (is_limit(code)) return code;
      if (code != 0 || !is_optimal(problem)) glp_adv_basis(problem, 0);
    } else {
      glp_adv_basis(problem, 0);
    }
  }
  code = run_simplex(task, method, 0);
  if (is_limit(code)) return code;
  if (code != 0) {
    // A singular basis or numerical trouble: once more from the slacks with the other method.
    glp_std_basis(problem);
    code = run_simplex(task, method == GLP_PRIMAL ? GLP_DUALP : GLP_PRIMAL, 0);
  }
  // Without a dual feasible point the dual method cannot tell infeasible from unbounded.
  if (code == 0 && !has_verdict(problem)) code = run_simplex(task, GLP_PRIMAL, 0);
  return code;
}

static void read_basic_solution(task *task) {
  cglpk_result *result = task->result;
  glp_prob *problem = task->problem;
  const int rows = task->program->row_count, columns = task->program->column_count;
  for (int i = 0; i < rows; i++) {
    result->row_duals[i] = glp_get_row_dual(problem, i + 1) / task->objective_factor;
    result->basis[i] = glp_get_row_stat(problem, i + 1);
  }
  for (int j = 0; j < columns; j++) {
    result->column_values[j] = glp_get_col_prim(problem, j + 1);
    result->basis[rows + j] = glp_get_col_stat(problem, j + 1);
  }
  result->has_values = 1;
  result->has_basis = 1;
}

// The value and the bounds of the variable at position k of rows and columns together, from one.
static double value_of(glp_prob *problem, int rows, int k) {
  return k <= rows ? glp_get_row_prim(problem, k) : glp_get_col_prim(problem, k - rows);
}

// Farkas vectors y come from the final basis B of (I | -A): a row of its inverse when the dual method ran along a ray, and the multipliers
// of phase I, the gradient of the sum of infeasibilities.
static void find_farkas_candidates(task *task) {
  cglpk_result *result = task->result;
  glp_prob *problem = task->problem;
  const int rows = task->program->row_count;
  if (rows == 0 || (!glp_bf_exists(problem) && glp_factorize(problem) != 0)) return;
  const int k = glp_get_unbnd_ray(problem);
  const int position = k == 0 ? 0 : k <= rows ? glp_get_row_bind(problem, k) : glp_get_col_bind(problem, k - rows);
  double *vector = glp_alloc(rows + 1, sizeof(double));
  if (position > 0) {
    memset(vector, 0, sizeof(double) * (size_t)(rows + 1));
    vector[position] = 1;
    glp_btran(problem, vector);
    memcpy(result->farkas + (size_t)rows * (size_t)result->farkas_count++, vector + 1, sizeof(double) * (size_t)rows);
  }
  int violated = 0;
  for (int i = 1; i <= rows; i++) {
    const int variable = glp_get_bhead(problem, i);
    const double value = value_of(problem, rows, variable);
    const double lower = variable <= rows ? glp_get_row_lb(problem, variable) : glp_get_col_lb(problem, variable - rows);
    const double upper = variable <= rows ? glp_get_row_ub(problem, variable) : glp_get_col_ub(problem, variable - rows);
    const double tolerance = task->settings->primal_tolerance;
    vector[i] = value < lower - tolerance * (1 + fabs(lower)) ? -1 : value > upper + tolerance * (1 + fabs(upper)) ? 1 : 0;
    violated += vector[i] != 0;
  }
  if (violated > 0) {
    glp_btran(problem, vector);
    memcpy(result->farkas + (size_t)rows * (size_t)result->farkas_count++, vector + 1, sizeof(double) * (size_t)rows);
  }
  glp_free(vector);
}

static void find_ray(task *task) {
  cglpk_result *result = task->result;
  glp_prob *problem = task->problem;
  const int rows = task->program->row_count, columns = task->program->column_count;
  const int k = glp_get_unbnd_ray(problem);
  if (k == 0 || (!glp_bf_exists(problem) && glp_factorize(problem) != 0)) return;
  if ((k <= rows ? glp_get_row_stat(problem, k) : glp_get_col_stat(problem, k - rows)) == GLP_BS) return;
  memset(result->ray, 0, sizeof(double) * (size_t)columns);
  if (k > rows) result->ray[k - rows - 1] = 1;
  if (rows > 0) {
    int *indices = glp_alloc(rows + 1, sizeof(int));
    double *values = glp_alloc(rows + 1, sizeof(double));
    const int count = glp_eval_tab_col(problem, k, indices, values);
    for (int t = 1; t <= count; t++)
      if (indices[t] > rows) result->ray[indices[t] - rows - 1] = values[t];
    glp_free(indices);
    glp_free(values);
  }
  result->has_ray = 1;
}

// Says whether the interior-point method found the optimum; it proves nothing else, and then the simplex method has to.
static int solve_by_interior_point(task *task) {
  cglpk_result *result = task->result;
  glp_prob *problem = task->problem;
  const int rows = task->program->row_count, columns = task->program->column_count;
  if (rows == 0 || columns == 0) return 0;
  glp_iptcp parameters;
  glp_init_iptcp(&parameters);
  parameters.msg_lev = GLP_MSG_ALL;
  task->trap->deadline = task->deadline;
  const int code = glp_interior(problem, &parameters);
  task->trap->deadline = INFINITY;
  if (code != 0 || glp_ipt_status(problem) != GLP_OPT) return 0;
  result->method = CGLPK_INTERIOR;
  result->primal_status = result->dual_status = GLP_FEAS;
  for (int i = 0; i < rows; i++) result->row_duals[i] = glp_ipt_row_dual(problem, i + 1) / task->objective_factor;
  for (int j = 0; j < columns; j++) result->column_values[j] = glp_ipt_col_prim(problem, j + 1);
  result->has_values = 1;
  return 1;
}

static void on_tree(glp_tree *tree, void *info) {
  task *task = info;
  const int best = glp_ios_best_node(tree);
  if (best != 0) {
    task->result->best_bound = glp_ios_node_bound(tree, best) / task->objective_factor;
    task->result->has_best_bound = fabs(task->result->best_bound) < DBL_MAX;
  }
  int total;
  glp_ios_tree_size(tree, NULL, NULL, &total);
  task->result->nodes = total;
  if (cglpk_is_cancelled(task->trap)) glp_ios_terminate(tree);
}

static int branch_and_cut(task *task) {
  const cglpk_settings *settings = task->settings;
  cglpk_result *result = task->result;
  glp_prob *problem = task->problem;
  glp_iocp parameters;
  glp_init_iocp(&parameters);
  parameters.msg_lev = GLP_MSG_ALL;
  parameters.out_frq = 100;
  parameters.out_dly = 0;
  parameters.br_tech = settings->branching;
  parameters.bt_tech = settings->backtracking;
  parameters.tol_int = settings->integer_tolerance;
  parameters.mip_gap = settings->relative_gap;
  parameters.tm_lim = milliseconds_left(task);
  parameters.presolve = settings->uses_presolver ? GLP_ON : GLP_OFF;
  parameters.gmi_cuts = parameters.mir_cuts = parameters.cov_cuts = parameters.clq_cuts = settings->has_cuts ? GLP_ON : GLP_OFF;
  parameters.fp_heur = parameters.sr_heur = settings->has_heuristics ? GLP_ON : GLP_OFF;
  parameters.cb_func = on_tree;
  parameters.cb_info = task;
  const int code = glp_intopt(problem, &parameters);
  result->integer_status = code == GLP_ENOPFS ? GLP_NOFEAS : glp_mip_status(problem);
  if (result->integer_status == GLP_OPT || result->integer_status == GLP_FEAS) {
    for (int j = 0; j < task->program->column_count; j++) result->integer_values[j] = glp_mip_col_val(problem, j + 1);
    result->has_integer_values = 1;
  }
  return code;
}

static cglpk_end solve(void *arguments) {
  task *task = arguments;
  cglpk_result *result = task->result;
  const cglpk_settings *settings = task->settings;
  task->problem = cglpk_build(task->program);
  task->objective_factor = 1;
  if (settings->scaling != 0) scale(task);
  set_parameters(task);
  if (settings->method != CGLPK_INTERIOR || !solve_by_interior_point(task)) {
    result->code = solve_by_simplex(task);
    // The exact method starts at the basis that the other found.
    if (settings->method == CGLPK_EXACT && result->code == 0 && task->program->row_count > 0 && task->program->column_count > 0) {
      glp_smcp parameters = task->simplex;
      parameters.tm_lim = milliseconds_left(task);
      result->code = glp_exact(task->problem, &parameters);
      result->method = CGLPK_EXACT;
    }
    result->primal_status = glp_get_prim_stat(task->problem);
    result->dual_status = glp_get_dual_stat(task->problem);
    if (result->primal_status != GLP_UNDEF) read_basic_solution(task);
    if (result->primal_status == GLP_NOFEAS) find_farkas_candidates(task);
    if (result->dual_status == GLP_NOFEAS && result->primal_status != GLP_NOFEAS) find_ray(task);
    if (task->program->is_integer != NULL && result->code == 0 && is_optimal(task->problem)) result->code = branch_and_cut(task);
  }
  result->iterations = glp_get_it_cnt(task->problem);
  glp_delete_prob(task->problem);
  return CGLPK_RETURNED;
}

cglpk_end cglpk_solve(
  const cglpk_program *program, const cglpk_settings *settings, const cglpk_observer *observer, cglpk_result *result) {
  cglpk_trap trap;
  task task = {.program = program, .settings = settings, .result = result, .trap = &trap};
  task.deadline = settings->milliseconds == INT_MAX ? INFINITY : cglpk_now() + 1e-3 * settings->milliseconds;
  result->code = 0;
  result->primal_status = result->dual_status = result->integer_status = GLP_UNDEF;
  result->method = settings->method;
  result->iterations = result->nodes = 0;
  result->has_basis = result->has_values = result->has_ray = result->has_integer_values = result->has_best_bound = 0;
  result->farkas_count = 0;
  const cglpk_end end = cglpk_guarded(&trap, observer, solve, &task);
  result->blocks_left = trap.blocks_left;
  return end;
}
