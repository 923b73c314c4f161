import Certificates
import CommandLineSupport

/// The check of a radius: `lipcert check` of a certificate in that format.
struct RadiusCheck {
  private let certificate: RobustnessCertificate
  private let path: String

  init(_ certificate: RobustnessCertificate, path: String) {
    self.certificate = certificate
    self.path = path
  }

  /// Checks, prints what was found, and leaves with 1 when the statement was not proved.
  func run(model: String, _ options: ModelOptions, _ output: OutputOptions, isExact: Bool) throws {
    guard !isExact else { throw CommandError(.usage, "--exact is for Lipschitz bounds; \(path) is about a radius") }
    let loaded = try LoadedModel(path: model, options: options)
    let network = try loaded.lowered()
    let began = ContinuousClock.now
    var refutation: String?
    do {
      try loaded.naming { try RobustnessChecker.check(certificate, of: network) }
    } catch let error as NotProved {
      refutation = error.description
    }
    let seconds = began.duration(to: .now) / .seconds(1)
    let statement = StatementWords.robustness(certificate.statement)
    try output.print(
      text: {
        [
          "certificate  \(path)  by \(certificate.generator.filter { !$0.isNewline && $0.isASCII && $0 >= " " })",
          "model        \(loaded.path)  sha256 \(loaded.sha256)",
          "statement    \(statement)",
          "proofs       \(RadiusCertificateSummary.proofs(certificate))",
          refutation.map { "NOT PROVED: \($0)" } ?? "PROVED in \(Quantity.seconds(seconds)) s",
        ]
      },
      json: {
        .object([
          ("proved", .boolean(refutation == nil)),
          ("reason", .text(refutation)),
          ("radius", .lower(certificate.statement.radius)),
          ("label", .integer(certificate.statement.label)),
          ("norm", .string(certificate.statement.norm.rawValue)),
          ("statement", .string(statement)),
          ("certificate", .object([("path", .string(path)), ("generator", .string(certificate.generator))])),
          ("model", .object([("path", .string(loaded.path)), ("sha256", .string(loaded.sha256))])),
          ("seconds", .number(seconds)),
        ])
      })
    if refutation != nil { throw ExitStatus.negative.code }
  }
}
