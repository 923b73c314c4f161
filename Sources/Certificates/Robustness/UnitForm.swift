import LinearAlgebra
import Networks

/// A quadratic form in a unit's increments h and p: q = hh h² + hp h p + pp p² + h₁ h + p₁ p.
///
/// Any q is a valid constraint of the unit once its least value over the unit's graph is known: the sector constraints, the lines below and
/// above the graph, the equation of a ReLU and all sums of them are of this kind.
public struct UnitForm: Sendable, Equatable {
  /// The coefficient of h².
  public var hh = 0.0
  /// The coefficient of h p.
  public var hp = 0.0
  /// The coefficient of p².
  public var pp = 0.0
  /// The coefficient of h.
  public var h = 0.0
  /// The coefficient of p.
  public var p = 0.0

  /// A form.
  public init(hh: Double = 0, hp: Double = 0, pp: Double = 0, h: Double = 0, p: Double = 0) {
    (self.hh, self.hp, self.pp, self.h, self.p) = (hh, hp, pp, h, p)
  }

  /// The coefficients, in the order of the formula.
  public var coefficients: [Double] { [hh, hp, pp, h, p] }

  /// q, in floating point.
  public func value(h: Double, p: Double) -> Double { (hh * h + hp * p + self.h) * h + (pp * p + self.p) * p }

  /// Adds a multiple of another form.
  public mutating func add(_ factor: Double, _ other: UnitForm) {
    hh += factor * other.hh
    hp += factor * other.hp
    pp += factor * other.pp
    h += factor * other.h
    p += factor * other.p
  }

  /// A lower bound of q over the increments that a unit can have.
  ///
  /// The pre-activation runs through the unit's interval. On a straight piece of φ, q is a parabola; its least value is at an end or at the
  /// vertex. Curved functions are cut into short pieces [a, b] with slopes in [α, β] there: φ is a line of slope (α + β)/2 from a up to
  /// (β − α)(b − a)/2. That, the errors of the pre-activation and of computed values, and rounding come off, each times the greatest
  /// partial derivative of q.
  ///
  /// - Returns: −∞ when nothing can be said.
  public func minimum(over unit: LocalForm.Unit) -> Double {
    let (activation, interval, y) = (unit.activation, unit.interval, unit.anchor)
    let global = activation.globalSector
    let steepness = max(global.lower.magnitude, global.upper.magnitude)
    let center = activation.value(y)
    let pError = ErrorBounds.addUp(unit.error, unit.anchorRadius)
    let hError = ErrorBounds.addUp(
      ErrorBounds.multiplyUp(steepness, unit.anchorRadius),
      2 * max(activation.valueError(at: max(interval.lowerBound.magnitude, interval.upperBound.magnitude)), activation.valueError(at: y)))
    let pReach = max((interval.upperBound - y).magnitude, (interval.lowerBound - y).magnitude).nextUp
    let hReach = ErrorBounds.addUp(ErrorBounds.multiplyUp(steepness, pReach), hError)
    var least = Double.infinity
    var departure = 0.0
    for piece in activation.pieces(of: interval) {
      let sector = activation.sector(on: piece)
      let length = (piece.upperBound - piece.lowerBound).nextUp
      let slope = sector.isPoint ? sector.lower : 0.5 * (sector.lower + sector.upper)
      if !sector.isPoint { departure = max(departure, (0.5 * (sector.upper - sector.lower).nextUp * length).nextUp) }
      let (p0, h0) = (piece.lowerBound - y, activation.value(piece.lowerBound) - center)
      // q along the line, as a parabola in the distance from the piece's beginning.
      let c2 = (hh * slope + hp) * slope + pp
      let c1 = 2 * hh * h0 * slope + hp * (h0 + slope * p0) + 2 * pp * p0 + h * slope + p
      let c0 = value(h: h0, p: p0)
      // The parabola differs from q by rounding only, all over the piece: its own least value there is at an end or at the vertex, and what a
      // wrong vertex costs is of second order.
      let vertex = c2 > 0 ? min(max(0, -c1 / (2 * c2)), length) : 0
      let values = [c0, (c2 * length + c1) * length + c0, (c2 * vertex + c1) * vertex + c0]
      // Not a number must not be passed over.
      guard values.allSatisfy(\.isFinite) else { return -.infinity }
      least = values.reduce(least, min)
    }
    // Magnitudes of the parabola's coefficients times the greatest distances; h along a line may be twice as far away as its end.
    let (r, s) = (3 * hReach + departure, 3 * pReach)
    let size = hh.magnitude * r * r + hp.magnitude * r * s + pp.magnitude * s * s + h.magnitude * r + p.magnitude * s
    // Beyond it something may have overflowed; not a number fails here as well.
    guard size <= 0x1p+900 else { return -.infinity }
    let byH = 2 * hh.magnitude * (hReach + hError + departure) + hp.magnitude * (pReach + pError) + h.magnitude
    let byP = 2 * pp.magnitude * (pReach + pError) + hp.magnitude * (hReach + hError + departure) + p.magnitude
    let loss = (0x1p-42 * size + byH * (hError + departure) + byP * pError) * (1 + 0x1p-20) + 0x1p-900
    return ErrorBounds.subtractDown(least, loss.nextUp)
  }
}

extension Activation {
  /// Pieces that cover an interval: straight ones whole where they are known exactly, curved ones short.
  func pieces(of interval: ClosedRange<Double>) -> [ClosedRange<Double>] {
    let (a, b) = (interval.lowerBound, interval.upperBound)
    var cuts: [Double] = []
    switch self {
    case .relu, .leakyReLU, .absoluteValue: cuts = [0]
    case .clip(let lower, let upper): cuts = [lower, upper]
    case .hardSigmoid(let slope, let offset):
      // The kinks are known up to two roundings; what is between their neighbours is a piece by itself.
      for kink in [-offset / slope, (1 - offset) / slope] where kink.isFinite {
        cuts += [kink.nextDown.nextDown.nextDown, kink.nextUp.nextUp.nextUp]
      }
    case .tanh, .sigmoid, .elu, .softplus, .gelu, .geluTanh, .silu, .mish, .hardSwish:
      let count = Int(max(16, min(512, (64 * (b - a)).rounded(.up))))
      cuts = (1..<count).map { a + (b - a) * (Double($0) / Double(count)) }
      // Across a kink the slopes would differ by far more than on the pieces beside it.
      if case .elu = self { cuts.append(0) }
      if case .hardSwish = self { cuts += [-3, 3] }
    }
    var ends = [a]
    for cut in cuts.sorted() where cut > ends[ends.count - 1] && cut < b { ends.append(cut) }
    ends.append(max(b, ends[ends.count - 1]))
    return zip(ends, ends.dropFirst()).map { $0...$1 }
  }
}
