/// The numbers of one layer after training, in double precision.
public struct LayerValues: Sendable {
  /// The parameters, in the order of ``Layer/parameters``.
  public let parameters: [[Double]]
  /// The statistics, in the order of ``Layer/statistics``.
  public let statistics: [[Double]]
}
