import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// Moves an input at which a rival is level towards x₀, within the linear piece of the network that it lies in.
struct Approach {
  private let problem: RadiusProblem
  private let rival: OutputSet
  private let evaluator: Evaluator<Double>

  init(_ problem: RadiusProblem, _ rival: OutputSet, evaluator: Evaluator<Double>) {
    (self.problem, self.rival, self.evaluator) = (problem, rival, evaluator)
  }

  /// A distance at which the rival is at least level with the label, as the network itself computes: that of the input, or less.
  ///
  /// - Parameters:
  ///   - input: where it is.
  ///   - above: nothing below it is tried.
  ///   - tolerance: the relative precision.
  func nearest(_ input: [Double], above: Double, tolerance: Double, watch: Stopwatch) throws -> Double {
    let network = problem.classifier.lowered
    var (good, bad) = (problem.distance(to: input), above)
    let signs = try phases(at: input)
    guard let wide = try? BoundPropagation(network, region: problem.region(good), isCancelled: { watch.mustStop }).intervals else {
      return good
    }
    let root = try NetworkProgram(network, intervals: wide)
    var basis: Basis?
    while good - bad > tolerance * good, !watch.mustStop {
      let middle = 0.5 * (good + bad)
      guard let found = try candidate(middle, signs, wide, root, &basis, watch), level(found) else {
        bad = middle
        continue
      }
      good = min(good, problem.distance(to: found))
    }
    return good
  }

  private func level(_ x: [Double]) -> Bool {
    rival.violation(at: evaluator.forward(Matrix(rows: 1, columns: x.count, elements: x)).elements) <= 0
  }

  /// The arguments of all units at an input, by nodes.
  private func phases(at input: [Double]) throws -> [[Double]] {
    let region = Region.box(lower: input, upper: input)
    let values = try NodeIntervals(arithmetic: problem.classifier.propagation(), region: region)
    return values.lower.indices.map { k in zip(values.lower[k], values.upper[k]).map { 0.5 * $0 + 0.5 * $1 } }
  }

  /// The input within a radius, and in the piece, where the rival comes closest; `nil` when there is none.
  private func candidate(
    _ radius: Double, _ values: [[Double]], _ wide: NodeIntervals, _ root: NetworkProgram, _ basis: inout Basis?, _ watch: Stopwatch
  ) throws -> [Double]? {
    let last = wide.lower.count - 1
    guard let box = problem.region(radius).coordinateBounds else { return nil }
    var program = root
    for i in problem.input.indices {
      try program.setBounds(node: 0, element: i, max(box.lower[i], wide.lower[0][i])...min(box.upper[i], wide.upper[0][i]))
    }
    for (k, unit) in program.units.enumerated() {
      guard case .activation(let source, _) = problem.classifier.lowered.nodes[unit.node].kind else { continue }
      let (interval, z) = (program.interval(ofUnit: k), values[source][unit.index])
      var (lower, upper) = (interval.lowerBound, interval.upperBound)
      for kink in unit.activation.kinks(in: interval) { if kink <= z { lower = max(lower, kink) } else { upper = min(upper, kink) } }
      if lower <= upper { try program.restrict(unit: k, to: lower...upper) }
    }
    try program.setUnsafe(rival, range: rival.violation(lower: wide.lower[last], upper: wide.upper[last]))
    let relaxed = try RelaxedBound(program.program, from: basis, isCancelled: { watch.mustStop })
    basis = relaxed.basis ?? basis
    return relaxed.point.map { point in
      let x = program.input(at: point, of: wide)
      return x.indices.map { min(max(x[$0], box.lower[$0]), box.upper[$0]) }
    }
  }
}
