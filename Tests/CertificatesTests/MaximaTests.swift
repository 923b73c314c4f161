import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// Greatest elements in bound propagation.
@Suite("Maxima")
struct MaximaTests {
  @Test("Tournaments are found again")
  func tournaments() throws {
    func maxima(_ test: TestCase) throws -> [Maxima] {
      try PropagationNetwork(test.lowered).steps.compactMap { if case .maximum(let maxima) = $0 { maxima } else { nil } }
    }
    let tests = try TestNetworks.pools()
    // Rounds of 4, 8 and 9 units, then one of 4.
    #expect(try maxima(tests[0]).map(\.largestCount) == [4, 8, 9, 4])
    // Four windows of four units overlap to one of nine; the first round of the second pool has six.
    #expect(try maxima(tests[1]).map(\.largestCount) == [4, 6, 9])
    #expect(try maxima(tests[1]).allSatisfy { $0.source == 1 })
    // Minima, and sorted pairs, are none.
    for test in try TestNetworks.structures() where ["MaxMin", "maximum and minimum"].contains(test.name) {
      #expect(try maxima(test).isEmpty)
    }
  }

  @Test("Lines around maxima hold", arguments: 0..<20)
  func maximumLines(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let lower = (0..<12).map { $0.isMultiple(of: 5) ? 0 : random.nextGaussian() }
    let upper = lower.enumerated().map { $0.isMultiple(of: 4) ? $1 : $1 + random.nextUniform() }
    var maxima = Maxima(source: 0)
    for _ in 0..<40 { maxima.append((0..<1 + Int(random.next() % 6)).map { _ in Int(random.next() % 12) }) }
    let lines = NodeRelaxation(maxima, lower: lower, upper: upper)
    let units = try #require(lines.units)
    for k in 0..<60 {
      let x = (0..<12).map { i in
        k.isMultiple(of: 2) ? (Bool.random(using: &random) ? lower[i] : upper[i]) : lower[i] + random.nextUniform() * (upper[i] - lower[i])
      }
      for (i, value) in maxima.greatest(of: x).enumerated() {
        #expect(lines.lowerSlopes[i] * x[units.lower[i]] + lines.lowerIntercepts[i] <= value + 1e-15)
        #expect(lines.upperSlopes[i] * x[units.upper[i]] + lines.upperIntercepts[i] >= value - 1e-15)
      }
    }
    // Nothing is lost where one unit is the greatest everywhere, and never more than the width of the highest interval.
    for (i, set) in (0..<maxima.count).map({ ($0, maxima[$0]) }) {
      let top = set.map { upper[$0] }.max() ?? 0
      #expect(lines.upperSlopes[i] * upper[units.upper[i]] + lines.upperIntercepts[i] <= top + 1e-12)
      #expect(Set(set).isSuperset(of: [units.lower[i], units.upper[i]]))
      // At both ends, with the other units as high as they go, without any error.
      let others = set.filter { $0 != units.upper[i] }.map { upper[$0] }.max() ?? -.infinity
      for end in [lower[units.upper[i]], upper[units.upper[i]]] {
        let line = Dyadic(lines.upperSlopes[i]) * Dyadic(end) + Dyadic(lines.upperIntercepts[i])
        #expect(!(line + -Dyadic(max(end, others))).isNegative)
      }
    }
  }
}
