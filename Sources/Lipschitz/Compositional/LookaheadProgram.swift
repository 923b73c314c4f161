import Foundation
import LinearAlgebra

/// The semidefinite program of one layer of ECLipsE: the multipliers of a layer's units that serve the next linear map best.
///
/// The increments z before the layer lie in an ellipsoid of shape P, (u′z)² ≤ u′Pu |dx|². A unit of sector [α, β] has h = cz + e with |e| ≤ d|z|,
/// c = (α + β)/2, d = (β − α)/2. With τ > 0 for the units of d > 0 (τ = 1/(d²λ), λ the multiplier) the increments after the layer have the shape
///
///     P⁺(τ) = diag(d²τ) + C (P + P_·S (diag τ − P_SS)⁻¹ P_S·) C,   S = {d > 0},   diag τ − P_SS > 0,
///
/// the inverse of ECLipsE's M = Λ − ¼ Λ(α + β) W X⁻¹ W′ (α + β)Λ, without inverses of P, so that singular P and units with d = 0 (linear:
/// λ → ∞) are exact. ECLipsE (Xu & Sivaranjani, arXiv 2404.04375) maximises the c with M ≥ c W′W, W the next map: the largest eigenvalue
/// 1/c of W P⁺(τ) W′ is least,
///
///     min t   subject to   N(t, τ) = [[tI − W(diag(d²τ) + CPC)W′,  W C P_·S], [·, diag τ − P_SS]] ≥ 0.
///
/// The matrices of the τᵢ have rank two, so the gradient and Hessian of log det N are a few products and elementwise squares of matrices of its
/// order: a barrier method takes O((rows of W + units)³) a step, and each of its points is a certificate.
struct LookaheadProgram {
  /// What a solve ended with.
  struct Solution {
    /// τ, zero for units that are linear, and for those that hardly anything reaches or that hardly reach anything.
    var tau: [Double]
    /// The value t of the program, as the barrier method has it.
    var value: Double
    /// Newton steps.
    var steps: Int
    /// Whether the value is known to the tolerance.
    var isOptimal: Bool
  }

  private static let mostSteps = 400

  private let count: Int
  /// S without the units that do not matter.
  private let active: [Int]
  /// √P_ii: what τ and the coordinates of the second block are measured in.
  private let scales: [Double]
  /// P_SS of unit diagonal.
  private let correlation: Matrix<Double>
  /// W diag(d) over S, scaled; as many rows as W, at most its columns.
  private var free: Matrix<Double>
  /// W C P_·S, scaled.
  private var coupling: Matrix<Double>
  /// W C P C W′.
  private var fixed: Matrix<Double>
  /// What t is measured in.
  private var unit = 1.0
  /// 1/d².
  private let inverseSquares: [Double]
  private let start: [Double]

  private var rows: Int { fixed.rows }
  private var units: Int { active.count }

  /// The program of a layer.
  ///
  /// - Parameters:
  ///   - shape: P, n × n.
  ///   - sectors: (c, d) of the n units.
  ///   - next: W, any number of rows, n columns.
  /// - Throws: `LinearAlgebraError` when a number is not finite.
  init(shape p: Matrix<Double>, sectors: CentredSectors, next: Matrix<Double>) throws {
    let n = p.rows
    precondition(p.columns == n && next.columns == n && sectors.count == n, "the parts of a layer must fit")
    let w = next.rows > n ? try next.qrFactor() : next
    let sizes = w.columnNorms()
    count = n
    // Units that matter less than rounding would only send their variables to infinity or zero.
    let reach = 1e-30 * ((0..<n).map { p[$0, $0] }.max() ?? 0)
    let effect = 1e-15 * (sizes.max() ?? 0)
    active = (0..<n).filter { sectors.radius[$0] > 0 && p[$0, $0] > reach && sizes[$0] > effect }
    scales = active.map { p[$0, $0].squareRoot() }
    let (units, rows) = (active.count, w.rows)
    var correlation = Matrix<Double>(rows: units, columns: units)
    for (i, a) in active.enumerated() {
      for (j, b) in active.enumerated() { correlation[i, j] = p[a, b] / (scales[i] * scales[j]) }
    }
    self.correlation = correlation
    var centred = w
    for i in 0..<rows { for j in 0..<n { centred[i, j] *= sectors.centre[j] } }
    let product = Matrix.product(centred, p)
    fixed = Matrix.product(product, centred, transposingRight: true)
    free = Matrix(rows: rows, columns: units)
    coupling = Matrix(rows: rows, columns: units)
    for i in 0..<rows {
      for (j, a) in active.enumerated() {
        free[i, j] = w[i, a] * sectors.radius[a] * scales[j]
        coupling[i, j] = product[i, a] / scales[j]
      }
    }
    inverseSquares = active.map { 1 / (sectors.radius[$0] * sectors.radius[$0]) }
    let largest = try correlation.largestEigenvalueEstimate()
    start = active.map { max(1 + sectors.centre[$0].magnitude / sectors.radius[$0], 1.5) * max(1, largest) }
    guard units > 0 else { return }
    unit = try value(start).largestEigenvalueEstimate()
    guard unit > 0 else { return }
    fixed.scale(by: 1 / unit)
    free.scale(by: 1 / unit.squareRoot())
    coupling.scale(by: 1 / unit.squareRoot())
  }

