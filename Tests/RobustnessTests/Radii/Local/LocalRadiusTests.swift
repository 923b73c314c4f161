import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import NetworkFormats
import Networks
import Robustness
import TestSupport
import Testing

/// A classifier with a name for messages.
struct ClassifierCase: Sendable, CustomTestStringConvertible {
  let name: String
  let classifier: Classifier
  var testDescription: String { name }

  static let all: [ClassifierCase] = (try? make()) ?? []

  private static func make() throws -> [ClassifierCase] {
    let activations: [Activation] = [
      .relu, .leakyReLU(slope: 0.1), .absoluteValue, .clip(lower: -0.5, upper: 1), .hardSigmoid(slope: 0.3, offset: 0.5), .tanh, .sigmoid,
      .gelu, .elu(alpha: 1), .hardSwish,
    ]
    var result = try activations.enumerated().map { index, activation in
      ClassifierCase(
        name: "perceptron \(activation)",
        classifier: try Classifier(
          try NetworkBuilders.multilayerPerceptron(widths: [6, 10, 8, 4], activation: activation, seed: UInt64(index))))
    }
    result.append(
      ClassifierCase(
        name: "convolution", classifier: try Classifier(try NetworkBuilders.convolutional(size: 4, channels: [2, 3], outputs: 3, seed: 7))))
    result.append(
      ClassifierCase(
        name: "MaxMin", classifier: try Classifier(try NetworkBuilders.sortingPerceptron(widths: [5, 8, 8, 3], seed: 4))))
    result.append(
      ClassifierCase(
        name: "one output", classifier: try Classifier(try NetworkBuilders.multilayerPerceptron(widths: [4, 9, 9, 1], seed: 3))))
    return result
  }

  /// An input, its label, and the problem of its radius.
  func problem(seed: UInt64) throws -> RadiusProblem {
    var random = SplitMix64(seed: seed)
    let input = (0..<classifier.lowered.inputCount).map { _ in random.nextGaussian() }
    return try RadiusProblem(classifier, input: input, label: classifier.answer(input))
  }

  /// The least margin that is found in a ball, by random points and steps along the gradient projected to the ball.
  func leastMargin(_ problem: RadiusProblem, radius: Double, seed: UInt64) -> Double {
    var random = SplitMix64(seed: seed)
    let count = problem.input.count
    let rows = classifier.marginRows(problem.label)
    var least = Double.infinity
    for start in 0..<12 {
      var x = random.point(around: problem.input, radius: radius)
      let rival = start % rows.rows
      for _ in 0..<12 {
        let point = Matrix(rows: 1, columns: count, elements: x)
        least = min(least, classifier.margins(problem.label, at: point).elements.min() ?? .infinity)
        let gradient = classifier.evaluator.linearisation(at: point)
          .adjoint(Matrix(rows: 1, columns: rows.columns, elements: rows.row(rival))).elements
        let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard norm > 0 else { break }
        let step = zip(x, gradient).map { $0 - 0.5 * radius * $1 / norm }
        let offset = zip(step, problem.input).map { $0 - $1 }
        let length = offset.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = length > radius ? radius * (1 - 1e-12) / length : 1
        x = zip(problem.input, offset).map { $0 + scale * $1 }
      }
    }
    return least
  }
}

extension SplitMix64 {
  /// A point on the sphere or inside it.
  fileprivate mutating func point(around center: [Double], radius: Double) -> [Double] {
    let direction = center.map { _ in nextGaussian() }
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let scale = radius * (1 - 1e-12) / max(length, 1e-300)
    return zip(center, direction).map { $0 + scale * $1 }
  }
}

@Suite("Local radii")
struct LocalRadiusTests {
  private var budget: Budget {
    var budget = Budget()
    budget.tolerance = 0.02
    return budget
  }

  @Test("No search finds another answer within the radius, and the certificate is proved", arguments: ClassifierCase.all)
  func soundness(test: ClassifierCase) throws {
    for seed in 0..<2 {
      let problem = try test.problem(seed: UInt64(seed))
      let result = try LocalRadius().radius(of: problem, ceiling: nil, budget: budget)
      #expect(result.radius > 0)
      #expect(test.leastMargin(problem, radius: result.radius, seed: 9) > 0)
      let certificate = try #require(result.certificate)
      #expect(certificate.statement.radius == result.radius)
      let again = try RobustnessCertificate(decoding: try certificate.encoded())
      #expect(again == certificate)
      try RobustnessChecker.check(again, of: test.classifier.lowered)
    }
  }

