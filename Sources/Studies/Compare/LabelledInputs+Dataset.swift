import Robustness
import Training

extension LabelledInputs {
  /// The samples of a data set as networks take them: channel by channel.
  public init(_ data: Dataset) {
    let shape = data.shape
    self.init(
      inputs: data.networkInputs, labels: data.labels,
      shape: shape.isVector ? [shape.channels] : [shape.channels, shape.height, shape.width])
  }
}
