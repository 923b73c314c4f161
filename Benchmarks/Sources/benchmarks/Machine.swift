import Foundation
import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#endif

/// Where the numbers come from.
struct Machine {
  /// Name and value, in the order of printing.
  let entries: [(name: String, value: String)]
  private let start = (wall: ContinuousClock.now, processor: Self.processorSeconds)

  /// This machine, now.
  init() {
    #if DEBUG
      let build = "debug: these numbers mean nothing"
    #else
      let build = "release"
    #endif
    entries = [
      ("date", Date.now.formatted(.iso8601)),
      ("CPU", Self.lines("/proc/cpuinfo", "model name").first ?? "unknown"),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
      ("threads", "\(Threads.count), BLAS 1"),
      ("BLAS", Threads.optimisedBLAS ?? "reference BLAS: not optimised"),
      ("build", build),
      ("load", Self.load),
    ]
  }

  /// The load averages of 1, 5 and 15 minutes.
  static var load: String {
    let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
    let averages = text.split(separator: " ").prefix(3)
    return averages.isEmpty ? "unknown" : averages.joined(separator: " ")
  }

  /// Processor time over wall time since the start: less than the threads when others use the machine, or when work is serial.
  var busyCores: Double {
    let elapsed = start.wall.duration(to: .now).components
    return (Self.processorSeconds - start.processor) / max(1e-9, Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18)
  }

  private static var processorSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// One entry a line.
  var text: String { entries.map { $0.name.padded(to: 8) + $0.value }.joined(separator: "\n") }

  /// A list.
  var markdown: String { "# Benchmarks\n\n" + entries.map { "- \($0.name): \($0.value)" }.joined(separator: "\n") }

  /// For JSON.
  var fields: [String: String] { Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.value) }) }

  private static func lines(_ path: String, _ name: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasPrefix(name) }.compactMap { line in
      line.split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }
}
