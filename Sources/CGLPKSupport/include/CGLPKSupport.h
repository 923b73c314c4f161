// GLPK behind functions that cannot abort the process, print on the terminal or leave anything behind.
//
// GLPK reports misuse and failed assertions by calling abort(). Its manual allows an error hook to leave with longjmp instead, after which
// only glp_free_env may be called. Every function here installs the hooks, runs GLPK and frees the environment again, within one call on
// one thread, so longjmp only ever crosses frames of C. GLPK's environment is local to the thread: calls on different threads do not meet.
#ifndef CGLPK_SUPPORT_H
#define CGLPK_SUPPORT_H

#include <stddef.h>
#include <stdint.h>

/// How a call ended.
typedef enum cglpk_end : int32_t {
  /// GLPK returned.
  CGLPK_RETURNED = 0,
  /// GLPK aborted; the message says why.
  CGLPK_ABORTED = 1,
  /// The observer asked to stop.
  CGLPK_CANCELLED = 2,
  /// The time limit passed in a routine that knows none.
  CGLPK_OUT_OF_TIME = 3,
  /// GLPK is in use on this thread already, as in a callback.
  CGLPK_BUSY = 4,
  /// No memory, or a file descriptor could not be had.
  CGLPK_NO_RESOURCES = 5,
  /// The file could not be read or written; the log says why.
  CGLPK_BAD_FILE = 6
} cglpk_end;

/// What is called while GLPK works. The functions return normally; they must not call GLPK.
typedef struct {
  void *_Nullable context;
  /// Receives pieces of GLPK's terminal output, which end anywhere.
  void (*_Nullable write)(void *_Nullable context, const char *_Nonnull text);
  /// Says whether to stop.
  int32_t (*_Nullable is_cancelled)(void *_Nullable context);
  /// The tail of the terminal output, for messages.
  char *_Nonnull message;
  size_t capacity;
} cglpk_observer;

/// A linear program; bounds may be infinite.
typedef struct {
  int32_t row_count, column_count, entry_count;
  int32_t is_maximisation;
  double constant;
  const double *_Nullable objective, *_Nullable column_lower, *_Nullable column_upper, *_Nullable row_lower, *_Nullable row_upper;
  const uint8_t *_Nullable is_integer;
  /// The entries by rows; indices count from one, and element zero is not used.
  const int32_t *_Nullable entry_rows, *_Nullable entry_columns;
  const double *_Nullable entry_values;
  /// Names that end in zeros: of the program, the objective, the rows, the columns; null when there are none.
  const char *_Nullable names;
} cglpk_program;

typedef enum cglpk_method : int32_t { CGLPK_PRIMAL = 0, CGLPK_DUAL = 1, CGLPK_INTERIOR = 2, CGLPK_EXACT = 3 } cglpk_method;

/// How to solve; GLPK's manual has the details.
typedef struct {
  cglpk_method method;
  int32_t uses_presolver, scaling, has_steepest_edge, ratio_test;
  int32_t iteration_limit, milliseconds;
  double primal_tolerance, dual_tolerance, pivot_tolerance;
  double integer_tolerance, relative_gap;
  int32_t branching, backtracking;
  int32_t has_cuts, has_heuristics;
  /// GLP_BS … GLP_NS for the rows, then the columns; null for none.
  const int32_t *_Nullable basis;
} cglpk_settings;

/// What came out. The caller owns the arrays: one element for each row or column.
typedef struct {
  /// The last return code, and the statuses as GLP_UNDEF … GLP_UNBND.
  int32_t code, primal_status, dual_status, integer_status;
  /// The routine that had the last word.
  cglpk_method method;
  int32_t iterations, nodes;
  /// Whether `basis` and the two arrays of values have been filled in.
  int32_t has_basis, has_values;
  double *_Nullable column_values, *_Nullable row_duals;
  int32_t *_Nullable basis;
  /// Candidates for Farkas vectors, `row_count` numbers each; none is verified, and the signs are arbitrary.
  int32_t farkas_count;
  double *_Nullable farkas;
  /// A candidate for a ray along which the objective improves, for the columns; its sign is arbitrary.
  int32_t has_ray;
  double *_Nullable ray;
  /// The best integer point, and the best bound of the open nodes.
  int32_t has_integer_values, has_best_bound;
  double *_Nullable integer_values;
  double best_bound;
  /// Blocks of GLPK's memory that were left after the program was deleted (before the environment was freed).
  int32_t blocks_left;
} cglpk_result;

/// The most Farkas candidates of one solve.
enum { CGLPK_FARKAS_LIMIT = 2 };

/// Builds, solves, reads and deletes a program.
cglpk_end cglpk_solve(
  const cglpk_program *_Nonnull program, const cglpk_settings *_Nonnull settings, const cglpk_observer *_Nonnull observer,
  cglpk_result *_Nonnull result);

typedef enum cglpk_format : int32_t { CGLPK_FIXED_MPS = 0, CGLPK_FREE_MPS = 1, CGLPK_LP = 2 } cglpk_format;

/// A program that was read; `cglpk_contents_free` releases it.
typedef struct {
  cglpk_program program;
  size_t name_bytes;
  void *_Nullable storage[10];
  int32_t storage_count;
  int32_t blocks_left;
} cglpk_contents;

/// Reads a file.
cglpk_end cglpk_read(
  const char *_Nonnull path, cglpk_format format, const cglpk_observer *_Nonnull observer, cglpk_contents *_Nonnull contents);
void cglpk_contents_free(cglpk_contents *_Nonnull contents);

/// Writes a file.
cglpk_end cglpk_write(
  const cglpk_program *_Nonnull program, cglpk_format format, const char *_Nonnull path, const cglpk_observer *_Nonnull observer);

/// A file in memory that GLPK can open by `path` (at least 64 characters); negative when there is none to be had.
int cglpk_memory_file(char *_Nonnull path, size_t capacity);


/// Makes GLPK abort: sets the bounds of a row that does not exist. For tests of the trap.
cglpk_end cglpk_provoke_abort(const cglpk_observer *_Nonnull observer);

#endif
