import LinearAlgebra

/// How far a point is from solving a program, recomputed from the user's data alone.
///
/// Every scale is one of the data, 1 + max |b| or 1 + max |c|, never of the iterate: an iterate that runs away must not make its own error
/// look small. Matrix entries, not their svec images, count in max |b|.
public struct Residuals: Sendable, Equatable, Codable {
  /// c′x.
  public var primalObjective: Double
  /// −b′z.
  public var dualObjective: Double
  /// |Ax + s − b|₂.
  public var primal: Double
  /// |A′z + c|₂.
  public var dual: Double
  /// The distance of s from K: the greatest violation, such as −λ_min(X).
  public var primalCone: Double
  /// The greatest violation of z ∈ K*.
  public var dualCone: Double
  /// s′z.
  public var complementarity: Double
  /// 1 + max |b|.
  public var primalScale: Double
  /// 1 + max |c|.
  public var dualScale: Double

  /// How far the residuals let the objectives be from the optimum, relative to their size: (|A′z + c| |x| + |Ax + s − b| |z| + violations) over
  /// 1 + |c′x| + |b′z|.
  ///
  /// Weak duality holds up to these products with the solution's length in the place of the point's. So a point far out on a program
  /// without interior shows here that small errors do not yet make its value certain; but a point that is much shorter than the solution
  /// does not (hinf9 of SDPLIB, first-order iterations, tolerance 10⁻³: 23.7 instead of 236.2).
  public var uncertainty: Double

  /// c′x + b′z, the signed duality gap.
  public var gap: Double { primalObjective - dualObjective }
  /// 1 + |c′x| + |b′z|.
  public var gapScale: Double { 1 + primalObjective.magnitude + dualObjective.magnitude }

  /// The six errors of the 7th DIMACS challenge, in its order.
  ///
  /// The challenge's primal, min ⟨C, X⟩ over A X = b, is our dual: errors 1 and 2 are those of z, 3 and 4 those of (x, s).
  public var dimacs: [Double] {
    [
      dual / dualScale, dualCone / dualScale, primal / primalScale, primalCone / primalScale, gap / gapScale, complementarity / gapScale,
    ]
  }

  /// The greatest DIMACS error in magnitude.
  public var worst: Double { dimacs.reduce(0) { $1.isNaN ? .infinity : max($0, $1.magnitude) } }

  /// Recomputes everything.
  ///
  /// - Parameters:
  ///   - program: the user's program.
  ///   - point: the candidate; vectors of the program's sizes.
  ///   - coneDistances: whether to compute the distances to the cones, which takes all eigenvalues; they are zero otherwise, as they are
  ///     for points that were projected.
  /// - Throws: `LinearAlgebraError` when an eigenvalue iteration fails; a point with an element that is not finite has infinite errors.
  /// - Complexity: O(entries), and 4/3 n³ for each semidefinite cone.
  public init(_ program: ConicProgram, _ point: ConicPoint, coneDistances: Bool = true) throws(LinearAlgebraError) {
    let ax = program.coefficients.multiplied(by: point.x)
    let atz = program.coefficients.transposedMultiplied(by: point.z)
    primalObjective = VectorKernels.dot(program.objective, point.x)
    dualObjective = -VectorKernels.dot(program.constants, point.z)
    complementarity = VectorKernels.dot(point.s, point.z)
    primal = VectorKernels.norm(ax.indices.map { ax[$0] + point.s[$0] - program.constants[$0] })
    dual = VectorKernels.norm(atz.indices.map { atz[$0] + program.objective[$0] })
    (primalScale, dualScale) = Self.scales(of: program)
    (primalCone, dualCone, uncertainty) = (0, 0, 0)
    let (lengthX, lengthS, lengthZ) = (VectorKernels.norm(point.x), VectorKernels.norm(point.s), VectorKernels.norm(point.z))
    defer {
      uncertainty = ((dual * lengthX + primal * lengthZ) + (primalCone * lengthZ + dualCone * lengthS)) / gapScale
    }
    guard coneDistances else { return }
    for (cone, range) in zip(program.cones, program.ranges) {
      primalCone = max(primalCone, try cone.violation(point.s[range]))
      dualCone = max(dualCone, try cone.dualViolation(point.z[range]))
    }
  }

  /// 1 + max |b| and 1 + max |c|, with matrix entries in b.
  public static func scales(of program: ConicProgram) -> (primal: Double, dual: Double) {
    var largest = 0.0
    for (cone, range) in zip(program.cones, program.ranges) {
      switch cone {
      case .semidefinite(let order):
        var k = range.lowerBound
        for j in 0..<order {
          for _ in 0..<j {
            largest = max(largest, program.constants[k].magnitude * 0.5.squareRoot())
            k += 1
          }
          largest = max(largest, program.constants[k].magnitude)
          k += 1
        }
      default:
        for k in range { largest = max(largest, program.constants[k].magnitude) }
      }
    }
    return (1 + largest, 1 + program.objective.reduce(0) { max($0, $1.magnitude) })
  }
}
