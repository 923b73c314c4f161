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
  /// - Throws: `NetworkError` when the network cannot have the operation, as with a value that is not finite.
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
