import LinearAlgebra
import Networks

/// A saved network as a classifier, whatever its operations: evaluated by `Evaluator`, which is slower than an ``Execution`` but knows them
/// all.
///
/// Samples are height × width × channels here and channels × height × width in the network. A network with one output has the logits 0 and y.
public final class NetworkClassifier<Element: Scalar>: DifferentiableClassifier {
  /// The input, height × width × channels.
  public let input: Tensor<Element>
  /// The gradient with respect to the input.
  public let inputGradient: Tensor<Element>
  /// The gradient with respect to the logits.
  public let outputGradient: Tensor<Element>
  /// A saved network has no noise.
  public let isNoisy = false

  private let evaluator: Evaluator<Element>
  private let logits: Tensor<Element>
  private var linearisation: Linearisation<Element>?

  /// A network for batches of up to `capacity` samples.
  ///
  /// - Throws: `NetworkError` when it cannot be evaluated; ``TrainingError/data(_:)`` when it has several inputs.
  public init(_ network: Network, capacity: Int) throws {
    evaluator = try Evaluator(network)
    let shape = try Self.inputShape(of: network)
    let classes = FeatureShape.vector(max(2, network.outputCount))
    input = Tensor(capacity: capacity, shape: shape)
    inputGradient = Tensor(capacity: capacity, shape: shape)
    outputGradient = Tensor(capacity: capacity, shape: classes)
    logits = Tensor(capacity: capacity, shape: classes)
  }

  /// The shape of a network's input: 1 × channels × height × width, or a vector when it is anything else.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when it has several inputs.
  public static func inputShape(of network: Network) throws(TrainingError) -> FeatureShape {
    guard network.inputs.count == 1 else { throw .data("the network has \(network.inputs.count) inputs; a classifier of samples has one") }
    let shape = network.nodes[network.inputs[0]].shape.dimensions
    guard shape.count == 4, shape[0] == 1 else { return .vector(network.inputCount) }
    return FeatureShape(height: shape[2], width: shape[3], channels: shape[1])
  }

  /// Evaluates and linearises the network.
  public func forward(random: RandomStream) -> Tensor<Element> {
    let (batch, n) = (input.batch, input.shape.count)
    var points = Matrix<Element>(rows: batch, columns: n)
    points.elements.withUnsafeMutableBufferPointer { Self.transpose(input.buffer, $0, input.shape, toChannelsFirst: true) }
    let linearisation = evaluator.linearisation(at: points)
    self.linearisation = linearisation
    logits.batch = batch
    let values = linearisation.value.elements
    if evaluator.outputCount > 1 {
      logits.elements = values
    } else {
      for (index, value) in values.enumerated() { (logits.base[2 * index], logits.base[2 * index + 1]) = (0, value) }
    }
    return logits
  }

  /// Computes the gradient with respect to the input.
  public func backward() {
    guard let linearisation else { preconditionFailure("a backward pass belongs to a forward pass") }
    let batch = input.batch
    outputGradient.batch = batch
    var cotangent = outputGradient.elements
    if evaluator.outputCount == 1 { cotangent = (0..<batch).map { cotangent[2 * $0 + 1] } }
    let gradient = linearisation.adjoint(Matrix(rows: batch, columns: evaluator.outputCount, elements: cotangent))
    inputGradient.batch = batch
    gradient.elements.withUnsafeBufferPointer {
      Self.transpose(UnsafeMutableBufferPointer(mutating: $0), inputGradient.buffer, input.shape, toChannelsFirst: false)
    }
  }

  private static func transpose(
    _ source: UnsafeMutableBufferPointer<Element>, _ target: UnsafeMutableBufferPointer<Element>, _ shape: FeatureShape,
    toChannelsFirst: Bool
  ) {
    let (pixels, channels) = (shape.pixels, shape.channels)
    guard pixels > 1, channels > 1 else {
      _ = target.update(from: source)
      return
    }
    for start in stride(from: 0, to: source.count, by: shape.count) {
      for c in 0..<channels {
        for p in 0..<pixels {
          let (first, last) = (start + c * pixels + p, start + p * channels + c)
          if toChannelsFirst { target[first] = source[last] } else { target[last] = source[first] }
        }
      }
    }
  }
}
