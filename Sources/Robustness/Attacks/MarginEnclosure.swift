import Certificates
import LinearAlgebra
import Networks

/// Intervals that hold row · y for the outputs y at one input, in real arithmetic with the stored weights.
///
/// Interval arithmetic on a box without width: what it says of an input is proved, whatever the floating-point evaluation says.
public struct MarginEnclosure: Sendable {
  /// A lower bound of every row's value.
  public let lower: [Double]
  /// An upper bound of every row's value.
  public let upper: [Double]

  /// Encloses the values of `rows` at `input`.
  ///
  /// - Parameters:
  ///   - rows: as many columns as the network has outputs.
  ///   - input: one input.
  ///   - network: the prepared network.
  /// - Throws: `NotProved` when a value is not bounded or the input does not fit.
  /// - Complexity: about three passes through the network's weights.
  public init(of rows: Matrix<Double>, at input: [Double], in network: PropagationNetwork) throws {
    let nodes = try NodeIntervals(arithmetic: network, region: .box(lower: input, upper: input))
    let (low, high) = nodes[network.lowered.nodes.count - 1]
    guard rows.columns == low.count else { throw NotProved("\(rows.columns) coefficients for \(low.count) outputs") }
    var (lower, upper) = ([Double](), [Double]())
    for i in 0..<rows.rows {
      var (sumLow, sumHigh) = (0.0, 0.0)
      for (j, c) in rows.row(i).enumerated() where c != 0 {
        let (a, b) = c > 0 ? (low[j], high[j]) : (high[j], low[j])
        sumLow = ErrorBounds.addDown(sumLow, ErrorBounds.multiplyDown(c, a))
        sumHigh = ErrorBounds.addUp(sumHigh, ErrorBounds.multiplyUp(c, b))
      }
      lower.append(sumLow)
      upper.append(sumHigh)
    }
    (self.lower, self.upper) = (lower, upper)
  }
}

extension RadiusProblem {
  /// The rival that is proved to be at least level with the label at an input, in real arithmetic; `nil` when none is.
  ///
  /// - Throws: `NotProved` when a margin is not bounded.
  public func provedRival(at x: [Double]) throws -> Int? {
    let margins = try MarginEnclosure(of: classifier.marginRows(label), at: x, in: classifier.propagation())
    guard let least = margins.upper.indices.min(by: { margins.upper[$0] < margins.upper[$1] }), margins.upper[least] <= 0 else {
      return nil
    }
    return classifier.rivals(of: label)[least]
  }
}
