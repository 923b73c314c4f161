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
