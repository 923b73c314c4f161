import LinearAlgebra
import Networks

/// Units that give δ′ = φ(z + δ) − φ(z): the differences of two networks' values, each from that of the arguments.
///
/// In the normal form this is the difference of two activation nodes, one of which reads z + δ for the z that the other reads. Lines around
/// the two nodes, each for itself, know nothing of δ. But δ′ = s δ for one s of the sector [α, β] of φ on an interval that holds z and z + δ
/// (the idea of ReluDiff, Paulsen, Wang & Wang, ICSE 2020, for every activation function), so a small δ leaves a small δ′ however large z is.
struct UnitIncrements: Sendable {
  /// The node whose units are δ.
  let source: Int
  /// The node whose units are z.
  let base: Int
  /// The node whose units are z + δ.
  let moved: Int
  /// φ(z).
  let baseValue: Int
  /// φ(z + δ).
  let movedValue: Int
  /// φ.
  let units: LoweredNetwork.Units

  /// Reads an affine node as increments: h − g for h = φ(z + δ) and g = φ(z).
  ///
  /// - Parameters:
  ///   - terms: of the node.
  ///   - bias: its bias.
  ///   - count: its units.
  ///   - steps: all nodes before it.
  init?(terms: [(source: Int, map: PropagationMap)], bias: [Double], count: Int, steps: [PropagationNetwork.Step]) {
    guard terms.count == 2, bias.allSatisfy({ $0 == 0 }), terms[0].map.isMultipleOfIdentity(1), terms[1].map.isMultipleOfIdentity(-1),
      case .activation(let moved, let units) = steps[terms[0].source], case .activation(let base, let others) = steps[terms[1].source],
      units == others, case .affine(let parts, let shift) = steps[moved], parts.count == 2, shift.allSatisfy({ $0 == 0 }),
      parts.allSatisfy({ $0.map.isMultipleOfIdentity(1) }), let other = parts.firstIndex(where: { $0.source == base })
    else { return nil }
    (movedValue, baseValue) = (terms[0].source, terms[1].source)
    source = parts[1 - other].source
    (self.base, self.moved, self.units) = (base, moved, units)
    if base > source { return nil }
  }

  /// The sectors of all units on intervals that hold z and z + δ, and whether each function is one straight line there.
  ///
  /// - Parameters:
  ///   - intervals: of all nodes up to δ at least; z + δ may follow later.
  func sectors(_ intervals: NodeIntervals) -> [(sector: Sector, isStraight: Bool)] {
    let shapes = units.shapes
    let (lower, upper) = intervals[base]
    let (least, greatest) = intervals[source]
    let isKnown = intervals.lower.count > moved
    return lower.indices.map { i in
      let low = isKnown ? intervals.lower[moved][i] : ErrorBounds.addDown(lower[i], least[i])
      let high = isKnown ? intervals.upper[moved][i] : ErrorBounds.addUp(upper[i], greatest[i])
      let hull = min(lower[i], low)...max(upper[i], high)
      return (units.activation(of: i).sector(on: hull), shapes(i).isStraight(on: hull))
    }
  }

  /// Intervals of δ′, rounded outwards: s δ, and the difference of the values' intervals where that is less.
  func images(_ intervals: NodeIntervals) -> [(lower: Double, upper: Double)] {
    let (least, greatest) = intervals[source]
    let (old, new) = (intervals[baseValue], intervals[movedValue])
    return sectors(intervals).enumerated().map { i, unit in
      let products = [unit.sector.lower, unit.sector.upper].flatMap { s in [least[i], greatest[i]].map { Self.product(s, $0) } }
      let lower = products.map(\.down).min() ?? -.infinity
      let upper = products.map(\.up).max() ?? .infinity
      return (
        max(lower, ErrorBounds.subtractDown(new.lower[i], old.upper[i])), min(upper, ErrorBounds.subtractUp(new.upper[i], old.lower[i]))
      )
    }
  }

  /// Bounds of a product.
  static func product(_ a: Double, _ b: Double) -> (down: Double, up: Double) {
    let value = a * b
    return a == 0 || a.magnitude == 1 ? (value, value) : (value.nextDown, value.nextUp)
  }
}

extension NodeRelaxation {
  /// Lines around increments as functions of δ on its intervals.
  ///
  /// δ′ lies between the lesser and the greater of αδ and βδ. The lesser is concave, so a line is below where it is at both ends; above alike.
  /// The best one is the chord, unless the least or greatest value of δ′ itself encloses less.
  ///
  /// - Parameters:
  ///   - increments: which.
  ///   - node: their node, whose intervals are known.
  ///   - intervals: of this node and all before it.
  init(_ increments: UnitIncrements, node: Int, intervals: NodeIntervals) {
    let (least, greatest) = intervals[increments.source]
    let images = intervals[node]
    let zeros = [Double](repeating: 0, count: least.count)
    (lowerSlopes, lowerIntercepts, upperSlopes, upperIntercepts) = (zeros, zeros, zeros, zeros)
    for (i, unit) in increments.sectors(intervals).enumerated() {
      let (a, b) = (unit.sector.lower, unit.sector.upper)
      let ends = [least[i], greatest[i]]
      let middle = 0.5 * ends[0] + 0.5 * ends[1]
      func slope(_ extreme: (Double, Double) -> Double) -> Double {
        let chord = (extreme(a * ends[1], b * ends[1]) - extreme(a * ends[0], b * ends[0])) / (ends[1] - ends[0])
        // A chord of nothing is no number; any slope will do.
        return a == b || !chord.isFinite ? a : min(max(chord, a), b)
      }
      let (low, high) = (slope { min($0, $1) }, slope { max($0, $1) })
      let below = ends.map { d in
        let line = UnitIncrements.product(low, d).up
        return ErrorBounds.subtractDown(min(UnitIncrements.product(a, d).down, UnitIncrements.product(b, d).down), line)
      }
      let above = ends.map { d in
        let line = UnitIncrements.product(high, d).down
        return ErrorBounds.subtractUp(max(UnitIncrements.product(a, d).up, UnitIncrements.product(b, d).up), line)
      }
      let (under, over) = (min(below[0], below[1]), max(above[0], above[1]))
      (lowerSlopes[i], lowerIntercepts[i]) = low * middle + under >= images.lower[i] ? (low, under) : (0, images.lower[i])
      (upperSlopes[i], upperIntercepts[i]) = high * middle + over <= images.upper[i] ? (high, over) : (0, images.upper[i])
    }
  }
}
