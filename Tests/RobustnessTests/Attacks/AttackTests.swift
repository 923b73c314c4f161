import Certificates
import LinearAlgebra
import Lipschitz
import Networks
import Robustness
import Testing

@Suite("Attacks")
struct AttackTests {
  static let names = Attacks.all.map(\.name)

  /// y = W x + b.
  static func linear(_ weight: Matrix<Double>, bias: [Double]) throws -> Classifier {
    var network = Network()
    let input = network.addInput(name: "x", shape: [1, weight.columns])
    try network.setOutputs([network.add(.dense(weight: weight, bias: bias), name: "y", to: [input])])
    return try Classifier(network)
  }

  /// A random linear classifier with a random input and the class it gives there.
  static func linearProblem(
    seed: UInt64, inputs: Int = 12, classes: Int = 4, norm: InputNorm, domain: ClosedRange<Double>? = nil
  ) throws -> RadiusProblem {
    var random = SplitMix64(seed: seed)
    let classifier = try linear(random.gaussianMatrix(rows: classes, columns: inputs), bias: random.gaussianVector(classes))
    let x = (0..<inputs).map { _ in random.nextUniform() }
    return try RadiusProblem(classifier, input: x, label: classifier.answer(x), norm: norm, domain: domain)
  }

  /// The weights and the margin of each rival of a linear classifier.
  static func rows(_ problem: RadiusProblem) -> [(weight: [Double], margin: Double)] {
    let classifier = problem.classifier
    let margins = classifier.margins(problem.label, at: Matrix(rows: 1, columns: problem.input.count, elements: problem.input))
    let jacobian = (0..<problem.input.count).map { i in
      let at = { (x: Double) in
        var point = problem.input
        point[i] = x
        return classifier.margins(problem.label, at: Matrix(rows: 1, columns: point.count, elements: point)).elements
      }
      return zip(at(1), at(0)).map { $0 - $1 }
    }
    return margins.elements.indices.map { j in (jacobian.map { $0[j] }, margins.elements[j]) }
  }

  private func attack(_ name: String) throws -> any Attack { try #require(Attacks.named(name)) }

  @Test("Linear networks: the radius is margin / |w| in the dual norm", arguments: names, [InputNorm.l2, .lInfinity])
  func linearRadius(name: String, norm: InputNorm) throws {
    for seed in 0..<4 as Range<UInt64> {
      let problem = try Self.linearProblem(seed: seed, norm: norm)
      let exact = Self.rows(problem).map { row in
        row.margin / (norm == .l2 ? row.weight.reduce(0) { $0 + $1 * $1 }.squareRoot() : row.weight.reduce(0) { $0 + $1.magnitude })
      }.min()
      let found = try #require(try attack(name).search(problem, budget: Budget()))
      let ratio = found.distance / (try #require(exact))
      #expect(ratio > 1 - 1e-9 && ratio < 1 + 1e-4, "\(name) \(norm) \(seed): \(ratio)")
    }
  }

  @Test(
    "Linear networks in a domain: never below the exact radius, and minimal-norm attacks reach it", arguments: names,
    [InputNorm.l2, .lInfinity])
  func linearRadiusInDomain(name: String, norm: InputNorm) throws {
    for seed in 10..<14 as Range<UInt64> {
      let problem = try Self.linearProblem(seed: seed, norm: norm, domain: 0...1)
      let exact = Self.rows(problem).map { Self.exactRadius($0.weight, $0.margin, problem.input, norm) }.min() ?? .infinity
      let found = try attack(name).search(problem, budget: Budget())
      guard exact.isFinite else {
        #expect(found == nil)
        continue
      }
      if name == "best" || name == "fab" { #expect(found != nil) }
      guard let found else { continue }
      #expect(found.input.allSatisfy { 0 <= $0 && $0 <= 1 })
      #expect(found.distance >= exact * (1 - 1e-9))
      // Rays and segments that the domain bends are a little longer.
      if name == "best" || name == "fab" || norm == .lInfinity {
        #expect(
          found.distance <= exact * (name == "best" || name == "fab" ? 1 + 1e-4 : 1.02),
          "\(name) \(norm) \(seed): \(found.distance / exact)")
      }
    }
  }

  /// The shortest step that lowers w · x by m within 0…1, by bisection on the radius (l_∞) or on the multiplier (l₂).
  static func exactRadius(_ w: [Double], _ m: Double, _ x: [Double], _ norm: InputNorm) -> Double {
    func step(_ s: Double) -> [Double] {
      w.indices.map { i in
        let move = norm == .l2 ? -s * w[i] : (w[i] > 0 ? -s : s)
        return min(max(x[i] + move, 0), 1) - x[i]
      }
    }
    func reduction(_ s: Double) -> Double { -zip(w, step(s)).reduce(0) { $0 + $1.0 * $1.1 } }
    guard reduction(1e6) >= m else { return .infinity }
    var (low, high) = (0.0, 1e6)
    for _ in 0..<200 {
      let middle = 0.5 * (low + high)
      if reduction(middle) >= m { high = middle } else { low = middle }
    }
    let final = step(high)
    return norm == .l2 ? final.reduce(0) { $0 + $1 * $1 }.squareRoot() : final.map(\.magnitude).max() ?? 0
  }

  @Test("What is found is proved, in the domain, deterministic and outside the certified radius", arguments: names)
  func nonlinearNetworks(name: String) throws {
    for (seed, activation) in [(1, Activation.relu), (2, .tanh), (3, .leakyReLU(slope: 0.1))] as [(UInt64, Activation)] {
      let classifier = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [10, 16, 16, 5], activation: activation, seed: seed))
      var random = SplitMix64(seed: seed)
      for norm in [InputNorm.l2, .lInfinity] {
        let x = (0..<10).map { _ in random.nextUniform() }
        let problem = try RadiusProblem(classifier, input: x, label: classifier.answer(x), norm: norm, domain: 0...1)
        let rows = classifier.marginRows(problem.label)
        let certified = RadiusSearch.largest(from: 0.1, tolerance: 1e-2) { radius in
          (try? BoundPropagation(classifier.lowered, region: problem.region(radius)).lowerBounds(of: rows).allSatisfy { $0 > 0 }) ?? false
        }
        let found = try attack(name).search(problem, budget: Budget())
        let again = try attack(name).search(problem, budget: Budget())
        #expect(found?.input == again?.input && found?.distance == again?.distance)
        guard let found else { continue }
        #expect(found.attack == name)
        #expect(found.distance > certified)
        #expect(found.input.allSatisfy { 0 <= $0 && $0 <= 1 })
        #expect(found.distance == problem.distance(to: found.input))
        #expect(try problem.provedRival(at: found.input) == found.rival)
        let margin = classifier.margins(problem.label, at: Matrix(rows: 1, columns: 10, elements: found.input))
        #expect((margin.elements.min() ?? 1) <= 1e-9)
      }
    }
  }

