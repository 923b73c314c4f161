import ConicPrograms

/// A row of the iteration log.
public struct ConicProgress: Sendable, Codable, Equatable {
  /// The engine at work.
  public var phase: ConicPhase
  /// Its iterations so far.
  public var iteration: Int
  /// Residuals in the user's data. The distances to the cones are those of projected points, zero, until the end.
  public var residuals: Residuals
  /// The penalty parameter, or the interior point's μ.
  public var penalty: Double
  /// Seconds since the start.
  public var seconds: Double
}
