import Certificates
import LinearAlgebra

/// Proved bounds on the norms of zero-padded convolutions that are too large to be unrolled.
///
/// The image with its padding is cut out of a torus, or of the infinite plane; there the norm is the greatest one of small matrices, one for
/// each frequency. A torus has finitely many; on the plane, boxes of frequencies are halved around the maximum. The search for the number is
/// floating-point; `ConvolutionSymbol` in the checker's module proves it.
enum ConvolutionNorm {
  /// Multiplications a torus may take.
  private static let torusBudget = 1e9
  /// Frequencies of a torus, up to conjugation; with more of them the plane is hardly larger, and cheaper.
  private static let torusLimit = 1500.0

  /// The bound, rounded up.
  ///
  /// - Parameters:
  ///   - geometry: sizes.
  ///   - weight: the kernels.
  ///   - budget: multiplications for each group; when they run out on the plane, boxes stay larger and the bound a little looser.
  static func upperBound(geometry: ConvolutionGeometry, weight: Matrix<Double>, budget: Double = 5e10) -> LayerNorm {
    let outputs = geometry.outputChannels / geometry.groups
    var known: [[Double]: LayerNorm] = [:]
    for group in 0..<geometry.groups {
      let elements = Array(weight.elements[group * outputs * weight.columns..<(group + 1) * outputs * weight.columns])
      if known[elements] != nil { continue }
      known[elements] = bound(
        geometry: geometry, weight: Matrix(rows: outputs, columns: weight.columns, elements: elements), budget: budget)
    }
    // Groups act on different channels: the norm is the largest of theirs.
    return LayerNorm(
      bound: known.values.reduce(0) { max($0, $1.bound) }, variant: known.values.map(\.variant).max() ?? .formula)
  }

  private static func bound(geometry: ConvolutionGeometry, weight: Matrix<Double>, budget: Double) -> LayerNorm {
    let symbol = ConvolutionSymbol(geometry: geometry, weight: weight)
    if symbol.isZero { return LayerNorm(bound: 0, variant: .formula) }
    let torus = torus(around: geometry)
    let frequencies = Double(torus.height) * Double(torus.width / 2 + 1)
    let isSmall = frequencies <= torusLimit && frequencies * symbol.cost <= min(torusBudget, budget)
    if isSmall, !symbol.isRelabelled, !symbol.isConstant, let bound = onTorus(symbol, torus) {
      return LayerNorm(bound: bound, variant: .torus)
    }
    if let bound = onPlane(symbol, budget: budget) { return LayerNorm(bound: bound, variant: .plane) }
    return LayerNorm(bound: GramIteration.upperBound(geometry: geometry, weight: weight), variant: .gramIteration)
  }

  /// A bound on ‖K̂(θ)‖ over all θ.
  static func onPlane(_ symbol: ConvolutionSymbol, budget: Double) -> Double? {
    var boxes = symbol.boxes
    var (level, largest, spent) = (0, 0.0, 0.0)
    while true {
      spent += Double(boxes.count) * symbol.cost
      if spent > budget, level == 0 { return nil }
      let norms = boxes.map { estimate(symbol.value(at: $0)) }
      largest = norms.reduce(largest) { max($0, $1) }
      let attenuation = symbol.attenuation(level: level)
      // The box of the maximum has at its centre at least the maximum times the attenuation.
      boxes = zip(boxes, norms).filter { $1 >= largest * attenuation * (1 - 1e-9) }.flatMap { symbol.parts(of: $0.0) }
      if symbol.isConstant || 1 - attenuation < 1e-9 || spent + Double(boxes.count) * symbol.cost > budget / 2 {
        return accepted(symbol.isConstant ? largest : largest / attenuation) { try symbol.prove(norm: $0) }
      }
      level += 1
    }
  }

  /// A bound on ‖K̂(θ)‖ over the frequencies of a torus.
  static func onTorus(_ symbol: ConvolutionSymbol, _ torus: (height: Int, width: Int)) -> Double? {
    let largest = symbol.values(torus: torus).reduce(0) { max($0, estimate($1)) }
    return accepted(largest) { try symbol.prove(norm: $0, torus: torus) }
  }

  /// The least torus, in blocks of stride × stride pixels, on which the image and its zeros do not meet themselves.
  ///
  /// Output i of m reads blocks i … i + k − 1; the image lies in blocks a … b. With N ≥ b + 1 blocks the image fits, with N ≥ m outputs stay
  /// apart, and with N ≥ m + k − 1 − a reads beyond b come back to blocks before a, which are zero as well.
  static func torus(around g: ConvolutionGeometry) -> (height: Int, width: Int) {
    func blocks(_ input: Int, _ output: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, _ pad: Int) -> Int {
      let (first, last) = (pad / stride, (pad + input - 1) / stride)
      let reach = output + (kernel - 1) * dilation / stride
      return max(last + 1, output, reach > last + 1 ? reach - first : 0)
    }
    return (
      blocks(g.inputHeight, g.outputHeight, g.kernelHeight, g.strideHeight, g.dilationHeight, g.padTop),
      blocks(g.inputWidth, g.outputWidth, g.kernelWidth, g.strideWidth, g.dilationWidth, g.padLeft)
    )
  }

  private static func accepted(_ norm: Double, _ prove: (Double) throws -> Void) -> Double? {
    for inflation in [1e-10, 1e-9, 1e-8, 1e-7, 1e-6] {
      let bound = norm * (1 + inflation)
      if (try? prove(bound)) != nil { return bound }
    }
    return nil
  }

  /// About the norm of a matrix; zero when it cannot be found, which no proof accepts.
  private static func estimate(_ matrix: Matrix<Double>) -> Double {
    (try? matrix.gram(transposing: true).largestEigenvalueEstimate()).map { max(0, $0).squareRoot() } ?? 0
  }
}