  /// About the bytes that a solve takes for `units` units before `rows` rows of the next map.
  static func bytes(units: Int, rows: Int) -> Double {
    let order = Double(units + min(units, rows))
    return 8 * (5 * order * order + 4 * Double(units) * Double(units))
  }

  /// W P⁺(τ) W′ for scaled τ.
  private func value(_ theta: [Double]) throws -> Matrix<Double> {
    var slack = correlation
    slack.scale(by: -1)
    for i in 0..<units { slack[i, i] += theta[i] }
    var y = coupling.transposed
    try slack.cholesky().solveTriangular(.lower, &y)
    var result = fixed
    result.add(y.gram())
    var scaled = free
    for i in 0..<rows { for j in 0..<units { scaled[i, j] *= theta[j].squareRoot() } }
    result.add(scaled.gram(transposing: true))
    return result
  }

  /// N(t, τ) in scaled variables, or its change for increments of them.
  private func matrix(_ t: Double, _ theta: [Double], isChange: Bool) -> Matrix<Double> {
    var weighted = free
    for i in 0..<rows { for j in 0..<units { weighted[i, j] *= theta[j] } }
    let top = Matrix.product(weighted, free, transposingRight: true)
    let order = rows + units
    var n = Matrix<Double>(rows: order, columns: order)
    for i in 0..<rows {
      for j in 0..<rows { n[i, j] = -top[i, j] - (isChange ? 0 : fixed[i, j]) }
      n[i, i] += t
    }
    for i in 0..<units {
      if !isChange {
        for j in 0..<rows {
          n[rows + i, j] = coupling[j, i]
          n[j, rows + i] = coupling[j, i]
        }
        for j in 0..<units { n[rows + i, rows + j] = -correlation[i, j] }
      }
      n[rows + i, rows + i] += theta[i]
    }
    return n
  }

  // MARK: - Without an optimiser

  /// The closed form τ = (1 + |c|/d) S, S = λ_max(K) diag P for the correlation K of P_SS, at least 1.5 S.
  func closedForm() throws -> Solution {
    let largest = units > 0 ? unit : try fixed.largestEigenvalueEstimate()
    return solution(start, value: units > 0 ? 1 : largest, steps: 0, isOptimal: false)
  }

  /// The best multipliers that are equal for all units, λ = 1/(d²τ): golden section on a quasi-convex function.
  ///
  /// - Parameter mustStop: asked before every evaluation.
  func solveScalar(mustStop: () -> Bool) throws -> Solution {
    guard units > 0, unit > 0 else { return try closedForm() }
    let shares = zip(inverseSquares, scales).map { $0 / ($1 * $1) }
    var slack = correlation
    for i in 0..<units { for j in 0..<units { slack[i, j] /= (shares[i] * shares[j]).squareRoot() } }
    let least = try slack.largestEigenvalueEstimate()
    guard least > 0 else { return try closedForm() }
    func theta(_ exponent: Double) -> [Double] { shares.map { $0 * least * (1 + exp(exponent)) } }
    func height(_ exponent: Double) -> Double { (try? value(theta(exponent)).largestEigenvalueEstimate()) ?? .infinity }
    let ratio = 0.5 * (5.0.squareRoot() - 1)
    var (a, b) = (-20.0, 20.0)
    var (c, d) = (b - ratio * (b - a), a + ratio * (b - a))
    var (atC, atD) = (height(c), height(d))
    var steps = 2
    while b - a > 1e-6 && !mustStop() {
      if atC < atD {
        (b, d, atD) = (d, c, atC)
        c = b - ratio * (b - a)
        atC = height(c)
      } else {
        (a, c, atC) = (c, d, atD)
        d = a + ratio * (b - a)
        atD = height(d)
      }
      steps += 1
    }
    let best = min(atC, atD)
    guard best.isFinite else { return try closedForm() }
    return solution(theta(atC < atD ? c : d), value: best, steps: steps, isOptimal: b - a <= 1e-6)
  }

  // MARK: - The barrier method

