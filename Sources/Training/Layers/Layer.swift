import Foundation
import LinearAlgebra
import Networks

/// One operation of a model that is trained, with its gradient.
///
/// A layer is a description; its parameters live in the ``ModelState``, what it remembers between forward and backward in a
/// ``LayerMemory``. Sums over a batch are taken in an order that does not depend on the number of threads.
public protocol Layer<Element>: Sendable {
  associatedtype Element: Scalar

  /// The name, unique in the model; parameters are named after it.
  var name: String { get }

  /// The parameters that are trained, in their order in memory.
  var parameters: [ParameterDeclaration] { get }

  /// Numbers that a training pass keeps beside the parameters, such as running means.
  var statistics: [ParameterDeclaration] { get }

  /// The input whose gradient is the output's gradient itself, as a sum's: ``Execution`` then shares the memory where it can, and asks for
  /// that gradient only where it cannot. Such a layer does not overwrite the output's gradient.
  var passesGradientTo: Int? { get }

  /// The shape of the output.
  ///
  /// - Throws: ``TrainingError/shape(layer:detail:)`` when the inputs do not fit.
  func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape

  /// What the layer remembers from forward to backward for up to `capacity` samples, and the working memory it wants.
  func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element>

  /// Computes the output.
  func forward(_ pass: ForwardPass<Element>)

  /// Computes the gradients of the inputs and adds to the gradient of the parameters, after a forward pass with the same tensors.
  ///
  /// The output's gradient may be overwritten.
  func backward(_ pass: BackwardPass<Element>)

  /// Adds what the layer computes after training, without noise, to a network.
  ///
  /// - Parameters:
  ///   - values: the layer's parameters and statistics.
  ///   - inputs: the network's nodes that hold the layer's inputs.
  ///   - network: the network under construction.
  /// - Returns: the node of the output.
  func export(_ values: LayerValues, inputs: [Int], to network: inout NetworkExport) throws -> Int
}

extension Layer {
  /// None.
  public var parameters: [ParameterDeclaration] { [] }
  /// None.
  public var statistics: [ParameterDeclaration] { [] }
  /// None.
  public var passesGradientTo: Int? { nil }
  /// Nothing.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> { LayerMemory() }
}

/// One tensor of parameters (or statistics) of a layer.
public struct ParameterDeclaration: Hashable, Sendable {
  /// The name within the layer, such as `weight`.
  public var name: String
  /// The lengths of the axes; row-major. Convolutions are output channels × input channels of a group × kernel rows × kernel columns.
  public var shape: [Int]
  /// What it is used for.
  public var role: Role
  /// Its first values.
  public var initialiser: Initialiser

  /// Collects the parts.
  public init(name: String, shape: [Int], role: Role, initialiser: Initialiser) {
    self.name = name
    self.shape = shape
    self.role = role
    self.initialiser = initialiser
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// What a parameter is used for; weight decay and pruning go by it.
  public enum Role: String, Hashable, Sendable, Codable {
    /// The matrix of a dense layer.
    case denseWeight
    /// The kernel of a convolution.
    case convolutionWeight
    /// What is added.
    case bias
    /// What a normalised channel is multiplied with.
    case scale
    /// A running mean, variance or the like.
    case statistic
  }
}

/// What a layer remembers between the passes: buffers whose meaning is the layer's own.
public final class LayerMemory<Element: Scalar>: @unchecked Sendable {
  /// Real numbers.
  public let reals: UnsafeMutableBufferPointer<Element>
  /// Indices.
  public let indices: UnsafeMutableBufferPointer<Int32>

  private let block: UnsafeMutableRawPointer

  /// Buffers of zeros; the real numbers are aligned to 64 bytes.
  ///
  /// Memory comes from the system page by page as it is touched, so room for more threads than there are costs nothing.
  public init(reals: Int = 0, indices: Int = 0) {
    guard let block = calloc(reals * MemoryLayout<Element>.stride + 64, 1) else { preconditionFailure("out of memory") }
    self.block = block
    let memory = block.alignedUp(toMultipleOf: 64).bindMemory(to: Element.self, capacity: reals)
    self.reals = UnsafeMutableBufferPointer(start: memory, count: reals)
    self.indices = .allocate(capacity: indices)
    self.indices.initialize(repeating: 0)
  }

  deinit {
    free(block)
    indices.deallocate()
  }
}

/// What a pass through the model is for.
public struct PassMode: Hashable, Sendable {
  /// Whether batch normalisation uses the batch's own statistics and dropout is active.
  public var isTraining: Bool
  /// Whether the running statistics learn from this pass; attacks leave them alone.
  public var updatesStatistics: Bool
  /// Whether noise layers add noise.
  public var isNoisy: Bool

  /// A step of training.
  public static let training = PassMode(isTraining: true, updatesStatistics: true, isNoisy: true)
  /// The search for an adversary during training.
  public static let attackInTraining = PassMode(isTraining: true, updatesStatistics: false, isNoisy: true)
  /// The network that is saved.
  public static let evaluation = PassMode(isTraining: false, updatesStatistics: false, isNoisy: false)
  /// The network with its noise, as it was trained.
  public static let noisyEvaluation = PassMode(isTraining: false, updatesStatistics: false, isNoisy: true)
}

/// What a layer computes its output from.
public struct ForwardPass<Element: Scalar> {
  /// The inputs.
  public let inputs: [Tensor<Element>]
  /// Where the output goes; its batch is set.
  public let output: Tensor<Element>
  /// The layer's own parameters.
  public let parameters: UnsafePointer<Element>
  /// The layer's own statistics.
  public let statistics: UnsafeMutablePointer<Element>
  /// The layer's own memory.
  public let memory: LayerMemory<Element>
  /// What the pass is for.
  public let mode: PassMode
  /// The layer's own random numbers in this pass.
  public let random: RandomStream
}

/// What a layer computes its gradients from.
public struct BackwardPass<Element: Scalar> {
  /// A gradient to be computed.
  public struct InputGradient {
    /// Where it goes; its batch is set.
    public let tensor: Tensor<Element>
    /// Whether it is added to what is there.
    public let isAccumulating: Bool
  }

  /// The inputs of the forward pass.
  public let inputs: [Tensor<Element>]
  /// The output of the forward pass.
  public let output: Tensor<Element>
  /// The gradient of the loss with respect to the output.
  public let outputGradient: Tensor<Element>
  /// The gradients wanted, `nil` where none is or its memory is shared; see ``Layer/passesGradientTo``.
  public let inputGradients: [InputGradient?]
  /// The layer's own parameters.
  public let parameters: UnsafePointer<Element>
  /// Where the gradient of the parameters is added, or `nil` when only inputs matter.
  public let parameterGradient: UnsafeMutablePointer<Element>?
  /// The layer's own statistics.
  public let statistics: UnsafePointer<Element>
  /// The layer's own memory, as the forward pass left it.
  public let memory: LayerMemory<Element>
  /// The mode of the forward pass.
  public let mode: PassMode
  /// The layer's own random numbers, the same as in the forward pass.
  public let random: RandomStream
}
