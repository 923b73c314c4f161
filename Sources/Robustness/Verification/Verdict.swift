/// The answer to whether a network has inputs and outputs in a property's unsafe set.
public enum Verdict: Sendable {
  /// There is one: the witness.
  case sat(Witness)
  /// There is none, in real arithmetic over the stored weights: proved.
  case unsat
  /// Neither was shown.
  case unknown(String)
  /// Neither was shown when the time was over.
  case timeout

  /// The word of the competitions.
  public var name: String {
    switch self {
    case .sat: "sat"
    case .unsat: "unsat"
    case .unknown: "unknown"
    case .timeout: "timeout"
    }
  }
}

/// What a verification found and how.
public struct VerificationOutcome: Sendable {
  /// The answer.
  public var verdict: Verdict
  /// How it was found, for people.
  public var method: String
  /// Seconds of the wall clock.
  public var seconds: Double
  /// The number of boxes or sets of phases that were bounded.
  public var branches: Int
}

/// Why a property and a network cannot be put together.
public enum VerificationError: Error, Equatable, CustomStringConvertible {
  /// The numbers of inputs differ.
  case wrongInputCount(property: Int, network: Int)
  /// The numbers of outputs differ.
  case wrongOutputCount(property: Int, network: Int)
  /// An input has no bound on one side.
  case unboundedInput(Int)
  /// The property is about floating-point numbers, the proof would be about real ones.
  case notAboutReals(String)

  /// One line for people.
  public var description: String {
    switch self {
    case .wrongInputCount(let property, let network): "the property has \(property) inputs, the network \(network)"
    case .wrongOutputCount(let property, let network): "the property has \(property) outputs, the network \(network)"
    case .unboundedInput(let index): "input \(index) is not bounded on both sides, so nothing can be proved by bounds"
    case .notAboutReals(let type):
      "the property is about \(type) arithmetic, but proofs are about real arithmetic over the stored weights; write 'real' in the property or ask "
        + "for real semantics"
    }
  }
}