  @Test("The same by sectors alone, as in networks with many undecided units", arguments: ClassifierCase.all)
  func sectors(test: ClassifierCase) throws {
    let problem = try test.problem(seed: 3)
    var method = LocalRadius()
    method.programLimit = -1
    let result = try method.radius(of: problem, ceiling: nil, budget: budget)
    #expect(test.leastMargin(problem, radius: result.radius, seed: 9) > 0)
    try RobustnessChecker.check(try #require(result.certificate), of: test.classifier.lowered)
    let linear = try LinearRadius().radius(of: problem, ceiling: nil, budget: budget).radius
    #expect(result.radius >= linear * 0.98)
  }

  @Test("Units that are nearly straight do not keep sectors from a proof", arguments: [Activation.softplus, .gelu, .silu])
  func nearlyStraight(activation: Activation) throws {
    var random = SplitMix64(seed: 4)
    func weights(_ rows: Int, _ columns: Int) -> Matrix<Double> {
      Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in random.nextGaussian() / 2 })
    }
    for offset in [6.0, 12, 20, 30] {
      var network = Network()
      let input = network.addInput(name: "x", shape: [1, 4])
      let bias = (0..<12).map { $0 < 6 ? offset : 0 }
      let p = try network.add(.dense(weight: weights(12, 4), bias: bias), name: "p", to: [input])
      let h = try network.add(.activation(activation), name: "h", to: [p])
      let y = try network.add(.dense(weight: weights(3, 12), bias: [0, 0, 0]), name: "y", to: [h])
      try network.setOutputs([y])
      let problem = try ClassifierCase(name: "", classifier: Classifier(network)).problem(seed: 3)
      var method = LocalRadius()
      method.programLimit = -1
      let result = try method.radius(of: problem, ceiling: nil, budget: budget)
      let linear = try LinearRadius().radius(of: problem, ceiling: nil, budget: budget).radius
      #expect(result.radius >= linear * 0.98, "\(offset)")
      try RobustnessChecker.check(try #require(result.certificate), of: problem.classifier.lowered)
    }
  }

