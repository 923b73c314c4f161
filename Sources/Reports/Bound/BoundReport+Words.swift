import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

/// What a report says in plain words; every rendering says the same.
extension BoundReport {
  /// The file name of the certificate in a report's folder.
  public static let certificateName = "certificate.json"

  /// The verdict in a line.
  var headline: String {
    guard let upper = best?.upper else { return "Not certified: no method proved an upper bound" }
    return "Certified: Lipschitz constant at most \(DecimalBound.up(upper, digits: Self.digits))"
  }

  /// What the verdict means.
  var meaning: String {
    let found = attained.map { "Near one input the change really is \(DecimalBound.down($0, digits: Self.digits)) times as large" }
    guard let best, let upper = best.upper else {
      return (found.map { $0 + ", so the constant is at least that. " } ?? "") + "How large it may be is not known from this run."
    }
    let inputs =
      switch inputNorm {
      case .l2: "in the Euclidean norm"
      case .lInfinity: "by their largest coordinate"
      case .l1: "by the sum of their coordinates' magnitudes"
      }
    let outputs = output == .all ? ", outputs in the Euclidean norm" : ""
    var text =
      "However two inputs of \(model.name)\(region == .global ? "" : " in the ball") differ, the change of \(subject) is at most \(DecimalBound.up(upper, digits: Self.digits)) times as "
      + "large (inputs measured \(inputs)\(outputs); proved by \(best.method))."
    if let attained, let found {
      text += " \(found), so the constant is known within a factor \(DecimalBound.up((upper / attained).nextUp, digits: 3))."
    }
    return text
  }

  private var subject: String {
    switch output {
    case .all: "the outputs"
    case .output(let i): "output \(i)"
    case .difference(let i, let j): "the margin between outputs \(i) and \(j)"
    }
  }

  /// What is proved.
  var proved: [String] {
    guard let best, let upper = best.upper else { return [] }
    var lines = [
      StatementWords.inequality(output, inputNorm, region: region, bound: upper)
        + ", in real arithmetic, for the network with its weights exactly as stored in the file."
    ]
    let others = outcomes.filter { $0.estimate.isCertified && $0.estimate.method != best.method }.map(\.estimate.method)
    if !others.isEmpty { lines.append("The bounds of \(Self.list(others)) are proved as well; they are looser.") }
    return lines
  }

  /// What is not.
  var notProved: [String] {
    var lines: [String] = []
    let unproved = outcomes.filter { $0.estimate.upper != nil && !$0.estimate.isCertified }.map(\.estimate.method)
    if !unproved.isEmpty { lines.append("\(Self.list(unproved)): the bound did not pass the checker; see the notes.") }
    let absent = outcomes.filter(\.isWithoutBound).map(\.estimate.method)
    if !absent.isEmpty { lines.append("\(Self.list(absent)): no upper bound; the table says why.") }
    if best != nil {
      lines += [
        "float32 rounding of the deployed inference is not covered: the statement is about the exact function of the stored weights.",
        "What happens outside the file (scaling, cropping, quantising of inputs) is not covered.",
      ]
    }
    if attained != nil { lines.append("The attained gain was evaluated in floating point; it is evidence, not a proof.") }
    if let remark = lowerRemark { lines.append(Self.sentence(remark)) }
    return lines
  }

  /// The command that checks the certificate, when there is one.
  var checkCommand: String? { certificate.map { _ in "lipcert check \(Self.certificateName) \(model.commandWords)" } }

  /// How to check, in words.
  var checkAdvice: String {
    if let certificate {
      let done = certificate.isChecked ? " It was read back and checked in \(Self.duration(certificate.seconds))." : ""
      return
        "The checker trusts neither the solver nor a number in the certificate. Run it where both files are; the model must be the one "
        + "with the SHA-256 below. The certificate is that of \(certificate.method).\(done)"
        + (certificateRemark.map { " " + Self.sentence($0) } ?? "")
    }
    guard let best else { return "There is nothing to check." }
    return "\(best.method) yields no certificate file; running the same command again proves its bound again."
  }

