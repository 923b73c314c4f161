import Certificates
import LinearAlgebra

/// The constraints of some disjuncts as rows whose lower bounds on boxes are wanted.
///
/// A constraint Σ a x + Σ b y + c ≤ 0 cannot hold on a box where the left-hand side is positive throughout.
struct ConstraintRows {
  /// What each row belongs to.
  struct Place {
    /// The row's box in the batch.
    let box: Int
    let disjunct: Int
    let constraint: Int
  }

  private(set) var places: [Place] = []
  private let property: Property

  init(_ property: Property) { self.property = property }

  /// Adds the rows of a disjunct on a box of a batch.
  mutating func add(disjunct: Int, box: Int) {
    for constraint in property.disjuncts[disjunct].constraints.indices {
      places.append(Place(box: box, disjunct: disjunct, constraint: constraint))
    }
  }

  private func constraint(_ place: Place) -> LinearConstraint { property.disjuncts[place.disjunct].constraints[place.constraint] }

  /// Lower bounds of the left-hand sides, in the order of ``places``.
  func lowerBounds(_ propagation: BoxPropagation) -> BoxPropagation.LinearBounds {
    let search = search(propagation)
    var bounds = propagation.lowerBounds(of: search.evaluatedRows, boxes: search.boxes, inputs: search.inputs, slack: search.slack)
    for (row, place) in places.enumerated() {
      bounds.constants[row] = ErrorBounds.addDown(bounds.constants[row], search.constants[row])
      bounds.values[row] =
        propagation.isBroken[place.box] || propagation.isEmpty[place.box]
        ? .nan : ErrorBounds.addDown(bounds.values[row], search.constants[row])
    }
    return bounds
  }

  /// Lower bounds of the left-hand sides on the region of `bounds`, in the order of ``places``; −∞ when constraints read inputs.
  ///
  /// - Parameters:
  ///   - bounds: of the network on the rows' only box.
  ///   - search: the same rows on that box.
  func lowerBounds(_ bounds: BoundPropagation, _ search: SlopeSearch) -> [Double] {
    guard search.inputs == nil, let values = try? bounds.lowerBounds(of: search.evaluatedRows) else {
      return places.map { _ in -.infinity }
    }
    return places.indices.map { ErrorBounds.addDown(ErrorBounds.subtractDown(values[$0], search.slack[$0]), search.constants[$0]) }
  }

  /// The search for slopes that make the bounds of the left-hand sides large.
  ///
  /// Coefficients that are no doubles are replaced by an end of their enclosures; what that can change on the box goes into the slack.
  func search(_ propagation: BoxPropagation) -> SlopeSearch {
    let last = propagation.plan.nodes.count - 1
    var outputs = Matrix<Double>(rows: places.count, columns: propagation.plan.outputCount)
    var inputs: Matrix<Double>?
    var slack = [Double](repeating: 0, count: places.count)
    for (row, place) in places.enumerated() {
      let constraint = constraint(place)
      func doubt(_ term: LinearConstraint.Term, _ node: Int) -> Double {
        if term.coefficient.isExact { return 0 }
        let greatest = max(
          propagation.lower[node][place.box, term.index].magnitude, propagation.upper[node][place.box, term.index].magnitude)
        return ErrorBounds.multiplyUp(ErrorBounds.subtractUp(term.coefficient.upper, term.coefficient.lower), greatest)
      }
      for term in constraint.outputs {
        outputs[row, term.index] = term.coefficient.lower
        slack[row] = ErrorBounds.addUp(slack[row], doubt(term, last))
      }
      if constraint.inputs.isEmpty { continue }
      var direct = inputs ?? Matrix(rows: places.count, columns: propagation.plan.inputCount)
      for term in constraint.inputs {
        direct[row, term.index] = term.coefficient.lower
        slack[row] = ErrorBounds.addUp(slack[row], doubt(term, 0))
      }
      inputs = direct
    }
    return SlopeSearch(
      propagation: propagation, evaluatedRows: outputs, boxes: places.map(\.box), inputs: inputs, slack: slack,
      constants: places.map { constraint($0).constant.lower })
  }
}
