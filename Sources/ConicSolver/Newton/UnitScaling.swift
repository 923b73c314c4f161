import ConicPrograms
import LinearAlgebra

/// The program in the units Newton's method works in: columns of norm 1, and b and c of norm 1.
///
/// x̂ᵢ = |Aᵢ| xᵢ/β, ŝ = s/β and ẑ = z/γ with β = |b| and γ the norm of the scaled c. Only scalars multiply the rows, so no cone is harmed.
struct UnitScaling {
  /// The scaled program.
  let program: ConicProgram
  private let norms: [Double]
  private let β: Double
  private let γ: Double
  private let scales: (primal: Double, dual: Double)

  /// Scales a program; columns without entries and vectors without length stay as they are.
  init(_ original: ConicProgram) throws(ConicProgramError) {
    let a = original.coefficients
    norms = (0..<a.columnCount).map { column in
      let norm = a.range(column).reduce(0) { $0 + a.values[$1] * a.values[$1] }.squareRoot()
      return norm > 0 ? norm : 1
    }
    let objective = zip(original.objective, norms).map { $0 / $1 }
    func length(_ v: [Double]) -> Double {
      let norm = VectorKernels.norm(v)
      return norm > 0 ? norm : 1
    }
    β = length(original.constants)
    γ = length(objective)
    scales = Residuals.scales(of: original)
    var scaled = a
    for column in 0..<a.columnCount { for k in a.range(column) { scaled.values[k] /= norms[column] } }
    program = try ConicProgram(
      objective: objective.map { [γ] in $0 / γ }, coefficients: scaled, constants: original.constants.map { [β] in $0 / β },
      cones: original.cones)
  }

  /// The scaled point.
  func adapt(_ point: ConicPoint) -> ConicPoint {
    ConicPoint(x: zip(point.x, norms).map { $0 * $1 / β }, s: point.s.map { $0 / β }, z: point.z.map { $0 / γ })
  }

  /// The point in the original units.
  func restore(_ point: ConicPoint) -> ConicPoint {
    ConicPoint(x: zip(point.x, norms).map { $0 / $1 * β }, s: point.s.map { $0 * β }, z: point.z.map { $0 * γ })
  }

  /// What residuals of the scaled program are as DIMACS errors of the original one: |Ax + s − b|, |A′z + c| and the gap.
  func errors(primalResidual: Double, dualResidual: [Double], objective: Double, gap: Double) -> (primal: Double, dual: Double, gap: Double)
  {
    var square = 0.0
    for i in dualResidual.indices { square += dualResidual[i] * norms[i] * dualResidual[i] * norms[i] }
    return (
      β * primalResidual / scales.primal, γ * square.squareRoot() / scales.dual, β * γ * gap / (1 + β * γ * (2 * objective - gap).magnitude)
    )
  }
}
