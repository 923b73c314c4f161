import LinearAlgebra

/// A classifier on batches whose logits can be differentiated with respect to the input: what attacks and measurements of accuracy work on.
public protocol DifferentiableClassifier<Element>: AnyObject {
  associatedtype Element: Scalar

  /// The input; write a batch here before a forward pass.
  var input: Tensor<Element> { get }
  /// The gradient with respect to the input, after a backward pass.
  var inputGradient: Tensor<Element> { get }
  /// The gradient with respect to the logits; write it here before a backward pass.
  var outputGradient: Tensor<Element> { get }
  /// Whether the logits depend on random numbers.
  var isNoisy: Bool { get }

  /// The logits of the batch in ``input``.
  func forward(random: RandomStream) -> Tensor<Element>

  /// Computes ``inputGradient`` from ``outputGradient``, which is used up, at the point of the last forward pass.
  func backward()
}

/// A model that is trained, as a classifier.
public final class ModelClassifier<Element: Scalar>: DifferentiableClassifier {
  private let execution: Execution<Element>
  private var state: ModelState<Element>
  private let mode: PassMode

  /// The model of an execution with these numbers; running statistics are left alone whatever the mode says.
  public init(_ execution: Execution<Element>, state: ModelState<Element>, mode: PassMode) {
    self.execution = execution
    self.state = state
    var mode = mode
    mode.updatesStatistics = false
    self.mode = mode
  }

  /// The execution's input.
  public var input: Tensor<Element> { execution.input }
  /// The execution's gradient with respect to it.
  public var inputGradient: Tensor<Element> { execution.inputGradient }
  /// The execution's gradient with respect to the logits.
  public var outputGradient: Tensor<Element> { execution.outputGradient }
  /// Whether the mode makes noise.
  public var isNoisy: Bool { mode.isNoisy || mode.isTraining }

  /// Runs the model forwards.
  public func forward(random: RandomStream) -> Tensor<Element> {
    execution.forward(&state, mode: mode, random: random)
    return execution.output
  }

  /// Runs the model backwards to its input only.
  public func backward() { execution.backward(state, ofParameters: false, ofInput: true) }
}
