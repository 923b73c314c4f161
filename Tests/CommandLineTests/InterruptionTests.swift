import Foundation
import Testing

@Suite("lipcert bound, stopped early", .needsTool)
struct InterruptionTests {
  private let folder: TemporaryFolder
  /// A run that would take minutes: the tolerance is out of reach.
  private let long = "bound net.onnx --tolerance 1e-15 --json --verbose"

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 40,80,80,80,80,80,10", in: folder).status == 0)
  }

  @Test("A signal gives the best certified bound so far", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let running = try Tool.start(long + " --certificate net.lipcert", in: folder)
    try #require(running.waits(for: "lifted starts"))
    Thread.sleep(forTimeInterval: 1)
    running.send(signal)
    let run = try running.result()
    #expect(run.status == 0)
    let lifted = try run.method("lifted")
    #expect(lifted["certified"] as? Bool == true)
    #expect(lifted["stopReason"] as? String == "cancelled")
    #expect(try Tool.run("check net.lipcert net.onnx", in: folder).status == 0)
  }

  @Test("A second signal ends the process at once")
  func killed() throws {
    let running = try Tool.start(long, in: folder)
    try #require(running.waits(for: "attained starts"))
    // Signals that come before the process runs again count as one, so that two alone may be one on a busy machine.
    for _ in 0..<200 where running.isRunning {
      running.send(SIGINT)
      Thread.sleep(forTimeInterval: 0.001)
    }
    #expect(try running.result().status == 130)
  }

  @Test("The time limit is honoured")
  func timeLimit() throws {
    let run = try Tool.run(long + " --time-limit 2", in: folder)
    #expect(run.status == 0)
    #expect(try run.method("lifted")["stopReason"] as? String == "timeLimit")
    #expect(run.seconds < 5, "on a busy machine")
  }
}
