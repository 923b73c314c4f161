import Networks

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
