import CommandLineSupport
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
    let sink = try ResultSink(path: results)
    var counts: [String: Int] = [:]
    var undecided = 0
    for (index, instance) in list.instances.enumerated() {
      if sink.holds(category: list.category, instance) { continue }
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
      counts[verdict, default: 0] += 1
      if verdict != "sat", verdict != "unsat" { undecided += 1 }
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
  private let handle: FileHandle
  private var known: Set<String> = []

  /// Opens a file for appending; a last line that was not finished is taken away.
  init(path: String?) throws {
    guard let path else {
      handle = .standardOutput
      return
    }
    do {
      if !FileManager.default.fileExists(atPath: path) { try Data().write(to: URL(fileURLWithPath: path)) }
      let text = try Data(contentsOf: URL(fileURLWithPath: path))
      let complete = text.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      for line in String(decoding: text[..<complete], as: UTF8.self).split(separator: "\n") {
        let fields = InstanceList.fields(line)
        if fields.count == 6 { known.insert(Self.key(fields[0], fields[1], fields[2])) }
      }
      handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: UInt64(complete))
      try handle.seekToEnd()
    } catch {
      throw CommandError(.failure, "\(path): cannot be written: \(error.localizedDescription)")
    }
  }

  private static func key(_ category: String, _ model: String, _ property: String) -> String { "\(category)\n\(model)\n\(property)" }

  func holds(category: String, _ instance: InstanceList.Instance) -> Bool {
    known.contains(Self.key(category, instance.model, instance.property))
  }

  func append(category: String, _ instance: InstanceList.Instance, prepared: Double, verdict: String, seconds: Double) throws {
    func quoted(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }
    let fields = [
      quoted(category), quoted(instance.model), quoted(instance.property), String(format: "%.3f", prepared), verdict,
      String(format: "%.3f", seconds),
    ]
    do {
      try handle.write(contentsOf: Data((fields.joined(separator: ",") + "\n").utf8))
    } catch {
      throw CommandError(.failure, "the results cannot be written: \(error.localizedDescription)")
    }
  }
}
