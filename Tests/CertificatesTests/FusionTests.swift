import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// The shortcuts of the recursion against the plain steps they replace.
@Suite struct FusionTests {
  private func symmetric(_ n: Int, _ random: inout SplitMix64) -> PanelMatrix {
    let f: Matrix<Double> = random.gaussianMatrix(rows: n, columns: n)
    var result = PanelMatrix(symmetric: n)
    for i in 0..<n { for j in 0...i { for k in 0..<n { result[i, j] += f[i, k] * f[j, k] / Double(n) } } }
    result.mirrorDiagonalTiles()
    return result
  }

  /// Eliminating h in favour of the sources of p, or of p and then p in favour of its sources: the same up to rounding, both enlarged.
  @Test(arguments: [(3, 5), (70, 40), (64, 130)]) func sourcesAtOnce(_ units: Int, _ sources: Int) throws {
    var random = SplitMix64(seed: UInt64(units))
    var gain = GainBlocks()
    gain.add(1, count: sources)
    gain.add(5, count: units)
    gain.diagonal = [1: symmetric(sources, &random), 5: symmetric(units, &random)]
    var coupling = PanelMatrix(rows: sources, columns: units, shape: .full)
    for i in 0..<sources { for j in 0..<units { coupling[i, j] = 0.1 * random.nextGaussian() } }
    gain.coupling[.init(row: 1, column: 5)] = coupling
    let sectors = UnitSectors(
      lower: Array(repeating: 0, count: units), upper: (0..<units).map { _ in Double.random(in: 0.5...1, using: &random) })
    let t = (0..<units).map { _ in Double.random(in: 5...9, using: &random) }
    let map = CertifiedMap(DenseMap(weight: random.gaussianMatrix(rows: units, columns: sources)), count: sources)
    var (once, stepwise) = (ValueFunction(gain: gain), ValueFunction(gain: gain))
    try once.eliminate(5, preactivation: 4, count: units, sectors: sectors, multipliers: t, through: [(1, map)])
    try stepwise.eliminate(5, preactivation: 4, count: units, sectors: sectors, multipliers: t)
    #expect(stepwise.liveNodes == [1, 4])
    try stepwise.substitute(4, by: [(1, map)])
    #expect(once.liveNodes == [1] && stepwise.liveNodes == [1])
    let (a, b) = (once.q, stepwise.q)
    let scale = (0..<sources).map { b[$0, $0] }.max() ?? 1
    for i in 0..<sources { for j in 0..<sources { #expect(abs(a[i, j] - b[i, j]) <= 1e-10 * scale) } }
  }

  /// Chains of scalings and selections are composed with radii that hold the exact product.
  @Test func composedMaps() throws {
    var random = SplitMix64(seed: 3)
    let inner = SparseMap<Double>(inputCount: 4, rows: (0..<5).map { _ in [(0, random.nextGaussian()), (3, random.nextGaussian())] })
    let scale = (0..<5).map { _ in random.nextGaussian() }
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: 4),
      .init(name: "map", kind: .affine(terms: [.init(source: 0, map: inner)], bias: nil), count: 5),
      .init(name: "scale", kind: .affine(terms: [.init(source: 1, map: DiagonalMap(scale: scale))], bias: nil), count: 5),
      .init(name: "relu", kind: .activation(source: 2, units: .uniform(.relu)), count: 5),
      .init(name: "output", kind: .affine(terms: [.init(source: 3, map: nil)], bias: nil), count: 5),
    ])
    let terms = network.affineTerms()
    #expect(terms[1] == nil && terms[4]?.count == 1)
    let own = try #require(terms[2]?.first)
    #expect(own.source == 0 && own.maps.count == 2)
    var entries = 0
    own.map.forEachEntry { row, column, value, radius in
      entries += 1
      let a = inner.matrix.values[2 * row + (column == 0 ? 0 : 1)]
      let error = Dyadic(scale[row]) * Dyadic(a) + -Dyadic(value)
      #expect(!(Dyadic(radius) + -error).isNegative && !(Dyadic(radius) + error).isNegative)
      #expect(radius <= 0x1p-52 * value.magnitude + 1e-300)
    }
    #expect(entries == 10)
  }

  /// The parts of a matrix held in panels are where they should be.
  @Test(arguments: [1, 63, 64, 65, 130, 192]) func panels(_ n: Int) {
    var lower = PanelMatrix(symmetric: n)
    var upper = PanelMatrix(rows: n, columns: n, shape: .upper)
    for i in 0..<n {
      for j in 0..<n {
        if j / 64 <= i / 64 { lower[i, j] = Double(max(i, j) * n + min(i, j)) }
        if j / 64 >= i / 64 { upper[i, j] = Double(i * n + j) }
      }
    }
    let sums = lower.absoluteProduct(Array(repeating: 1, count: n))
    for i in 0..<n {
      var sum = 0.0
      for j in 0..<n {
        #expect(lower[i, j] == Double(max(i, j) * n + min(i, j)))
        if j / 64 >= i / 64 { #expect(upper[i, j] == Double(i * n + j)) }
        sum += lower[i, j]
      }
      #expect(abs(sums[i] - sum) <= 1e-9 * (1 + sum))
    }
  }
}
