import LinearAlgebra
import Networks

/// A search for inputs of a box where linear functions of a network's outputs are small.
///
/// It minimises maxᵢ (rowᵢ · y − offsetᵢ) by projected gradient steps from the best of many random points, the box's centre and random
/// corners. With one row it minimises a linear objective; with several, a value that is not positive satisfies all rowᵢ · y ≤ offsetᵢ at once,
/// which is a counterexample to a property. Everything is floating point: what is found has to be confirmed.
public struct BoxDescent: Sendable {
  /// Points that descend side by side.
  public var starts = 16
  /// Random points among which the starts are chosen.
  public var samples = 256
  /// Gradient steps.
  public var steps = 60
  /// The seed of every random choice.
  public var seed: UInt64 = 0

  /// The default effort.
  public init() {}

  /// The best input found.
  public struct Found: Sendable {
    /// An input of the box.
    public var input: [Double]
    /// maxᵢ (rowᵢ · y − offsetᵢ) there, in floating point.
    public var value: Double
  }

  /// Searches.
  ///
  /// - Parameters:
  ///   - rows: as many columns as the network has outputs, at least one row.
  ///   - offsets: one for each row; zeros when `nil`.
  ///   - evaluator: the network.
  ///   - lower: the box's lower corner, finite.
  ///   - upper: its upper corner, finite.
  ///   - target: the search ends when a value is not above it.
  ///   - mustStop: asked at every step.
  /// - Returns: the best input met, or `nil` when no value was a number or the box is empty.
  public func minimise(
    _ rows: Matrix<Double>, offsets: [Double]? = nil, of evaluator: Evaluator<Double>, lower: [Double], upper: [Double],
    target: Double = -.infinity, mustStop: () -> Bool = { false }
  ) -> Found? {
    let n = evaluator.inputCount
    precondition(lower.count == n && upper.count == n && rows.columns == evaluator.outputCount && rows.rows > 0, "the sizes must fit")
    guard zip(lower, upper).allSatisfy({ $0 <= $1 && $0.isFinite && $1.isFinite }) else { return nil }
    let loss = RowLoss(rows: rows, offsets: offsets)
    var best: Found?
    func note(_ points: Matrix<Double>, _ values: Matrix<Double>) -> Bool {
      for k in 0..<points.rows {
        let value = RowLoss.value(values.row(k), .greatest)
        if value < best?.value ?? .infinity { best = Found(input: points.row(k), value: value) }
      }
      return !mustStop() && !(best.map { $0.value <= target } ?? false)
    }
    var points = chosenStarts(loss, evaluator, lower, upper, note)
    if mustStop() || best.map({ $0.value <= target }) ?? false { return best }
    ProjectedDescent(evaluator: evaluator, loss: loss, set: FeasibleSet(lower: lower, upper: upper), stepSizes: (1, 0.005))
      .run(&points, rules: [RowLoss.Rule](repeating: .greatest, count: points.rows), steps: steps, visit: note)
    return best
  }

  /// The most promising of the random points, and the centre.
  private func chosenStarts(
    _ loss: RowLoss, _ evaluator: Evaluator<Double>, _ lower: [Double], _ upper: [Double], _ note: (Matrix<Double>, Matrix<Double>) -> Bool
  ) -> Matrix<Double> {
    let n = lower.count
    var random = SplitMix64(seed: seed)
    var points = Matrix<Double>(rows: max(1, samples, starts), columns: n)
    for k in 0..<points.rows {
      for i in 0..<n {
        // The first row is the centre; every fourth after it is a corner.
        let u = k == 0 ? 0.5 : k % 4 == 0 ? (random.nextUniform() < 0.5 ? 0 : 1) : random.nextUniform()
        points[k, i] = min(max(lower[i] + u * (upper[i] - lower[i]), lower[i]), upper[i])
      }
    }
    var scores: [Double] = []
    for first in stride(from: 0, to: points.rows, by: 64) {
      let count = min(64, points.rows - first)
      let part = Matrix(rows: count, columns: n, elements: Array(points.elements[first * n..<(first + count) * n]))
      let values = loss.values(of: evaluator.forward(part))
      // Not a number is the worst start.
      scores += (0..<count).map { RowLoss.value(values.row($0), .greatest) }.map { $0.isNaN ? .infinity : $0 }
      if !note(part, values) { break }
    }
    let order = scores.indices.sorted { (scores[$0], $0) < (scores[$1], $1) }.prefix(max(1, starts))
    return Matrix(rows: order.count, columns: n, elements: order.flatMap { points.row($0) })
  }
}
