import ConicPrograms
import LinearAlgebra

/// φ(x) = c′x + (σ/2)|Π(v(x))|² + (κ/2)|x − x̄|² with v(x) = z/σ + Ax − b and Π the projection onto K*.
///
/// The augmented Lagrangian of min c′x, b − Ax ∈ K in its multipliers z, with a proximal term. φ is convex and once differentiable,
/// ∇φ = c + A′z⁺ + κ(x − x̄) with z⁺ = σ Π(v), and semismooth of second order: σ A′DA + κI with D ∈ ∂Π(v) is a generalised Hessian.
/// With s = Π_K(−v) also Ax + s − b = (z⁺ − z)/σ, and s′z⁺ = 0 exactly.
///
/// Rockafellar: "Augmented Lagrangians and applications of the proximal point algorithm in convex programming", Math. Oper. Res. 1, 1976;
/// Zhao, Sun, Toh: "A Newton-CG augmented Lagrangian method for semidefinite programming", SIAM J. Optim. 20, 2010.
struct AugmentedLagrangian {
  /// The program.
  let program: ConicProgram
  /// The multipliers.
  var z: [Double]
  /// The penalty parameter.
  var σ: Double
  /// The weight of the proximal term.
  var κ: Double
  /// Its centre x̄.
  var centre: [Double]
  /// The aggregate patterns of the semidefinite cones that have a sparse one.
  private let patterns: [AggregatePattern?]

  /// The augmented Lagrangian with these parameters.
  init(program: ConicProgram, z: [Double], σ: Double, κ: Double, centre: [Double]) {
    self.program = program
    self.z = z
    self.σ = σ
    self.κ = κ
    self.centre = centre
    patterns = zip(program.cones, program.ranges).map { cone, range in
      if case .semidefinite(let order) = cone { AggregatePattern(order: order, range: range, of: program.coefficients) } else { nil }
    }
  }

  /// φ at a point, with what its derivatives need.
  struct Value {
    var x: [Double]
    /// φ(x).
    var value: Double
    /// The sum of the magnitudes of φ's terms, which its rounding error is relative to.
    var magnitude: Double
    /// ∇φ(x).
    var gradient: [Double]
    /// z⁺ ∈ K*.
    var multipliers: [Double]
    /// s ∈ K.
    var slacks: [Double]
    /// c′x.
    var objective: Double
    /// c + A′z⁺.
    var dualResidual: [Double]
    /// |Ax + s − b| = |z⁺ − z|/σ.
    var primalResidual: Double
    /// The derivative of the projection, for each cone.
    var derivatives: [ProjectionDerivative]

    /// (x, s, z⁺).
    var point: ConicPoint { ConicPoint(x: x, s: slacks, z: multipliers) }
  }

  /// Evaluates φ and its gradient.
  ///
  /// - Complexity: O(n³) for each semidefinite cone.
  func evaluate(_ x: [Double]) throws(LinearAlgebraError) -> Value {
    let rowCount = program.rowCount
    var v = program.coefficients.multiplied(by: x)
    let inverse = 1 / σ
    for i in 0..<rowCount { v[i] += z[i] * inverse - program.constants[i] }
    guard v.allSatisfy(\.isFinite) else { throw .notFinite(routine: "augmented Lagrangian") }
    var projected = [Double](repeating: 0, count: rowCount)
    let derivatives = try project(v, to: &projected)
    var slacks = v
    var (square, distance) = (0.0, 0.0)
    for i in 0..<rowCount {
      square += projected[i] * projected[i]
      slacks[i] = projected[i] - v[i]
      projected[i] *= σ
      distance += (projected[i] - z[i]) * (projected[i] - z[i])
    }
    var gradient = program.coefficients.transposedMultiplied(by: projected)
    for i in x.indices { gradient[i] += program.objective[i] }
    let residual = gradient
    var (linear, proximal) = (0.0, 0.0)
    for i in x.indices {
      linear += program.objective[i] * x[i]
      gradient[i] += κ * (x[i] - centre[i])
      proximal += (x[i] - centre[i]) * (x[i] - centre[i])
    }
    return Value(
      x: x, value: linear + σ / 2 * square + κ / 2 * proximal, magnitude: linear.magnitude + σ / 2 * square + κ / 2 * proximal,
      gradient: gradient, multipliers: projected, slacks: slacks, objective: linear, dualResidual: residual,
      primalResidual: distance.squareRoot() / σ, derivatives: derivatives)
  }

  /// Projects every cone's part of v.
  private func project(_ v: [Double], to target: inout [Double]) throws(LinearAlgebraError) -> [ProjectionDerivative] {
    let (cones, ranges) = (program.cones, program.ranges)
    typealias Outcome = Result<ProjectionDerivative, LinearAlgebraError>
    var outcomes = [Outcome](repeating: .success(.identity), count: cones.count)
    v.withUnsafeBufferPointer { v in
      target.withUnsafeMutableBufferPointer { target in
        outcomes.withUnsafeMutableBufferPointer { outcomes in
          guard let v = SharedInput(v), let target = SharedBuffer(target), let outcomes = SharedBuffer(outcomes) else { return }
          ParallelFor.run(cones.count) { index in
            let offset = ranges[index].lowerBound
            outcomes.base[index] = Outcome { () throws(LinearAlgebraError) in
              try ProjectionDerivative.project(v.base + offset, onDualOf: cones[index], to: target.base + offset)
            }
          }
        }
      }
    }
    var derivatives: [ProjectionDerivative] = []
    for outcome in outcomes { derivatives.append(try outcome.get()) }
    return derivatives
  }

  /// The generalised Hessian times a direction: σ A′D(A d) + κ d.
  ///
  /// - Complexity: O(n² r) for each semidefinite cone with r eigenvalues on its smaller side.
  func multiplyHessian(at value: Value, _ direction: [Double]) throws(LinearAlgebraError) -> [Double] {
    let h = program.coefficients.multiplied(by: direction)
    var image = [Double](repeating: 0, count: h.count)
    for (index, range) in program.ranges.enumerated() where !range.isEmpty {
      try h.withUnsafeBufferPointer { h throws(LinearAlgebraError) in
        try image.withUnsafeMutableBufferPointer { image throws(LinearAlgebraError) in
          guard let h = h.baseAddress, let image = image.baseAddress else { return }
          try value.derivatives[index].apply(
            h + range.lowerBound, count: range.count, pattern: patterns[index], to: image + range.lowerBound)
        }
      }
    }
    var product = program.coefficients.transposedMultiplied(by: image)
    for i in product.indices { product[i] = σ * product[i] + κ * direction[i] }
    return product
  }
}
