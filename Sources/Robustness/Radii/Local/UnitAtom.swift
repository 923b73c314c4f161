import Certificates
import Networks

/// One constraint that a unit's increments fulfil: form + constant ≥ 0, or = 0.
struct UnitAtom {
  /// The form in the increments (h, p).
  var form: UnitForm
  /// What makes it non-negative on the unit's graph.
  var constant: Double
  /// Whether it is an equation, whose multiplier may have either sign.
  var isEquation = false
}

extension LocalForm.Unit {
  /// The constraints whose multipliers a margin program chooses: the anchored sector, lines below and above the graph, and for a unit of two
  /// straight pieces the product of their equations.
  ///
  /// Computed in floating point: the proof takes the sum of the forms as it is and finds its least value by itself.
  ///
  /// - Parameter simple: whether to leave out all but the sector and one line on either side.
  func atoms(simple: Bool = false) -> [UnitAtom] {
    let (l, u) = (interval.lowerBound, interval.upperBound)
    let center = activation.value(anchor)
    // The graph as points (p, h): its kinks and ends, or enough points of a curve.
    let kinks = activation.isPiecewiseLinear ? activation.kinks(in: interval) : nil
    let samples: [Double] = kinks.map { [l] + $0 + [u] } ?? (0...128).map { l + (u - l) * Double($0) / 128 }
    let points = samples.map { (p: $0 - anchor, h: activation.value($0) - center) }
    var atoms = [sector(points)]

    func line(_ slope: Double, isLower: Bool) -> UnitAtom {
      let offsets = points.map { $0.h - slope * $0.p }
      return isLower
        ? UnitAtom(form: UnitForm(h: 1, p: -slope), constant: -(offsets.min() ?? 0))
        : UnitAtom(form: UnitForm(h: -1, p: slope), constant: offsets.max() ?? 0)
    }
    let (first, last) = (points[0], points[points.count - 1])
    let chord = last.p > first.p ? (last.h - first.h) / (last.p - first.p) : 0
    let ends = [activation.slope(from: samples[0], to: samples[1]), activation.slope(from: samples[samples.count - 2], to: u)]
    guard !simple else { return atoms + [line(chord, isLower: true), line(chord, isLower: false)] }
    if let kinks, kinks.count == 1 {
      // Convex or concave: two sides of a triangle and the third.
      let isConvex = ends[0] < ends[1]
      atoms += [line(ends[0], isLower: isConvex), line(ends[1], isLower: isConvex), line(chord, isLower: !isConvex)]
      let kink = points[1]
      let (o1, o2) = (kink.h - ends[0] * kink.p, kink.h - ends[1] * kink.p)
      atoms.append(
        UnitAtom(
          form: UnitForm(hh: 1, hp: -(ends[0] + ends[1]), pp: ends[0] * ends[1], h: -(o1 + o2), p: ends[0] * o2 + ends[1] * o1),
          constant: o1 * o2, isEquation: true))
      return atoms
    }
    var slopes = [chord]
    for slope in ends where slopes.allSatisfy({ ($0 - slope).magnitude > 1e-3 }) { slopes.append(slope) }
    for slope in slopes { atoms += [line(slope, isLower: true), line(slope, isLower: false)] }
    return atoms
  }

  /// (h − αp)(βp − h) ≥ 0 with [α, β] the slopes of the chords from the anchor to all other points of the graph: the anchored secant sector.
  private func sector(_ points: [(p: Double, h: Double)]) -> UnitAtom {
    let global = activation.globalSector
    let reach = points.reduce(0) { max($0, $1.p.magnitude) }
    var slopes = points.filter { $0.p.magnitude > 1e-9 * reach }.map { $0.h / $0.p }
    slopes.append(activation.slope(from: anchor - 1e-6 * reach, to: anchor + 1e-6 * reach))
    let low = max(global.lower, slopes.min() ?? global.lower)
    let high = min(global.upper, slopes.max() ?? global.upper)
    // Curves: what lies between the samples.
    let slack = activation.isPiecewiseLinear ? 0 : 1e-4 * (high - low)
    let (alpha, beta) = (low - slack, max(high, low + 1e-9) + slack)
    return UnitAtom(form: UnitForm(hh: -1, hp: alpha + beta, pp: -alpha * beta), constant: 0)
  }
}

extension Activation {
  /// The slope of a chord; of the tangent for a curve at the ends.
  fileprivate func slope(from a: Double, to b: Double) -> Double {
    b > a ? (value(b) - value(a)) / (b - a) : derivative(a)
  }
}
