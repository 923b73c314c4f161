import Certificates
import LinearAlgebra
import Lipschitz
import Networks
import Testing

@testable import Robustness

@Suite("Branch and bound on phases")
struct PhaseSearchTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.1), .leakyReLU(slope: 3), .absoluteValue, .clip(lower: -0.5, upper: 0.75),
  ]

  /// y with row · y ≤ bound.
  static func set(_ row: [Double], _ bound: Double) -> OutputSet {
    OutputSet(rows: Matrix(rows: 1, columns: row.count, elements: row), bounds: [bound])
  }

  @Test("Agrees with the enumeration of all phases on both sides of the least value", arguments: activations, [1, 2])
  func agreesWithEnumeration(activation: Activation, seed: UInt64) throws {
    // Six units; three pieces each would be slow.
    var isClip = false
    if case .clip = activation { isClip = true }
    let oracle = PhaseOracle(PhaseOracle.layers(isClip ? [2, 2, 2, 2] : [2, 3, 3, 2], seed: seed), activation)
    let network = try oracle.network(activation).lowered()
    let (lower, upper, row) = ([-1.0, -0.5], [0.75, 1.0], [1.0, -0.5])
    let least = try oracle.minimum(row, lower: lower, upper: upper)
    let search = try PhaseSearch(network)
    let region = Region.box(lower: lower, upper: upper)
    let margin = 1e-5 * (1 + least.magnitude)

    let below = try search.decide(Self.set(row, least - margin), on: region)
    guard case .none(let violation) = below.verdict else { return #expect(Bool(false), "\(below.verdict)") }
    #expect(violation > 0 && violation <= margin * 1.001 + 1e-9)

    let above = try search.decide(Self.set(row, least + margin), on: region)
    guard case .reached(let input) = above.verdict else { return #expect(Bool(false), "\(above.verdict)") }
    #expect(zip(input, zip(lower, upper)).allSatisfy { $1.0 <= $0 && $0 <= $1.1 })
    let y = Evaluator<Double>(network).forward(Matrix(rows: 1, columns: 2, elements: input)).elements
    #expect(row[0] * y[0] + row[1] * y[1] <= least + margin)
  }

  @Test("Tightening keeps every value, and every lower bound stays below samples", arguments: [3, 4, 5])
  func boundsHold(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    var tighter = 0
    for activation in Self.activations + [.sigmoid, .tanh, .silu, .hardSwish, .hardSigmoid(slope: 0.3, offset: 0.4)] {
      let network = try NetworkBuilders.multilayerPerceptron(widths: [3, 6, 5, 2], activation: activation, seed: seed).lowered()
      let (lower, upper) = ([-1.0, -0.5, 0.25], [0.5, 1, 0.75])
      let region = Region.box(lower: lower, upper: upper)
      let given = try BoundPropagation(network, region: region, tightening: .none).intervals
      let tight = try LinearTightening().tightened(given, of: network)
      let row = [1.0, -1.0]
      var program = try NetworkProgram(network, intervals: tight)
      let last = network.nodes.count - 1
      try program.setUnsafe(Self.set(row, 0), range: Self.set(row, 0).violation(lower: tight.lower[last], upper: tight.upper[last]))
      let bound = try RelaxedBound(program.program, isCancelled: { false })
      #expect(!bound.isEmpty && bound.value > -.infinity)
      var isTighter = false
      for k in network.nodes.indices {
        for i in tight.lower[k].indices {
          isTighter = isTighter || tight.upper[k][i] - tight.lower[k][i] < given.upper[k][i] - given.lower[k][i]
        }
      }
      tighter += isTighter ? 1 : 0
      for _ in 0..<200 {
        let x = zip(lower, upper).map { $0 + ($1 - $0) * random.nextUniform() }
        let values = try NodeIntervals(arithmetic: PropagationNetwork(network), region: .box(lower: x, upper: x))
        for k in network.nodes.indices {
          for i in values.lower[k].indices {
            #expect(tight.lower[k][i] <= values.upper[k][i] && values.lower[k][i] <= tight.upper[k][i], "\(activation) \(k) \(i)")
          }
        }
        #expect(bound.value <= values.upper[last][0] - values.lower[last][1] + 1e-12, "\(activation)")
      }
    }
    // Where the second layer's units are decided by intervals there is nothing to do.
    #expect(tighter >= 5)
  }

  @Test("A relaxation bounds no worse than backward lines on the same intervals", arguments: [1, 2, 3, 4] as [UInt64])
  func beatsLines(seed: UInt64) throws {
    for activation in Self.activations + [.sigmoid, .tanh, .gelu] {
      let network = try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 6, 3], activation: activation, seed: seed).lowered()
      let region = Region.box(lower: [-0.5, -0.5, 0, 0.25], upper: [0.25, 0.5, 0.5, 0.5])
      let propagation = try BoundPropagation(network, region: region)
      let rows = Matrix<Double>(rows: 2, columns: 3, elements: [1, -1, 0, -1, 0.5, 2])
      let lines = try propagation.lowerBounds(of: rows)
      let last = network.nodes.count - 1
      for k in 0..<2 {
        let set = Self.set(Array(rows.row(k)), 0)
        var program = try NetworkProgram(network, intervals: propagation.intervals)
        let range = set.violation(lower: propagation.intervals.lower[last], upper: propagation.intervals.upper[last])
        try program.setUnsafe(set, range: range)
        let bound = try RelaxedBound(program.program, isCancelled: { false })
        #expect(bound.value >= lines[k] - 1e-7 * (1 + lines[k].magnitude), "\(activation) row \(k)")
      }
    }
  }

  @Test("Sets that contradict themselves are never reached; several inequalities are one question")
  func conjunctions() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [2, 5, 2], seed: 7).lowered()
    let search = try PhaseSearch(network)
    let region = Region.box(lower: [-1, -1], upper: [1, 1])
    let empty = OutputSet(rows: Matrix(rows: 2, columns: 2, elements: [1, 0, -1, 0]), bounds: [-0.01, -0.01])
    guard case .none = try search.decide(empty, on: region).verdict else { return #expect(Bool(false)) }
    // A corner that is reached, and then one that is not.
    let x = Matrix<Double>(rows: 1, columns: 2, elements: [0.3, -0.2])
    let y = Evaluator<Double>(network).forward(x).elements
    let around = OutputSet(
      rows: Matrix(rows: 4, columns: 2, elements: [1, 0, -1, 0, 0, 1, 0, -1]),
      bounds: [y[0] + 1e-3, -y[0] + 1e-3, y[1] + 1e-3, -y[1] + 1e-3])
    guard case .reached(let input) = try search.decide(around, on: region).verdict else { return #expect(Bool(false)) }
    let found = Evaluator<Double>(network).forward(Matrix(rows: 1, columns: 2, elements: input)).elements
    #expect((found[0] - y[0]).magnitude <= 1e-3 && (found[1] - y[1]).magnitude <= 1e-3)
  }

  @Test("Points, flat boxes and biases that cancel are decided")
  func degenerate() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [2, 6, 4, 2], seed: 11).lowered()
    let search = try PhaseSearch(network)
    for (lower, upper) in [([0.25, -0.5], [0.25, -0.5]), ([0.25, -0.5], [0.25, 0.5])] {
      let y = Evaluator<Double>(network).forward(Matrix(rows: 1, columns: 2, elements: lower)).elements
      let row = [1.0, -1.0]
      let value = y[0] - y[1]
      let region = Region.box(lower: lower, upper: upper)
      guard case .reached = try search.decide(Self.set(row, value + 1e-9), on: region).verdict else { return #expect(Bool(false)) }
      if lower == upper {
        guard case .none = try search.decide(Self.set(row, value - 1e-9), on: region).verdict else { return #expect(Bool(false)) }
      }
    }
    // |x + 10⁸| − |x + 10⁸| is zero, whatever rounding does to the terms.
    var chain = Network()
    let input = chain.addInput(name: "input", shape: [1, 1])
    let shifted = try chain.add(
      .dense(weight: Matrix(rows: 2, columns: 1, elements: [1, 1]), bias: [1e8, 1e8]), name: "shift", to: [input])
    let bent = try chain.add(.activation(.absoluteValue), name: "bend", to: [shifted])
    let output = try chain.add(.dense(weight: Matrix(rows: 1, columns: 2, elements: [1, -1]), bias: [0]), name: "output", to: [bent])
    try chain.setOutputs([output])
    let flat = try PhaseSearch(try chain.lowered())
    let region = Region.box(lower: [-1], upper: [1])
    if case .none = try flat.decide(Self.set([1], 0), on: region).verdict { #expect(Bool(false), "zero is reached") }
    if case .reached = try flat.decide(Self.set([1], -1e-3), on: region).verdict { #expect(Bool(false), "−0.001 is not reached") }
  }

  @Test("Stops when asked to, refuses regions without bounds, and not a number is in no set")
  func hostile() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [2, 6, 4, 2], seed: 11).lowered()
    let search = try PhaseSearch(network)
    var budget = Budget()
    budget.isCancelled = { true }
    let box = Region.box(lower: [-1, -1], upper: [1, 1])
    guard case .unknown = try search.decide(Self.set([1, 0], 0), on: box, budget: budget).verdict else { return #expect(Bool(false)) }
    #expect(throws: NotProved.self) { try search.decide(Self.set([1, 0], 0), on: .global) }
    #expect(throws: NotProved.self) { try search.decide(Self.set([1, 0], 0), on: .box(lower: [.nan, 0], upper: [1, 1])) }
    #expect(Self.set([1, 0], 0).violation(at: [.nan, 0]).isNaN)
    #expect(!(Self.set([1, 1], 0).violation(at: [.nan, -9]) <= 0))
  }

  @Test("Networks with branches, pooling and curved units: no verdict contradicts samples")
  func structures() throws {
    var random = SplitMix64(seed: 5)
    let networks = [
      try NetworkBuilders.sortingPerceptron(widths: [3, 4, 4, 2], seed: 1),
      try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 4, 2], activation: .sigmoid, seed: 2),
      try NetworkBuilders.multilayerPerceptron(widths: [3, 4, 2], activation: .silu, seed: 3),
    ]
    for network in networks {
      let lowered = try network.lowered()
      let search = try PhaseSearch(lowered)
      let (lower, upper) = ([-0.5, 0, 0.25], [0.25, 0.5, 0.5])
      var samples = Matrix<Double>(rows: 500, columns: 3)
      for i in 0..<500 { for j in 0..<3 { samples[i, j] = lower[j] + (upper[j] - lower[j]) * random.nextUniform() } }
      let y = Evaluator<Double>(lowered).forward(samples)
      let least = (0..<500).map { y[$0, 0] - y[$0, 1] }.min() ?? 0
      let most = (0..<500).map { y[$0, 0] - y[$0, 1] }.max() ?? 0
      var budget = Budget()
      budget.timeLimit = 5
      for (bound, mayBeNone) in [(least + 0.1 * (most - least), false), (least - 0.5 * (most - least), true)] {
        let outcome = try search.decide(Self.set([1, -1], bound), on: .box(lower: lower, upper: upper), budget: budget)
        switch outcome.verdict {
        case .none: #expect(mayBeNone)
        case .reached(let x):
          let y = Evaluator<Double>(lowered).forward(Matrix(rows: 1, columns: 3, elements: x)).elements
          #expect(y[0] - y[1] <= bound)
        case .unknown: #expect(Bool(false), "\(outcome)")
        }
      }
    }
  }
}
