import Networks

/// Multipliers t (1 + e/D)^depth, depth counted from the output and D the greatest: the repair of multipliers that are nearly feasible.
///
/// Enlarging the multipliers of one activation node alone spoils the nodes before it, whose gain grows with them; factors that grow from the
/// output to the input enlarge every stage X = diag(t) − Q_hh of the recursion at once. Multipliers that are equal within a node stay so.
struct UniformInflation {
  private let depths: [Int]
  private let deepest: Double

  /// The repair for multipliers of this network.
  init(_ network: LoweredNetwork) {
    depths = network.activationDepths
    deepest = Double(max(1, depths.max() ?? 1))
  }

  /// The greatest number of activation nodes on a path.
  var depth: Double { deepest }

  /// The inflated multipliers.
  func callAsFunction(_ multipliers: [[Double]], by inflation: Double) -> [[Double]] {
    zip(multipliers, depths).map { t, depth in
      var factor = 1.0
      for _ in 0..<depth { factor *= 1 + inflation / deepest }
      return t.map { $0 * factor }
    }
  }
}

extension LoweredNetwork {
  /// For every activation node, the greatest number of activation nodes on a path from it to the output, itself included.
  fileprivate var activationDepths: [Int] {
    var depth = [Int](repeating: 0, count: nodes.count)
    for index in stride(from: nodes.count - 1, through: 0, by: -1) {
      switch nodes[index].kind {
      case .input: break
      case .affine(let terms, _): for term in terms { depth[term.source] = max(depth[term.source], depth[index]) }
      case .activation(let source, _):
        depth[index] += 1
        depth[source] = max(depth[source], depth[index])
      }
    }
    return activationNodes.map { depth[$0] }
  }
}
