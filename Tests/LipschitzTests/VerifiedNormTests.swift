import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Lipschitz

@Suite("Verified norms")
struct VerifiedNormTests {
  @Test(arguments: [(1, 1), (3, 7), (7, 3), (20, 20), (40, 64), (100, 784)])
  func denseNormsAreTightAndNeverBelow(_ rows: Int, _ columns: Int) throws {
    var random = SplitMix64(seed: UInt64(rows))
    let weight: Matrix<Double> = random.gaussianMatrix(rows: rows, columns: columns)
    let exact = try weight.spectralNorm()
    let norm = VerifiedNorm.best(of: DenseMap(weight: weight))
    #expect(norm.variant == .matrix)
    #expect(norm.bound >= exact * (1 - 1e-15) && norm.bound <= exact * (1 + 1e-10))
  }

  /// A convolution of a random geometry: strides, dilations, paddings and groups.
  private static func sample(_ seed: Int, height: Int = 8, width: Int = 7) throws -> ConvolutionMap<Double> {
    var random = SplitMix64(seed: UInt64(seed))
    func pick(_ values: [Int]) -> Int { values[Int(random.next() % UInt64(values.count))] }
    let groups = pick([1, 1, 2])
    let geometry = try ConvolutionGeometry(
      inputChannels: pick([1, 2, 3]) * groups, outputChannels: pick([1, 3]) * groups, inputHeight: height, inputWidth: width,
      kernelHeight: pick([1, 2, 3]), kernelWidth: pick([1, 3, 4]), strideHeight: pick([1, 2, 4]), strideWidth: pick([1, 2, 3]),
      dilationHeight: pick([1, 2]), dilationWidth: pick([1, 1, 2]), padTop: pick([0, 1, 2]), padLeft: pick([0, 1]),
      padBottom: pick([0, 1, 3]), padRight: pick([0, 1, 2]), groups: groups
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(rows: geometry.outputChannels, columns: geometry.kernelCount)
    return ConvolutionMap(geometry: geometry, weight: weight)
  }

  /// Every bound against the norm of the unrolled map.
  @Test(arguments: 0..<24)
  func convolutionBoundsAreNeverBelow(_ seed: Int) throws {
    let map = try Self.sample(seed)
    let exact = try map.denseMatrix().spectralNorm()
    #expect(GramIteration.upperBound(geometry: map.geometry, weight: map.weight) >= exact)
    #expect(VerifiedNorm.schurBound(map.sparseRows()) >= exact * (1 - 1e-15))
    #expect(VerifiedNorm.schurBound(map) >= VerifiedNorm.schurBound(map.sparseRows()) * (1 - 1e-12))
    let frequency = ConvolutionNorm.upperBound(geometry: map.geometry, weight: map.weight)
    #expect(frequency.bound >= exact * (1 - 1e-15), "\(map.geometry) \(frequency)")
    let best = VerifiedNorm.best(of: map)
    #expect(best.variant == .matrix)
    #expect(best.bound >= exact * (1 - 1e-15) && best.bound <= exact * (1 + 1e-10))
  }

  /// The torus and the plane separately, group by group; the torus is part of the plane's frequencies.
  @Test(arguments: 0..<8)
  func torusLiesBetweenTheImageAndThePlane(_ seed: Int) throws {
    let map = try Self.sample(seed + 100)
    let g = map.geometry
    let outputs = g.outputChannels / g.groups
    var (onPlane, onTorus) = (0.0, 0.0)
    for group in 0..<g.groups {
      let rows = Array(map.weight.elements[group * outputs * map.weight.columns..<(group + 1) * outputs * map.weight.columns])
      let symbol = ConvolutionSymbol(geometry: g, weight: Matrix(rows: outputs, columns: map.weight.columns, elements: rows))
      onPlane = max(onPlane, try #require(ConvolutionNorm.onPlane(symbol, budget: 1e9)))
      if symbol.isRelabelled { continue }
      onTorus = max(onTorus, try #require(ConvolutionNorm.onTorus(symbol, ConvolutionNorm.torus(around: g))))
    }
    let exact = try map.denseMatrix().spectralNorm()
    #expect(onPlane >= exact * (1 - 1e-15))
    if onTorus > 0 { #expect(onTorus >= exact * (1 - 1e-15) && onTorus <= onPlane * (1 + 1e-8), "\(g)") }
  }

  /// On a dense grid of frequencies nothing exceeds the bound on the plane, and something comes close to it.
  @Test(arguments: [(1, 1, 3, 3), (3, 2, 3, 3), (4, 4, 5, 2), (2, 6, 1, 4), (2, 2, 7, 7)])
  func planeIsTight(_ outputs: Int, _ inputs: Int, _ height: Int, _ width: Int) throws {
    var random = SplitMix64(seed: UInt64(outputs * 100 + inputs))
    let geometry = try ConvolutionGeometry(
      inputChannels: inputs, outputChannels: outputs, inputHeight: 50, inputWidth: 50, kernelHeight: height, kernelWidth: width
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(rows: outputs, columns: geometry.kernelCount)
    let symbol = ConvolutionSymbol(geometry: geometry, weight: weight)
    let bound = try #require(ConvolutionNorm.onPlane(symbol, budget: 1e10))
    let grid = try symbol.values(torus: (24, 24)).map { try $0.spectralNorm() }.max() ?? 0
    #expect(grid <= bound && bound <= grid * 1.1)
    // Nothing below the truth is proved.
    let norm = bound / (1 + 2e-9)
    try symbol.prove(norm: bound)
    #expect(throws: NotProved.self) { try symbol.prove(norm: norm * (1 - 1e-6), limit: 1000) }
    #expect(throws: NotProved.self) { try symbol.prove(norm: grid * (1 - 1e-9), limit: 1000) }
    for bad in [Double.nan, -1, .infinity] { #expect(throws: NotProved.self) { try symbol.prove(norm: bad) } }
  }

  /// Known norms: a sum over windows that do not overlap, one that does, a shift, an identity.
  @Test func knownConvolutions() throws {
    func plane(_ kernel: [Double], _ size: Int, stride: Int) throws -> Double {
      let geometry = try ConvolutionGeometry(
        inputChannels: 1, outputChannels: 1, inputHeight: 1000, inputWidth: 1000, kernelHeight: size, kernelWidth: size,
        strideHeight: stride, strideWidth: stride
      ).validated()
      return ConvolutionNorm.upperBound(geometry: geometry, weight: Matrix(rows: 1, columns: size * size, elements: kernel)).bound
    }
    func near(_ a: Double, _ b: Double) -> Bool { a >= b * (1 - 1e-15) && a <= b * (1 + 1e-8) }
    #expect(near(try plane([1, 1, 1, 1], 2, stride: 2), 2))
    #expect(near(try plane([1, 1, 1, 1], 2, stride: 1), 4))
    #expect(near(try plane([0, 0, 0, 0, 0, 0, 0, 0, -3], 3, stride: 1), 3))
    #expect(near(try plane([0, -1, 0, -1, 4, -1, 0, -1, 0], 3, stride: 1), 8))
    #expect(try plane([0, 0, 0, 0], 2, stride: 1) == 0)
  }

  /// On a large image the bound is close to the norm.
  @Test func convolutionBoundIsTight() throws {
    var random = SplitMix64(seed: 1)
    let geometry = try ConvolutionGeometry(
      inputChannels: 4, outputChannels: 4, inputHeight: 40, inputWidth: 40, kernelHeight: 3, kernelWidth: 3, padTop: 1, padLeft: 1,
      padBottom: 1, padRight: 1
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 4, columns: 36)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let norm = try Lanczos().spectralNorm(of: map)
    let gram = GramIteration.upperBound(geometry: geometry, weight: weight)
    let best = VerifiedNorm.best(of: map)
    #expect(gram >= norm && gram <= 1.4 * norm)
    #expect(best.bound >= norm * (1 - 1e-12) && best.bound <= 1.01 * norm && best.bound <= gram, "\(best) \(norm)")
  }

  /// The first layer of a residual network for photographs: nothing of the size of the image is built.
  @Test func largeImages() throws {
    var random = SplitMix64(seed: 2)
    let geometry = try ConvolutionGeometry(
      inputChannels: 3, outputChannels: 16, inputHeight: 224, inputWidth: 224, kernelHeight: 7, kernelWidth: 7, strideHeight: 2,
      strideWidth: 2, padTop: 3, padLeft: 3, padBottom: 3, padRight: 3
    ).validated()
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 16, columns: 147)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let best = VerifiedNorm.best(of: map)
    #expect(best.variant == .plane)
    let lower = try Lanczos(tolerance: 1e-3, maximumIterations: 20).spectralNorm(of: map)
    #expect(best.bound >= lower && best.bound <= 1.05 * lower, "\(best) \(lower)")
  }

  @Test func diagonalTakesItsRadii() {
    let map = DiagonalMap<Double>(scale: [1, -2], radius: [0, 0.5])
    #expect(VerifiedNorm.upperBound(of: map) >= 2.5)
  }

  @Test func indexMapCountsCopies() {
    #expect(VerifiedNorm.upperBound(of: IndexMap<Double>(inputCount: 3, indices: [2, -1, 0])) == 1)
    let copies = VerifiedNorm.upperBound(of: IndexMap<Double>(inputCount: 2, indices: [0, 1, 0, 0]))
    #expect(copies >= 3.0.squareRoot() && copies <= 3.0.squareRoot() * (1 + 1e-15))
  }

  /// Dilated windows whose taps share the stride's phase overlap more than ⌈kernel / stride⌉ times.
  @Test(arguments: [(2, 2, 2, 2.0), (3, 2, 1, 2.0), (2, 2, 1, 1.0), (3, 3, 3, 3.0), (3, 4, 2, 2.0)])
  func maximumOverDilatedWindows(_ kernel: Int, _ stride: Int, _ dilation: Int, _ windows: Double) throws {
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 1, 40])
    let pool = Operation.Pooling(kernel: [kernel], strides: [stride], dilations: [dilation])
    try network.setOutputs([try network.add(.maxPool(pool), name: "pool", to: [input])])
    let problem = try LipschitzProblem(network)
    let upper = try #require(try ProductEstimator().estimate(problem).upper)
    #expect(abs(upper - windows.squareRoot()) < 1e-12)
    // One element far above the others is the maximum of every window it lies in.
    let evaluator = try problem.evaluator()
    var largest = 0.0
    for place in 0..<40 {
      var x = Matrix<Double>(rows: 1, columns: 40)
      x[0, place] = 10
      let y = evaluator.forward(x)
      x[0, place] = 11
      largest = max(largest, zip(y.elements, evaluator.forward(x).elements).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot())
    }
    #expect(abs(largest - upper) < 1e-9)
  }

  /// A normalisation after a convolution counts as one layer, never more than two.
  @Test func normalisationIsFolded() throws {
    var random = SplitMix64(seed: 9)
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 2, 6, 6])
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: 18)
    let convolution = try network.add(.convolution(.init(weight: weight, kernel: [3, 3])), name: "conv", to: [input])
    let scale = [0.1, 2, -1]
    let variance = [0.5, 1.5, 4.0]
    let node = try network.add(
      .batchNormalization(.init(scale: scale, shift: [0, 0, 0], mean: [1, 2, 3], variance: variance, epsilon: 1e-5)), name: "norm",
      to: [convolution])
    try network.setOutputs([node])
    var folded = weight
    for o in 0..<3 { for j in 0..<18 { folded[o, j] *= scale[o] / (variance[o] + 1e-5).squareRoot() } }
    guard case .convolution(let original) = network.nodes[convolution].operation else { return }
    let map = ConvolutionMap(
      geometry: ConvolutionGeometry(
        inputChannels: 2, outputChannels: 3, inputHeight: 6, inputWidth: 6, kernelHeight: 3, kernelWidth: 3), weight: folded)
    #expect(original.groups == 1)
    let exact = try map.denseMatrix().spectralNorm()
    let upper = try #require(try ProductEstimator().estimate(try LipschitzProblem(network)).upper)
    #expect(upper >= exact * (1 - 1e-14) && upper <= exact * (1 + 1e-10))
  }
}
