import LinearAlgebra

extension OutputSet {
  /// The outputs that satisfy a disjunct's constraints, or some more: strictness is dropped and right sides are rounded outwards.
  ///
  /// `nil` when a constraint speaks about inputs or has coefficients that are no doubles, or when there are no constraints.
  init?(_ disjunct: Property.Disjunct, outputCount: Int) {
    let constraints = disjunct.constraints
    let areSimple = constraints.allSatisfy { constraint in
      constraint.inputs.isEmpty && constraint.constant.lower.magnitude <= 0x1p100
        && constraint.outputs.allSatisfy { $0.coefficient.isExact && $0.coefficient.lower.magnitude <= 0x1p100 }
    }
    guard !constraints.isEmpty, areSimple else { return nil }
    var rows = Matrix<Double>(rows: constraints.count, columns: outputCount)
    for (k, constraint) in constraints.enumerated() {
      for term in constraint.outputs { rows[k, term.index] = term.coefficient.lower }
    }
    self.init(rows: rows, bounds: constraints.map { -$0.constant.lower })
  }
}