  @Test("Slopes are optimised where linear bounds lead, and the certificate has them")
  func slopes() throws {
    let classifier = try Classifier(try NetworkBuilders.multilayerPerceptron(widths: [20, 30, 30, 4], seed: 6))
    var random = SplitMix64(seed: 2)
    var method = LocalRadius()
    // No unit may be undecided but in linear bounds.
    (method.unitLimit, method.programLimit) = (0, -1)
    var gained = 0
    for _ in 0..<3 {
      let input = (0..<20).map { _ in random.nextGaussian() }
      let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input))
      let linear = try LinearRadius().radius(of: problem, ceiling: nil, budget: budget).radius
      let result = try method.radius(of: problem, ceiling: nil, budget: budget)
      #expect(result.radius >= linear * 0.98)
      let certificate = try #require(result.certificate)
      try RobustnessChecker.check(certificate, of: classifier.lowered)
      gained += certificate.rivals.count { if case .linear(.some) = $0.proof { true } else { false } }
    }
    #expect(gained > 0)
  }

  @Test("With many undecided units rivals share forms; what cannot be shared is refused")
  func manyUnits() throws {
    let classifier = try Classifier(try NetworkBuilders.multilayerPerceptron(widths: [40, 60, 60, 10], seed: 1))
    var random = SplitMix64(seed: 5)
    var method = LocalRadius()
    method.programLimit = -1
    var shared: (problem: RadiusProblem, certificate: RobustnessCertificate)?
    for k in 0..<12 where shared == nil {
      let input = (0..<40).map { _ in Double(1 + k % 3) * random.nextGaussian() }
      let problem = try RadiusProblem(classifier, input: input, label: classifier.answer(input))
      let result = try method.radius(of: problem, ceiling: nil, budget: budget)
      let linear = try LinearRadius().radius(of: problem, ceiling: nil, budget: budget).radius
      #expect(result.radius > 0.98 * linear)
      let certificate = try #require(result.certificate)
      #expect(try RobustnessCertificate(decoding: certificate.encoded()) == certificate)
      try RobustnessChecker.check(certificate, of: classifier.lowered)
      #expect(ClassifierCase(name: "", classifier: classifier).leastMargin(problem, radius: result.radius, seed: 3) > 0)
      if certificate.rivals.contains(where: { $0.proof.name == "shared" }) { shared = (problem, certificate) }
    }
    let (problem, certificate) = try #require(shared)
    #expect(classifier.answer(problem.input) == certificate.statement.label)
    // A rival cannot rest on a class that has no forms, nor on itself.
    for i in certificate.rivals.indices where certificate.rivals[i].proof.name != "linear" {
      let without = certificate.rivals.filter { $0.proof.name != "quadratic" }.map(\.rival)
      for other in [-1, problem.label, 99, certificate.rivals[i].rival] + without {
        var bad = certificate
        bad.rivals[i].proof = .shared(rival: other)
        bad.seal = bad.contentDigest
        #expect(throws: NotProved.self) { try RobustnessChecker.check(bad, of: classifier.lowered) }
      }
    }
    var wider = certificate
    wider.statement.radius *= 1.05
    wider.seal = wider.contentDigest
    #expect(throws: NotProved.self) { try RobustnessChecker.check(wider, of: classifier.lowered) }
  }

  @Test("Not less than linear bounds alone prove", arguments: ClassifierCase.all)
  func notLessThanLinear(test: ClassifierCase) throws {
    let problem = try test.problem(seed: 5)
    let rows = test.classifier.marginRows(problem.label)
    let linear = RadiusSearch.largest(from: 0.1, tolerance: 0.02) { radius in
      guard let bounds = try? BoundPropagation(test.classifier.lowered, region: problem.region(radius)) else { return false }
      return (try? bounds.lowerBounds(of: rows).allSatisfy { $0 > 0 }) ?? false
    }
    let local = try LocalRadius().radius(of: problem, ceiling: nil, budget: budget)
    #expect(local.radius >= linear * 0.98)
  }

  @Test("Nothing at or above the ceiling is claimed")
  func ceiling() throws {
    let test = try #require(ClassifierCase.all.first)
    let problem = try test.problem(seed: 1)
    let free = try LocalRadius().radius(of: problem, ceiling: nil, budget: budget).radius
    let bounded = try LocalRadius().radius(of: problem, ceiling: 0.5 * free, budget: budget)
    #expect(bounded.radius < 0.5 * free && bounded.radius > 0.4 * free)
  }

  @Test("A tie or another answer has no radius; the norm is l2")
  func nothingToProve() throws {
    let test = try #require(ClassifierCase.all.first)
    let right = try test.problem(seed: 1)
    let wrong = try RadiusProblem(test.classifier, input: right.input, label: (right.label + 1) % 4)
    let result = try LocalRadius().radius(of: wrong, ceiling: nil, budget: budget)
    #expect(result.radius == 0 && result.certificate == nil)
    let box = try RadiusProblem(test.classifier, input: right.input, label: right.label, norm: .lInfinity)
    #expect(throws: NotApplicable.self) { try LocalRadius().radius(of: box, ceiling: nil, budget: budget) }
  }

  @Test(
    "A published network: above the peers' best radius, below their attack", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func published() throws {
    let path = SharedData.path("verification/exported_pth/mnist_mlp_784_20_10.onnx")
    let classifier = try Classifier(try ModelFile.read(path: path))
    let text = try String(contentsOfFile: SharedData.path("verification/inputs/mnist_test_100_eran.csv"), encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first)
    let input = line.split(separator: ",").dropFirst().compactMap { Double($0.trimmingCharacters(in: .whitespaces)) }.map { $0 / 255 }
    let problem = try RadiusProblem(classifier, input: input, label: 7)
    let result = try LocalRadius().radius(of: problem, ceiling: nil, budget: budget)
    #expect(result.radius > 1.391 && result.radius < 2.033)
  }
}
