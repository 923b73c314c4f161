import Networks

/// A proof of a Lipschitz bound by other means than one multiplier for each unit of the network.
///
/// Each case holds the data its proof needs, as found by an untrusted method; ``prove(_:statement:isCancelled:)`` re-derives the bound from
/// them and the network alone.
public enum Derivation: Codable, Sendable, Equatable {
  /// No proof: never accepted. Here so that readers of older programs meet a known case.
  case none
  /// One multiplier for each channel of the convolutional part, proved frequency by frequency.
  case frequencies(FrequencyDerivation)

  /// Proves the bound for the network's selected outputs and the statement's norms, and returns it, rounded up.
  ///
  /// - Throws: ``NotProved``.
  func prove(_ network: LoweredNetwork, statement: Statement, isCancelled: () -> Bool) throws -> Double {
    switch self {
    case .none: throw NotProved("it holds no proof")
    case .frequencies(let data): return try data.prove(network, statement: statement, isCancelled: isCancelled)
    }
  }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    switch self {
    case .none: sha.update("none".utf8)
    case .frequencies(let data):
      sha.update("frequencies".utf8)
      data.digest(into: &sha)
    }
  }
}
