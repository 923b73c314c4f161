import LinearAlgebra
import Lipschitz
import Networks
import Testing

@testable import Robustness

@Suite struct VerifierTests {
  /// y = |x₀ + x₁| − 1 by two ReLU units.
  private func tent() throws -> Network {
    var network = Network()
    let input = network.addInput(name: "x", shape: [1, 2])
    let first = Matrix<Double>(rows: 2, columns: 2, elements: [1, 1, -1, -1])
    let dense = try network.add(.dense(weight: first, bias: nil), name: "dense", to: [input])
    let relu = try network.add(.activation(.relu), name: "relu", to: [dense])
    let second = Matrix<Double>(rows: 1, columns: 2, elements: [1, 1])
    try network.setOutputs([try network.add(.dense(weight: second, bias: [-1]), name: "out", to: [relu])])
    return network
  }

  private static let declarations = "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"

  private func property(_ text: String) throws -> Property { try VNNLIBReader.read(Array((Self.declarations + text).utf8)) }

  private static let box = "(assert (and (>= X_0 -1)(<= X_0 1)(>= X_1 -1)(<= X_1 1)))"

  @Test(
    "Verdicts of a function that is known",
    arguments: [
      // On the box y lies in [−1, 1]; both ends are attained.
      ("(assert (>= Y_0 0.999999))", "sat"), ("(assert (>= Y_0 1.000001))", "unsat"), ("(assert (<= Y_0 -1.000001))", "unsat"),
      ("(assert (<= Y_0 -0.999))", "sat"), ("(assert (or (>= Y_0 2)(<= Y_0 -2)))", "unsat"),
      ("(assert (and (>= Y_0 0.125)(<= X_0 0.25)(>= X_1 -0.25)(<= X_1 0.25)))", "sat"),
      ("(assert (and (>= Y_0 0.5)(<= X_0 0.25)(>= X_0 -0.5)(>= X_1 -0.25)(<= X_1 0.25)))", "unsat"),
      ("(assert (>= (+ Y_0 X_0) 2.000001))", "unsat"), ("(assert (>= (+ Y_0 X_0) 1.99))", "sat"),
      ("(assert (>= (+ (* 0.1 Y_0) X_0) 1.2))", "unsat"), ("(assert (>= X_0 2))", "unsat"), ("", "sat"),
    ])
  func knownVerdicts(_ assertion: String, _ expected: String) throws {
    var budget = Budget()
    budget.timeLimit = 20
    let property = try property(Self.box + assertion)
    let outcome = try Verifier(try tent()).decide(property, budget: budget)
    #expect(outcome.verdict.name == expected, "\(assertion)")
    if case .sat(let witness) = outcome.verdict {
      let x = witness.input
      let y = (x[0] + x[1]).magnitude - 1
      let disjunct = property.disjuncts[witness.disjunct]
      #expect(abs(y - witness.output[0]) < 1e-6)
      #expect(zip(x, disjunct.box.lower).allSatisfy { $0 >= $1 } && zip(x, disjunct.box.upper).allSatisfy { $0 <= $1 })
    }
  }

  @Test("A decimal that is no double can be the only input")
  func pinnedDecimals() throws {
    let pinned = "(assert (and (>= X_0 0.1)(<= X_0 0.1)(>= X_1 0.3)(<= X_1 0.3)))"
    let verifier = try Verifier(try tent())
    #expect(try verifier.decide(try property(pinned + "(assert (<= Y_0 -0.5999))")).verdict.name == "sat")
    #expect(try verifier.decide(try property(pinned + "(assert (<= Y_0 -0.6001))")).verdict.name == "unsat")
  }

  @Test(
    "Strict bounds that leave no input make no witness",
    arguments: [
      // One input exactly, which a strict bound takes away: nothing is left.
      ("0.5", "(assert (!= X_0 0.5))", ["unsat"]), ("0.5", "(assert (< X_0 0.5))", ["unsat"]),
      ("0.5", "(assert (or (> X_0 0.5)(< 0.5 X_0)))", ["unsat"]),
      // The same with a decimal that is no double, where doubles cannot tell.
      ("0.1", "(assert (< X_0 0.1))", ["unsat", "unknown"]), ("0.1", "(assert (!= X_0 0.1))", ["unsat", "unknown"]),
      // Strict bounds that are not in the way.
      ("0.1", "(assert (> X_0 0))", ["sat"]), ("0.1", "(assert (!= X_0 0.2))", ["sat"]), ("0.5", "(assert (< X_0 0.51))", ["sat"]),
    ])
  func strictBounds(_ pin: String, _ assertion: String, _ expected: [String]) throws {
    var budget = Budget()
    budget.timeLimit = 20
    let pinned = "(assert (and (>= X_0 \(pin))(<= X_0 \(pin))(>= X_1 0)(<= X_1 0)))"
    let verdict = try Verifier(try tent()).decide(try property(pinned + assertion), budget: budget).verdict
    #expect(expected.contains(verdict.name), "\(pin) \(assertion)")
  }

