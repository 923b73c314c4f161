import LinearAlgebra
import Testing

@Suite struct SplitMix64Tests {
  /// The first outputs of the authors' reference program for seed 1234567.
  @Test func referenceStream() {
    var random = SplitMix64(seed: 1_234_567)
    #expect((0..<3).map { _ in random.next() } == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func moments() {
    var random = SplitMix64(seed: 1)
    let uniform = (0..<20_000).map { _ in random.nextUniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 } && abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
    let normal: [Double] = random.gaussianVector(20_000, deviation: 2)
    #expect(abs(normal.reduce(0, +) / 20_000) < 0.05 && abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 4) < 0.15)
  }
}
