import LinearAlgebra
import Training

/// Which parameters of a model are kept; the others are zero and stay so.
public struct PruningMask: Sendable, Equatable {
  /// One entry for each parameter of the model.
  public var isKept: [Bool]

  /// A mask that keeps everything.
  public init(count: Int) { isKept = Array(repeating: true, count: count) }

  /// The parameters that are not zero.
  ///
  /// - Parameters:
  ///   - parameters: those of the model.
  ///   - groups: the weights that can be pruned; all others are kept.
  public init(nonZero parameters: [Float], in groups: WeightGroups) {
    self.init(count: parameters.count)
    for layer in groups.layers { for place in layer.range { isKept[place] = parameters[place] != 0 } }
  }

  /// Prunes a group of a layer.
  public mutating func remove(_ group: Int, of layer: WeightGroups.Layer) {
    for place in layer.members(group) { isKept[place] = false }
  }

  /// Keeps only what another mask keeps too.
  public mutating func formIntersection(_ other: PruningMask) {
    for place in isKept.indices where !other.isKept[place] { isKept[place] = false }
  }

  /// Makes pruned parameters zero.
  public func apply(to parameters: inout [Float]) {
    for place in isKept.indices where !isKept[place] { parameters[place] = 0 }
  }

  /// The number of kept parameters.
  public var keptCount: Int { isKept.count { $0 } }
}
