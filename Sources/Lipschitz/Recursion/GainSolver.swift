import Certificates
import Foundation
import LinearAlgebra

/// An interior-point method for min b′y subject to S(y) ⪰ 0 with the structure of a ``GainSystem``.
///
/// First Newton steps towards the central path from any strictly feasible y, then predictor-corrector steps in the direction of Helmberg,
/// Kojima and Monteiro. Every y on the way is strictly feasible, so the iteration can be stopped anywhere with a provable value. Newton steps
/// on y do not depend on how variables are scaled, so deep chains need no special care.
struct GainSolver {
  let system: GainSystem
  let layout: GainLayout
  let objective: [Double]
  private(set) var y: [Double]
  private var s: [Matrix<Double>]
  private var x: [Matrix<Double>] = []
  /// Newton systems factored so far.
  private(set) var steps = 0
  /// (b′y − dual value) / b′y at the last step, once the dual point is feasible.
  private(set) var gap = Double.infinity

  /// Steps towards the central path without progress before giving up.
  private static let mostIdleSteps = 20

  /// - Throws: ``LinearAlgebraError`` when y is not strictly feasible.
  init(_ system: GainSystem, _ layout: GainLayout, objective: [Double], start y: [Double]) throws {
    self.system = system
    self.layout = layout
    self.objective = objective
    self.y = y
    s = system.evaluate(y)
    for matrix in s { _ = try matrix.cholesky() }
  }

  /// The objective's value.
  var value: Double { dot(objective, y) }

  /// Iterates until the gap is below `tolerance`, progress ends, or `mustStop`.
  ///
  /// - Returns: whether the tolerance was reached.
  mutating func run(tolerance: Double, mostSteps: Int = 200, mustStop: (GainSolver) -> Bool) throws -> Bool {
    guard try centre(mostSteps: mostSteps, mustStop: mustStop) else { return false }
    var stalled = 0
    while steps < mostSteps {
      if mustStop(self) { return false }
      let nu = Double(system.order)
      let mu = zip(x, s).reduce(0) { $0 + $1.0.inner($1.1) } / nu
      gap = nu * mu / value.magnitude
      if gap <= tolerance { return true }
      let before = value
      guard (try? step(mu: mu)) == true else { return false }
      stalled = (before - value).magnitude < 1e-3 * tolerance * before.magnitude ? stalled + 1 : 0
      if stalled >= 5 { return false }
    }
    return false
  }

  // MARK: - Centring

  /// Newton's method on b′y/μ − log det S with the μ that is nearest, until the dual point μ(S⁻¹ − S⁻¹ dS S⁻¹) is feasible.
  ///
  /// Each step of full precision decreases the potential by a fixed amount. Where rounding of a badly scaled problem eats that up, neither the
  /// decrement nor the value moves any more, and after some such steps there is no point in going on.
  private mutating func centre(mostSteps: Int, mustStop: (GainSolver) -> Bool) throws -> Bool {
    var (least, lowest, idle) = (Double.infinity, Double.infinity, 0)
    while steps < mostSteps {
      if mustStop(self) { return false }
      let inverses = try s.map { try $0.cholesky().inverseFromFactor() }
      steps += 1
      let newton = try GainNewton(system, layout, x: inverses, y: inverses)
      let gradient = system.adjoint(inverses)
      let (towards, away) = (try newton.solve(objective), try newton.solve(gradient))
      var inverseMu = dot(gradient, towards) / dot(objective, towards)
      if !(inverseMu > 0) { inverseMu = 0.1 * Double(system.order) / value }
      let d = zip(away, towards).map { $0 - inverseMu * $1 }
      let decrement = max(0, dot(zip(gradient, objective).map { $0 - inverseMu * $1 }, d)).squareRoot()
      guard decrement.isFinite else { return false }
      let hasMoved = decrement < 0.99 * least || value < lowest - 1e-3 * lowest.magnitude
      idle = hasMoved ? 0 : idle + 1
      guard idle < Self.mostIdleSteps else { return false }
      (least, lowest) = (min(least, decrement), min(lowest, value))
      let ds = system.evaluate(d, isLinear: true)
      if decrement < 0.9 {
        x = zip(inverses, ds).map { inverse, change in
          var result = inverse
          let product = Matrix.product(Matrix.product(inverse, change), inverse)
          result.add(-1, product)
          for k in result.elements.indices { result.elements[k] /= inverseMu }
          result.symmetrise()
          return result
        }
        guard x.allSatisfy({ (try? $0.cholesky()) != nil }) else { return false }
        return true
      }
      // The longest of growing steps that decrease the potential.
      let slope = inverseMu * dot(objective, d)
      func potential(_ a: Double) -> Double? {
        var sum = a * slope
        for (s, change) in zip(s, ds) {
          var moved = s
          moved.add(a, change)
          guard let factor = try? moved.cholesky() else { return nil }
          for i in 0..<factor.rows { sum -= 2 * log(factor[i, i]) }
        }
        return sum
      }
      var (length, best) = (1 / (1 + decrement), potential(1 / (1 + decrement)))
      for _ in 0..<8 {
        let longer = length * 1.5
        guard let current = best, let next = potential(longer), next < current else { break }
        (length, best) = (longer, next)
      }
      guard best != nil, move(d, by: length) else { return false }
    }
    return false
  }

