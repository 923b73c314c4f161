import Networks

/// A proof of a Lipschitz bound by other means than one multiplier for each unit of the network.
///
/// Each case holds the data its proof needs, as found by an untrusted method; ``prove(_:statement:isCancelled:)`` re-derives the bound from
/// them and the network alone.
public enum Derivation: Codable, Sendable, Equatable {
  /// No proof: never accepted. Here so that readers of older programs meet a known case.
  case none
  /// Several sets of multipliers, each for the inputs that it serves best: the l₁ norm.
  case columns(ColumnProof)

  /// Proves the bound for the network's selected outputs and the statement's norms, and returns it, rounded up.
  ///
  /// - Throws: ``NotProved``.
  func prove(_ network: LoweredNetwork, statement: Statement, isCancelled: () -> Bool) throws -> Double {
    switch self {
    case .none: throw NotProved("it holds no proof")
    case .columns(let proof): return try proof.prove(network, statement: statement, isCancelled: isCancelled)
    }
  }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    switch self {
    case .none: sha.update("none".utf8)
    case .columns(let proof):
      sha.update("columns".utf8)
      proof.digest(into: &sha)
    }
  }
}
