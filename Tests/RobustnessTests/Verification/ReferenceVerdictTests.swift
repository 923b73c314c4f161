import Foundation
import Lipschitz
import NetworkFormats
import TestSupport
import Testing

@testable import Robustness

/// The staged networks and properties with known verdicts.
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"), .serialized)
struct ReferenceVerdictTests {
  private static var isLong: Bool { ProcessInfo.processInfo.environment["LIPCERT_LONG_TESTS"] == "1" }

  /// Instances that take a moment each, from every kind of network.
  private static let short = [
    "test/test_nano.vnnlib", "test/test_small.vnnlib", "test/test_tiny.vnnlib", "test/test_prop.vnnlib", "nn4sys/lindex_1.vnnlib",
    "rl_benchmarks/cartpole_case_safe_56.vnnlib", "safenlp/medical_hyperrectangle_2189.vnnlib",
  ]

  /// Folders whose networks cannot be read.
  private static let unsupported = ["cgan"]

  @Test("No verdict contradicts the known one; sat comes with a witness")
  func verdicts() throws {
    let limit = ProcessInfo.processInfo.environment["LIPCERT_VERIFY_SECONDS"].flatMap(Double.init) ?? 10
    var decided: [String: (expected: Int, decided: Int)] = [:]
    for instance in try ReferenceInstance.all() where Self.isLong || Self.short.contains(instance.property) {
      let began = ContinuousClock.now
      var text = "error"
      do {
        let network = try ModelFile.read(path: instance.modelPath)
        let property = try VNNLIBReader.read(path: instance.propertyPath)
        var budget = Budget()
        budget.timeLimit = limit
        let outcome = try Verifier(network).decide(property, budget: budget)
        text = outcome.verdict.name + " by " + outcome.method
        let name = outcome.verdict.name
        #expect(name == instance.expected || !["sat", "unsat"].contains(name), "\(instance): \(name) instead of \(instance.expected)")
        decided[instance.bench, default: (0, 0)].expected += 1
        if name == instance.expected { decided[instance.bench, default: (0, 0)].decided += 1 }
        if !Self.isLong { #expect(name == instance.expected, "\(instance): \(outcome.method)") }
      } catch {
        text = "error: \(error)"
        if !Self.isLong { Issue.record("\(instance): \(error)") }
      }
      if Self.isLong { print("\(instance)  \(instance.expected)  \(text)  \(began.duration(to: .now))") }
    }
    if Self.isLong {
      for (bench, counts) in decided.sorted(by: { $0.key < $1.key }) { print(bench, counts.decided, "of", counts.expected) }
    }
  }

  /// Counterexamples that others found and that were replayed in another program.
  @Test("Known counterexamples are witnesses")
  func counterexamples() throws {
    var count = 0
    var refused: [String] = []
    for instance in try ReferenceInstance.all() where !instance.counterexample.isEmpty {
      // Large networks take a while in debug builds.
      let isSmall = ["acasxu", "rl_benchmarks", "reach_prob_density", "safenlp", "test", "tllverifybench"].contains(instance.bench)
      guard Self.isLong || isSmall else { continue }
      let arrays = try NumPyArchive.read(path: SharedData.path("verification/\(instance.counterexample)"))
      let x = try #require(arrays["x"]?.doubles)
      let property = try VNNLIBReader.read(path: instance.propertyPath)
      count += 1
      do {
        if try Verifier(ModelFile.read(path: instance.modelPath)).witness(near: x, of: property) == nil { refused.append("\(instance)") }
      } catch {
        refused.append("\(instance): \(error)")
      }
    }
    #expect(count >= 25)
    #expect(refused.isEmpty, "\(refused.joined(separator: "\n"))")
  }
}
