import Certificates
import CommandLineSupport
import Networks

/// A model in numbers.
struct ModelSummary {
  private let model: LoadedModel
  private let lowered: LoweredNetwork
  private let cost: CostEstimate
  private let operations: [OperationSummary]

  /// Lowers the model and estimates the cost of a certificate.
  ///
  /// - Throws: ``CommandError`` that names the file and the node.
  init(_ model: LoadedModel) throws {
    self.model = model
    lowered = try model.lowered()
    cost = CostEstimate(of: lowered)
    operations = model.network.nodes.map { OperationSummary($0) }
  }

  private var parameters: Int { operations.reduce(0) { $0 + $1.parameters } }
  private var multiplyAdds: Int { operations.reduce(0) { $0 + $1.multiplyAdds } }
  private var affineNodes: Int { lowered.nodes.count { if case .affine = $0.kind { true } else { false } } }
  private var digest: String { NetworkDigest.sha256(of: lowered) }

  /// The lines for people.
  var lines: [String] {
    var table = Table([
      ("#", .right), ("node", .left), ("operation", .left), ("from", .left), ("output", .left), ("parameters", .right),
      ("multiply-adds", .right),
    ])
    for (index, node) in model.network.nodes.enumerated() {
      let operation = operations[index]
      table.add([
        "\(index)", Self.shortened(node.name), operation.name, node.inputs.map(String.init).joined(separator: ","),
        node.shape.dimensions.map(String.init).joined(separator: "x"),
        operation.parameters == 0 ? "-" : Quantity.count(operation.parameters),
        operation.multiplyAdds == 0 ? "-" : Quantity.count(operation.multiplyAdds),
      ])
    }
    return [
      "model        \(model.path)  sha256 \(model.sha256)",
      "totals       \(Quantity.counted(parameters, "parameter")), \(Quantity.counted(multiplyAdds, "multiply-add"))",
      """
      normal form  \(LoadedModel.sizes(lowered)); \(Quantity.counted(affineNodes, "affine node")), \
      \(Quantity.counted(lowered.activationNodes.count, "activation node"))
      """,
      "digest       \(digest) (what certificates refer to)",
      """
      certificate  takes about \(Quantity.bytes(cost.bytes)) of memory and \(Quantity.approximate(cost.multiplications)) multiplications \
      (\(Quantity.count(cost.largestOrder)) live coordinates)
      """,
      "",
    ] + table.lines
  }

  private static func shortened(_ name: String) -> String { name.count <= 32 ? name : "..." + name.suffix(29) }

  /// The object for machines.
  var json: JSONValue { .object([("kind", .string("model"))] + members) }

  /// The object's members without its kind.
  var members: [(String, JSONValue)] {
    [
      ("model", .object([("path", .string(model.path)), ("sha256", .string(model.sha256))])),
      ("digest", .string(digest)),
      ("inputs", .integer(lowered.inputCount)),
      ("outputs", .integer(lowered.outputCount)),
      ("units", .integer(lowered.unitCount)),
      ("parameters", .integer(parameters)),
      ("multiplyAdds", .integer(multiplyAdds)),
      ("affineNodes", .integer(affineNodes)),
      ("activationNodes", .integer(lowered.activationNodes.count)),
      (
        "certificateCost",
        .object([
          ("bytes", .integer(cost.bytes)), ("multiplications", .number(cost.multiplications)),
          ("largestOrder", .integer(cost.largestOrder)),
        ])
      ),
      (
        "nodes",
        .array(
          zip(model.network.nodes, operations).map { node, operation in
            .object([
              ("name", .string(node.name)), ("operation", .string(operation.name)), ("inputs", .array(node.inputs.map { .integer($0) })),
              ("shape", .array(node.shape.dimensions.map { .integer($0) })), ("parameters", .integer(operation.parameters)),
              ("multiplyAdds", .integer(operation.multiplyAdds)),
            ])
          })
      ),
    ]
  }
}
