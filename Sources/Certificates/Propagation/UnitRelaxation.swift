import LinearAlgebra
import Networks

/// Two lines that enclose an activation function on an interval: lower.slope y + lower.intercept ≤ φ(y) ≤ upper.slope y + upper.intercept.
public struct UnitRelaxation: Sendable, Equatable {
  /// A line s y + t.
  public struct Line: Sendable, Equatable {
    /// s.
    public var slope: Double
    /// t.
    public var intercept: Double
    /// About where it touches the function.
    public var contact: Double
  }

  /// Below φ.
  public let lower: Line
  /// Above φ.
  public let upper: Line

  /// The lines with given slopes; the intercepts are the best ones for them, rounded outwards.
  ///
  /// - Parameters:
  ///   - activation: φ.
  ///   - interval: where the lines enclose φ; finite.
  ///   - lowerSlope: any number; `nil` (or one that is not finite) for the slope that encloses least.
  ///   - upperSlope: the same for the upper line.
  public init(
    _ activation: Activation, on interval: ClosedRange<Double>, lowerSlope: Double? = nil, upperSlope: Double? = nil
  ) {
    self.init(ActivationShape(activation), on: interval, lowerSlope: lowerSlope, upperSlope: upperSlope)
  }

  /// Whether the function is more than one straight line on the interval, so that slopes matter.
  public static func isCurved(_ activation: Activation, on interval: ClosedRange<Double>) -> Bool {
    !ActivationShape(activation).isStraight(on: interval)
  }

  init(_ shape: ActivationShape, on interval: ClosedRange<Double>, lowerSlope: Double? = nil, upperSlope: Double? = nil) {
    func line(_ sign: Double, _ slope: Double?) -> Line {
      let slope = slope.flatMap { $0.isFinite ? $0 : nil } ?? shape.envelopeSlope(sign: sign, on: interval)
      let (bound, point) = shape.minimum(sign: sign, slope: slope, on: interval)
      return Line(slope: slope, intercept: sign * bound, contact: point)
    }
    lower = line(1, lowerSlope)
    upper = line(-1, upperSlope)
  }
}

/// The slopes of the lines of all units of a network: what is free in backward bounds, and what a certificate stores of them.
///
/// Any slopes give sound bounds; these say which.
public struct RelaxationSlopes: Codable, Sendable, Equatable {
  /// For every activation node, in order, the slopes of the lower lines; an empty list for those that enclose least.
  public var lower: [[Double]]
  /// The same for the upper lines.
  public var upper: [[Double]]

  /// Collects slopes.
  public init(lower: [[Double]], upper: [[Double]]) {
    self.lower = lower
    self.upper = upper
  }

  /// No slopes: every unit takes those that enclose least.
  public init(default network: LoweredNetwork) {
    let empty = [[Double]](repeating: [], count: network.activationNodes.count)
    self.init(lower: empty, upper: empty)
  }

  /// Whether there is one list for each activation node, empty or one number for each unit.
  public func fits(_ network: LoweredNetwork) -> Bool {
    let counts = network.activationNodes.map { network.nodes[$0].count }
    return [lower, upper].allSatisfy { lists in
      lists.count == counts.count && zip(lists, counts).allSatisfy { $0.isEmpty || $0.count == $1 }
    }
  }
}

/// The lines of a node's units, unit by unit, or unit by unit and row by row.
struct NodeRelaxation: Sendable {
  /// Numbers from one unit to the next: 0 for a single line for all rows, else the rows of a block.
  var stride = 0
  var lowerSlopes: [Double]
  var lowerIntercepts: [Double]
  var upperSlopes: [Double]
  var upperIntercepts: [Double]
  /// The units of the source that the lower and the upper lines are functions of; `nil` for each unit's own.
  var units: (lower: [Int], upper: [Int])?

  /// The lines of all units on their intervals that enclose least.
  init(_ units: LoweredNetwork.Units, lower: [Double], upper: [Double]) {
    let count = lower.count
    let zeros = [Double](repeating: 0, count: count)
    (lowerSlopes, lowerIntercepts, upperSlopes, upperIntercepts) = (zeros, zeros, zeros, zeros)
    let shapes = units.shapes
    for i in 0..<count {
      let relaxation = UnitRelaxation(shapes(i), on: lower[i]...upper[i])
      (lowerSlopes[i], lowerIntercepts[i]) = (relaxation.lower.slope, relaxation.lower.intercept)
      (upperSlopes[i], upperIntercepts[i]) = (relaxation.upper.slope, relaxation.upper.intercept)
    }
  }

  /// The same lines with other slopes where the functions are not straight.
  ///
  /// - Parameters:
  ///   - slopes: one pair of lists for all rows of a block, or one for each row; empty lists change nothing.
  ///   - width: the rows of a block.
  ///   - units: the functions, and their intervals.
  func replacing(
    _ slopes: [(lower: [Double], upper: [Double])], width: Int, units: LoweredNetwork.Units, lower: [Double], upper: [Double]
  ) -> NodeRelaxation {
    var result = self
    if slopes.count != 1 {
      result.stride = width
      func spread(_ values: [Double]) -> [Double] { values.flatMap { repeatElement($0, count: width) } }
      (result.lowerSlopes, result.lowerIntercepts) = (spread(lowerSlopes), spread(lowerIntercepts))
      (result.upperSlopes, result.upperIntercepts) = (spread(upperSlopes), spread(upperIntercepts))
    }
    let shapes = units.shapes
    for i in lower.indices {
      let (shape, interval) = (shapes(i), lower[i]...upper[i])
      // Where the function is straight no other line is as good.
      if shape.isStraight(on: interval) { continue }
      for (lane, own) in slopes.enumerated() {
        let place = i * max(1, result.stride) + lane
        if !own.lower.isEmpty, own.lower[i].isFinite {
          result.lowerSlopes[place] = own.lower[i]
          result.lowerIntercepts[place] = shape.intercept(sign: 1, slope: own.lower[i], on: interval)
        }
        if !own.upper.isEmpty, own.upper[i].isFinite {
          result.upperSlopes[place] = own.upper[i]
          result.upperIntercepts[place] = shape.intercept(sign: -1, slope: own.upper[i], on: interval)
        }
      }
    }
    return result
  }

  /// The greatest |slope| and |intercept| of a unit's lines, over all rows.
  func magnitudes(_ unit: Int) -> (slope: Double, intercept: Double) {
    let places = stride == 0 ? unit..<unit + 1 : unit * stride..<(unit + 1) * stride
    return places.reduce((0, 0)) { result, k in
      (
        greatest(result.0, greatest(lowerSlopes[k].magnitude, upperSlopes[k].magnitude)),
        greatest(result.1, greatest(lowerIntercepts[k].magnitude, upperIntercepts[k].magnitude))
      )
    }
  }

  /// The greater of two numbers; not a number if one is.
  private func greatest(_ a: Double, _ b: Double) -> Double { a >= b || a.isNaN ? a : b }
}

extension LoweredNetwork.Units {
  /// The shapes of the units' functions.
  var shapes: (Int) -> ActivationShape {
    if case .uniform(let activation) = self {
      let shape = ActivationShape(activation)
      return { _ in shape }
    }
    return { ActivationShape(activation(of: $0)) }
  }
}
