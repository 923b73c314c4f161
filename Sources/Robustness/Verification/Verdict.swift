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
