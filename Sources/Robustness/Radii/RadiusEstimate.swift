import Certificates
import Lipschitz

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
