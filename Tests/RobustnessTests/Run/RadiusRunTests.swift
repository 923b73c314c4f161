import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Synchronization
import Testing

@testable import Robustness

/// A method that says what it is told.
private struct ScriptedMethod: RadiusMethod {
  let name = "scripted"
  var answer: @Sendable (RadiusProblem, Double?) throws -> Double

  func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    RadiusEstimate(method: name, radius: try answer(problem, ceiling), seconds: 0)
  }
}

private struct ScriptedAttack: Attack {
  let name = "scripted"
  var distance: Double

  func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary? {
    Adversary(attack: "inner", input: problem.input, distance: distance, rival: 0, seconds: 0)
  }
}

@Suite("Runs over many inputs")
struct RadiusRunTests {
  private let classifier: Classifier
  private let inputs: LabelledInputs

  init() throws {
    classifier = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [4, 6, 3], seed: 2))
    var random = SplitMix64(seed: 8)
    let x = Matrix(rows: 40, columns: 4, elements: (0..<160).map { _ in Double.random(in: -1...1, using: &random) })
    inputs = LabelledInputs(inputs: x, labels: (0..<40).map { _ in Int.random(in: 0..<3, using: &random) })
  }

  private func run(_ method: (any RadiusMethod)?, attack: (any Attack)? = nil, independent: Bool = false) throws -> RadiusRun {
    var settings = RadiusRun.Settings()
    settings.methods = method.map { [$0] } ?? []
    settings.attack = attack
    settings.isIndependent = independent
    return try RadiusRun(classifier, inputs, settings: settings)
  }

  @Test("Every input has one record, wrong answers are not worked on, and radii do not depend on threads")
  func records() throws {
    let records = try run(GlobalRadius()).run(Array(0..<40))
    #expect(records.map(\.index) == Array(0..<40))
    for record in records {
      let x = inputs[record.index]
      #expect(record.answer == classifier.answer(x) && record.label == inputs.labels?[record.index])
      let margins = classifier.margins(record.label, at: Matrix(rows: 1, columns: 4, elements: x)).elements
      #expect(abs(record.margin - (margins.min() ?? 0)) < 1e-12)
      #expect(record.isCorrect == (record.answer == record.label) && record.certified.isEmpty != record.isCorrect)
    }
    #expect(records.contains { $0.isCorrect } && records.contains { !$0.isCorrect })
    let before = Threads.count
    defer { Threads.count = before }
    Threads.count = 1
    let serial = try run(GlobalRadius()).run(Array(0..<40))
    #expect(serial.map(\.radius) == records.map(\.radius))
  }

  @Test("Radii that are no numbers and methods that fail certify nothing", arguments: [Double.nan, -1, -Double.infinity])
  func unsound(radius: Double) throws {
    let records = try run(ScriptedMethod { _, _ in radius }).run(Array(0..<40))
    #expect(records.allSatisfy { $0.radius == 0 })
    let failed = try run(ScriptedMethod { _, _ in throw NotProved("because") }).run(Array(0..<40))
    #expect(failed.filter(\.isCorrect).allSatisfy { $0.radius == 0 && $0.certified[0].note == "because" })
    let infinite = try run(ScriptedMethod { _, _ in .infinity }).run(Array(0..<40))
    #expect(infinite.filter(\.isCorrect).allSatisfy { $0.radius == .greatestFiniteMagnitude })
  }

  @Test("A method that reaches the attack is told of as a contradiction")
  func contradiction() throws {
    let records = try run(ScriptedMethod { _, _ in 0.5 }, attack: ScriptedAttack(distance: 0.5)).run(Array(0..<40))
    let summary = RadiusSummary(records, norm: .l2, methods: ["scripted"])
    #expect(summary.contradictions == records.filter(\.isCorrect).map(\.index).sorted() && !summary.contradictions.isEmpty)
    #expect(records.first(where: \.isCorrect)?.attack?.finder == "inner")
  }

  @Test("Methods know the attack's radius unless they are independent of it", arguments: [true, false])
  func ceiling(isIndependent: Bool) throws {
    let method = ScriptedMethod { _, ceiling in ceiling ?? 0.125 }
    let records = try run(method, attack: ScriptedAttack(distance: 0.75), independent: isIndependent).run(Array(0..<40))
    #expect(records.filter(\.isCorrect).allSatisfy { $0.radius == (isIndependent ? 0.125 : 0.75) })
  }

  @Test("Cancelled, a run gives what was complete; going on gives the rest")
  func cancelled() throws {
    let count = Mutex(0)
    var settings = RadiusRun.Settings()
    settings.methods = [
      ScriptedMethod { _, _ in
        count.withLock { $0 += 1 }
        return 1
      }
    ]
    settings.isCancelled = { count.withLock { $0 } >= 5 }
    let first = try RadiusRun(classifier, inputs, settings: settings).run(Array(0..<40))
    #expect(first.count < 40)
    settings.isCancelled = { false }
    let done = Set(first.map(\.index))
    let rest = try RadiusRun(classifier, inputs, settings: settings).run((0..<40).filter { !done.contains($0) })
    #expect((first + rest).map(\.index).sorted() == Array(0..<40))
  }

  @Test("A record that cannot be kept ends the run with the reason")
  func unkept() throws {
    struct Full: Error {}
    #expect(throws: Full.self) { try run(nil).run(Array(0..<40), keep: { if $0.index == 7 { throw Full() } }) }
  }

  @Test("Without labels the network's answers are kept")
  func selfLabelled() throws {
    var settings = RadiusRun.Settings()
    settings.methods = [GlobalRadius()]
    let records = try RadiusRun(classifier, LabelledInputs(inputs: inputs.inputs, labels: nil), settings: settings).run(Array(0..<40))
    #expect(records.allSatisfy { $0.isCorrect && $0.radius > 0 })
  }

  @Test("Inputs and labels that do not fit are refused")
  func misfits() throws {
    let narrow = LabelledInputs(inputs: Matrix(rows: 1, columns: 3), labels: nil)
    #expect(throws: RobustnessError.wrongInputLength(expected: 4, found: 3)) { try RadiusRun(classifier, narrow, settings: .init()) }
    let wrong = LabelledInputs(inputs: Matrix(rows: 1, columns: 4), labels: [3])
    #expect(throws: RobustnessError.wrongLabel(3, classCount: 3)) { try RadiusRun(classifier, wrong, settings: .init()) }
    // A number that is not finite never certifies.
    let broken = LabelledInputs(inputs: Matrix(rows: 1, columns: 4, elements: [1, .nan, 0, 0]), labels: nil)
    #expect(try run(GlobalRadius(), on: broken).allSatisfy { $0.radius == 0 && !$0.isCorrect })
  }

  private func run(_ method: any RadiusMethod, on inputs: LabelledInputs) throws -> [RadiusRecord] {
    var settings = RadiusRun.Settings()
    settings.methods = [method]
    return try RadiusRun(classifier, inputs, settings: settings).run(Array(0..<inputs.count))
  }
}
