import LinearAlgebra
import Training

/// The groups of weights that are pruned together.
public struct WeightGroups: Sendable, Equatable {
  /// How weights are grouped.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// Every weight for itself.
    case entries
    /// What a layer takes from one input channel: w[:, i, :, :], or a column of a dense layer.
    case inputChannels = "input-channels"
    /// What makes one output channel: w[o, :, :, :], or a row of a dense layer.
    case filters
  }

  /// The groups of one layer's weight.
  public struct Layer: Sendable, Equatable {
    /// The weight's full name, such as `stage1.block1.conv1.weight`.
    public let name: String
    /// Its place among the model's parameters.
    public let range: Range<Int>
    /// The lengths of its axes.
    public let shape: [Int]
    /// How it is grouped.
    public let kind: Kind

    /// The number of groups.
    public var count: Int {
      switch kind {
      case .entries: range.count
      case .inputChannels: shape[1]
      case .filters: shape[0]
      }
    }

    /// The number of weights of a group.
    public var groupSize: Int { range.count / max(1, count) }

    /// The places among the model's parameters of one group's members, ascending.
    ///
    /// - Precondition: `group` lies in `0 ..< count`.
    public func members(_ group: Int) -> [Int] {
      let kernel = shape.dropFirst(2).reduce(1, *)
      switch kind {
      case .entries: return [range.lowerBound + group]
      case .filters: return Array(range.lowerBound + group * groupSize..<range.lowerBound + (group + 1) * groupSize)
      case .inputChannels:
        return (0..<shape[0]).flatMap { output in
          let first = range.lowerBound + (output * shape[1] + group) * kernel
          return first..<first + kernel
        }
      }
    }

    /// The l₂ norm of every group.
    ///
    /// - Precondition: `parameters` are those of the model.
    public func norms(_ parameters: [Float]) -> [Double] {
      // The squares of a group are added one by one, those of ``squares(_:into:)`` run by run: input channels differ in the last bits, and
      // what has been chosen by either stays as it is.
      var squares = [Double](repeating: 0, count: count)
      forEachRun { group, run in
        for i in run {
          let weight = Double(parameters[range.lowerBound + i])
          squares[group] += weight * weight
        }
      }
      return squares.map { $0.squareRoot() }
    }

    /// The squared l₂ norms of all groups of the layer's weights.
    func squares(_ weights: UnsafePointer<Float>, into squares: UnsafeMutableBufferPointer<Double>) {
      squares.initialize(repeating: 0)
      forEachRun { group, run in
        var sum = 0.0
        for i in run { sum += Double(weights[i]) * Double(weights[i]) }
        squares[group] += sum
      }
    }

    /// Calls `body` with the runs of neighbouring weights in their order in memory: the group of each, and its places within the layer.
    ///
    /// A weight is an array outer × groups × inner, whatever its kind.
    @inline(__always)
    func forEachRun(_ body: (_ group: Int, _ run: Range<Int>) -> Void) {
      let (outer, inner) = kind == .inputChannels ? (shape[0], shape.dropFirst(2).reduce(1, *)) : (1, groupSize)
      let groups = count
      var start = 0
      for _ in 0..<outer {
        for group in 0..<groups {
          body(group, start..<start + inner)
          start += inner
        }
      }
    }
  }

  /// One entry for each pruned weight, in their order in memory.
  public let layers: [Layer]

  /// The groups of a model's weights.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when the scope is empty.
  public init<Element>(_ kind: Kind, of model: Model<Element>, scope: PruningScope) throws(CompressionError) {
    layers = try scope.weights(of: model).map {
      Layer(name: $0.name, range: $0.range, shape: $0.declaration.shape, kind: kind)
    }
  }

  /// The number of groups of all layers.
  public var count: Int { layers.reduce(0) { $0 + $1.count } }
}
