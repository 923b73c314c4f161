import Certificates
import Lipschitz

/// A way to find out how far an input can move without a change of its answer: one row of every table of radii.
public protocol RadiusMethod: Sendable {
  /// The method's id, as in `--method`.
  var name: String { get }

  /// A radius for one input, for which the network gives the label.
  ///
  /// - Parameters:
  ///   - problem: the input.
  ///   - ceiling: a radius at which the answer is known to change (an attack's), or `nil`; nothing above it need be tried.
  ///   - budget: what may be spent; `tolerance` is the relative precision of the radius.
  /// - Throws: `NotApplicable` when the method cannot treat the problem; `NotProved` when something it rests on cannot be proved.
  func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate
}

extension RadiusMethod {
  /// A radius for one input within the default budget.
  ///
  /// - Throws: As ``radius(of:ceiling:budget:)``.
  public func radius(of problem: RadiusProblem, ceiling: Double? = nil) throws -> RadiusEstimate {
    try radius(of: problem, ceiling: ceiling, budget: Budget())
  }
}
