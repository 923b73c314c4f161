import CommandLineSupport
import FileSupport
import Foundation
import Logging
import NetworkFormats
import Robustness

/// Decides a list of instances, one after the other, and writes a line for each as soon as it is known.
struct InstanceBatch {
  let list: String
  /// The file to append to; standard output when there is none.
  let results: String?
  let options: VerifyOptions
  let seed: UInt64
  let modelOptions: ModelOptions
  let showsProgress: Bool
  let log: Logger

  func run() throws {
    let list = try InstanceList(path: list)
    let sink = try ResultSink(path: results, category: list.category)
    var counts: [String: Int] = [:]
    var undecided = 0
    func count(_ verdict: String) {
      counts[verdict, default: 0] += 1
      if verdict != "sat", verdict != "unsat" { undecided += 1 }
    }
    for (index, instance) in list.instances.enumerated() {
      if let verdict = sink.verdict(category: list.category, instance) {
        // What an earlier run left undecided still is.
        count(verdict)
        continue
      }
      if Interruption.isRequested { break }
      let place = "\(index + 1) of \(list.instances.count)"
      if showsProgress { Console.shared.draw { "\(place)  \(instance.model) \(instance.property)" } }
      let began = ContinuousClock.now
      var (prepared, verdict) = (0.0, "error")
      do {
        let network = try ModelFile.read(path: list.file(instance.model), options: try modelOptions.readOptions(for: instance.model))
        let property = try VNNLIBReader.read(path: list.file(instance.property))
        let verifier = try Verifier(network)
        prepared = began.duration(to: .now) / .seconds(1)
        let outcome = try verifier.decide(
          property, allowsFloatingPoint: options.semantics == .real, budget: options.budget(timeout: instance.timeout, seed: seed),
          progress: { words in if showsProgress { Console.shared.draw { "\(place)  \(instance.property)  \(words)" } } })
        if Interruption.isRequested, case .unknown = outcome.verdict { break }
        verdict = outcome.verdict.name
        log.debug("\(instance.model) \(instance.property): \(verdict) by \(outcome.method), \(outcome.branches) boxes")
      } catch {
        // One bad file does not keep the others from being decided.
        Console.shared.eraseProgress()
        log.error("line \(instance.line): \(error)")
      }
      Console.shared.eraseProgress()
      let seconds = began.duration(to: .now) / .seconds(1)
      count(verdict)
      try sink.append(category: list.category, instance, prepared: prepared, verdict: verdict, seconds: seconds - prepared)
    }
    Console.shared.eraseProgress()
    log.notice("\(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", "))")
    if Interruption.isRequested { log.notice("interrupted; with --results the same command goes on") }
    if undecided > 0 || Interruption.isRequested { throw ExitStatus.failure.code }
  }
}

/// Where the lines of a batch go.
private struct ResultSink {
  private let file: LineFile?
  /// The verdicts that the file had, by instance.
  private var known: [String: String] = [:]

  /// Opens a file for appending; a last line that was not finished is taken away.
  ///
  /// - Throws: ``CommandError`` for a file of something else, which is left as it is.
  init(path: String?, category: String) throws {
    guard let path else {
      file = nil
      return
    }
    let file = try LineFile(path: path)
    for (index, line) in file.content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().enumerated() {
      let fields = InstanceList.fields(String(decoding: line, as: UTF8.self))
      guard fields.count == 6, Self.verdicts.contains(fields[4]), Double(fields[3]) != nil, Double(fields[5]) != nil else {
        throw CommandError(.usage, "\(path): line \(index + 1): it is no line of results; nothing is changed")
      }
      known[Self.key(fields[0], fields[1], fields[2])] = fields[4]
    }
    // A first line that was torn is the beginning of one of ours; anything else belongs to somebody.
    let beginning = Data((Self.quoted(category) + ",").utf8)
    guard !file.content.isEmpty || file.torn.starts(with: beginning) || beginning.starts(with: file.torn) else {
      throw CommandError(.usage, "\(path): line 1: it is no line of results; nothing is changed")
    }
    self.file = file
  }

  private static let verdicts: Set = ["sat", "unsat", "unknown", "timeout", "error"]

  private static func key(_ category: String, _ model: String, _ property: String) -> String { "\(category)\n\(model)\n\(property)" }

  private static func quoted(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }

  /// The verdict that the file had when it was opened.
  func verdict(category: String, _ instance: InstanceList.Instance) -> String? {
    known[Self.key(category, instance.model, instance.property)]
  }

  func append(category: String, _ instance: InstanceList.Instance, prepared: Double, verdict: String, seconds: Double) throws {
    let fields = [
      Self.quoted(category), Self.quoted(instance.model), Self.quoted(instance.property), String(format: "%.3f", prepared), verdict,
      String(format: "%.3f", seconds),
    ]
    let line = fields.joined(separator: ",")
    if let file { try file.append(Data(line.utf8)) } else { try StandardOutput.write(line + "\n") }
  }
}
