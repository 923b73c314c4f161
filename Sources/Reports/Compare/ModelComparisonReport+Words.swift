import Certificates
import CommandLineSupport
import Compression
import Foundation
import Lipschitz

extension ModelComparisonReport {
  /// The result in a line.
  var headline: String {
    if let first = contradictions.first { return "Contradiction: \(first)" }
    guard let reference, models.count > 1 else { return "Nothing to compare with" }
    let smallest = models.dropFirst().min { $0.size.nonZeroParameters < $1.size.nonZeroParameters } ?? models[1]
    var parts = ["\(smallest.name) keeps \(share(of: smallest).map(Quantity.percent) ?? "-") of \(reference.name)'s parameters"]
    if let own = smallest.accuracy, let other = reference.accuracy {
      parts.append("\(Quantity.percent(own.natural)) right against \(Quantity.percent(other.natural))")
    }
    return parts.joined(separator: ", ")
  }

  /// What was found besides.
  var findings: [String] {
    var lines: [String] = []
    if let reference, let bound = reference.best?.upper {
      let others = models.dropFirst().compactMap { model in
        model.best?.upper.map { "\(model.name) \(DecimalBound.up($0, digits: Self.digits))" }
      }
      if !others.isEmpty {
        lines.append(
          "Least certified Lipschitz bounds: \(reference.name) \(DecimalBound.up(bound, digits: Self.digits)), \(others.joined(separator: ", "))."
        )
      }
    }
    let medians = models.compactMap { model in
      model.radii?.medianCertified.map { "\(model.name) \(DecimalBound.down($0, digits: 4))" }
    }
    if !medians.isEmpty { lines.append("Median certified radii: \(medians.joined(separator: ", ")).") }
    let far = differences.compactMap { difference in
      difference.largestBound.map { "\(difference.model) by \(DecimalBound.up($0, digits: 4))" }
    }
    if !far.isEmpty, let first = differences.first {
      let place = first.radius.map { "within \(Self.number($0)) of the samples" } ?? "in the box of inputs"
      lines.append("Proved to be apart from \(first.reference) \(place) by at most: \(far.joined(separator: ", ")).")
    }
    if !isComplete { lines.append("The run was interrupted: this is what there is.") }
    return lines
  }

  /// What was not found, and why.
  var notes: [String] {
    var notes: [String] = []
    for model in models {
      for bound in model.bounds {
        guard let note = bound.note, bound.method != "attained", bound.upper == nil || !bound.isCertified else { continue }
        notes.append("\(model.name), \(bound.method): \(note)")
      }
    }
    for difference in differences {
      let reasons = Dictionary(difference.places.filter { $0.bound == nil }.map { ($0.note ?? "no bound", 1) }, uniquingKeysWith: +)
      for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
        notes.append("\(difference.model), difference on \(Quantity.counted(count, "region")): \(reason)")
      }
    }
    return notes
  }

  /// Where all of this comes from.
  var provenance: [(name: String, value: String)] {
    models.map { ("Model \($0.name)", "\($0.path), sha256 \($0.sha256)") }
      + (samples.map {
        [
          ("Samples", "\($0.path) (\($0.name)): \(Quantity.count($0.count)) of \($0.shape), \($0.classCount) classes"),
          ("Samples SHA-256", $0.digest),
        ]
      } ?? [("Samples", "none")])
      + settings
      + [("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))")]
      + (machine.processor.map { [("Processor", $0)] } ?? [])
      + [("BLAS", machine.shortBLAS), ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601))]
  }

  static let honesty =
    "Certified numbers were accepted by the independent checker for the networks as they are stored; the float32 rounding of a deployed "
    + "evaluation is not covered. Accuracies under attack are upper bounds of the robust accuracy. Times are of this machine."

  /// The tables but for that of the layers, each with its heading.
  var tables: [(title: String, table: ReportTable)] {
    [
      ("Sizes", sizeTable), ("Accuracy", accuracyTable), ("Lipschitz bounds", boundTable), ("Certified accuracy", radiusTable),
      ("Difference to the reference", differenceTable), ("Inference time", speedTable),
    ].filter { !$0.1.rows.isEmpty }
  }
}

extension ModelComparisonReport {
  /// Where something was found that was proved to be impossible; not empty only when the program is wrong.
  public var contradictions: [String] {
    var found: [String] = []
    for model in models {
      for bound in model.bounds {
        guard bound.isCertified, let upper = bound.upper, let attained = model.attained, !(upper >= attained) else { continue }
        found.append("\(model.name): \(bound.method) certifies a Lipschitz bound below a gain that is attained")
      }
      let reached = model.radii?.samples.first { sample in
        guard sample.isCorrect, let attacked = sample.attacked else { return false }
        return !(attacked > sample.certified)
      }
      if let first = reached { found.append("\(model.name): the certified radius of sample \(first.index) reaches an adversary") }
    }
    return found
      + differences.filter(\.isContradiction).map { "\($0.model): a difference from \($0.reference) was found beyond its certified bound" }
  }
}
