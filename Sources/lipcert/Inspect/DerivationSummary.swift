import Certificates
import CommandLineSupport

/// The data of a certificate's derivation in words; nothing is proved here.
struct DerivationSummary {
  /// The kind, for machines.
  let kind: String
  /// What kind of proof it is.
  private let title: String
  /// Names and values, in order.
  private let facts: [(key: String, label: String, value: Int)]
  /// One row for each part, with its heads.
  private let heads: [(String, Table.Alignment)]
  private let rows: [[String]]

  init(_ derivation: Derivation) {
    func total(_ lists: [[Double]]) -> Int { lists.reduce(0) { $0 + $1.count } }
    switch derivation {
    case .loopTransformation(let gains):
      kind = "loopTransformation"
      title = "loop transformation: norms of the maps between activation nodes"
      facts = [("stages", "stage", gains.count), ("gains", "squared norm", total(gains))]
      (heads, rows) = ([], [])
    case .composition(let composition):
      kind = "composition"
      title = "composition: blocks of layers, their outputs in tiles"
      let (blocks, tiles) = (composition.blocks, composition.blocks.reduce(0) { $0 + $1.tiles.count })
      let multipliers = blocks.reduce(0) { sum, block in sum + block.proofs.reduce(0) { $0 + total($1.multipliers) } }
      facts = [
        ("blocks", "block", blocks.count), ("tiles", "tile", tiles),
        ("proofs", "different tile", blocks.reduce(0) { $0 + $1.proofs.count }), ("multipliers", "multiplier", multipliers),
      ]
      heads = [("block", .right), ("ends at node", .right), ("tiles", .right), ("different", .right), ("multipliers", .right)]
      rows = blocks.enumerated().map { number, block in
        [number + 1, block.output, block.tiles.count, block.proofs.count, block.proofs.reduce(0) { $0 + total($1.multipliers) }].map(
          String.init)
      }
    case .columns(let proof):
      kind = "columns"
      title = "columns: several sets of multipliers, each input by the set that serves it best"
      facts = [
        ("sets", "set", proof.multipliers.count), ("multipliers", "multiplier", proof.multipliers.reduce(0) { $0 + total($1) }),
      ]
      (heads, rows) = ([], [])
    case .frequencies(let data):
      kind = "frequencies"
      title =
        data.torus.count == 2
        ? "frequencies: those of a torus of \(data.torus[0]) x \(data.torus[1]) coarse steps"
        : "frequencies: all of them, for images of any size"
      facts = [
        ("nodes", "convolutional activation node", data.channelMultipliers.count),
        ("channelMultipliers", "channel multiplier", total(data.channelMultipliers)),
        ("unitMultipliers", "unit multiplier", total(data.unitMultipliers)),
      ]
      (heads, rows) = ([], [])
    case .layerGains(let gains):
      kind = "layerGains"
      title = "gains of layers: the variables of a semidefinite program, layer by layer"
      facts = [("variables", "matrix variable", gains.values.count), ("values", "value", total(gains.values))]
      (heads, rows) = ([], [])
    }
  }

  /// The lines for people.
  var lines: [String] {
    let counts = facts.map { Quantity.counted($0.value, $0.label) }.joined(separator: ", ")
    guard !heads.isEmpty else { return ["proof        \(title)", "             \(counts)"] }
    var table = Table(heads)
    for row in rows { table.add(row) }
    return ["proof        \(title)", "             \(counts)", ""] + table.lines
  }

  /// The object for machines.
  var json: JSONValue { .object([("kind", .string(kind))] + facts.map { ($0.key, .integer($0.value)) }) }
}
