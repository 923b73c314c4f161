import LinearAlgebra

/// The gain Q as the recursion reaches an activation node: what a rule for multipliers may look at.
public struct StageGain {
  let value: ValueFunction
  let key: Int

  /// Q_hh over the node's units.
  public var units: Matrix<Double> { value.block(rows: key, columns: key) }

  /// The other live nodes o, with Q_oh (as many rows as o has coordinates, one column for each unit).
  public var couplings: [(node: Int, gain: Matrix<Double>)] {
    value.liveNodes.filter { $0 != key }.map { ($0, value.block(rows: $0, columns: key)) }
  }
}
