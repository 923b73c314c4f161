import LinearAlgebra

/// The numbers of a model.
public struct ModelState<Element: Scalar>: Sendable, Equatable {
  /// What is trained, in the order of ``Model/parameters``.
  public var parameters: [Element]
  /// What passes keep beside them, in the order of ``Model/statistics``.
  public var statistics: [Element]

  /// Collects the numbers.
  public init(parameters: [Element], statistics: [Element]) {
    self.parameters = parameters
    self.statistics = statistics
  }
}
