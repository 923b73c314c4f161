import Certificates
import LinearAlgebra
import Networks
import TestSupport
import Testing

@testable import Lipschitz

@Suite("LipLT")
struct LipLTTests {
  /// The recursion of the paper in floating point, for chains of ReLU units.
  private static func recursion(_ weights: [Matrix<Double>]) throws -> Double {
    var constants: [Double] = []
    for k in weights.indices {
      var map = weights[k]
      var sum = 0.0
      for j in stride(from: k - 1, through: 0, by: -1) {
        sum += 0.5 * (try map.spectralNorm()) * constants[j]
        map = .product(map, weights[j], scale: 0.5)
      }
      constants.append(sum + (try map.spectralNorm()))
    }
    return constants[constants.count - 1]
  }

  @Test(arguments: 0..<6)
  func agreesWithTheRecursionOfChains(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let widths = [4, 7, 5, 8, 6, 3].prefix(seed + 1)
    let weights: [Matrix<Double>] = zip(widths, widths.dropFirst() + [2]).map { random.gaussianMatrix(rows: $1, columns: $0) }
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    let estimate = try LipLTEstimator().estimate(problem)
    let upper = try #require(estimate.upper)
    let expected = try Self.recursion(weights)
    #expect(estimate.isCertified)
    #expect(upper >= expected * (1 - 1e-13) && upper <= expected * (1 + 1e-9))
    #expect(upper <= (try #require(try ProductEstimator().estimate(problem).upper)) * (1 + 1e-9))
    try CertificateChecker.check(try #require(estimate.certificate), of: problem.lowered)
  }

  /// For non-negative weights the rescaled product is the exact constant; it is never below it, nor above the plain product.
  @Test(arguments: [true, false]) func rescaledProduct(_ isPositive: Bool) throws {
    var random = SplitMix64(seed: 8)
    let widths = [4, 9, 7, 3]
    var weights: [Matrix<Double>] = zip(widths, widths.dropFirst()).map { random.gaussianMatrix(rows: $1, columns: $0) }
    if isPositive {
      for k in weights.indices { for e in weights[k].elements.indices { weights[k].elements[e] = abs(weights[k].elements[e]) } }
    }
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    let rescaling = try #require(DiagonalRescaling(problem))
    let rescaled = try #require(rescaling.upperBound())
    let plain = try #require(try ProductEstimator().estimate(problem).upper)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    let linear = try Matrix.product(weights[2], Matrix.product(weights[1], weights[0])).spectralNorm()
    #expect(rescaled >= attained && rescaled <= plain * (1 + 1e-9))
    if isPositive { #expect(rescaled >= linear * (1 - 1e-14) && rescaled <= linear * (1 + 1e-4)) }
    #expect(DiagonalRescaling(try LipschitzProblem(lowered: ChainNetworks.lowered(weights, activation: .tanh))) == nil)
  }

  /// A residual block: the maps of the recursion contain the skip connection.
  @Test func residualBlocksAreTakenJointly() throws {
    var random = SplitMix64(seed: 3)
    let (first, inner, outer): (Matrix<Double>, Matrix<Double>, Matrix<Double>) = (
      random.gaussianMatrix(rows: 5, columns: 4), random.gaussianMatrix(rows: 6, columns: 5), random.gaussianMatrix(rows: 5, columns: 6)
    )
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 4])
    let x = try network.add(.dense(weight: first, bias: nil), name: "first", to: [input])
    let p = try network.add(.dense(weight: inner, bias: nil), name: "inner", to: [x])
    let h = try network.add(.activation(.relu), name: "relu", to: [p])
    let y = try network.add(.dense(weight: outer, bias: nil), name: "outer", to: [h])
    try network.setOutputs([try network.add(.sum(signs: [1, 1]), name: "sum", to: [x, y])])
    let upper = try #require(try LipLTEstimator().estimate(try LipschitzProblem(network)).upper)
    var map = Matrix<Double>.product(outer, inner, scale: 0.5)
    for i in 0..<5 { map[i, i] += 1 }
    let preactivation = try Matrix<Double>.product(inner, first).spectralNorm()
    let expected = try Matrix<Double>.product(map, first).spectralNorm() + 0.5 * outer.spectralNorm() * preactivation
    #expect(upper >= expected * (1 - 1e-13) && upper <= expected * (1 + 1e-9))
  }

  /// Gains that are too small, of the wrong number, negative or not numbers prove nothing.
  @Test func hostileGainsAreRefused() throws {
    var random = SplitMix64(seed: 5)
    let weights: [Matrix<Double>] = [random.gaussianMatrix(rows: 5, columns: 4), random.gaussianMatrix(rows: 3, columns: 5)]
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    let certificate = try #require(try LipLTEstimator().estimate(problem).certificate)
    guard case .loopTransformation(let gains) = certificate.derivation else {
      Issue.record("another derivation")
      return
    }
    let hostile: [[[Double]]] = [
      [], [[1]], [[gains[0][0]], [gains[1][0]]], [[gains[0][0] * (1 - 1e-9)], gains[1]], [gains[0], [gains[1][0], 0]],
      [gains[0], [.nan, gains[1][1]]], [gains[0], [gains[1][0], -1]], [[.infinity], gains[1]],
    ]
    for gains in hostile {
      let forged = Certificate(
        generator: "", modelName: "", network: problem.lowered, statement: certificate.statement,
        derivation: .loopTransformation(gains: gains))
      #expect(throws: NotProved.self) { try CertificateChecker.check(forged, of: problem.lowered) }
    }
    // A smaller statement is not proved by the same gains.
    var statement = certificate.statement
    statement.bound = statement.bound.nextDown
    let forged = Certificate(
      generator: "", modelName: "", network: problem.lowered, statement: statement, derivation: .loopTransformation(gains: gains))
    #expect(throws: NotProved.self) { try CertificateChecker.check(forged, of: problem.lowered) }
    let copy = try Certificate(decoding: certificate.encoded())
    #expect(copy == certificate)
    try CertificateChecker.check(copy, of: problem.lowered, memoryLimit: 1 << 20)
    #expect(throws: NotProved.self) { try CertificateChecker.check(copy, of: problem.lowered, memoryLimit: 100) }
  }
}

