import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Reports
import Synchronization
import Testing

@testable import Studies

@Suite("Running studies")
struct StudyRunnerTests {
  /// A folder that goes away with its user.
  private final class Folder {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-study-" + UUID().uuidString).path
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")) }
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
  }

  private static func study(tolerance: String = "1e-2", seed: Int = 1) throws -> BoundStudy {
    try BoundStudy(
      text: """
        title: Small
        methods: [product, closed-form, lifted, attained]
        budget: {tolerance: \(tolerance)}
        models:
          - {name: first, generate: {widths: [3, 6, 2], seed: \(seed)}}
          - {name: second, generate: {widths: [4, 6, 2], activation: groupSort:2}}
        """, file: "small.yaml")
  }

  private static func kept(_ study: BoundStudy, _ folder: Folder) throws -> [String] {
    let kept = Mutex<[String]>([])
    _ = try StudyRunner(
      study, folder: folder.path,
      observe: { event in
        if case .kept(let step) = event { kept.withLock { $0.append(step) } }
      }
    ).run()
    return kept.withLock { $0 }
  }

  @Test("Every network gets its report, network file and checked certificate, and the overview sums them up")
  func files() throws {
    let folder = Folder()
    let latest = Mutex<StudyRunner.Progress?>(nil)
    let outcome = try StudyRunner(
      Self.study(), folder: folder.path,
      observe: { event in
        if case .progress(let progress) = event { latest.withLock { $0 = progress } }
      }
    ).run()
    let report = try #require(outcome.report as? StudyReport)
    let last = latest.withLock { $0 }
    #expect(last?.done == 1 && last?.total == 2 && last?.step == "second" && last?.remaining != nil)
    #expect(report.done.count == 2 && report.methods == ["product", "closed-form", "lifted", "attained"])
    for name in ["index.html", "report.md", "results.json", "results.csv"] {
      #expect(folder.has(name))
      for step in ["first", "second"] { #expect(folder.has("models/\(step)/\(name)")) }
    }
    #expect(try folder.data("results.json") == Data((report.json.formatted + "\n").utf8))
    for (comparison, summary) in report.done {
      let place = "\(folder.path)/\(comparison.folder)"
      let network = try ModelFile.read(path: "\(place)/\(comparison.id).onnx").lowered()
      let certificate = try Certificate(decoding: folder.data("\(comparison.folder)/certificate.json"))
      try CertificateChecker.check(certificate, of: network)
      #expect(certificate.statement.bound == summary.certificate?.bound)
      let best = try #require(summary.best?.upper)
      #expect(best >= (summary.attained ?? .infinity))
    }
  }

  @Test("Resumed studies keep what was made from the same inputs, and only that")
  func resumes() throws {
    let folder = Folder()
    #expect(try Self.kept(Self.study(), folder).isEmpty)
    let before = try folder.data("models/first/results.json")
    #expect(try Self.kept(Self.study(), folder) == ["first", "second"])
    #expect(try folder.data("models/first/results.json") == before)
    // Another seed is another network; another tolerance another question; a broken result is none.
    #expect(try Self.kept(Self.study(seed: 2), folder) == ["second"])
    #expect(try Self.kept(Self.study(tolerance: "1e-3"), folder).isEmpty)
    try Data("{".utf8).write(to: URL(fileURLWithPath: "\(folder.path)/models/second/results.json"))
    #expect(try Self.kept(Self.study(tolerance: "1e-3"), folder) == ["first"])
    #expect(try Self.kept(Self.study(tolerance: "1e-3", seed: 2), folder) == ["second"])
  }

  @Test("A study that is cancelled keeps what is done, and goes on from there")
  func cancelled() throws {
    let folder = Folder()
    let flag = CancellationFlag()
    let outcome = try StudyRunner(Self.study(), folder: folder.path, isCancelled: { flag.isSet }) { event in
      if case .finished = event { flag.set() }
    }.run()
    let report = try #require(outcome.report as? StudyReport)
    #expect(report.done.map(\.comparison.id) == ["first"])
    #expect(report.comparisons[1].absence == "not run: interrupted")
    #expect(try String(decoding: folder.data("report.md"), as: UTF8.self).contains("not run"))
    #expect(try Self.kept(Self.study(), folder) == ["first"])
  }

  @Test("Results of a step that was interrupted are shown, but not taken for complete")
  func interruptedStep() throws {
    let folder = Folder()
    let flag = CancellationFlag()
    let outcome = try StudyRunner(Self.study(), folder: folder.path, isCancelled: { flag.isSet }) { event in
      if case .progress(let progress) = event, case .method("product", _) = progress.detail { flag.set() }
    }.run()
    let report = try #require(outcome.report as? StudyReport)
    #expect(report.done.map(\.comparison.id) == ["first"])
    #expect(report.done[0].summary.results.contains { $0.absence == "not started" })
    #expect(!folder.has("models/first/step.json"))
    #expect(try Self.kept(Self.study(), folder).isEmpty)
  }

  @Test("Folders that cannot be had are named before anything runs", arguments: ["/dev/null/x", "/proc/study"])
  func unwritable(path: String) throws {
    let error = #expect(throws: FileWriteError.self) { try StudyRunner(Self.study(), folder: path).run() }
    #expect(error?.description.hasPrefix(path) ?? false)
  }

  @Test("Outputs that a network does not have are named with it")
  func target() throws {
    let folder = Folder()
    let study = try BoundStudy(
      text: "title: T\ntargets: [9]\nmethods: [product]\nmodels: [{name: tiny, generate: {widths: [2, 2]}}]", file: "t.yaml")
    let error = #expect(throws: StepError.self) { try StudyRunner(study, folder: folder.path).run() }
    #expect(error?.description.contains("tiny") ?? false)
  }
}

/// Set once, read from anywhere.
private final class CancellationFlag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}

@Suite("Time left")
struct TimeEstimateTests {
  @Test("Nothing is known before anything ended")
  func unknown() {
    #expect(TimeEstimate(pending: ["a"], limit: nil).remaining(elapsed: 1) == nil)
  }

  @Test("Methods take as long as before, others as long as any, and none longer than it may")
  func known() throws {
    var estimate = TimeEstimate(pending: ["a", "b", "a", "c", "b"], limit: 5)
    estimate.finish("a", seconds: 1)
    estimate.finish("b", seconds: 9)
    // Left: a (1), c (mean 5), b (9, at most 5).
    #expect(estimate.pending == ["a", "c", "b"])
    #expect(estimate.remaining(elapsed: 0) == 11)
    #expect(estimate.remaining(elapsed: 2) == 9)
    #expect(estimate.remaining(elapsed: 100) == 0)
    estimate.skip(["c", "unknown"])
    #expect(estimate.remaining(elapsed: 0) == 6)
  }
}
