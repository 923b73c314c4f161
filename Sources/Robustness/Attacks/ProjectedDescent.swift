import Foundation
import LinearAlgebra
import Networks

/// Projected gradient descent of several points at once, each with its own rule.
struct ProjectedDescent {
  let evaluator: Evaluator<Double>
  let loss: RowLoss
  let set: FeasibleSet

  /// The first and the last step, in parts of the set's size; steps shrink geometrically.
  private static let stepSizes = (first: 0.5, last: 0.02)

  /// Descends.
  ///
  /// - Parameters:
  ///   - points: the starts; at the end the last points.
  ///   - rules: one for each point.
  ///   - steps: evaluations of the gradient.
  ///   - visit: gets every batch with its values; `false` ends the descent.
  func run(
    _ points: inout Matrix<Double>, rules: [RowLoss.Rule], steps: Int, visit: (Matrix<Double>, Matrix<Double>) -> Bool
  ) {
    var size = Self.stepSizes.first
    let factor = steps > 1 ? pow(Self.stepSizes.last / Self.stepSizes.first, 1 / Double(steps - 1)) : 1
    for _ in 0..<steps {
      let linearisation = evaluator.linearisation(at: points)
      let values = loss.values(of: linearisation.value)
      guard visit(points, values) else { return }
      let gradients = linearisation.adjoint(loss.cotangents(of: values, rules))
      set.descend(&points, along: gradients, by: size)
      size *= factor
    }
    _ = visit(points, loss.values(of: evaluator.forward(points)))
  }
}
