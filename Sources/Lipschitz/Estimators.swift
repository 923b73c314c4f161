/// The estimators by id.
public enum Estimators {
  /// Every method, in the order of tables: upper bounds from loose to tight, then the attained lower bound.
  public static func all(_ settings: EstimatorSettings = EstimatorSettings()) -> [any LipschitzEstimator] {
    [
      ProductEstimator(),
      LipLTEstimator(),
      ClosedFormEstimator(),
      PartitionEstimator(
        factor: settings.partitionFactor, layers: settings.partitionLayers, method: settings.partitionMethod, rank: settings.rank),
      FrequencyEstimator(coversAllImageSizes: settings.coversAllImageSizes),
      RecursionEstimator(),
      CompositionalEstimator(rule: settings.compositionalRule),
      LipSDPEstimator(mode: .layer),
      LipSDPEstimator(),
      LiftedEstimator(rank: settings.rank, tying: settings.tying, workFolder: settings.workFolder),
      AttainedEstimator(),
    ]
  }

  /// The ids of all methods, in the order of tables.
  public static var names: [String] { all().map(\.name) }

  /// The method with the given id, or `nil`.
  public static func named(_ name: String, settings: EstimatorSettings = EstimatorSettings()) -> (any LipschitzEstimator)? {
    all(settings).first { $0.name == name }
  }
}
