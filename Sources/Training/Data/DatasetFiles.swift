/// A file of samples and, where they are apart, the file of their labels.
public struct DatasetFiles: Hashable, Sendable, Codable {
  /// The path of the samples.
  public var samples: String
  /// The path of the labels, or `nil` when they are in the same file.
  public var labels: String?

  /// A pair of files.
  public init(samples: String, labels: String? = nil) {
    self.samples = samples
    self.labels = labels
  }
}
