import Networks

/// The random networks that the solver and the checker are measured on; always the same ones.
struct SeededNetwork: Sendable {
  /// Widths or kind.
  let name: String
  /// Whether it is a chain of many small layers, where published solvers lose their digits.
  var isChain = false
  /// Whether `--quick` leaves it out.
  var isSlow = false
  /// Builds it.
  let build: @Sendable () throws -> Network

  /// All of them.
  static let all: [SeededNetwork] = [
    .init(name: "784-200-200-10") { try perceptron([784, 200, 200, 10]) },
    .init(name: "784-1000-1000-10", isSlow: true) { try perceptron([784, 1000, 1000, 10]) },
    .init(name: "100 layers of 20", isChain: true) { try perceptron(Array(repeating: 20, count: 101)) },
    .init(name: "64 layers of 16", isChain: true) { try perceptron(Array(repeating: 16, count: 65)) },
    .init(name: "convolutional 1x8x8") { try NetworkBuilders.convolutional(seed: 1) },
    .init(name: "residual 3x8x8") { try NetworkBuilders.residual(blocks: 1, width: 4, size: 8, isFolded: true, seed: 1) },
  ]

  private static func perceptron(_ widths: [Int]) throws -> Network {
    try NetworkBuilders.multilayerPerceptron(widths: widths, seed: 1)
  }
}
