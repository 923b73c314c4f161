import Foundation

/// Runs and times benchmarks as the command line asks.
struct Harness {
  /// What the command line asks for.
  let options: Options

  /// Times `body`: once to warm up, then up to `repetitions` times, but no longer than about four seconds (`--quick`: a third, 0.3).
  ///
  /// Work that takes longer than that by itself is not repeated; its only run counts.
  func measure(_ repetitions: Int = 20, _ body: () throws -> Void) rethrows -> Timing {
    try compare(repetitions, body, {}).0
  }

  /// Times two bodies in turn, so that what else the machine does falls on both alike; otherwise as ``measure(_:_:)``.
  func compare(_ repetitions: Int = 20, _ one: () throws -> Void, _ other: () throws -> Void) rethrows -> (Timing, Timing) {
    let limit = options.isQuick ? 0.3 : 4.0
    let count = options.isQuick ? max(3, repetitions / 3) : repetitions
    let warmUp = (try Self.seconds(one), try Self.seconds(other))
    var total = warmUp.0 + warmUp.1
    guard total < limit else { return (Timing([warmUp.0]), Timing([warmUp.1])) }
    var (ones, others): ([Double], [Double]) = ([], [])
    repeat {
      let run = (try Self.seconds(one), try Self.seconds(other))
      ones.append(run.0)
      others.append(run.1)
      total += run.0 + run.1
    } while ones.count < count && total < limit
    return (Timing(ones), Timing(others))
  }

  /// Wall-clock seconds of one call.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let elapsed = try clock.measure(body).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Runs the selected cases of every topic and prints them; returns how many failed.
  func run(_ topics: [Topic]) throws -> Int {
    var finished: [Table] = []
    var failures = 0
    let machine = Machine()
    if options.format != .json { emit(options.format == .markdown ? machine.markdown : machine.text) }
    for topic in topics {
      let cases = topic.cases.filter { isSelected("\(topic.id)/\($0.name)", isSlow: $0.isSlow) }
      if topic.cases.isEmpty { note("\(topic.id): nothing to measure here") }
      if cases.isEmpty { continue }
      var table = Table(topic)
      for one in cases {
        note("\(topic.id)/\(one.name) ...")
        do {
          table.rows += try one.rows(self)
        } catch {
          failures += 1
          note("\(topic.id)/\(one.name) failed: \(error)")
          table.rows.append([.text(one.name), .text("failed: \(error)")])
        }
      }
      finished.append(table)
      if options.format != .json { emit("\n" + (options.format == .markdown ? table.markdown : table.text)) }
    }
    let (end, busy) = (Machine.load, machine.busyCores)
    if options.format == .json {
      emit(try Report(machine: machine.fields, loadAtEnd: end, busyCores: busy, topics: finished).json())
    } else {
      emit("\nload at the end: \(end); this run kept \(String(format: "%.2f", busy)) cores busy")
    }
    return failures
  }

  private func isSelected(_ name: String, isSlow: Bool) -> Bool {
    if isSlow && options.isQuick { return false }
    guard let filter = options.filter else { return true }
    return name.firstMatch(of: filter) != nil
  }

  private func emit(_ text: String) {
    print(text)
    fflush(nil)
  }

  /// Progress, on standard error.
  private func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
