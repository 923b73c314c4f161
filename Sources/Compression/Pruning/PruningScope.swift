import LinearAlgebra
import Training

/// Which weights of a model are pruned. Biases and normalisation never are.
public enum PruningScope: String, Hashable, Sendable, Codable, CaseIterable {
  /// The kernels of convolutions only, as in the reference implementation of RVSM and RGSM.
  case convolutions
  /// All weights but those of the last layer, which has one row for each class.
  case hidden
  /// All weights.
  case all

  /// The weights of this scope, in their order in memory.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when there is none.
  public func weights<Element>(of model: Model<Element>) throws(CompressionError) -> [Model<Element>.PlacedParameter] {
    let all = model.parameters.filter { [.denseWeight, .convolutionWeight].contains($0.declaration.role) }
    let weights = all.filter { weight in
      switch self {
      case .convolutions: weight.declaration.role == .convolutionWeight
      case .hidden: weight.declaration.role == .convolutionWeight || weight.declaration.shape[0] != model.outputShape.channels
      case .all: true
      }
    }
    guard !weights.isEmpty else { throw .setting(key: "scope", detail: "the model has no weights of the scope '\(rawValue)'") }
    return weights
  }
}
