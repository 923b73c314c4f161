/// Which units of an activation node share one multiplier: a partition of the node's units.
struct UnitGroups: Sendable, Equatable {
  /// For each unit its group, counted from 0.
  let group: [Int]
  /// The number of groups.
  let count: Int

  /// Units with equal labels share a group.
  init(labels: [Int]) {
    var places: [Int: Int] = [:]
    group = labels.map { label in
      let place = places[label, default: places.count]
      places[label] = place
      return place
    }
    count = places.count
  }

  /// For every unit the root of the sum of its group's squares.
  func lengths(_ squares: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: count)
    for (i, square) in squares.enumerated() { sums[group[i]] += square }
    return group.map { sums[$0].squareRoot() }
  }

  /// For every unit the largest of its group's values, zero for units whose own is not positive.
  func shared(_ values: [Double]) -> [Double] {
    var largest = [Double](repeating: 0, count: count)
    for (i, value) in values.enumerated() { largest[group[i]] = max(largest[group[i]], value) }
    return values.enumerated().map { i, value in value > 0 ? largest[group[i]] : 0 }
  }
}
