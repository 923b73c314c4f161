import Certificates
import CommandLineSupport

/// A certificate in words; nothing is proved here.
struct CertificateSummary {
  private let certificate: Certificate
  private let path: String

  init(_ certificate: Certificate, path: String) {
    self.certificate = certificate
    self.path = path
  }

  private var isSealed: Bool { certificate.contentDigest == certificate.seal }
  private var statement: String { StatementWords.inequality(certificate.statement) }

  /// The lines for people.
  var lines: [String] {
    let model = certificate.model
    let head = [
      "certificate  \(path)  version \(certificate.version), by \(certificate.generator)",
      "statement    \(statement)",
      "model        \(model.name.isEmpty ? "(no name)" : model.name): \(model.inputs) inputs, \(model.outputs) outputs, \(model.units) units",
      "digest       \(model.sha256)",
      isSealed ? "seal         fits the content" : "seal         DOES NOT FIT: the file was altered",
    ]
    let foot = ["", "Nothing is proved by looking: see lipcert check."]
    if let derivation = certificate.derivation { return head + DerivationSummary(derivation).lines + foot }
    var table = Table([
      ("activation node", .left), ("units", .right), ("slopes", .left), ("least multiplier", .right), ("greatest multiplier", .right),
    ])
    for node in certificate.nodes {
      table.add([
        node.name, "\(node.multipliers.count)", "\(Self.number(node.alpha.min()))..\(Self.number(node.beta.max()))",
        Self.number(node.multipliers.min()), Self.number(node.multipliers.max()),
      ])
    }
    let weights = certificate.inputWeights
    return head + [
      "weights      \(Quantity.counted(weights.count, "input weight")), \(Self.number(weights.min())) to \(Self.number(weights.max()))", "",
    ] + table.lines + foot
  }

  private static func number(_ value: Double?) -> String { value.map { DecimalBound.down($0, digits: 4) } ?? "-" }

  /// The object for machines.
  var json: JSONValue {
    let model = certificate.model
    return .object([
      ("kind", .string("certificate")),
      ("path", .string(path)),
      ("generator", .string(certificate.generator)),
      ("version", .integer(certificate.version)),
      ("statement", .string(statement)),
      ("bound", .upper(certificate.statement.bound)),
      ("norm", .string(certificate.statement.inputNorm.rawValue)),
      ("sealed", .boolean(isSealed)),
      (
        "model",
        .object([
          ("name", .string(model.name)), ("digest", .string(model.sha256)), ("inputs", .integer(model.inputs)),
          ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
        ])
      ),
      (
        "nodes",
        .array(
          certificate.nodes.map { node in
            .object([
              ("name", .string(node.name)), ("units", .integer(node.multipliers.count)),
              ("leastMultiplier", .number(node.multipliers.min())), ("greatestMultiplier", .number(node.multipliers.max())),
            ])
          })
      ),
      ("derivation", certificate.derivation.map { DerivationSummary($0).json } ?? .null),
    ])
  }
}
