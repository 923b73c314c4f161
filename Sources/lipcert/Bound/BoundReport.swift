import Certificates
import CommandLineSupport
import Foundation
import LinearAlgebra
import Lipschitz
import Networks

/// What `bound` found, as text for people and JSON for machines.
struct BoundReport {
  private static let digits = 6

  let model: LoadedModel
  let problem: LipschitzProblem
  let outcomes: [MethodRunner.Outcome]
  let tolerance: Double
  let seed: UInt64
  let timeLimit: Double?
  /// The certificate file, when one was written.
  var certificate: CertificateWriter.Written?

  private var estimates: [LipschitzEstimate] { outcomes.map(\.estimate) }

  /// The estimate with the least certified bound.
  var best: LipschitzEstimate? {
    estimates.filter { $0.isCertified && $0.upper != nil }.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
  }

  /// The gain that is really attained somewhere, or `nil`.
  var attained: Double? { estimates.first { $0.method == "attained" }?.lower.flatMap { $0 > 0 ? $0 : nil } }

  /// Why nothing was certified, shortly.
  var reasons: String {
    estimates.filter { $0.method != "attained" }.map { "\($0.method): \($0.note ?? $0.stopReason.words)" }.joined(separator: "; ")
  }

  // MARK: - Text

  /// The lines for people.
  var lines: [String] {
    [
      "model    \(model.path)  sha256 \(model.sha256)",
      """
      problem  \(LoadedModel.sizes(problem.lowered)); input norm \(problem.inputNorm.rawValue), \(StatementWords.name(problem.output)) \
      in the l2 norm
      """,
      "",
    ] + table + ["", conclusion] + notes + [settings]
  }

  private var table: [String] {
    var table = Table([
      ("method", .left), ("certified", .left), ("upper", .right), ("lower", .right), ("gap", .right), ("tightness", .right),
      ("seconds", .right), ("stop", .left),
    ])
    for estimate in estimates {
      let tightness = estimate.upper.flatMap { upper in attained.map { upper / $0 } }
      table.add([
        estimate.method,
        estimate.method == "attained" ? "-" : estimate.isCertified ? "yes" : "no",
        estimate.upper.map { DecimalBound.up($0, digits: Self.digits) } ?? "-",
        estimate.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-",
        estimate.gap.map { DecimalBound.up(max(0, $0), digits: 2) } ?? "-",
        tightness.map { DecimalBound.up($0, digits: 3) } ?? "-",
        Quantity.seconds(estimate.seconds),
        estimate.stopReason.words,
      ])
    }
    return table.lines
  }

  private var conclusion: String {
    let found = attained.map { "attained \(DecimalBound.down($0, digits: Self.digits))" }
    guard let best, let upper = best.upper else {
      return "Not certified: no method proved an upper bound" + (found.map { "; \($0) is a lower bound on the constant" } ?? "") + "."
    }
    var text = "Certified: " + StatementWords.inequality(problem.output, problem.inputNorm, bound: upper)
    if let attained, let found {
      text += "; \(found), so the constant is known within a factor \(DecimalBound.up((upper / attained).nextUp, digits: 3))"
    }
    return text + "."
  }

  private var notes: [String] {
    var lines: [String] = []
    if estimates.contains(where: { $0.method == "lifted" && $0.lower != nil }) {
      lines.append("Note: the lower number of lifted is the least bound that method can reach, not a gain of the network.")
    }
    lines += estimates.compactMap { estimate in estimate.note.map { "Note: \(estimate.method): \($0)." } }
    if let certificate {
      let check = certificate.isChecked ? "read back and checked in \(Quantity.seconds(certificate.seconds)) s" : "not checked"
      lines.append("Certificate: \(certificate.path), from \(certificate.method), \(check).")
      if let best, best.method != certificate.method {
        let bound = DecimalBound.up(certificate.bound, digits: Self.digits)
        lines.append("Note: \(best.method) gives the best bound, but no certificate file; the one written proves \(bound).")
      }
    }
    return lines
  }

  private var settings: String {
    let limit = timeLimit.map { ", time limit \(Quantity.seconds($0)) s" } ?? ""
    return """
      Settings: tolerance \(tolerance)\(limit), seed \(seed), \(Quantity.counted(Threads.count, "thread")) on \
      \(Quantity.counted(ProcessInfo.processInfo.processorCount, "core")), lipcert \(Version.current), \(Self.shortBLAS).
      """
  }

  /// "OpenBLAS 0.3.29 Haswell".
  private static var shortBLAS: String {
    guard let description = Threads.optimisedBLAS else { return "BLAS not optimised" }
    let words = description.split(separator: " ")
    let core = words.last { word in word.first?.isUppercase == true && word.contains(where: \.isLowercase) && !word.contains("=") }
    return (words.prefix(2) + [core].compactMap { $0 }.filter { !words.prefix(2).contains($0) }).joined(separator: " ")
  }

  // MARK: - JSON

  /// The object for machines.
  var json: JSONValue {
    .object([
      (
        "model",
        .object([
          ("path", .string(model.path)), ("sha256", .string(model.sha256)), ("inputs", .integer(problem.lowered.inputCount)),
          ("outputs", .integer(problem.lowered.outputCount)), ("units", .integer(problem.lowered.unitCount)),
        ])
      ),
      ("norm", .string(problem.inputNorm.rawValue)),
      ("target", targetJSON),
      ("attained", .lower(attained)),
      ("results", .array(outcomes.map(Self.json))),
      ("certificate", certificateJSON),
      ("tolerance", .number(tolerance)),
      ("timeLimit", .number(timeLimit)),
      ("seed", .integer(seed)),
      ("threads", .integer(Threads.count)),
      ("cores", .integer(ProcessInfo.processInfo.processorCount)),
      ("blas", .text(Threads.optimisedBLAS)),
      ("version", .string(Version.current)),
    ])
  }

  private var targetJSON: JSONValue {
    switch problem.output {
    case .all: .null
    case .output(let i): .array([.integer(i)])
    case .difference(let i, let j): .array([.integer(i), .integer(j)])
    }
  }

  private var certificateJSON: JSONValue {
    guard let certificate else { return .null }
    return .object([
      ("path", .string(certificate.path)), ("method", .string(certificate.method)), ("bound", .upper(certificate.bound)),
      ("checked", .boolean(certificate.isChecked)),
    ])
  }

  private static func json(_ outcome: MethodRunner.Outcome) -> JSONValue {
    let estimate = outcome.estimate
    return .object([
      ("method", .string(estimate.method)),
      ("upper", .upper(estimate.upper)),
      ("lower", .lower(estimate.lower)),
      ("certified", .boolean(estimate.isCertified)),
      ("seconds", .number(estimate.seconds)),
      ("iterations", .integer(estimate.iterations)),
      ("rank", .integer(estimate.rank)),
      ("peakMemoryBytes", .integer(outcome.peakMemory)),
      ("stopReason", .string(estimate.stopReason.rawValue)),
      ("note", .text(estimate.note)),
    ])
  }
}

extension LipschitzEstimate.StopReason {
  /// The reason in words.
  var words: String {
    switch self {
    case .finished: "finished"
    case .tolerance: "tolerance met"
    case .iterationLimit: "iteration limit"
    case .timeLimit: "time limit"
    case .cancelled: "interrupted"
    case .stalled: "no more progress"
    }
  }
}
