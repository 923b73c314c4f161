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
  public func radius(of problem: RadiusProblem, ceiling: Double? = nil) throws -> RadiusEstimate {
    try radius(of: problem, ceiling: ceiling, budget: Budget())
  }
}

/// A radius proved by a ``RadiusMethod``.
public struct RadiusEstimate: Sendable {
  /// The method's id.
  public var method: String
  /// For all x with |x − x₀| ≤ radius (and in the domain) the network's answer is the label, in real arithmetic with the stored weights; 0 when
  /// nothing was proved.
  public var radius: Double
  /// Whether no greater radius can be proved by anyone, up to the budget's tolerance.
  public var isExact: Bool
  /// Seconds of this thread.
  public var seconds: Double
  /// A remark for people.
  public var note: String?
  /// What proves the radius to anyone who has the model; `nil` when the method makes none.
  public var certificate: RobustnessCertificate?

  /// Collects the parts.
  public init(
    method: String, radius: Double, isExact: Bool = false, seconds: Double, note: String? = nil, certificate: RobustnessCertificate? = nil
  ) {
    self.method = method
    self.radius = radius
    self.isExact = isExact
    self.seconds = seconds
    self.note = note
    self.certificate = certificate
  }
}