/// The columns "naive" and "LipLT" of the reference tables, to the digits printed.
@Suite("Published norms", .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
struct PublishedNormsTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var source: ReferenceOptimum.Source
    var product: Double
    var lipLT: Double
    /// Half a unit of the last digit printed, relatively.
    var accuracy = 1e-6
    var testDescription: String { name }
  }

  static let rows: [Row] = [
    file("arobey1_LipSDP/random_weights", 43.305574, 39.860916), file("arobey1_LipSDP/mnist_weights", 31.503507, 27.764981),
    .init(name: "fnn2", source: .oneOutput("ppauli_GLipSDP/comparison_digits/fnn2_seed0.npz", 7), product: 7.0922492, lipLT: 6.0641672),
    .init(name: "fnn3", source: .oneOutput("ppauli_GLipSDP/comparison_digits/fnn3_seed0.npz", 7), product: 14.694210, lipLT: 12.050310),
    random("lyr5n10", 21.027914, 10.267129), random("lyr5n20", 3.3144293, 1.4694861), random("lyr10n10", 105.68665, 13.009958),
    random("lyr10n20", 14.138464, 1.9040861), random("lyr5n40", 24.280254, 9.0059699), random("lyr5n60", 2.5670214, 0.99353260),
    random("lyr10n40", 81.680686, 11.023405), random("lyr15n10", 1530.4895, 102.76644), random("lyr15n20", 98.836120, 5.2446134),
    random("lyr20n10", 12360.291, 223.66705), random("lyr20n20", 32738.399, 582.91833), random("lyr25n10", 564727.21, 3640.1194),
    random("lyr25n20", 34901.424, 324.17482),
    file("YuezhuXu_ECLipsE/mnist_neurips/lyr3n100test1", 25.941752, 20.159819),
    file("YuezhuXu_ECLipsE/mnist_neurips/lyr3n200test1", 26.181844, 21.075063),
    file("YuezhuXu_ECLipsE/mnist_genlocal_elu/mnist_base", 127.36609, 95.001799, .elu(alpha: 1)),
    deep("mlp_L3_W16", 2, 1.00927, 0.941006, accuracy: 5e-6), deep("mlp_L9_W16", 8, 1.01558, 0.474826, accuracy: 5e-6),
    deep("mlp_L17_W16", 16, 1.0149738, 0.20960018),
    deep("mlp_L33_W16", 32, 1.0542261, 0.017482967), deep("mlp_L65_W16", 64, 1.0146997, 1.2875552e-4),
    deep("mlp_L17_W32", 16, 1.0093736, 0.14377253), deep("mlp_L33_W32", 32, 1.0356244, 0.011868779),
    deep("mlp_L5_W64", 4, 1.0503337, 0.74755095), deep("mlp_L9_W64", 8, 1.0462308, 0.40059938),
  ]

  private static func file(_ name: String, _ product: Double, _ lipLT: Double, _ activation: Activation = .relu) -> Row {
    Row(name: name, source: .file(name + ".npz", activation), product: product, lipLT: lipLT)
  }
  private static func random(_ name: String, _ product: Double, _ lipLT: Double) -> Row {
    file("YuezhuXu_ECLipsE/random_genlocal/\(name)", product, lipLT)
  }
  private static func deep(_ name: String, _ depth: Int, _ product: Double, _ lipLT: Double, accuracy: Double = 1e-6) -> Row {
    Row(
      name: "\(name) depth \(depth)", source: .transposedChain("ppauli_GLipSDP/scalability_mlp/\(name).npz", depth), product: product,
      lipLT: lipLT, accuracy: accuracy)
  }

  /// The tables print six to eight digits.
  @Test(arguments: rows)
  func productAndLipLT(_ row: Row) throws {
    let problem = try LipschitzProblem(lowered: ReferenceOptimum(source: row.source, optimum: 0).network())
    let product = try ProductEstimator().estimate(problem)
    let lipLT = try LipLTEstimator().estimate(problem)
    #expect(product.isCertified && lipLT.isCertified)
    #expect(abs(try #require(product.upper) / row.product - 1) < row.accuracy, "\(product.upper ?? 0)")
    #expect(abs(try #require(lipLT.upper) / row.lipLT - 1) < row.accuracy, "\(lipLT.upper ?? 0)")
    try CertificateChecker.check(try #require(lipLT.certificate), of: problem.lowered)
  }
}
