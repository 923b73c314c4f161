import Certificates
import LinearAlgebra
import Networks

/// Decides whether a candidate is a witness, in single precision and in real arithmetic.
struct WitnessCheck: Sendable {
  let property: Property
  let plan: PropagationPlan
  let single: Evaluator<Float>

  init(_ property: Property, plan: PropagationPlan, network: Network) throws {
    self.property = property
    self.plan = plan
    single = try Evaluator<Float>(network)
  }

  /// The witness near `candidate`, or `nil` when there is none.
  ///
  /// The candidate is moved into the box, if possible to single-precision numbers. It is accepted when
  /// 1. the output in single precision satisfies every constraint, compared exactly, and
  /// 2. so do all outputs in real arithmetic of the inputs that the bounds leave within one unit in the last place: intervals around the
  ///    rounding errors decide. Bounds that agree to the last bit of a double are taken as equal.
  func witness(near candidate: [Double], disjunct index: Int) -> Witness? {
    let disjunct = property.disjuncts[index]
    guard candidate.count == property.inputCount, candidate.allSatisfy(\.isFinite) else { return nil }
    var input = candidate
    var enclosures: [Enclosure] = []
    enclosures.reserveCapacity(candidate.count)
    for i in input.indices {
      let (low, high) = (disjunct.box.innerLower[i], disjunct.box.innerUpper[i])
      if low <= high {
        input[i] = Self.rounded(input[i], low, high)
        enclosures.append(Enclosure(input[i]))
      } else {
        let (outerLow, outerHigh) = (disjunct.box.lower[i], disjunct.box.upper[i])
        guard outerLow <= outerHigh else { return nil }
        input[i] = outerLow
        enclosures.append(Enclosure(outerLow, outerHigh))
      }
    }
    let x = Matrix(rows: 1, columns: input.count, elements: input.map { Float($0) })
    let output = single.forward(x).elements.map(Double.init)
    guard output.count == property.outputCount, output.allSatisfy(\.isFinite) else { return nil }
    let isSatisfiedInSingle = disjunct.constraints.allSatisfy { constraint in
      constraint.isSatisfied(inputs: { enclosures[$0] }, outputs: { Enclosure(output[$0]) })
    }
    guard isSatisfiedInSingle, isSatisfiedByReals(disjunct.constraints, enclosures) else { return nil }
    return Witness(input: input, output: output, disjunct: index)
  }

  /// Whether the real network's outputs satisfy the constraints for all inputs of tiny intervals.
  private func isSatisfiedByReals(_ constraints: [LinearConstraint], _ inputs: [Enclosure]) -> Bool {
    let bounds = BoxPropagation(
      plan, lower: Matrix(rows: 1, columns: inputs.count, elements: inputs.map(\.lower)),
      upper: Matrix(rows: 1, columns: inputs.count, elements: inputs.map(\.upper)), isRefining: false)
    guard !bounds.isBroken[0] else { return false }
    let last = plan.nodes.count - 1
    return constraints.allSatisfy { constraint in
      constraint.isSatisfied(inputs: { inputs[$0] }, outputs: { Enclosure(bounds.lower[last][0, $0], bounds.upper[last][0, $0]) })
    }
  }

  /// A single-precision number of [low, high] near x, or x moved into the interval when there is none.
  private static func rounded(_ x: Double, _ low: Double, _ high: Double) -> Double {
    let inside = min(max(x, low), high)
    let nearest = Float(inside)
    return [nearest, nearest.nextDown, nearest.nextUp].map(Double.init).first { $0 >= low && $0 <= high && $0.isFinite } ?? inside
  }
}
