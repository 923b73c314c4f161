import Certificates
import CommandLineSupport
import Lipschitz

extension BoundReport {
  /// The lines for people.
  public var lines: [String] {
    [
      "model    \(model.path)  sha256 \(model.sha256)",
      "problem  \(model.sizes); input norm \(inputNorm.rawValue), \(StatementWords.name(output)) in the l2 norm",
      "",
    ] + table + ["", conclusion] + notes + [settings]
  }

  private var table: [String] {
    var table = Table([
      ("method", .left), ("certified", .left), ("upper", .right), ("lower", .right), ("gap", .right), ("tightness", .right),
      ("seconds", .right), ("stop", .left),
    ])
    for outcome in outcomes {
      table.add([
        outcome.estimate.method,
        outcome.certified,
        outcome.upper(digits: Self.digits),
        outcome.lower(digits: Self.digits),
        outcome.gap,
        outcome.ratio(to: attained).map { DecimalBound.up($0, digits: 3) } ?? "-",
        Quantity.seconds(outcome.estimate.seconds),
        outcome.estimate.stopReason.words,
      ])
    }
    return table.lines
  }

  private var conclusion: String {
    let found = attained.map { "attained \(DecimalBound.down($0, digits: Self.digits))" }
    guard let best, let upper = best.upper else {
      return "Not certified: no method proved an upper bound" + (found.map { "; \($0) is a lower bound on the constant" } ?? "") + "."
    }
    var text = "Certified: " + StatementWords.inequality(output, inputNorm, region: region, bound: upper)
    if let attained, let found {
      text += "; \(found), so the constant is known within a factor \(DecimalBound.up((upper / attained).nextUp, digits: 3))"
    }
    return text + "."
  }

  private var notes: [String] {
    var lines: [String] = []
    if let remark = lowerRemark { lines.append("Note: \(remark)") }
    lines += estimates.compactMap { estimate in estimate.note.map { "Note: \(estimate.method): \($0)." } }
    if let certificate {
      let check = certificate.isChecked ? "read back and checked in \(Quantity.seconds(certificate.seconds)) s" : "not checked"
      lines.append("Certificate: \(certificate.path), from \(certificate.method), \(check).")
      if let remark = certificateRemark { lines.append("Note: \(remark)") }
    }
    return lines
  }

  /// What the lower numbers of semidefinite methods are not.
  var lowerRemark: String? {
    let methods = estimates.filter { $0.method != "attained" && $0.lower != nil }.map(\.method)
    guard let last = methods.last else { return nil }
    if methods.count == 1 { return "the lower number of \(last) is the least bound that method can reach, not a gain of the network." }
    let names = methods.dropLast().joined(separator: ", ") + " and \(last)"
    return "the lower numbers of \(names) are the least bounds that these methods can reach, not gains of the network."
  }

  /// What is to be said when the certificate is not that of the best bound.
  var certificateRemark: String? {
    guard let certificate, let best, best.method != certificate.method else { return nil }
    let bound = DecimalBound.up(certificate.bound, digits: Self.digits)
    return "\(best.method) gives the best bound, but no certificate file; the one written proves \(bound)."
  }

  private var settings: String {
    let limit = timeLimit.map { ", time limit \(Quantity.seconds($0)) s" } ?? ""
    return """
      Settings: tolerance \(tolerance)\(limit), seed \(seed), \(Quantity.counted(machine.threads, "thread")) on \
      \(Quantity.counted(machine.cores, "core")), lipcert \(version), \(machine.shortBLAS).
      """
  }
}
