/// Prices of coordinates.
enum PartitionPrices {
  /// Prices with a floor: those near zero would allow any weight, and never rise again.
  static func floored(_ prices: [Double]) -> [Double] {
    let mean = prices.reduce(0, +) / Double(max(1, prices.count))
    return prices.map { max($0, 1e-5 * mean, 1e-300) }
  }
}
