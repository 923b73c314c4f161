import Foundation
import Reports

/// What the measurements say beside what is published.
struct Comparison {
  let networks: [PublishedNetwork]
  let methods: [String]
  let store: ResultStore

  /// One row for every reported value: ours, theirs, ratio, seconds, certified, explanation.
  var csv: String {
    var lines = [
      "network,reading,published method,published,kind,published seconds,our method,ours,ours/published,seconds,certified,explanation"
    ]
    for network in networks {
      for reference in network.references {
        let own = measurement(network, reference)
        let value = reference.kind == .lower ? own?.lower : own?.upper
        var fields: [String] = [network.name, network.reading, reference.method, "\(reference.value)", reference.kind.rawValue]
        fields.append(reference.seconds.map { "\($0)" } ?? "")
        fields.append(own?.method ?? "")
        fields.append(value.map { "\($0)" } ?? "")
        fields.append(value.map { String(format: "%.9g", $0 / reference.value) } ?? "")
        fields.append(own.map { String(format: "%.3g", $0.seconds) } ?? "")
        fields.append(own.map { $0.isCertified ? "yes" : "no" } ?? "")
        fields.append(explanation(reference, own))
        lines.append(fields.map { "\"" + $0.replacing("\"", with: "'") + "\"" }.joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The measurement a reported value is set beside: of its counterpart, or of `lifted` where that gave no bound.
  private func measurement(_ network: PublishedNetwork, _ reference: Reference) -> Measurement? {
    let own = store[network.name, reference.counterpart]
    if reference.kind == .lower || own?.upper != nil { return own }
    return store[network.name, "lifted"].flatMap { $0.upper == nil ? nil : $0 } ?? own
  }

  /// In a sentence, why the numbers differ; empty when they agree to 10⁻⁶.
  private func explanation(_ reference: Reference, _ own: Measurement?) -> String {
    if let defect = reference.defect { return defect }
    guard let own, let value = reference.kind == .lower ? own.lower : own.upper else {
      return own.map { $0.note.isEmpty ? $0.stop : $0.note } ?? "not measured"
    }
    let ratio = value / reference.value
    if abs(ratio - 1) <= 1e-6 { return "" }
    switch reference.kind {
    case .lower: return ratio > 1 ? "a better attained gain" : "our search found less: it is another set of inputs"
    case .optimum where ratio > 1:
      return own.method == "lifted" ? "within the tolerance asked for (\(own.stop))" : "\(own.method) is looser than the optimum"
    case .optimum: return "BELOW A PROVED OPTIMUM: an error somewhere"
    case .upper:
      if own.method != reference.counterpart { return "\(own.method) in place of \(reference.counterpart)" }
      if ratio < 1 {
        switch reference.counterpart {
        case "closed-form": return "the best of a family that contains the published choice"
        case "product", "lip-lt": return "norms of the maps on this image instead of the source's"
        default: return ratio > 1 - 1e-5 ? "the solver's tolerance" : "tighter"
        }
      }
      return ratio < 1 + 2e-3 ? "within the tolerance asked for (\(own.stop))" : "looser; \(own.note.isEmpty ? own.stop : own.note)"
    }
  }

  // MARK: - Order

  /// Bounds that ought to be in this order, tightest first, because each method contains the next.
  private static let chains = [
    ["lifted", "compositional", "closed-form", "product"], ["lifted", "lipsdp-layer", "product"], ["lifted", "lip-lt", "product"],
  ]

  /// Every violation of an expected order, with the reason that is known for it.
  var exceptions: [String] {
    networks.flatMap { network -> [String] in
      var found: [String] = []
      let attained = store[network.name, "attained"]?.lower
      for method in methods {
        guard let row = store[network.name, method], let upper = row.upper, let attained, method != "attained" else { continue }
        if upper < attained { found.append("\(network.name): \(method) \(upper) is BELOW the attained \(attained)") }
        if !row.isCertified { found.append("\(network.name): \(method) \(upper) is not certified: \(row.note)") }
      }
      var seen = Set<String>()
      for chain in Self.chains {
        let present = chain.compactMap { store[network.name, $0] }.filter { $0.upper != nil && $0.isCertified }
        for (tight, loose) in zip(present, present.dropFirst()) {
          guard let a = tight.upper, let b = loose.upper, a > b * (1 + 1e-6), seen.insert(tight.method + loose.method).inserted else {
            continue
          }
          let reason = reason(tight, above: loose, network)
          found.append(
            "\(network.name): \(tight.method) \(Self.short(a)) > \(loose.method) \(Self.short(b)) (\(reason))"
          )
        }
      }
      return found
    }
  }

  /// Why a method that contains another gave more.
  private func reason(_ tight: Measurement, above loose: Measurement, _ network: PublishedNetwork) -> String {
    if network.reading.contains("MaxMin"), loose.method == "product" {
      return "sorts are units |a - b| with slopes in [-1, 1] here; the product alone knows that sorting is nonexpansive"
    }
    if network.reading.contains("after each sum"), tight.method == "closed-form", loose.method == "product" {
      return
        "a closed form majorises all that is live at once; the product adds the branches of a residual block, which is no such majorant"
    }
    if tight.stop == "tolerance" { return "lower number \(tight.lower.map(Self.short) ?? "-"): within the tolerance it stopped at" }
    if tight.stop == "finished" { return tight.note.isEmpty ? "no reason is known" : tight.note }
    return "stopped: \(tight.stop)" + (tight.note.isEmpty ? "" : "; \(tight.note)")
  }

  // MARK: - Markdown

  /// The report for people.
  func markdown(command: String, timeLimit: Double, version: String) -> String {
    var lines = [
      "# Published networks",
      "",
      """
      Every network of the reference data by every method, l2 to l2 over all inputs, within the time limits of the runs that measured them (the \
      last: \(Self.short(timeLimit)) s for each method and network); lipcert \(version). Certified bounds only: `-` stands for a method that does not apply or proved nothing in time, the reason is \
      in `measurements.csv`. Beside each reported value stands ours in `comparison.csv`, with the ratio and, where they differ by more than \
      1e-6, the reason. Made by `\(command)`.
      """,
      "",
    ]
    if let figure { lines += [figure.image, "", figure.caption, ""] }
    lines += [
      "| network | " + methods.joined(separator: " | ") + " |",
      "|---|" + methods.map { _ in "---:|" }.joined(),
    ]
    for network in networks {
      let cells = methods.map { method -> String in
        guard let row = store[network.name, method] else { return "" }
        let value = method == "attained" ? row.lower : row.upper
        return value.map { Self.short($0) + (method == "attained" || row.isCertified ? "" : " (estimate)") } ?? "-"
      }
      lines.append("| \(network.name) | \(cells.joined(separator: " | ")) |")
    }
    lines += ["", "## Beside the reported values", ""]
    lines += summary
    lines += ["", "## Exceptions", ""]
    let exceptions = exceptions
    lines +=
      exceptions.isEmpty ? ["None: every order holds to 1e-6, and nothing lies below an attained gain."] : exceptions.map { "- \($0)" }
    lines += ["", "## Reported values that do not stand", ""]
    lines += Self.grouped(
      networks.flatMap { network in network.references.compactMap { reference in reference.defect.map { (reference.method, $0) } } })
    return lines.joined(separator: "\n") + "\n"
  }

  /// For each reported method: how many values, the range of our ratio to them.
  private var summary: [String] {
    var ratios: [String: [Double]] = [:]
    var order: [String] = []
    for network in networks {
      for reference in network.references where reference.defect == nil {
        let own = measurement(network, reference)
        guard let value = reference.kind == .lower ? own?.lower : own?.upper, let own else { continue }
        let key = "\(reference.method) | \(own.method)"
        if ratios[key] == nil { order.append(key) }
        ratios[key, default: []].append(value / reference.value)
      }
    }
    return ["| reported | ours | networks | least ours/reported | median | greatest |", "|---|---|---:|---:|---:|---:|"]
      + order.map { key in
        let values = (ratios[key] ?? []).sorted()
        func show(_ x: Double?) -> String { x.map { String(format: "%.8g", $0) } ?? "" }
        return "| \(key) | \(values.count) | \(show(values.first)) | \(show(values[values.count / 2])) | \(show(values.last)) |"
      }
  }

  private static func grouped(_ pairs: [(String, String)]) -> [String] {
    var counts: [String: Int] = [:]
    for (method, defect) in pairs { counts["\(method): \(defect)", default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { "- \($0.value) × \($0.key)" }
  }

  private static func short(_ x: Double) -> String { String(format: "%.6g", x) }
}
