/// Labelled samples for training or testing.
public struct Dataset: Sendable {
  /// What it is called in reports, such as `mnist` or `glyphs-14`.
  public let name: String
  /// The shape of one sample.
  public let shape: FeatureShape
  /// The samples one after the other, each height × width × channels; images have values between 0 and 1.
  public let samples: [Float]
  /// The class of each sample, from 0 to ``classCount`` − 1.
  public let labels: [Int]
  /// The number of classes.
  public let classCount: Int

  /// Collects the parts.
  ///
  /// - Throws: ``TrainingError/data(_:)`` when sizes do not fit, a value is not a finite number or a label is not a class.
  public init(name: String, shape: FeatureShape, samples: [Float], labels: [Int], classCount: Int) throws(TrainingError) {
    guard shape.count > 0, !labels.isEmpty else { throw .data("\(name): there are no samples") }
    guard samples.count == labels.count * shape.count else {
      throw .data(
        "\(name): \(samples.count) values for \(labels.count) samples of shape \(shape), which have \(labels.count * shape.count)")
    }
    if let index = labels.firstIndex(where: { !(0..<classCount ~= $0) }) {
      throw .data("\(name): sample \(index) has label \(labels[index]); there are \(classCount) classes, counted from 0")
    }
    if let index = samples.firstIndex(where: { !$0.isFinite }) {
      throw .data("\(name): sample \(index / shape.count) has a value that is not a finite number")
    }
    self.name = name
    self.shape = shape
    self.samples = samples
    self.labels = labels
    self.classCount = classCount
  }

  /// The number of samples.
  public var count: Int { labels.count }
}
