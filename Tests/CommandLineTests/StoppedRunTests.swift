import Foundation
import NetworkFormats
import Testing

/// A command that would take minutes.
struct LongRun: Sendable, CustomTestStringConvertible {
  let command: String
  /// A file or folder that is there once the work has begun, or words on standard error.
  var sign: String
  /// What is said in the end.
  let words: String
  /// Whether there is a result so far.
  var hasResult = true

  var testDescription: String { command }

  /// One and the other in turn.
  static let signals = all.indices.map { $0.isMultiple(of: 2) ? SIGINT : SIGTERM }

  static let all = [
    LongRun(
      command: "bound deep.onnx --tolerance 1e-15 --verbose", sign: "lifted starts", words: "interrupted: these are the best results so far"
    ),
    LongRun(
      command: "radius net.onnx --inputs x.npy --method all --out r.jsonl", sign: "r.jsonl", words: "the same command goes on from there"),
    LongRun(
      command: "radius net.onnx --inputs x.npy --method all --report report", sign: "report/radii.jsonl",
      words: "the same command goes on from there"),
    LongRun(command: "verify deep.onnx hard.vnnlib", sign: "unsafe if", words: "unknown"),
    LongRun(
      command: "train recipe.yaml --out trained", sign: "trained", words: "the same command goes on from there (trained)", hasResult: false),
    LongRun(
      command: "prune prune.yaml --out pruned", sign: "pruned", words: "the same command goes on from there (pruned)", hasResult: false),
    LongRun(
      command: "compare deep.onnx other.onnx --method lifted --tolerance 1e-15 --out comparison", sign: "comparison",
      words: "interrupted: these are the results so far"),
    LongRun(command: "solve cut.dat-s --tolerance 1e-15 --method first-order --verbose --log", sign: "first-order", words: "interrupted"),
  ]
}

@Suite("Every long command, stopped early", .needsTool)
struct StoppedRunTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for words in [
      "generate net.onnx --widths 60,80,80,10", "generate deep.onnx --widths 40,80,80,80,80,80,10",
      "generate other.onnx --widths 40,60,60,60,10",
    ] { try #require(try Tool.run(words, in: folder).status == 0) }
    try ExampleFiles.array([60, 60]).write(path: folder.path("x.npy"))
    let names = (0..<40).map { "X_\($0)" }
    let property =
      (names + (0..<10).map { "Y_\($0)" }).map { "(declare-const \($0) Real)\n" }.joined()
      + names.map { "(assert (>= \($0) -1))\n(assert (<= \($0) 1))\n" }.joined() + "(assert (<= Y_0 -4))\n"
    let recipe = ExampleFiles.recipe.replacingOccurrences(of: "epochs: 1,", with: "epochs: 9000,").replacingOccurrences(
      of: "100, test", with: "2000, test")
    for (name, text) in [
      ("hard.vnnlib", property), ("recipe.yaml", recipe), ("prune.yaml", recipe + "pruning: {magnitude: {sparsity: 0.5}}\n"),
      ("cut.dat-s", SmallPrograms.cut(order: 40)),
    ] { try folder.write(Data(text.utf8), to: name) }
  }

  @Test("A signal ends it in time, it says what is kept, and what it prints is whole", arguments: zip(LongRun.all, LongRun.signals))
  func stopped(run: LongRun, signal: Int32) throws {
    let running = try Tool.start(run.command + " --json", in: folder)
    while running.isRunning, !running.errors.contains(run.sign), !FileManager.default.fileExists(atPath: folder.path(run.sign)) {
      Thread.sleep(forTimeInterval: 0.02)
    }
    Thread.sleep(forTimeInterval: 0.5)
    try #require(running.isRunning, "it ended by itself: \(running.errors)")
    running.send(signal)
    let sent = ContinuousClock.now
    let result = try running.result()
    #expect(sent.duration(to: .now) < .seconds(10), "on a busy machine")
    #expect(result.errors.contains(run.words), "\(result.errors)")
    // What is certified so far is a result of bound.
    #expect(result.status == (run.command.hasPrefix("bound") ? 0 : 3), "\(result.errors)")
    if run.hasResult { _ = try result.json() } else { #expect(result.output.isEmpty) }
    #expect(try folder.files().allSatisfy { !$0.hasSuffix(".tmp") })
  }
}
