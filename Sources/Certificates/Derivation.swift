import Networks

/// A proof of a Lipschitz bound by other means than one multiplier for each unit of the network.
///
/// Each case holds the data its proof needs, as found by an untrusted method; ``CertificateChecker`` re-derives the bound from
/// them and the network alone.
public enum Derivation: Codable, Sendable, Equatable {
  /// The squared norms of ``LoopTransformation/gains``.
  case loopTransformation(gains: [[Double]])
  /// Blocks and tiles, each with multipliers of its own.
  case composition(Composition)
  /// Several sets of multipliers, each for the inputs that it serves best: the l₁ norm.
  case columns(ColumnProof)
  /// One multiplier for each channel of the convolutional part, proved frequency by frequency.
  case frequencies(FrequencyDerivation)
  /// Directional gains from layer to layer; see ``LayerGains``.
  case layerGains(LayerGains)

  /// Proves the bound for the network's selected outputs and the statement's norms, and returns it, rounded up.
  ///
  /// - Parameter memoryLimit: bytes; a proof that needs more is refused before it starts.
  /// - Throws: ``NotProved``.
  func prove(_ network: LoweredNetwork, statement: Statement, memoryLimit: Int, isCancelled: () -> Bool) throws -> Double {
    switch self {
    case .loopTransformation(let gains):
      guard statement.inputNorm == .l2 else { throw NotProved("the loop transformation bounds the l2 norm only") }
      let selected = try network.selecting(statement.output)
      try CostEstimate(transforming: selected).require(memoryLimit: memoryLimit)
      return try LoopTransformation(network: selected, gains: gains, isCancelled: isCancelled).bound
    case .composition(let composition):
      return try composition.prove(
        network.selecting(statement.output), inputNorm: statement.inputNorm, memoryLimit: memoryLimit, isCancelled: isCancelled)
    case .columns(let proof):
      return try proof.prove(network, statement: statement, memoryLimit: memoryLimit, isCancelled: isCancelled)
    case .frequencies(let data):
      return try data.prove(network, statement: statement, memoryLimit: memoryLimit, isCancelled: isCancelled)
    case .layerGains(let gains):
      guard statement.inputNorm == .l2 else { throw NotProved("gains of layers are about the l2 norm") }
      let chain = try GainChain(try network.selecting(statement.output))
      return try gains.prove(try GainProgram(chain), memoryLimit: memoryLimit, isCancelled: isCancelled)
    }
  }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    switch self {
    case .loopTransformation(let gains):
      sha.update("loop-transformation".utf8)
      sha.update(lists: gains)
    case .composition(let composition): composition.digest(into: &sha)
    case .columns(let proof):
      sha.update("columns".utf8)
      proof.digest(into: &sha)
    case .frequencies(let data):
      sha.update("frequencies".utf8)
      data.digest(into: &sha)
    case .layerGains(let gains):
      sha.update("layerGains".utf8)
      sha.update(lists: gains.values)
    }
  }
}
