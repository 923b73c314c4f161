import LinearAlgebra
import Networks

extension LoweredNetwork {
  /// Whether two networks have the same nodes, coefficient by coefficient; names and biases aside.
  ///
  /// Then they have the same increments for the same increments of the input, and one proof of a gain serves both.
  public func hasSameIncrements(as other: LoweredNetwork) -> Bool {
    guard nodes.map(\.count) == other.nodes.map(\.count) else { return false }
    return zip(nodes, other.nodes).allSatisfy { a, b in
      switch (a.kind, b.kind) {
      case (.input, .input): return true
      case (.affine(let own, _), .affine(let others, _)):
        return own.count == others.count
          && zip(own, others).allSatisfy { $0.source == $1.source && $0.map?.description == $1.map?.description }
      case (.activation(let source, let units), .activation(let otherSource, let otherUnits)):
        return source == otherSource && units.isSame(as: otherUnits)
      default: return false
      }
    }
  }
}

extension LoweredNetwork.Units {
  fileprivate func isSame(as other: Self) -> Bool {
    switch (self, other) {
    case (.uniform(let a), .uniform(let b)): a == b
    case (.leakyReLU(let a), .leakyReLU(let b)): a == b
    default: false
    }
  }
}
