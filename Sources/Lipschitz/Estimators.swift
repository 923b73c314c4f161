/// The estimators by id.
public enum Estimators {
  /// Every method, in the order of tables: upper bounds from loose to tight, then the attained lower bound.
  public static let all: [any LipschitzEstimator] = [
    ProductEstimator(), ClosedFormEstimator(), LipSDPEstimator(mode: .layer), LipSDPEstimator(), LiftedEstimator(), AttainedEstimator(),
  ]

  /// The method with the given id, or `nil`.
  public static func named(_ name: String) -> (any LipschitzEstimator)? { all.first { $0.name == name } }
}
