import Networks

/// What a ``GainProof`` of a network will cost, found by walking its live sets without computing anything.
public struct CostEstimate: Sendable, Equatable {
  /// The greatest number of live coordinates.
  public private(set) var largestOrder = 0
  /// Peak memory of the matrices, in bytes.
  public private(set) var bytes = 0
  /// Multiplications, about.
  public private(set) var multiplications = 0.0

  /// Estimates the cost for a network.
  public init(of network: LoweredNetwork) {
    var live = [network.nodes.count - 1: network.outputCount]
    func order() -> Int { live.values.reduce(0, +) }
    for index in stride(from: network.nodes.count - 1, through: 0, by: -1) {
      guard let count = live[index] else { continue }
      let before = order()
      switch network.nodes[index].kind {
      case .input:
        break
      case .affine(let terms, _):
        live[index] = nil
        for term in terms { live[term.source] = network.nodes[term.source].count }
        let after = order()
        let sources = terms.reduce(0) { $0 + network.nodes[$1.source].count }
        record(order: max(before, after), cells: [(before, before), (after, after), (sources, before), (count, before)])
        multiplications += Double(sources) * Double(count) * Double(before + sources)
      case .activation(let source, _):
        live[index] = nil
        live[source] = network.nodes[source].count
        let after = order()
        let stage = count + after
        record(order: stage, cells: [(before, before), (stage, stage), (after, after)])
        let (e, r) = (Double(count), Double(after))
        multiplications += e * e * e / 3 + e * e * r / 2 + e * r * r / 2
      }
    }
    let inputs = network.inputCount
    record(order: inputs, cells: [(inputs, inputs), (inputs, inputs)])
  }

  /// Notes the matrices (rows, columns) that exist at one time; a sum beyond `Int` counts as the largest.
  private mutating func record(order: Int, cells: [(rows: Int, columns: Int)]) {
    largestOrder = max(largestOrder, order)
    let total = cells.reduce(0.0) { $0 + 8 * Double($1.rows) * Double($1.columns) }
    bytes = max(bytes, Int(exactly: total.rounded(.up)) ?? .max)
  }
}
