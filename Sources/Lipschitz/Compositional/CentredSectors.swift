import Certificates

/// Slope sectors as h = c z + e, |e| ≤ d |z|.
struct CentredSectors {
  /// c = (α + β)/2 of every unit.
  let centre: [Double]
  /// d = (β − α)/2 of every unit; zero for linear units.
  let radius: [Double]

  /// The number of units.
  var count: Int { centre.count }

  /// The sectors of a layer.
  init(_ sectors: UnitSectors) {
    centre = zip(sectors.lower, sectors.upper).map { 0.5 * ($0 + $1) }
    radius = zip(sectors.lower, sectors.upper).map { 0.5 * ($1 - $0) }
  }
}

extension UnitSectors {
  /// Sectors that are points or at least so wide.
  func withLeastWidth(_ width: Double) -> UnitSectors {
    var result = self
    for i in lower.indices where lower[i] < upper[i] && upper[i] - lower[i] < width {
      result.lower[i] -= 0.5 * width
      result.upper[i] += 0.5 * width
    }
    return result
  }
}
