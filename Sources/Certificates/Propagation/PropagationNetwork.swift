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
  }

  private final class Identity: Sendable {}

  /// What every node computes.
  let steps: [Step]
  /// For every node the number of products that are added up in one of its coefficients during a backward pass, at most.
  let termCounts: [Int]
  /// The position of every activation node among the activation nodes.
  let activationIndices: [Int: Int]
  /// Whether a node feeds an activation node.
  let feedsActivation: [Bool]
  /// Tells copies of one prepared network from all others.
  private let identity = Identity()

  /// Prepares a network.
  ///
  /// - Throws: ``NotProved`` when the network breaks the normal form, its biases are not exact, or a coefficient is not in range.
  /// - Complexity: a pass over all coefficients, twice their memory.
  public init(_ network: LoweredNetwork) throws {
    try network.requireNormalForm()
    lowered = network
    var steps: [Step] = []
    var termCounts = [Int](repeating: 2, count: network.nodes.count)
    var feedsActivation = [Bool](repeating: false, count: network.nodes.count)
    for node in network.nodes {
      switch node.kind {
      case .input: steps.append(.input)
      case .affine(let terms, let bias):
        try network.requireExactBias(bias, count: node.count)
        let maps = try terms.map { (source: $0.source, map: try PropagationMap($0.map, count: network.nodes[$0.source].count)) }
        for (source, map) in maps { termCounts[source] += map.columnTermCount }
        steps.append(.affine(terms: maps, bias: bias ?? [Double](repeating: 0, count: node.count)))
      case .activation(let source, let units):
        // One of the two products is zero.
        termCounts[source] += 2
        feedsActivation[source] = true
        steps.append(.activation(source: source, units: units))
      }
    }
    self.steps = steps
    self.termCounts = termCounts
    self.feedsActivation = feedsActivation
    activationIndices = Dictionary(uniqueKeysWithValues: network.activationNodes.enumerated().map { ($1, $0) })
  }

  /// Whether the other is a copy of this one.
  func isSame(as other: PropagationNetwork) -> Bool { identity === other.identity }

  /// The multiplications behind one row of a backward pass from a node, about.
  func cost(upTo node: Int) -> Double {
    steps[...node].reduce(1) { sum, step in
      if case .affine(let terms, _) = step { sum + terms.reduce(0) { $0 + Double($1.map.entryCount) } } else { sum }
    }
  }
}