  @Test("Combined attacks are no farther than each of their parts", arguments: [InputNorm.l2, .lInfinity])
  func bestIsBest(norm: InputNorm) throws {
    let classifier = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [12, 20, 20, 6], seed: 5))
    var random = SplitMix64(seed: 8)
    for _ in 0..<3 {
      let x = (0..<12).map { _ in random.nextUniform() }
      let problem = try RadiusProblem(classifier, input: x, label: classifier.answer(x), norm: norm)
      let best = try #require(try BestAttack().search(problem, budget: Budget()))
      for other in Attacks.all {
        guard let found = try other.search(problem, budget: Budget()) else { continue }
        #expect(best.distance <= found.distance * 1.02, "\(other.name): \(best.distance / found.distance)")
      }
    }
  }

  @Test("One output: its sign is the class", arguments: names)
  func oneOutput(name: String) throws {
    let classifier = try Self.linear(Matrix(rows: 1, columns: 2, elements: [3, 4]), bias: [-1])
    for (x, label, distance) in [([2.0, 1], 1, 1.8), ([-1, 0], 0, 0.8)] as [([Double], Int, Double)] {
      let problem = try RadiusProblem(classifier, input: x, label: label, norm: .l2)
      let found = try #require(try attack(name).search(problem, budget: Budget()))
      #expect(found.rival == 1 - label)
      #expect(abs(found.distance - distance) < 1e-4 && found.distance >= distance * (1 - 1e-12))
    }
  }

  @Test("Nothing is found where the answer never changes", arguments: names)
  func constantNetwork(name: String) throws {
    let classifier = try Self.linear(Matrix(rows: 3, columns: 4, repeating: 0), bias: [1, 0, 0.5])
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try RadiusProblem(classifier, input: [0.1, 0.2, 0.3, 0.4], label: 0, norm: norm, domain: 0...1)
      #expect(try attack(name).search(problem, budget: Budget()) == nil)
    }
  }

  @Test("A cancelled or timed out search ends at once", arguments: names)
  func cancellation(name: String) throws {
    let classifier = try Classifier(NetworkBuilders.multilayerPerceptron(widths: [10, 16, 5], seed: 1))
    let x = [Double](repeating: 0.5, count: 10)
    let problem = try RadiusProblem(classifier, input: x, label: classifier.answer(x))
    var budget = Budget()
    budget.isCancelled = { true }
    // Whatever was met before is still proved.
    if let found = try attack(name).search(problem, budget: budget) { #expect(try problem.provedRival(at: found.input) != nil) }
  }
}
