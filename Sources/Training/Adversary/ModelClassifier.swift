import LinearAlgebra

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
