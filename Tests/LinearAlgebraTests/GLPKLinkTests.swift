import CGLPK
import Testing

@Suite struct GLPKLinkTests {
  /// max 3x + 2y with x + y ≤ 4, x + 3y ≤ 6, 0 ≤ x ≤ 3, y ≥ 0: the optimum is 11 at (3, 1).
  ///
  /// GLPK's environment belongs to a thread: build, solve and delete in one go.
  @Test func tinyProgram() {
    let problem = glp_create_prob()
    defer { glp_delete_prob(problem) }
    glp_set_obj_dir(problem, GLP_MAX)
    glp_add_rows(problem, 2)
    glp_set_row_bnds(problem, 1, GLP_UP, 0, 4)
    glp_set_row_bnds(problem, 2, GLP_UP, 0, 6)
    glp_add_cols(problem, 2)
    glp_set_col_bnds(problem, 1, GLP_DB, 0, 3)
    glp_set_col_bnds(problem, 2, GLP_LO, 0, 0)
    glp_set_obj_coef(problem, 1, 3)
    glp_set_obj_coef(problem, 2, 2)
    // Arrays start at one.
    glp_load_matrix(problem, 4, [0, 1, 1, 2, 2], [0, 1, 2, 1, 2], [0, 1, 1, 1, 3])
    var parameters = glp_smcp()
    glp_init_smcp(&parameters)
    parameters.msg_lev = GLP_MSG_OFF
    #expect(glp_simplex(problem, &parameters) == 0)
    #expect(glp_get_status(problem) == GLP_OPT)
    #expect(abs(glp_get_obj_val(problem) - 11) < 1e-12)
    #expect(abs(glp_get_col_prim(problem, 1) - 3) < 1e-12 && abs(glp_get_col_prim(problem, 2) - 1) < 1e-12)
  }
}
