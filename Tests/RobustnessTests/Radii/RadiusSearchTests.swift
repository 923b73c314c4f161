import Robustness
import Testing

@Suite("Radius search")
struct RadiusSearchTests {
  @Test("Finds a threshold from either side", arguments: [1e-5, 0.3, 0.7, 40])
  func findsThreshold(threshold: Double) {
    let found = RadiusSearch.largest(from: 0.5, tolerance: 1e-3) { $0 <= threshold }
    #expect(found <= threshold && threshold <= found * (1 + 1e-3))
  }

  @Test("Returns only what passed, and nothing at the ceiling")
  func staysBelowCeiling() {
    var passed: Set<Double> = []
    let found = RadiusSearch.largest(from: 2, ceiling: 1, tolerance: 1e-2) {
      #expect($0 < 1)
      passed.insert($0)
      return true
    }
    #expect(passed.contains(found) && found > 0.98)
    #expect(RadiusSearch.largest(from: 1, tolerance: 1e-3) { _ in false } == 0)
  }
}
