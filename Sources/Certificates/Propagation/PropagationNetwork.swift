import LinearAlgebra
import Networks

/// A network prepared for bound propagation: its maps in the forms that the passes want, checked once, used for any number of regions.
public struct PropagationNetwork: Sendable {
  /// The network.
  public let lowered: LoweredNetwork

  enum Step: Sendable {
    case input
    case affine(terms: [(source: Int, map: PropagationMap)], bias: [Double])
    case activation(source: Int, units: LoweredNetwork.Units)
    case maximum(Maxima)
    case increment(UnitIncrements)
  }

  /// What every node computes.
  let steps: [Step]
  /// For every node the number of products that are added up in one of its coefficients during a backward pass, at most.
  let termCounts: [Int]
  /// The position of every activation node among the activation nodes.
  let activationIndices: [Int: Int]
  /// Whether a node feeds an activation node or increments that the output is computed from, maxima taken as one step.
  let feedsActivation: [Bool]
  /// Whether a node's units, or functions of them, are compared by maxima.
  let feedsMaximum: [Bool]
  /// For every node δ the increments δ′ that are bounded by it.
  let increments: [Int: [UnitIncrements]]
  /// For every node and unit the first input that it depends on: units that share it read the same part of the input, or nearly.
  let firstInputs: [[Int]]
  /// Where rows are pulled back; it also tells copies of one prepared network from all others.
  private let blocks = RowBlockPool()

  /// Prepares a network.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - followsIncrements: whether differences φ(z + δ) − φ(z) are bounded through δ, as where two networks are compared. In other networks
  ///     that would hide both values from the lines of what follows, so certificates never do.
  /// - Throws: ``NotProved`` when the network breaks the normal form, its biases are not exact, or a coefficient is not in range.
  /// - Complexity: a pass over all coefficients, twice their memory.
  public init(_ network: LoweredNetwork, followsIncrements: Bool = false) throws {
    try network.requireNormalForm()
    lowered = network
    var steps: [Step] = []
    var termCounts = [Int](repeating: 2, count: network.nodes.count)
    var firstInputs: [[Int]] = []
    var maxima: [Int: Maxima] = [:]
    var increments: [Int: [UnitIncrements]] = [:]
    for (index, node) in network.nodes.enumerated() {
      switch node.kind {
      case .input:
        firstInputs.append(Array(0..<node.count))
        steps.append(.input)
      case .affine(let terms, let bias):
        try network.requireExactBias(bias, count: node.count)
        let maps = try terms.map { (source: $0.source, map: try PropagationMap($0.map, count: network.nodes[$0.source].count)) }
        var first = [Int](repeating: .max, count: node.count)
        for (source, map) in maps {
          termCounts[source] += map.columnTermCount
          for (unit, input) in map.leasts(of: firstInputs[source]).enumerated() { first[unit] = min(first[unit], input) }
        }
        firstInputs.append(first)
        let bias = bias ?? [Double](repeating: 0, count: node.count)
        if let round = Maxima(terms: maps, bias: bias, count: node.count, steps: steps) {
          maxima[index] = maxima[round.source].map { round.flattened($0) } ?? round
        }
        // Of two units the difference is known best.
        if let all = maxima[index], all.largestCount > 2 {
          termCounts[all.source] += 2 * all.largestUse
          steps.append(.maximum(all))
        } else if followsIncrements, let own = UnitIncrements(terms: maps, bias: bias, count: node.count, steps: steps) {
          termCounts[own.source] += 2
          increments[own.source, default: []].append(own)
          steps.append(.increment(own))
        } else {
          steps.append(.affine(terms: maps, bias: bias))
        }
      case .activation(let source, let units):
        // One of the two products is zero.
        termCounts[source] += 2
        firstInputs.append(firstInputs[source])
        steps.append(.activation(source: source, units: units))
      }
    }
    self.steps = steps
    self.termCounts = termCounts
    self.increments = increments
    self.firstInputs = firstInputs
    (feedsActivation, feedsMaximum) = Self.uses(steps)
    activationIndices = Dictionary(uniqueKeysWithValues: network.activationNodes.enumerated().map { ($1, $0) })
  }

  private static func uses(_ steps: [Step]) -> (activation: [Bool], maximum: [Bool]) {
    let none = [Bool](repeating: false, count: steps.count)
    var (isUsed, activation, maximum) = (none, none, none)
    if !isUsed.isEmpty { isUsed[steps.count - 1] = true }
    for (node, step) in steps.enumerated().reversed() where isUsed[node] {
      switch step {
      case .input: break
      case .affine(let terms, _): for (source, _) in terms { isUsed[source] = true }
      case .activation(let source, _):
        (isUsed[source], activation[source]) = (true, true)
        if maximum[node] { maximum[source] = true }
      case .maximum(let maxima): (isUsed[maxima.source], maximum[maxima.source]) = (true, true)
      case .increment(let increments):
        for source in [increments.source, increments.base, increments.moved] { (isUsed[source], activation[source]) = (true, true) }
      }
    }
    return (activation, maximum)
  }

  /// Whether the other is a copy of this one.
  func isSame(as other: PropagationNetwork) -> Bool { blocks === other.blocks }

  /// Calls `body` with a block of rows that nobody else uses at the time.
  func withRowBlock<T>(_ body: (RowBlock) -> T) -> T { blocks.withBlock(of: lowered, body) }

  /// The multiplications behind one row of a backward pass from a node, about.
  func cost(upTo node: Int) -> Double {
    steps[...node].reduce(1) { sum, step in
      if case .affine(let terms, _) = step { sum + terms.reduce(0) { $0 + Double($1.map.entryCount) } } else { sum }
    }
  }
}
