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

  /// The lines of all units on their intervals.
  init(_ units: LoweredNetwork.Units, lower: [Double], upper: [Double], slopes: (lower: [Double], upper: [Double]) = ([], [])) {
    let count = lower.count
    let zeros = [Double](repeating: 0, count: count)
    (lowerSlopes, lowerIntercepts, upperSlopes, upperIntercepts) = (zeros, zeros, zeros, zeros)
    var shape: ActivationShape?
    for i in 0..<count {
      if case .leakyReLU = units { shape = nil }
      let current = shape ?? ActivationShape(units.activation(of: i))
      shape = current
      let interval = lower[i]...upper[i]
      // Where the function is straight no other line is as good.
      let isFree = !current.isStraight(on: interval)
      let relaxation = UnitRelaxation(
        current, on: interval, lowerSlope: isFree && !slopes.lower.isEmpty ? slopes.lower[i] : nil,
        upperSlope: isFree && !slopes.upper.isEmpty ? slopes.upper[i] : nil)
      (lowerSlopes[i], lowerIntercepts[i]) = (relaxation.lower.slope, relaxation.lower.intercept)
      (upperSlopes[i], upperIntercepts[i]) = (relaxation.upper.slope, relaxation.upper.intercept)
    }
  }

  /// Lines of their own for every row of a block of `width` rows.
  init(lanes: [NodeRelaxation], width: Int) {
    stride = width
    func interleaved(_ part: (NodeRelaxation) -> [Double]) -> [Double] {
      let columns = lanes.map(part)
      let count = columns.first?.count ?? 0
      var result = [Double](repeating: 0, count: count * width)
      for (lane, column) in columns.enumerated() { for i in 0..<count { result[i * width + lane] = column[i] } }
      return result
    }
    lowerSlopes = interleaved(\.lowerSlopes)
    lowerIntercepts = interleaved(\.lowerIntercepts)
    upperSlopes = interleaved(\.upperSlopes)
    upperIntercepts = interleaved(\.upperIntercepts)
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
