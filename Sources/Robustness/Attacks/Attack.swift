import Lipschitz

/// A search for a near input with another answer: the upper end of an input's bracket.
public protocol Attack: Sendable {
  /// The attack's id, as in `--attack`.
  var name: String { get }

  /// The nearest adversarial input that the attack finds, or `nil`.
  ///
  /// The result's answer was evaluated anew on the network itself.
  ///
  /// - Throws: `NotProved` when the network's numbers allow no proof of an answer.
  func search(_ problem: RadiusProblem, budget: Budget) throws -> Adversary?
}

extension Attack {
  /// The nearest adversarial input that the attack finds within the default budget, or `nil`.
  ///
  /// - Throws: As ``search(_:budget:)``.
  public func search(_ problem: RadiusProblem) throws -> Adversary? { try search(problem, budget: Budget()) }
}