  /// The axis title of a Lipschitz constant.
  var unit: String {
    let change = output == .all ? "|Δf|₂" : "|Δf|"
    let inputs =
      switch inputNorm {
      case .l2: "|Δx|₂"
      case .lInfinity: "|Δx|∞"
      case .l1: "|Δx|₁"
      }
    return "Lipschitz constant: \(change) per \(inputs)"
  }

  /// Where all of this comes from.
  var provenance: [(name: String, value: String)] {
    var rows: [(String, String)] = [
      ("Model", model.path), ("Model SHA-256", model.sha256),
      (
        "Network",
        model.sizes + ", \(Quantity.counted(model.activationNodes, "activation node"))"
          + (model.parameters.map { ", \(Quantity.counted($0, "parameter"))" } ?? "")
      ),
      ("Problem", "\(StatementWords.outputs(output)) against \(StatementWords.inputs(inputNorm)), \(StatementWords.extent(region))"),
      ("Certificate", certificate == nil ? "none" : Self.certificateName),
      ("Tolerance", "\(tolerance) (relative gap)"),
      ("Time limit", timeLimit.map { "\(Quantity.seconds($0)) s" + (hasTimeLimitForEach ? " for each method" : "") } ?? "none"),
      ("Seed", "\(seed)"),
      ("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))"),
    ]
    if let processor = machine.processor { rows.append(("Processor", processor)) }
    rows += [("BLAS", machine.blas ?? "not optimised"), ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601))]
    return rows
  }

  /// The table of methods: titles and cells.
  static let columns = [
    "Method", "Certified", "Bound", "Ratio to best", "Tightness", "Seconds", "Memory", "Lower", "Gap", "Stopped by", "Notes",
  ]

  /// The columns of numbers.
  static let numberColumns = 2...8

  /// A method's cells, in the order of ``columns``.
  func cells(_ outcome: MethodOutcome) -> [String] {
    let estimate = outcome.estimate
    return [
      estimate.method, outcome.certified, outcome.upper(digits: Self.digits),
      outcome.ratio(to: best?.upper).map { DecimalBound.up($0, digits: 4) } ?? "-",
      outcome.ratio(to: attained).map { DecimalBound.up($0, digits: 3) } ?? "-",
      outcome.isStarted ? Quantity.positiveSeconds(estimate.seconds) : "-", outcome.isStarted ? Quantity.bytes(outcome.peakMemory) : "-",
      outcome.lower(digits: Self.digits), outcome.gap,
      outcome.ending, outcome.remark,
    ]
  }

  /// How the comparison is read, in plain words.
  var reading: [String] {
    var lines = [
      "Every method answers the same question: how many times larger than a change of the input can the change of "
        + "\(subject) be? Bound is its answer from above, so smaller is better. A bound marked yes was proved by the checker, which "
        + "trusts no solver; only such numbers may be relied on."
    ]
    if best != nil {
      lines.append(
        "Ratio to best says how much looser a method is than the least proved bound, 1 being the best of this run."
          + (attained == nil
            ? ""
            : " Tightness compares with the largest change really found, so no method can come below 1, and the true constant lies between "
              + "that change and the least proved bound."))
    }
    if let remark = lowerRemark {
      lines.append("Lower and Gap say how far a method is from its own end: \(remark) A small gap says that more time would not help.")
    }
    if outcomes.contains(where: \.isWithoutBound) {
      lines.append("Methods in grey gave no bound for this network; the reason stands below them.")
    }
    return lines
  }

  /// What the columns mean.
  static let columnsCaption =
    "Bounds, gaps and ratios are rounded up, lower numbers down. Ratio to best: bound over the least proved bound. Tightness: bound over the "
    + "attained gain. Gap: (bound - lower) / bound. Memory: what the whole program held at most while the method ran."

  /// What is known of the methods of this report, in its order.
  var methodFacts: [MethodFacts] { outcomes.compactMap { MethodFacts.named($0.estimate.method) } }

  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }

  private static func duration(_ seconds: Double) -> String {
    seconds < 0.01 ? "less than 0.01 s" : "\(Quantity.seconds(seconds)) s"
  }

  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}
