import Compression
import Foundation
import LinearAlgebra
import Testing

@Suite("Penalties and proximal maps") struct PenaltyTests {
  static let penalties: [Penalty] = [
    .l0, .l1, .transformedL1(a: 0.1), .transformedL1(a: 1), .transformedL1(a: 10), .transformedL1(a: 1e4),
  ]

  /// What the proximal map makes least.
  private static func objective(_ penalty: Penalty, _ u: Double, _ w: Double, _ μ: Double) -> Double {
    μ * penalty.value(u) + (u - w) * (u - w) / 2
  }

  @Test("Transformed l₁ has its golden values")
  func golden() {
    let penalty = Penalty.transformedL1(a: 1)
    #expect(abs(penalty.threshold(weight: 0.1) - 0.2) < 1e-15 && abs(penalty.threshold(weight: 1) - 1.5) < 1e-15)
    #expect(penalty.proximal(0.2, weight: 0.1) == 0)
    let values = [
      (0.1, 0.3, 0.148331), (0.1, 0.5, 0.397610), (0.1, 1, 0.947255), (0.1, 2, 1.977440), (1, 1.6, 1.178631), (1, 2, 1.732051),
      (1, 3, 2.866198),
    ]
    for (μ, w, u) in values {
      #expect(abs(penalty.proximal(w, weight: μ) - u) < 5e-7)
      #expect(penalty.proximal(-w, weight: μ) == -penalty.proximal(w, weight: μ))
    }
  }

  @Test("Nothing on a fine grid is better than the proximal point", arguments: penalties)
  func bruteForce(penalty: Penalty) {
    var random = SplitMix64(seed: 1)
    for trial in 0..<60 {
      let μ = exp(6 * random.nextUniform() - 4)
      let t = penalty.threshold(weight: μ)
      // Far from the threshold and, every other time, close to it.
      let w = trial % 2 == 0 ? 4 * t * (random.nextUniform() - 0.5) : t * (1 + exp(-20 * random.nextUniform()) * (trial % 4 == 1 ? 1 : -1))
      let u = penalty.proximal(w, weight: μ)
      let least = Self.objective(penalty, u, w, μ)
      for step in -20...400 {
        let other = w * Double(step) / 400
        #expect(least <= Self.objective(penalty, other, w, μ) + 1e-13 * (1 + least), "\(penalty) μ = \(μ) w = \(w) u = \(u) \(other)")
      }
      // Close by, too.
      for step in [1e-3, 1e-5] where u != 0 {
        for other in [u * (1 - step), u * (1 + step)] { #expect(least <= Self.objective(penalty, other, w, μ) + 1e-13 * (1 + least)) }
      }
    }
  }

  @Test("The threshold itself is mapped to zero, and nothing above it", arguments: penalties, [1e-6, 1e-2, 0.3, 1, 7])
  func threshold(penalty: Penalty, μ: Double) {
    let t = penalty.threshold(weight: μ)
    for w in [t, -t, t * (1 - 1e-9), 0] { #expect(penalty.proximal(w, weight: μ) == 0) }
    let above = t * (1 + 1e-6)
    #expect(penalty.proximal(above, weight: μ) > 0 && penalty.proximal(-above, weight: μ) < 0)
    #expect(penalty.proximal(above, weight: μ) <= above)
  }

  @Test("Without weight nothing changes", arguments: penalties)
  func identity(penalty: Penalty) {
    for w in [-3, -1e-9, 0, 0.5, 1e6] { #expect(penalty.proximal(w, weight: 0) == w) }
  }

  @Test("Transformed l₁ lies between l₀ and l₁")
  func limits() {
    for w in [0.3, 0.7, 1.1, 2, 5] {
      for μ in [0.1, 0.5, 1] {
        // For large a the differences fall like 1/a.
        #expect(abs(Penalty.transformedL1(a: 1e7).proximal(w, weight: μ) - Penalty.l1.proximal(w, weight: μ)) < 1e-6 * (1 + w))
        #expect(abs(Penalty.transformedL1(a: 1e-7).proximal(w, weight: μ) - Penalty.l0.proximal(w, weight: μ)) < 1e-6 * (1 + w))
      }
    }
  }

  @Test("Numbers that are not finite are seen", arguments: penalties)
  func notFinite(penalty: Penalty) {
    #expect(penalty.proximal(.nan, weight: 1).isNaN)
    #expect(penalty.proximal(-.infinity, weight: 1) == -.infinity)
  }
}