  @Test("What does not fit is refused")
  func mismatches() throws {
    let verifier = try Verifier(try tent())
    let one = try VNNLIBReader.read(Array("(declare-const X_0 Real)(declare-const Y_0 Real)(assert (<= X_0 1))".utf8))
    #expect(throws: VerificationError.wrongInputCount(property: 1, network: 2)) { try verifier.decide(one) }
    #expect(throws: VerificationError.unboundedInput(0)) { try verifier.decide(try property("(assert (>= X_0 1))")) }
    let single = try VNNLIBReader.read(
      Array(
        "(vnnlib-version <2.0>)(declare-network f (declare-input X float32 [1,2])(declare-output Y float32 [1,1]))(assert (and (<= X[0,0] 1)(>= X[0,0] 0)(<= X[0,1] 1)(>= X[0,1] 0)))(assert (>= Y[0,0] 5))"
          .utf8))
    #expect(throws: VerificationError.notAboutReals("float32")) { try verifier.decide(single) }
    #expect(try verifier.decide(single, allowsFloatingPoint: true).verdict.name == "unsat")
  }

  /// Thresholds just inside and just outside the greatest value that dense sampling of a random network finds: inside must be sat, and what is
  /// called unsat must not be attained.
  @Test("Random networks of few and of many inputs", arguments: [(2, 0), (3, 1), (4, 2), (20, 0), (24, 1), (18, 2)])
  func randomNetworks(inputs: Int, kind: Int) throws {
    let activation: Activation = [.relu, .leakyReLU(slope: 0.1), .tanh][kind]
    let network = try NetworkBuilders.multilayerPerceptron(
      widths: [inputs, 12, 10, 2], activation: activation, seed: UInt64(inputs + kind))
    let verifier = try Verifier(network)
    let evaluator = try Evaluator<Double>(network)
    var generator = SplitMix64(seed: UInt64(inputs))
    let radius = inputs > 10 ? 0.125 : 0.5
    var greatest = -Double.infinity
    for _ in 0..<20 {
      let points = Matrix<Double>(
        rows: 100, columns: inputs,
        elements: (0..<100 * inputs).map { _ in
          Double.random(in: -radius...radius, using: &generator)
        })
      let y = evaluator.forward(points)
      for row in 0..<100 { greatest = max(greatest, y[row, 0] - y[row, 1]) }
    }
    var text = "(declare-const Y_0 Real)(declare-const Y_1 Real)"
    for i in 0..<inputs { text += "(declare-const X_\(i) Real)(assert (and (<= X_\(i) \(radius))(>= X_\(i) -\(radius))))" }
    var budget = Budget()
    budget.timeLimit = 10
    for (threshold, mustBeSat) in [(greatest - 1e-4, true), (greatest + 3, false)] {
      let property = try VNNLIBReader.read(Array((text + "(assert (>= (- Y_0 Y_1) \(threshold)))").utf8))
      let outcome = try verifier.decide(property, budget: budget)
      if mustBeSat {
        #expect(outcome.verdict.name == "sat")
      } else if case .sat(let witness) = outcome.verdict {
        let y = evaluator.forward(Matrix(rows: 1, columns: inputs, elements: witness.input)).elements
        #expect(y[0] - y[1] > threshold - 1e-5)
      } else {
        #expect(outcome.verdict.name == "unsat", "\(outcome.method)")
      }
    }
  }

  @Test("The time limit and cancellation are kept")
  func limits() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 30, 30, 30, 1], seed: 9)
    var text = "(declare-const Y_0 Real)"
    for i in 0..<6 { text += "(declare-const X_\(i) Real)(assert (and (<= X_\(i) 50)(>= X_\(i) -50)))" }
    // The greatest value plus a hair would take very long.
    let verifier = try Verifier(network)
    let property = try VNNLIBReader.read(Array((text + "(assert (>= Y_0 1e3))").utf8))
    var budget = Budget()
    budget.timeLimit = 0.3
    let began = ContinuousClock.now
    let outcome = try verifier.decide(property, budget: budget)
    #expect(["timeout", "unsat", "sat"].contains(outcome.verdict.name))
    #expect(began.duration(to: .now) < .seconds(10))
    budget.isCancelled = { true }
    let cancelled = try verifier.decide(property, budget: budget)
    #expect(["unknown", "sat"].contains(cancelled.verdict.name))
  }
}
