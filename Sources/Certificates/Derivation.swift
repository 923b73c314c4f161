import Networks

/// A proof of a Lipschitz bound by other means than one multiplier for each unit of the network.
///
/// Each case holds the data its proof needs, as found by an untrusted method; ``prove(_:statement:isCancelled:)`` re-derives the bound from
/// them and the network alone.
public enum Derivation: Codable, Sendable, Equatable {
  /// No proof: never accepted. Here so that readers of older programs meet a known case.
  case none
  /// Directional gains from layer to layer; see ``LayerGains``.
  case layerGains(LayerGains)

  /// Proves the bound for the network's selected outputs and the statement's norms, and returns it, rounded up.
  ///
  /// - Throws: ``NotProved``.
  func prove(_ network: LoweredNetwork, statement: Statement, isCancelled: () -> Bool) throws -> Double {
    switch self {
    case .none: throw NotProved("it holds no proof")
    case .layerGains(let gains):
      guard statement.inputNorm == .l2 else { throw NotProved("gains of layers are about the l2 norm") }
      let chain = try GainChain(try network.selecting(statement.output))
      return try gains.prove(try GainProgram(chain), isCancelled: isCancelled)
    }
  }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    switch self {
    case .none: sha.update("none".utf8)
    case .layerGains(let gains):
      sha.update("layerGains".utf8)
      sha.update(UInt64(gains.values.count))
      for values in gains.values {
        sha.update(UInt64(values.count))
        sha.update(values)
      }
    }
  }
}
