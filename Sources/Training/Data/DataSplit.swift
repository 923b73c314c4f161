/// What samples are for.
public enum DataSplit: Int, Sendable, Codable, CaseIterable {
  /// Training and validation.
  case training
  /// Testing.
  case test
}
