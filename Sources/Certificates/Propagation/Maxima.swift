import LinearAlgebra
import Networks

/// Greatest elements of sets of a node's units.
///
/// In the normal form a maximum is a tournament of rounds ½ (a + b + |a − b|). That is right for every argument about slopes, but lines around
/// the units |a − b| lose something in every round. Bound propagation therefore finds tournaments again and goes around them.
struct Maxima: Sendable {
  /// The node whose units are compared.
  let source: Int
  /// Where each set begins in ``units``, and the end.
  private(set) var starts = [0]
  /// The units of all sets.
  private(set) var units: [Int] = []

  /// The number of sets.
  var count: Int { starts.count - 1 }
  /// The most units in a set.
  var largestCount: Int { zip(starts, starts.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) } }

  /// One set.
  subscript(set: Int) -> ArraySlice<Int> { units[starts[set]..<starts[set + 1]] }

  /// No sets of units of a node.
  init(source: Int) { self.source = source }

  /// Adds a set that is not empty.
  mutating func append(_ set: some Sequence<Int>) {
    units += set
    starts.append(units.count)
  }

  /// The same sets, when the units compared are greatest elements themselves.
  func flattened(_ inner: Maxima) -> Maxima {
    var result = Maxima(source: inner.source)
    for set in 0..<count { result.append(Set(self[set].flatMap { inner[$0] }).sorted()) }
    return result
  }

  /// In how many sets a unit is, at most.
  var largestUse: Int { units.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }.values.max() ?? 0 }

  /// For each set the greatest value of its units.
  func greatest(of values: [Double]) -> [Double] { (0..<count).map { self[$0].reduce(-.infinity) { max($0, values[$1]) } } }

  /// Reads an affine node as one round of a tournament: every unit a copy, or ½ a + ½ b + ½ |a − b| for two units a, b of one node.
  ///
  /// - Parameters:
  ///   - terms: of the node.
  ///   - bias: its bias.
  ///   - count: its units.
  ///   - steps: all nodes before it.
  init?(terms: [(source: Int, map: PropagationMap)], bias: [Double], count: Int, steps: [PropagationNetwork.Step]) {
    guard terms.count == 2, bias.allSatisfy({ $0 == 0 }) else { return nil }
    func difference(_ node: Int) -> (source: Int, map: PropagationMap)? {
      guard case .activation(let p, .uniform(.absoluteValue)) = steps[node], case .affine(let terms, let bias) = steps[p], terms.count == 1,
        bias.allSatisfy({ $0 == 0 })
      else { return nil }
      return terms[0]
    }
    let (first, second) = (terms[0], terms[1])
    if let compared = difference(second.source), compared.source == first.source {
      self.init(means: first.map, shares: second.map, differences: compared.map, source: first.source, count: count)
    } else if let compared = difference(first.source), compared.source == second.source {
      self.init(means: second.map, shares: first.map, differences: compared.map, source: second.source, count: count)
    } else {
      return nil
    }
  }

  private init?(means: PropagationMap, shares: PropagationMap, differences: PropagationMap, source: Int, count: Int) {
    self.init(source: source)
    for unit in 0..<count {
      guard let mean = means.exactRow(unit), let share = shares.exactRow(unit) else { return nil }
      if mean.count == 1, mean[0].value == 1, share.isEmpty {
        append([mean[0].column])
        continue
      }
      guard mean.count == 2, mean.allSatisfy({ $0.value == 0.5 }), share.count == 1, share[0].value == 0.5,
        let compared = differences.exactRow(share[0].column), compared.count == 2, compared[0].value.magnitude == 1,
        compared[0].value == -compared[1].value, Set(compared.map(\.column)) == Set(mean.map(\.column)), mean[0].column != mean[1].column
      else { return nil }
      append(mean.map(\.column))
    }
  }
}

extension NodeRelaxation {
  /// Lines around greatest elements: each a function of one unit of the source.
  ///
  /// Below runs the unit whose interval lies highest. Above, let u₁ ≥ u₂ be the two greatest upper ends and h₁ ∈ [l₁, u₁] the unit that u₁
  /// belongs to. The maximum is at most max(h₁, u₂), and that is convex in h₁: its chord is above. Where l₁ ≥ u₂ it is h₁.
  init(_ maxima: Maxima, lower: [Double], upper: [Double]) {
    let zeros = [Double](repeating: 0, count: maxima.count)
    let ones = [Double](repeating: 1, count: maxima.count)
    (lowerSlopes, lowerIntercepts, upperSlopes, upperIntercepts) = (ones, zeros, ones, zeros)
    var (lowerUnits, upperUnits) = ([Int](repeating: 0, count: maxima.count), [Int](repeating: 0, count: maxima.count))
    for i in 0..<maxima.count {
      let set = maxima[i]
      var (first, second, highest) = (set[set.startIndex], -Double.infinity, set[set.startIndex])
      for unit in set.dropFirst() {
        if upper[unit] > upper[first] {
          second = upper[first]
          first = unit
        } else {
          second = max(second, upper[unit])
        }
        if lower[unit] + upper[unit] > lower[highest] + upper[highest] { highest = unit }
      }
      let (low, high) = (lower[first], upper[first])
      (lowerUnits[i], upperUnits[i]) = (low >= second ? first : highest, first)
      if low >= second { continue }
      let slope = min(1, max(0, (high - second) / (high - low)))
      upperSlopes[i] = slope
      upperIntercepts[i] = max(
        ErrorBounds.subtractUp(second, ErrorBounds.multiplyDown(slope, low)),
        ErrorBounds.subtractUp(high, ErrorBounds.multiplyDown(slope, high)))
    }
    units = (lowerUnits, upperUnits)
  }
}
