/// The share of inputs that pass at every radius: a step function that never rises.
public struct RadiusCurve: Sendable, Equatable {
  /// What a radius in ``radii`` says about its input.
  public enum Kind: Sendable, Equatable {
    /// It passes up to the radius and there: certified.
    case closed
    /// It passes below the radius: attacked.
    case open
  }

  /// Certified or attacked.
  public let kind: Kind
  /// The number of inputs that shares are of.
  public let inputCount: Int
  /// The radii of the inputs that pass anywhere, ascending; infinite for those that no attack changed.
  public let radii: [Double]

  /// Sorts radii; those that are not positive never pass.
  public init(_ kind: Kind, inputCount: Int, radii: [Double]) {
    self.kind = kind
    self.inputCount = inputCount
    self.radii = radii.filter { $0 > 0 }.sorted()
  }

  /// The number of inputs that pass at a radius ≥ 0.
  public func count(at radius: Double) -> Int {
    // The first of the ascending radii that passes.
    var (low, high) = (0, radii.count)
    while low < high {
      let middle = (low + high) / 2
      if kind == .closed ? radii[middle] >= radius : radii[middle] > radius { high = middle } else { low = middle + 1 }
    }
    return radii.count - low
  }

  /// The share of inputs that pass at a radius ≥ 0; 0 when there are no inputs.
  public func share(at radius: Double) -> Double { inputCount == 0 ? 0 : Double(count(at: radius)) / Double(inputCount) }

  /// The corners for a plot: from each radius to the next the share stays the same; the first corner is at 0, infinite radii have none.
  public var steps: [(radius: Double, share: Double)] {
    var result = [(radius: 0.0, share: share(at: 0))]
    for (i, radius) in radii.enumerated() where radius.isFinite && (i + 1 == radii.count || radii[i + 1] != radius) {
      result.append((radius, Double(radii.count - i - 1) / Double(inputCount)))
    }
    return result
  }
}
