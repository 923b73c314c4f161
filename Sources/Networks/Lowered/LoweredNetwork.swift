import LinearAlgebra

/// A network in normal form: a directed acyclic graph of affine maps and slope-restricted units on flat vectors.
///
/// h₀ = x, p = Σⱼ Wⱼ hⱼ + b, h = φ(p), y = Σⱼ Cⱼ hⱼ + c. Nodes stand in topological order and every node yields one vector. Node 0 is the
/// input (all inputs of the network, flattened and concatenated); the last node is affine and is the output (all outputs, flattened and
/// concatenated).
public struct LoweredNetwork: Sendable {
  /// One term A h of an affine node.
  public struct Term: Sendable {
    /// The node whose vector the term takes.
    public let source: Int
    /// A, or `nil` for the identity.
    public let map: (any LinearMap<Double>)?

    /// The term `map` · h(source).
    public init(source: Int, map: (any LinearMap<Double>)?) {
      self.source = source
      self.map = map
    }
  }

  /// Scalar activation functions of a node's units.
  public enum Units: Sendable, Equatable {
    /// Every unit has the same function.
    case uniform(Activation)
    /// Unit i is a leaky ReLU with its own slope.
    case leakyReLU(slopes: [Double])
  }

  /// What a node computes.
  public enum Kind: Sendable {
    /// The input vector.
    case input
    /// Σ terms + bias. Lowering keeps biases exact; ``LoweredNetwork/simplified()`` rounds them, which never matters for a Lipschitz bound.
    case affine(terms: [Term], bias: [Double]?)
    /// φ(p), unit by unit, p the vector of node `source`.
    case activation(source: Int, units: Units)
  }

  /// A node and the length of its vector.
  public struct Node: Sendable {
    /// Where it comes from in the network, for messages.
    public let name: String
    /// What it computes.
    public let kind: Kind
    /// The length of its vector.
    public let count: Int

    /// Collects the parts.
    public init(name: String, kind: Kind, count: Int) {
      self.name = name
      self.kind = kind
      self.count = count
    }
  }

  /// The nodes in topological order: the input first, the output last.
  public let nodes: [Node]

  /// Wraps nodes.
  ///
  /// - Precondition: topological order, an input first and only there, an affine node last, every node used, and counts that fit; the
  ///   lowering guarantees it.
  public init(nodes: [Node]) {
    self.nodes = nodes
  }

  /// The length of the input vector.
  public var inputCount: Int { nodes.first?.count ?? 0 }
  /// The length of the output vector.
  public var outputCount: Int { nodes.last?.count ?? 0 }

  /// The indices of the activation nodes, in order. Multipliers are listed in this order.
  public var activationNodes: [Int] {
    nodes.indices.filter { if case .activation = nodes[$0].kind { true } else { false } }
  }

  /// The number of activation units.
  public var unitCount: Int { activationNodes.reduce(0) { $0 + nodes[$1].count } }
}
