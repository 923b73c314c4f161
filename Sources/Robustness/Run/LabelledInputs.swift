import LinearAlgebra

/// Inputs with the classes they should have.
public struct LabelledInputs: Sendable, Equatable {
  /// The inputs, one a row, as the network takes them.
  public let inputs: Matrix<Double>
  /// The class of each, or `nil` when labels are the network's own answers.
  public let labels: [Int]?
  /// The lengths of an input's axes, such as [1, 28, 28]; one axis when nothing more is known.
  public let shape: [Int]

  /// Collects the parts.
  ///
  /// - Precondition: there are as many labels as inputs, and an input has as many values as its shape.
  public init(inputs: Matrix<Double>, labels: [Int]?, shape: [Int]? = nil) {
    self.inputs = inputs
    self.labels = labels
    self.shape = shape ?? [inputs.columns]
    precondition(labels.map { $0.count == inputs.rows } ?? true, "one label for each input")
    precondition(self.shape.reduce(1, *) == inputs.columns, "a shape with as many elements as an input")
  }

  /// The number of inputs.
  public var count: Int { inputs.rows }

  /// One input.
  public subscript(index: Int) -> [Double] { Array(inputs.row(index)) }
}
