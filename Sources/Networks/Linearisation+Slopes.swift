import LinearAlgebra

extension Linearisation {
  /// The slopes of an activation step's units at the points, one row for each point; `nil` for steps that are not scalar activations.
  ///
  /// The steps of a lowered network's evaluator are its nodes.
  public func activationSlopes(step index: Int) -> Matrix<Element>? {
    guard slopes.indices.contains(index), case .activation = evaluator.steps[index].kind, case .diagonal(let values) = slopes[index] else {
      return nil
    }
    return values
  }
}
