import LinearAlgebra
import Testing

@Suite struct ConvolutionMapTests {
  /// A random geometry: strides 1...3, dilations 1...2, pads up to 3 (also beyond the kernel), groups, sometimes one-dimensional.
  static func randomGeometry(_ random: inout SplitMix64) -> ConvolutionGeometry {
    while true {
      let groups = Int.random(in: 1...3, using: &random)
      let flat = Bool.random(using: &random)
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let geometry = ConvolutionGeometry(
        inputChannels: groups * pick(1...3), outputChannels: groups * pick(1...9), inputHeight: flat ? 1 : pick(1...9),
        inputWidth: pick(1...11), kernelHeight: flat ? 1 : pick(1...4), kernelWidth: pick(1...4), strideHeight: flat ? 1 : pick(1...3),
        strideWidth: pick(1...3), dilationHeight: flat ? 1 : pick(1...2), dilationWidth: pick(1...2), padTop: flat ? 0 : pick(0...3),
        padLeft: pick(0...3), padBottom: flat ? 0 : pick(0...3), padRight: pick(0...3), groups: groups)
      if let geometry = try? geometry.validated() { return geometry }
    }
  }

  /// The definition: seven nested loops.
  static func reference<Element: Scalar>(_ g: ConvolutionGeometry, _ weight: Matrix<Element>, _ x: [Element]) -> [Element] {
    var result = [Element](repeating: 0, count: g.outputCount)
    let (inner, outer) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    for o in 0..<g.outputChannels {
      for y in 0..<g.outputHeight {
        for z in 0..<g.outputWidth {
          for c in 0..<inner {
            for i in 0..<g.kernelHeight {
              for j in 0..<g.kernelWidth {
                let row = y * g.strideHeight + i * g.dilationHeight - g.padTop
                let column = z * g.strideWidth + j * g.dilationWidth - g.padLeft
                guard (0..<g.inputHeight).contains(row), (0..<g.inputWidth).contains(column) else { continue }
                let pixel = ((o / outer * inner + c) * g.inputHeight + row) * g.inputWidth + column
                result[(o * g.outputHeight + y) * g.outputWidth + z] += weight[o, (c * g.kernelHeight + i) * g.kernelWidth + j] * x[pixel]
              }
            }
          }
        }
      }
    }
    return result
  }

  func checkRandom<Element: Scalar>(_ type: Element.Type, count: Int, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for index in 0..<count {
      let geometry = Self.randomGeometry(&random)
      let weight: Matrix<Element> = random.gaussianMatrix(rows: geometry.outputChannels, columns: geometry.kernelCount)
      let map = ConvolutionMap(geometry: geometry, weight: weight)
      let x: [Element] = random.gaussianVector(geometry.inputCount)
      #expect(distance(map.apply(x), Self.reference(geometry, weight, x)) < tolerance(type), "\(geometry)")
      checkMap(map, batch: [1, 3, 17][index % 3], seed: UInt64(index))
    }
  }

  @Test func randomGeometriesInDouble() { checkRandom(Double.self, count: 60, seed: 1) }
  @Test func randomGeometriesInFloat() { checkRandom(Float.self, count: 60, seed: 2) }

  @Test func depthwiseAndPointwise() {
    var random = SplitMix64(seed: 3)
    let depthwise = ConvolutionGeometry(
      inputChannels: 20, outputChannels: 20, inputHeight: 6, inputWidth: 6, kernelHeight: 3, kernelWidth: 3, padTop: 1, padLeft: 1,
      padBottom: 1, padRight: 1, groups: 20)
    checkMap(ConvolutionMap<Float>(geometry: depthwise, weight: random.gaussianMatrix(rows: 20, columns: 9)), batch: 2, seed: 1)
    let pointwise = ConvolutionGeometry(
      inputChannels: 12, outputChannels: 33, inputHeight: 5, inputWidth: 4, kernelHeight: 1, kernelWidth: 1)
    checkMap(ConvolutionMap<Double>(geometry: pointwise, weight: random.gaussianMatrix(rows: 33, columns: 12)), batch: 3, seed: 2)
  }

  /// Large enough that output rows are split into bands and tasks run in parallel.
  @Test func largeImageMatchesReference() {
    var random = SplitMix64(seed: 4)
    let geometry = ConvolutionGeometry(
      inputChannels: 2, outputChannels: 40, inputHeight: 70, inputWidth: 61, kernelHeight: 3, kernelWidth: 3, strideHeight: 2, padTop: 1,
      padLeft: 1, padBottom: 1, padRight: 1)
    let weight: Matrix<Float> = random.gaussianMatrix(rows: 40, columns: 18)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let x: [Float] = random.gaussianVector(geometry.inputCount)
    let y: [Float] = random.gaussianVector(geometry.outputCount)
    let image = map.apply(x)
    #expect(distance(image, Self.reference(geometry, weight, x)) < 1e-4)
    let inner = { (a: [Float], b: [Float]) in zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
    #expect(abs(inner(image, y) - inner(x, map.adjoint(y))) < 1e-2)
    // An image's result does not depend on the batch it comes in.
    let batch = Matrix(rows: 3, columns: x.count, elements: y.prefix(x.count) + x + x)
    #expect(map.apply(batch).row(1) == image)
  }

  @Test func smallExactCase() {
    let geometry = ConvolutionGeometry(inputChannels: 1, outputChannels: 1, inputHeight: 1, inputWidth: 4, kernelHeight: 1, kernelWidth: 2)
    let map = ConvolutionMap<Double>(geometry: geometry, weight: Matrix(rows: 1, columns: 2, elements: [1, 10]))
    #expect(map.apply([1, 2, 3, 4]) == [21, 32, 43])
    #expect(map.adjoint([1, 2, 3]) == [1, 12, 23, 30])
    #expect(map.description == LinearMapDescription(kind: "convolution", integers: geometry.integers, reals: [1, 10]))
  }

  @Test func invalidGeometriesAreRefused() {
    let good = ConvolutionGeometry(inputChannels: 2, outputChannels: 2, inputHeight: 3, inputWidth: 3, kernelHeight: 3, kernelWidth: 3)
    let changes: [(inout ConvolutionGeometry) -> Void] = [
      { $0.strideWidth = 0 }, { $0.kernelHeight = 4 }, { $0.padTop = -1 }, { $0.groups = 3 }, { $0.inputWidth = 1 << 40 },
      { $0.outputChannels = 1 << 30 }, { $0.dilationWidth = 2 },
    ]
    #expect((try? good.validated()) == good)
    for change in changes {
      var bad = good
      change(&bad)
      #expect(throws: LinearAlgebraError.self) { try bad.validated() }
    }
  }
}
