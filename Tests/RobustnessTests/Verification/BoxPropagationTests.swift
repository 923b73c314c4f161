import LinearAlgebra
import Networks
import Testing

@testable import Robustness

@Suite struct BoxPropagationTests {
  /// Networks of all kinds of units and maps.
  static func network(_ kind: Int) throws -> Network {
    let activations: [Activation] = [
      .relu, .leakyReLU(slope: 0.1), .tanh, .sigmoid, .elu(alpha: 1), .softplus, .clip(lower: -0.5, upper: 0.5), .gelu, .silu, .hardSwish,
    ]
    switch kind {
    case 0..<10: return try NetworkBuilders.multilayerPerceptron(widths: [4, 9, 8, 3], activation: activations[kind], seed: UInt64(kind))
    case 10: return try NetworkBuilders.convolutional(size: 5, channels: [2, 3], outputs: 3, seed: 10)
    case 11: return try NetworkBuilders.sortingPerceptron(widths: [4, 8, 8, 3], seed: 11)
    default:
      var network = try NetworkBuilders.multilayerPerceptron(widths: [4, 6], seed: 12)
      let base = network.outputs[0]
      let first = try network.add(.activation(.relu), name: "a", to: [base])
      let second = try network.add(.activation(.absoluteValue), name: "b", to: [base])
      let sum = try network.add(.sum(signs: [1, -1]), name: "sum", to: [first, second])
      let divided = try network.add(.divideConstant(.init(shape: [1], values: [3])), name: "divide", to: [sum])
      try network.setOutputs([try network.add(.maximum, name: "maximum", to: [divided, base])])
      return network
    }
  }

  private static func boxes(_ count: Int, _ n: Int, radius: Double, _ generator: inout SplitMix64) -> (Matrix<Double>, Matrix<Double>) {
    var (lower, upper) = (Matrix<Double>(rows: count, columns: n), Matrix<Double>(rows: count, columns: n))
    for k in lower.elements.indices {
      let centre = Double.random(in: -1...1, using: &generator)
      let own = Double.random(in: 0...radius, using: &generator)
      (lower.elements[k], upper.elements[k]) = (centre - own, centre + own)
    }
    return (lower, upper)
  }

