/// Where a lifted iteration ended: the unit vectors of all activation units and V₀.
///
/// It starts another estimate of the same network near its end: a bound with a smaller tolerance (measured: half of the iterations), the
/// margin of another pair of classes (a tenth fewer on deep networks, none on shallow ones), or one after a small change of the weights. It is
/// a hint, never part of a proof.
public struct LiftedState: Sendable {
  /// The rank r of the vectors.
  let rank: Int
  /// The number of unit vectors and of input coordinates, of the solver's form of the network.
  let counts: [Int]
  /// The vectors, in the layout of ``LiftedPasses``.
  let point: [Double]
}
