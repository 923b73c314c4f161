import LinearAlgebra
import Training

extension WeightGroups {
  /// How the size of a group is measured; of a single weight both are its magnitude.
  public enum Norm: String, Hashable, Sendable, Codable, CaseIterable {
    /// The sum of magnitudes: Li et al., Pruning filters for efficient ConvNets, ICLR 2017.
    case l1
    /// The root of the sum of squares.
    case l2
  }
}

extension WeightGroups.Layer {
  /// The norm of every group.
  func norms(_ parameters: [Float], _ norm: WeightGroups.Norm) -> [Double] {
    switch norm {
    case .l1: (0..<count).map { members($0).reduce(0) { $0 + Double(parameters[$1].magnitude) } }
    case .l2: norms(parameters)
    }
  }
}
