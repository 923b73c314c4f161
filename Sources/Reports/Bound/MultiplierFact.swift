import Certificates

/// How the multipliers of one activation node are spread.
public struct MultiplierFact: Sendable, Equatable {
  /// The node.
  public var name: String
  /// Its units.
  public var count: Int
  /// Units whose multiplier is zero.
  public var zeros: Int
  /// Least, lower quartile, median, upper quartile and greatest of the positive multipliers; empty when there is none.
  public var quartiles: [Double]

  /// Units with a positive multiplier.
  public var positive: Int { count - zeros }

  /// Sums up a node's multipliers.
  public init(name: String, multipliers: [Double]) {
    self.name = name
    count = multipliers.count
    let positive = multipliers.filter { $0 > 0 && $0.isFinite }.sorted()
    zeros = count - positive.count
    quartiles = positive.isEmpty ? [] : [0, 0.25, 0.5, 0.75, 1].map { Self.quantile($0, of: positive) }
  }

  /// Every activation node of a certificate.
  public static func facts(of certificate: Certificate) -> [MultiplierFact] {
    certificate.nodes.map { MultiplierFact(name: $0.name, multipliers: $0.multipliers) }
  }

  /// Linear between the two nearest of the sorted values.
  private static func quantile(_ share: Double, of sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let below = Int(place)
    let above = min(below + 1, sorted.count - 1)
    return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
  }
}
