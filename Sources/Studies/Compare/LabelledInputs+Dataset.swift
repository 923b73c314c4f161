import LinearAlgebra
import Robustness
import Training

extension LabelledInputs {
  /// The samples of a data set as networks take them: channel by channel.
  ///
  /// - Throws: `TrainingError` when there are none.
  public init(_ data: Dataset) throws {
    let flat = try data.fitted(to: .vector(data.shape.count))
    let shape = data.shape
    self.init(
      inputs: Matrix(rows: data.count, columns: shape.count, elements: flat.samples.map(Double.init)), labels: data.labels,
      shape: shape.isVector ? [shape.channels] : [shape.channels, shape.height, shape.width])
  }
}
