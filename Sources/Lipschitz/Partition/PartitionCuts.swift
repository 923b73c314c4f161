import Certificates
import LinearAlgebra
import Networks

/// The places where a network can be cut.
struct PartitionCuts {
  /// The lengths of the nodes' vectors.
  let counts: [Int]
  /// The nodes' layouts, as far as known.
  let layouts: [TensorLayout?]
  /// The ends of the stages of the convolutional part, or of the whole network when it has no images.
  let stages: [Int]
  /// The ends of the stages of the dense tail.
  let tail: [Int]
  /// Whether there is a convolutional part.
  let hasImages: Bool

  /// Finds the cuts of a network.
  init(_ network: LoweredNetwork) {
    let nodes = network.nodes
    let last = nodes.count - 1
    counts = nodes.map(\.count)
    let layouts = TensorLayout.layouts(of: network)
    self.layouts = layouts
    var lastUse = Array(nodes.indices)
    var firstDense = last + 1
    var depth: [Int] = []
    for (index, node) in nodes.enumerated() {
      var level = depth.last ?? 0
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        for term in terms {
          lastUse[term.source] = index
          if let dense = term.map as? DenseMap<Double>, dense.repetitions == 1 { firstDense = min(firstDense, index) }
        }
      case .activation(let source, _):
        lastUse[source] = index
        level += 1
      }
      depth.append(level)
    }
    // A node is a cut when no earlier one is read after it.
    var reach = 0
    var cuts: [Int] = []
    for index in nodes.indices {
      if index > 0, reach <= index, index < last { cuts.append(index) }
      reach = max(reach, lastUse[index])
    }
    let end = cuts.last { $0 < firstDense && layouts[$0]?.isImage == true && depth[$0] > 0 }
    hasImages = end != nil || (firstDense > last && layouts[last]?.isImage == true)
    // Of the cuts at the same depth, the one with the fewest coordinates; none after the last unit but the end itself.
    func stages(after start: Int, to end: Int) -> [Int] {
      let inner = cuts.filter { $0 > start && $0 < end && depth[$0] > depth[start] && depth[$0] < depth[end] }
      let best = Dictionary(grouping: inner) { depth[$0] }.values.compactMap { level in
        level.min { (nodes[$0].count, $0) < (nodes[$1].count, $1) }
      }
      return best.sorted() + [end]
    }
    if let end, firstDense <= last || layouts[last]?.isImage != true {
      self.stages = stages(after: 0, to: end)
      tail = stages(after: end, to: last)
    } else {
      self.stages = stages(after: 0, to: last)
      tail = []
    }
  }
}
