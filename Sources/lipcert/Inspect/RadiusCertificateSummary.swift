import Certificates
import CommandLineSupport

/// A certificate of a radius in words; nothing is proved here.
struct RadiusCertificateSummary {
  private let certificate: RobustnessCertificate
  private let path: String

  init(_ certificate: RobustnessCertificate, path: String) {
    self.certificate = certificate
    self.path = path
  }

  /// "7 linear, 2 quadratic".
  static func proofs(_ certificate: RobustnessCertificate) -> String {
    let counts = ["linear", "quadratic", "shared", "global"].compactMap { name -> String? in
      let count = certificate.rivals.count { $0.proof.name == name }
      return count > 0 ? "\(count) \(name)" : nil
    }
    return counts.isEmpty ? "none" : counts.joined(separator: ", ")
  }

  private var isSealed: Bool { certificate.contentDigest == certificate.seal }

  /// The lines for people.
  var lines: [String] {
    let model = certificate.model
    var table = Table([("rival", .right), ("proof", .left), ("units with forms", .right), ("input weight", .right)])
    for rival in certificate.rivals {
      if case .quadratic(let proof) = rival.proof {
        let units = proof.nodes.reduce(0) { $0 + $1.units.count }
        table.add(["\(rival.rival)", rival.proof.name, "\(units)", DecimalBound.down(proof.weight, digits: 4)])
      } else {
        table.add(["\(rival.rival)", rival.proof.name, "-", "-"])
      }
    }
    return [
      "certificate  \(path)  version \(certificate.version), by \(certificate.generator)",
      "statement    \(StatementWords.robustness(certificate.statement))",
      "model        \(model.name.isEmpty ? "(no name)" : model.name): \(model.inputs) inputs, \(model.outputs) outputs, \(model.units) units",
      "digest       \(model.sha256)",
      isSealed ? "seal         fits the content" : "seal         DOES NOT FIT: the file was altered",
      "",
    ] + table.lines + ["", "Nothing is proved by looking: see lipcert check."]
  }

  /// The object for machines.
  var json: JSONValue {
    let model = certificate.model
    return .object([
      ("kind", .string("radius")),
      ("path", .string(path)),
      ("generator", .string(certificate.generator)),
      ("version", .integer(certificate.version)),
      ("statement", .string(StatementWords.robustness(certificate.statement))),
      ("radius", .lower(certificate.statement.radius)),
      ("label", .integer(certificate.statement.label)),
      ("norm", .string(certificate.statement.norm.rawValue)),
      ("sealed", .boolean(isSealed)),
      (
        "model",
        .object([
          ("name", .string(model.name)), ("digest", .string(model.sha256)), ("inputs", .integer(model.inputs)),
          ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
        ])
      ),
      ("proofs", .array(certificate.rivals.map { .object([("rival", .integer($0.rival)), ("proof", .string($0.proof.name))]) })),
    ])
  }
}
