import Foundation
import LinearAlgebra
import Networks

/// A search for unsafe inputs of one disjunct: projected gradient descent on the constraint that is violated most.
struct PropertyAttack: Sendable {
  let evaluator: Evaluator<Double>
  let disjunct: Property.Disjunct

  /// Descends from the middle, from random corners and from random points, all at once.
  ///
  /// - Parameters:
  ///   - start: the first point; the middle by default.
  ///   - restarts: the number of points.
  ///   - steps: the number of steps of each.
  ///   - mustStop: asked before every step.
  ///   - accept: told every point at which all constraints seem to hold; true ends the search.
  /// - Returns: the least value found of the greatest left-hand side.
  func search(
    from start: [Double]? = nil, restarts: Int, steps: Int, generator: inout SplitMix64, mustStop: () -> Bool, accept: ([Double]) -> Bool
  ) -> Double {
    let (low, high) = (disjunct.box.lower, disjunct.box.upper)
    let n = low.count
    let radius = zip(low, high).map { 0.5 * ($1 - $0) }
    var points = Matrix<Double>(rows: restarts, columns: n)
    for row in 0..<restarts {
      for i in 0..<n {
        let position: Double =
          switch row {
          case 0: 0.5
          case let row where row.isMultiple(of: 2): generator.nextUniform() < 0.5 ? 0 : 1
          default: generator.nextUniform()
          }
        let x = row == 0 ? start?[i] ?? low[i] + position * (high[i] - low[i]) : low[i] + position * (high[i] - low[i])
        points[row, i] = min(high[i], max(low[i], x))
      }
    }
    var best = Double.infinity
    for step in 0...steps {
      if mustStop() { break }
      let linearised = evaluator.linearisation(at: points)
      let outputs = linearised.value
      var cotangents = Matrix<Double>(rows: restarts, columns: outputs.columns)
      var direct = Matrix<Double>(rows: restarts, columns: n)
      for row in 0..<restarts {
        guard let (constraint, value) = worst(points, outputs, row) else {
          if accept(points.row(row)) { return -.infinity }
          continue
        }
        best = min(best, value)
        if value <= 0, accept(points.row(row)) { return value }
        for term in constraint.outputs { cotangents[row, term.index] += term.coefficient.lower }
        for term in constraint.inputs { direct[row, term.index] += term.coefficient.lower }
      }
      if step == steps { break }
      let gradients = linearised.adjoint(cotangents)
      // From half the box down to a hundredth of it.
      let size = 0.5 * pow(0.02, Double(step) / Double(max(1, steps - 1)))
      for k in points.elements.indices {
        let i = k % n
        let slope = gradients.elements[k] + direct.elements[k]
        guard slope != 0, !slope.isNaN else { continue }
        points.elements[k] = min(high[i], max(low[i], points.elements[k] - (slope > 0 ? size : -size) * radius[i]))
      }
    }
    return best
  }

  /// The constraint with the greatest left-hand side at a point, or `nil` when there are no constraints.
  func worst(_ points: Matrix<Double>, _ outputs: Matrix<Double>, _ row: Int) -> (constraint: LinearConstraint, value: Double)? {
    var result: (LinearConstraint, Double)?
    for constraint in disjunct.constraints {
      var value = constraint.constant.upper
      for term in constraint.inputs { value += term.coefficient.upper * points[row, term.index] }
      for term in constraint.outputs { value += term.coefficient.upper * outputs[row, term.index] }
      if value.isNaN { value = .infinity }
      if value > result?.1 ?? -.infinity { result = (constraint, value) }
    }
    return result
  }
}