  /// Minimises t up to a relative error.
  ///
  /// On the central path of κt − log det N the value exceeds the optimum by at most (order of N)/κ.
  ///
  /// - Parameters:
  ///   - tolerance: of t, relative.
  ///   - mustStop: asked before every step; the point reached is feasible.
  func solve(tolerance: Double, mustStop: () -> Bool) throws -> Solution {
    guard units > 0, unit > 0 else {
      var result = try closedForm()
      result.isOptimal = true
      return result
    }
    let order = Double(rows + units)
    var (t, theta) = (1.5, start)
    var steps = 0
    var kappa = 2 * order
    guard var factor = try? matrix(t, theta, isChange: false).cholesky() else {
      return solution(theta, value: t, steps: 0, isOptimal: false)
    }
    while true {
      var isCentred = false
      while !isCentred {
        guard steps < Self.mostSteps, !mustStop(), let direction = try newtonDirection(factor, kappa: kappa) else {
          return solution(theta, value: t, steps: steps, isOptimal: false)
        }
        steps += 1
        let merit = kappa * t - Self.logDeterminant(factor)
        var length = 1.0
        var isMoved = false
        while length > 1e-6 {
          let trial = (t: t + length * direction.t, theta: zip(theta, direction.theta).map { $0 + length * $1 })
          if let next = try? matrix(trial.t, trial.theta, isChange: false).cholesky(),
            kappa * trial.t - Self.logDeterminant(next) <= merit - 0.1 * length * direction.decrement + 1e-13 * merit.magnitude
          {
            (t, theta) = trial
            factor = next
            isMoved = true
            break
          }
          length *= 0.6
        }
        isCentred = direction.decrement < 1e-2 || !isMoved
      }
      if order / kappa < tolerance * t { return solution(theta, value: t, steps: steps, isOptimal: true) }
      kappa *= 20
    }
  }

  private func solution(_ theta: [Double], value: Double, steps: Int, isOptimal: Bool) -> Solution {
    var tau = [Double](repeating: 0, count: count)
    for (i, a) in active.enumerated() { tau[a] = theta[i] * scales[i] * scales[i] }
    return Solution(tau: tau, value: value * unit, steps: steps, isOptimal: isOptimal)
  }

  private static func logDeterminant(_ factor: Matrix<Double>) -> Double {
    var sum = 0.0
    for i in 0..<factor.rows { sum += log(factor[i, i]) }
    return 2 * sum
  }

  /// The Newton direction of κt − log det N, with its squared decrement; `nil` when the Hessian is singular to working precision.
  private func newtonDirection(_ factor: Matrix<Double>, kappa: Double) throws -> (t: Double, theta: [Double], decrement: Double)? {
    // Z = N⁻¹; the matrix of τᵢ is eᵢeᵢ′ in the second block minus fᵢfᵢ′ in the first, f the columns of `free`.
    var inverse = Matrix<Double>.identity(factor.rows)
    try factor.solveTriangular(.lower, &inverse)
    let z = inverse.gram()
    let (m, n) = (rows, units)
    var first = Matrix<Double>(rows: m, columns: m)
    var cross = Matrix<Double>(rows: n, columns: m)
    for i in 0..<m { for j in 0..<m { first[i, j] = z[i, j] } }
    for i in 0..<n { for j in 0..<m { cross[i, j] = z[m + i, j] } }
    let zf = Matrix.product(first, free)
    let u = Matrix.product(cross, free)
    let v = Matrix.product(free, zf, transposingLeft: true)
    var hessian = Matrix<Double>(rows: n + 1, columns: n + 1)
    var gradient = [Double](repeating: 0, count: n + 1)
    gradient[n] = kappa
    for i in 0..<m {
      gradient[n] -= z[i, i]
      for j in 0..<m { hessian[n, n] += first[i, j] * first[i, j] }
    }
    for i in 0..<n {
      gradient[i] = v[i, i] - z[m + i, m + i]
      var border = 0.0
      for j in 0..<m { border += cross[i, j] * cross[i, j] - zf[j, i] * zf[j, i] }
      hessian[n, i] = border
    }
    let width = m + n
    hessian.elements.withUnsafeMutableBufferPointer { h in
      z.elements.withUnsafeBufferPointer { z in
        u.elements.withUnsafeBufferPointer { u in
          v.elements.withUnsafeBufferPointer { v in
            for i in 0..<n {
              for j in 0...i {
                let (a, b, c, d) = (z[(m + i) * width + m + j], u[i * n + j], u[j * n + i], v[i * n + j])
                h[i * (n + 1) + j] = a * a - b * b - c * c + d * d
              }
            }
          }
        }
      }
    }
    guard let root = try? hessian.cholesky() else { return nil }
    let half = try root.solvedTriangular(.lower, gradient.map { -$0 })
    let step = try root.solvedTriangular(.lower, transposing: true, half)
    let decrement = half.reduce(0) { $0 + $1 * $1 }
    guard step.allSatisfy(\.isFinite), decrement.isFinite else { return nil }
    return (step[n], Array(step[..<n]), decrement)
  }
}
