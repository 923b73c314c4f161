import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Robustness

@Suite("Parts of attacks")
struct AttackPartTests {
  @Test("Enclosures hold the exact margins and are narrow")
  func enclosure() throws {
    // Exactly representable throughout: ½·3 − ¼·1 = 1.25 and so on.
    let classifier = try AttackTests.linear(Matrix(rows: 2, columns: 2, elements: [0.5, -0.25, 1, 2]), bias: [0, 0.125])
    let rows = Matrix<Double>(rows: 2, columns: 2, elements: [1, -1, -2, 0])
    let enclosure = try MarginEnclosure(of: rows, at: [3, 1], in: PropagationNetwork(classifier.lowered))
    for (i, exact) in [-3.875, -2.5].enumerated() {
      #expect(enclosure.lower[i] <= exact && exact <= enclosure.upper[i])
      #expect(enclosure.upper[i] - enclosure.lower[i] < 1e-13)
    }
    #expect(throws: NotProved.self) { try MarginEnclosure(of: rows, at: [3], in: PropagationNetwork(classifier.lowered)) }
    #expect(throws: NotProved.self) { try MarginEnclosure(of: rows, at: [.nan, 1], in: PropagationNetwork(classifier.lowered)) }
  }

  @Test("A tie within rounding proves nothing")
  func tie() throws {
    let classifier = try AttackTests.linear(Matrix(rows: 2, columns: 2, elements: [1, 0, 0, 1]), bias: [0, 0])
    let problem = try RadiusProblem(classifier, input: [1, 0.5], label: 0)
    #expect(try problem.provedRival(at: [1, 0.5]) == nil)
    #expect(try problem.provedRival(at: [1, 1 - 1e-15]) == nil)
    #expect(try problem.provedRival(at: [1, 1 + 1e-9]) == 1)
  }

  @Test("Projection onto ball ∩ box: the nearest point, by its variational inequality", arguments: 0..<20 as Range<UInt64>)
  func projection(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let n = 1 + Int(random.next() % 12)
    let center = (0..<n).map { _ in random.nextUniform() }
    let radius = 0.05 + random.nextUniform()
    let set = FeasibleSet(
      around: center, radius: radius, isBall: true, lower: [Double](repeating: 0, count: n), upper: [Double](repeating: 1, count: n))
    let start: [Double] = random.gaussianVector(n, deviation: 2)
    var projected = Matrix(rows: 1, columns: n, elements: start)
    set.project(&projected)
    let p = projected.elements
    func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot() }
    #expect(distance(p, center) <= radius * (1 + 1e-12))
    #expect(p.allSatisfy { -1e-15 <= $0 && $0 <= 1 + 1e-15 })
    for _ in 0..<200 {
      var z = center
      let direction: [Double] = random.gaussianVector(n)
      let size = radius * random.nextUniform() / distance(direction, [Double](repeating: 0, count: n))
      for i in 0..<n { z[i] = min(max(center[i] + size * direction[i], 0), 1) }
      // (x − p) · (z − p) ≤ 0 for all z of the set.
      let product = (0..<n).reduce(0.0) { $0 + (start[$1] - p[$1]) * (z[$1] - p[$1]) }
      #expect(product <= 1e-10)
    }
  }

  @Test("Steps onto hyperplanes are the shortest", arguments: 0..<20 as Range<UInt64>, [InputNorm.l2, .lInfinity])
  func hyperplane(seed: UInt64, norm: InputNorm) {
    var random = SplitMix64(seed: seed)
    let n = 1 + Int(random.next() % 12)
    let x = (0..<n).map { _ in random.nextUniform() }
    let g: [Double] = random.gaussianVector(n)
    let m = 2 * random.nextUniform()
    let planes = HyperplaneStep(norm: norm, lower: [Double](repeating: 0, count: n), upper: [Double](repeating: 1, count: n))
    for sign in [1.0, -1] {
      let (step, length) = planes.step(from: x, gradient: g, reduction: sign * m)
      #expect(zip(x, step).allSatisfy { -1e-15 <= $0 + $1 && $0 + $1 <= 1 + 1e-15 })
      let exact = AttackTests.exactRadius(g.map { sign * $0 }, m, x, norm)
      let reached = -sign * zip(g, step).reduce(0) { $0 + $1.0 * $1.1 }
      if exact.isFinite {
        #expect(abs(reached - m) <= 1e-9 && abs(length - exact) <= 1e-8 * (1 + exact))
      } else {
        #expect(reached < m)
      }
    }
  }
}