  // MARK: - Predictor and corrector

  private mutating func step(mu: Double) throws -> Bool {
    let inverses = try s.map { try $0.cholesky().inverseFromFactor() }
    steps += 1
    let newton = try GainNewton(system, layout, x: x, y: inverses)
    let gradient = system.adjoint(inverses)
    let d = try newton.solve(objective.map { -$0 })
    let ds = system.evaluate(d, isLinear: true)
    // X S⁻¹-products: dX = σμ S⁻¹ − X − sym(X dS S⁻¹) − correction.
    func direction(_ ds: [Matrix<Double>], centring: Double, corrections: [Matrix<Double>]?) -> [Matrix<Double>] {
      ds.indices.map { k in
        var result = Matrix.product(Matrix.product(x[k], ds[k], scale: -1), inverses[k])
        result.symmetrise()
        result.add(-1, x[k])
        if centring > 0 { result.add(centring, inverses[k]) }
        if let corrections { result.add(-1, corrections[k]) }
        return result
      }
    }
    let dx = direction(ds, centring: 0, corrections: nil)
    let (primal, dual) = (Self.longestStep(x, dx), Self.longestStep(s, ds))
    var product = 0.0
    for k in x.indices {
      product +=
        x[k].inner(s[k]) + primal * dx[k].inner(s[k]) + dual * x[k].inner(ds[k]) + primal * dual * dx[k].inner(ds[k])
    }
    let ratio = min(1, max(1e-10, product / Double(system.order) / mu))
    let shortest = min(primal, dual)
    let centring = mu * (shortest > 0.5 ? ratio * ratio * ratio : shortest < 0.1 ? ratio : ratio * ratio)
    let corrections = dx.indices.map { k in
      var result = Matrix.product(Matrix.product(dx[k], ds[k]), inverses[k])
      result.symmetrise()
      return result
    }
    let corrected = system.adjoint(corrections)
    let rhs = objective.indices.map { centring * gradient[$0] - objective[$0] - corrected[$0] }
    let step = try newton.solve(rhs)
    guard step.allSatisfy(\.isFinite) else { return false }
    let dsNext = system.evaluate(step, isLinear: true)
    let dxNext = direction(dsNext, centring: centring, corrections: corrections)
    let (a, b) = (0.95 * Self.longestStep(x, dxNext), 0.95 * Self.longestStep(s, dsNext))
    for k in x.indices { x[k].add(min(1, a), dxNext[k]) }
    return move(step, by: min(1, b)) && max(a, b) > 1e-4
  }

  /// Takes a step, shortened until the point is strictly feasible in floating point.
  private mutating func move(_ d: [Double], by length: Double) -> Bool {
    var length = length
    for _ in 0..<20 {
      let next = zip(y, d).map { $0 + length * $1 }
      let matrices = system.evaluate(next)
      if matrices.allSatisfy({ (try? $0.cholesky()) != nil }) {
        (y, s) = (next, matrices)
        return true
      }
      length *= 0.7
    }
    return false
  }

  /// About the longest step, not above 1/0.95, that keeps matrices positive definite.
  private static func longestStep(_ matrices: [Matrix<Double>], _ changes: [Matrix<Double>]) -> Double {
    var longest = 1 / 0.95
    for (matrix, change) in zip(matrices, changes) {
      func isFeasible(_ a: Double) -> Bool {
        var moved = matrix
        moved.add(a, change)
        return (try? moved.cholesky()) != nil
      }
      if isFeasible(longest) { continue }
      var (low, high) = (0.0, longest)
      for _ in 0..<7 {
        let middle = low > 0 ? 0.5 * (low + high) : high * 0.5
        if isFeasible(middle) { low = middle } else { high = middle }
        if low > 0, high < 1.05 * low { break }
      }
      longest = low
    }
    return longest
  }
}

/// Σ a_i b_i.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}
