/// The engine at work.
public enum ConicPhase: String, Sendable, Codable {
  /// The alternating direction method.
  case firstOrder = "first-order"
  /// The augmented Lagrangian with semismooth Newton steps.
  case newton
  /// The interior point.
  case interiorPoint = "interior-point"
}
