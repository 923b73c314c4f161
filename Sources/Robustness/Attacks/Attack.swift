import Lipschitz

/// A search for a near input with another answer: the upper end of an input's bracket.
public protocol Attack: Sendable {
  /// The attack's id, as in `--attack`.
  var name: String { get }

  /// The nearest adversarial input that the attack finds, or `nil`.
  ///
  /// The result's answer was evaluated anew on the network itself.
  func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary?
}

extension Attack {
  /// The nearest adversarial input that the attack finds within the default budget, or `nil`.
  public func search(_ problem: RadiusProblem) throws -> Adversary? { try search(problem, budget: Budget()) }
}

/// An input with another answer.
public struct Adversary: Sendable {
  /// The attack's id.
  public var attack: String
  /// The input.
  public var input: [Double]
  /// Its distance from the attacked one in the problem's norm, rounded up.
  public var distance: Double
  /// The class that is at least level with the label there.
  public var rival: Int
  /// Seconds of this thread.
  public var seconds: Double

  /// Collects the parts.
  public init(attack: String, input: [Double], distance: Double, rival: Int, seconds: Double) {
    self.attack = attack
    self.input = input
    self.distance = distance
    self.rival = rival
    self.seconds = seconds
  }
}
