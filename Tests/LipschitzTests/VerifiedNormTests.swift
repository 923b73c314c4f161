import LinearAlgebra
import Testing

@testable import Lipschitz

@Suite("Verified norms")
struct VerifiedNormTests {
  @Test(arguments: [(1, 1), (3, 7), (7, 3), (20, 20), (40, 64)])
  func denseNormsAreTightAndNeverBelow(_ rows: Int, _ columns: Int) throws {
    var random = SplitMix64(seed: UInt64(rows))
    let weight: Matrix<Double> = random.gaussianMatrix(rows: rows, columns: columns)
    let exact = try weight.spectralNorm()
    let bound = VerifiedNorm.upperBound(of: DenseMap(weight: weight))
    #expect(bound >= exact * (1 - 1e-15) && bound <= exact * (1 + 1e-9))
  }

  /// The kernel bound against the norm of the unrolled map, for strides, paddings, dilations and groups.
  @Test(arguments: 0..<12)
  func convolutionBoundIsNeverBelow(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    func pick(_ values: [Int]) -> Int { values[Int(random.next() % UInt64(values.count))] }
    let groups = pick([1, 1, 2])
    let geometry = try ConvolutionGeometry(
      inputChannels: 2 * groups, outputChannels: 3 * groups, inputHeight: 7, inputWidth: 6, kernelHeight: pick([1, 2, 3]),
      kernelWidth: pick([1, 3]), strideHeight: pick([1, 2]), strideWidth: pick([1, 2, 3]), dilationHeight: pick([1, 2]),
      padTop: pick([0, 1]),
      padRight: pick([0, 1, 2]), groups: groups
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(
      rows: geometry.outputChannels, columns: 2 * geometry.kernelHeight * geometry.kernelWidth)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let exact = try map.denseMatrix().spectralNorm()
    #expect(ConvolutionNorm.upperBound(geometry: geometry, weight: weight) >= exact)
    #expect(VerifiedNorm.schurBound(map.sparseRows()) >= exact)
    let best = VerifiedNorm.upperBound(of: map)
    #expect(best >= exact * (1 - 1e-15) && best <= exact * (1 + 1e-9))
  }

  /// On a large image the bound is close to the norm: the third Gram iterate loses little.
  @Test func convolutionBoundIsTight() throws {
    var random = SplitMix64(seed: 1)
    let geometry = try ConvolutionGeometry(
      inputChannels: 4, outputChannels: 4, inputHeight: 40, inputWidth: 40, kernelHeight: 3, kernelWidth: 3, padTop: 1, padLeft: 1,
      padBottom: 1, padRight: 1
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 4, columns: 36)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let norm = try Lanczos().spectralNorm(of: map)
    let bound = ConvolutionNorm.upperBound(geometry: geometry, weight: weight)
    #expect(bound >= norm && bound <= 1.4 * norm)
  }

  @Test func diagonalTakesItsRadii() {
    let map = DiagonalMap<Double>(scale: [1, -2], radius: [0, 0.5])
    #expect(VerifiedNorm.upperBound(of: map) >= 2.5)
  }
}
