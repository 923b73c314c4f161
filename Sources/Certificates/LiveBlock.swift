/// A node whose increment is live, and where its coordinates stand in Q.
struct LiveBlock {
  let key: Int
  let offset: Int
  let count: Int
  var range: Range<Int> { offset..<offset + count }

  /// The blocks of these nodes, one after the other.
  static func layout(_ nodes: [(key: Int, count: Int)]) -> [LiveBlock] {
    var result: [LiveBlock] = []
    var offset = 0
    for node in nodes {
      result.append(LiveBlock(key: node.key, offset: offset, count: node.count))
      offset += node.count
    }
    return result
  }
}