  @Test("Intervals and linear bounds hold at random points of every box", arguments: 0...12)
  func boundsHold(kind: Int) throws {
    let network = try Self.network(kind)
    let lowered = try network.lowered()
    let plan = try PropagationPlan(lowered)
    let evaluator = try Evaluator<Double>(network)
    var generator = SplitMix64(seed: UInt64(100 + kind))
    for radius in [1e-9, 0.05, 0.5, 4] {
      let (lower, upper) = Self.boxes(3, plan.inputCount, radius: radius, &generator)
      let propagation = BoxPropagation(plan, lower: lower, upper: upper)
      #expect(propagation.isBroken == [false, false, false] && propagation.isEmpty == [false, false, false])
      let rows = Matrix<Double>(
        rows: 6, columns: plan.outputCount, elements: (0..<6 * plan.outputCount).map { _ in Double.random(in: -1...1, using: &generator) })
      let boxes = [0, 0, 1, 1, 2, 2]
      let bounds = propagation.lowerBounds(of: rows, boxes: boxes)
      let plain = BoxPropagation(plan, lower: lower, upper: upper, isRefining: false)
      for node in plan.nodes.indices {
        for k in propagation.lower[node].elements.indices {
          #expect(propagation.lower[node].elements[k] >= plain.lower[node].elements[k] - 1e-12)
        }
      }
      for _ in 0..<60 {
        for (row, box) in boxes.enumerated() {
          let x = (0..<plan.inputCount).map { i in
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: lower[box, i]
            case 1: upper[box, i]
            default: Double.random(in: lower[box, i]...max(lower[box, i].nextUp, upper[box, i]), using: &generator)
            }
          }.enumerated().map { min($1, upper[box, $0]) }
          let y = evaluator.forward(Matrix(rows: 1, columns: x.count, elements: x)).elements
          let value = zip(rows.row(row), y).reduce(0) { $0 + $1.0 * $1.1 }
          let line = zip(bounds.coefficients.row(row), x).reduce(bounds.constants[row]) { $0 + $1.0 * $1.1 }
          // The evaluation itself rounds.
          let error = 1e-12 * (1 + y.reduce(0) { $0 + $1.magnitude })
          #expect(bounds.values[row] <= value + error && line <= value + error)
        }
      }
    }
  }

  @Test("On a point the bounds are as good as the arithmetic", arguments: 0...12)
  func pointsAreTight(kind: Int) throws {
    let network = try Self.network(kind)
    let plan = try PropagationPlan(try network.lowered())
    var generator = SplitMix64(seed: UInt64(kind))
    let (lower, _) = Self.boxes(1, plan.inputCount, radius: 1, &generator)
    let propagation = BoxPropagation(plan, lower: lower, upper: lower)
    let y = try Evaluator<Double>(network).forward(lower).elements
    let last = plan.nodes.count - 1
    for (j, value) in y.enumerated() {
      #expect(propagation.lower[last][0, j] <= value && value <= propagation.upper[last][0, j])
      #expect(propagation.upper[last][0, j] - propagation.lower[last][0, j] < 1e-9)
    }
  }

  @Test("Weights and boxes that are no numbers prove nothing")
  func notANumber() throws {
    for bad in [Double.nan, .infinity, 1e200] {
      var network = Network()
      let input = network.addInput(name: "x", shape: [1, 1])
      let weight = Matrix<Double>(rows: 1, columns: 1, elements: [bad])
      guard let dense = try? network.add(.dense(weight: weight, bias: nil), name: "dense", to: [input]) else { continue }
      try network.setOutputs([dense])
      #expect(throws: (any Error).self) { try PropagationPlan(try network.lowered()) }
    }
    let plan = try PropagationPlan(try NetworkBuilders.multilayerPerceptron(widths: [1, 3, 1], seed: 1).lowered())
    for (low, high) in [(Double.nan, 1), (0, .nan), (-.infinity, 1), (-1e308, 1e308)] {
      let propagation = BoxPropagation(
        plan, lower: Matrix(rows: 1, columns: 1, elements: [low]), upper: Matrix(rows: 1, columns: 1, elements: [high]))
      #expect(propagation.isBroken == [true])
    }
  }

  @Test(
    "Optimised slopes and multipliers keep the bound below the least value where the assumptions hold", arguments: [0, 1, 2, 3, 10, 11])
  func searchedBoundsHold(kind: Int) throws {
    let network = try Self.network(kind)
    let plan = try PropagationPlan(try network.lowered())
    let lowered = try network.lowered()
    var generator = SplitMix64(seed: UInt64(200 + kind))
    let (lower, upper) = Self.boxes(1, plan.inputCount, radius: 0.6, &generator)
    let root = BoxPropagation(plan, lower: lower, upper: upper)
    // Assume that the first two open units are above, and below, their thresholds.
    var phases: [BoxPropagation.Phase] = []
    for (index, node) in plan.nodes.enumerated() {
      guard case .activation(let source, _) = node.kind else { continue }
      for unit in 0..<node.count where phases.count < 2 && root.lower[source][0, unit] < 0 && root.upper[source][0, unit] > 0 {
        phases.append(.init(node: index, unit: unit, isAbove: phases.isEmpty, threshold: 0))
      }
    }
    let propagation = BoxPropagation(plan, lower: lower, upper: upper, phases: [phases])
    let rows = Matrix<Double>(
      rows: 2, columns: plan.outputCount, elements: (0..<2 * plan.outputCount).map { _ in Double.random(in: -1...1, using: &generator) })
    let search = SlopeSearch(
      propagation: propagation, evaluatedRows: rows, boxes: [0, 0], inputs: nil, slack: [0, 0], constants: [-1e3, -1e3])
    let start = search.run(phases: [phases], steps: 0, mustStop: { false }).values
    let values = search.run(phases: [phases], steps: 30, mustStop: { false }).values
    #expect(zip(start, values).allSatisfy { $0 <= $1 })
    var tried = 0
    for _ in 0..<4000 {
      let x = (0..<plan.inputCount).map { Double.random(in: lower[0, $0]...upper[0, $0].nextUp, using: &generator) }
      let point = Matrix(rows: 1, columns: x.count, elements: x)
      let holds = phases.allSatisfy { phase in
        guard case .activation(let source, _) = plan.nodes[phase.node].kind else { return false }
        let part = LoweredNetwork(nodes: Array(lowered.nodes[...source]))
        let p = Evaluator<Double>(part).forward(point)[0, phase.unit]
        return phase.isAbove ? p >= phase.threshold : p <= phase.threshold
      }
      guard holds else { continue }
      tried += 1
      let y = lowered.forward(point).elements
      for row in 0..<2 {
        let value = zip(rows.row(row), y).reduce(-1e3) { $0 + $1.0 * $1.1 }
        #expect(values[row] <= value + 1e-9)
      }
    }
    #expect(tried > 0 || propagation.isEmpty[0])
  }
}
