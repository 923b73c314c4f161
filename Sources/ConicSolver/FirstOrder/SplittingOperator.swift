import ConicPrograms
import LinearAlgebra

/// The Douglas-Rachford operator of a program in the form of the alternating direction method for linear matrix inequalities.
///
/// On (v, x): s = Π_K(v), u = s − v ∈ K* with dual vector z = ρu, then
/// x⁺ = (A′A + σI)⁻¹ (A′(b − s − u) − c/ρ + σx) and T(v, x) = (v + b − Ax⁺ − s, x⁺), which is firmly nonexpansive. Its fixed points are the
/// solutions: b − Ax − s is the primal residual and ρA′(b − Ax − s) the dual one, up to σ. Rows of zero cones are scaled up, which weights
/// equations more without touching the factorisation.
final class SplittingOperator {
  let program: ConicProgram
  let projector: ConeProjector
  let gram: GramSolver
  /// ρ.
  private(set) var penalty: Double
  /// The factor of each row: 1 but for zero cones.
  let weights: [Double]?
  let coefficients: SparseColumns
  let constants: [Double]
  /// s, u, x⁺ and b − Ax⁺ − s of the last application.
  private(set) var s: [Double]
  private(set) var u: [Double]
  private(set) var x: [Double]
  /// Seconds spent in linear systems and products with A.
  private(set) var linearSeconds = 0.0

  /// √ of how much heavier equations weigh than inequalities.
  private static let equationWeight = 1000.0.squareRoot()

  init(_ program: ConicProgram, penalty: Double) throws(LinearAlgebraError) {
    self.program = program
    self.penalty = penalty
    projector = try ConeProjector(program.cones, ranges: program.ranges)
    var coefficients = program.coefficients
    var constants = program.constants
    var isWeighted = false
    var weights = [Double](repeating: 1, count: program.rowCount)
    for (cone, range) in zip(program.cones, program.ranges) {
      if case .zero = cone, !range.isEmpty {
        isWeighted = true
        for k in range {
          weights[k] = Self.equationWeight
          constants[k] *= Self.equationWeight
        }
      }
    }
    if isWeighted { for k in coefficients.rows.indices { coefficients.values[k] *= weights[coefficients.rows[k]] } }
    self.weights = isWeighted ? weights : nil
    self.coefficients = coefficients
    self.constants = constants
    gram = try GramSolver(coefficients)
    s = [Double](repeating: 0, count: program.rowCount)
    u = s
    x = [Double](repeating: 0, count: program.variableCount)
  }

  /// The operator's argument (v, x) for a point.
  func argument(of point: ConicPoint) -> [Double] {
    var w: [Double] = []
    w.reserveCapacity(point.s.count + point.x.count)
    for k in point.s.indices {
      let weight = weights?[k] ?? 1
      w.append(point.s[k] * weight - point.z[k] / (weight * penalty))
    }
    return w + point.x
  }

  /// The point (x⁺, s, z) of the last application: s ∈ K, z ∈ K*.
  var point: ConicPoint {
    guard let weights else { return ConicPoint(x: x, s: s, z: u.map { $0 * penalty }) }
    return ConicPoint(x: x, s: s.indices.map { s[$0] / weights[$0] }, z: u.indices.map { u[$0] * penalty * weights[$0] })
  }

  /// |z|/|s|, the penalty at which primal and dual vectors have the same length.
  var balancedPenalty: Double {
    penalty * VectorKernels.norm(u) / VectorKernels.norm(s)
  }

  /// T(w) − w.
  func step(at w: [Double], into step: inout [Double]) throws(LinearAlgebraError) {
    let rows = program.rowCount
    let v = Array(w[0..<rows])
    try projector.split(v, s: &s, z: &u)
    let clock = ContinuousClock()
    let start = clock.now
    var right = [Double](repeating: 0, count: rows)
    for k in 0..<rows { right[k] = constants[k] - s[k] - u[k] }
    var system = coefficients.transposedMultiplied(by: right)
    for j in system.indices { system[j] += gram.regularisation * w[rows + j] - program.objective[j] / penalty }
    x = try gram.solved(system)
    let ax = coefficients.multiplied(by: x)
    for k in 0..<rows { step[k] = constants[k] - ax[k] - s[k] }
    for j in x.indices { step[rows + j] = x[j] - w[rows + j] }
    let elapsed = start.duration(to: clock.now).components
    linearSeconds += Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Changes ρ, keeping the last application's s, x and z: the argument at which the new operator finds them.
  func setPenalty(_ value: Double) -> [Double] {
    for k in u.indices { u[k] *= penalty / value }
    penalty = value
    return s.indices.map { s[$0] - u[$0] } + x
  }
}
