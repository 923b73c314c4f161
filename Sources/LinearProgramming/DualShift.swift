import LinearAlgebra

/// Multipliers near given ones for which the reduced costs of offending columns vanish exactly.
///
/// Let V be the offending columns and R as many rows with M = A_RV regular. The shift Δ of y_R with M'Δ = d_V makes d_V zero. It is not a
/// vector of doubles, but it exists, and with an approximate inverse C of M', E = I − C M' and α = ‖E‖∞ < 1,
///
///     Δ = C d_V + E Δ,   so   |Δ| ≤ |C| |d_V| + α/(1 − α) ‖ |C| |d_V| ‖∞.
///
/// All of this is bounded with outward rounding. The rows must keep the signs of their multipliers over the whole box.
struct DualShift {
  private let kernel: DualKernel
  private let y: [Double]
  private let bounds: [Interval]

  /// The most columns that are made to vanish: the inverse is dense.
  static let largestOrder = 1500
  private static let rounds = 6

  init(_ kernel: DualKernel, y: [Double], bounds: [Interval]) { (self.kernel, self.y, self.bounds) = (kernel, y, bounds) }

  /// A lower bound that a shift proves.
  func bound() -> Double? {
    let box = y.map { Interval($0) }
    var evaluation = kernel.evaluate(box, bounds: bounds, vanishing: [])
    if evaluation.violated.isEmpty { return evaluation.bound }
    let original = evaluation.reduced
    var vanishing: [Int] = []
    var forbidden = Set<Int>()
    for _ in 0..<Self.rounds {
      vanishing += evaluation.violated
      guard vanishing.count <= min(Self.largestOrder, y.count) else { return nil }
      guard let system = ShiftSystem(kernel.program, columns: vanishing, rows: candidates(without: forbidden)),
        let radii = system.radii(vanishing.map { original[$0].magnitude })
      else { return nil }
      let unsafe = zip(system.rows, radii).filter { !keepsSign($0, $1) }.map(\.0)
      if !unsafe.isEmpty {
        forbidden.formUnion(unsafe)
        evaluation.violated = []
        continue
      }
      var moved = box
      for (row, radius) in zip(system.rows, radii) {
        moved[row] = Interval(ErrorBounds.subtractDown(y[row], radius), ErrorBounds.addUp(y[row], radius))
      }
      evaluation = kernel.evaluate(moved, bounds: bounds, vanishing: Set(vanishing))
      if evaluation.violated.isEmpty { return evaluation.bound }
    }
    return nil
  }

  private func keepsSign(_ row: Int, _ radius: Double) -> Bool {
    let range = kernel.program.rows[row]
    if range.lower.isFinite, range.upper.isFinite { return true }
    if range.lower.isInfinite, range.upper.isInfinite { return radius == 0 && y[row] == 0 }
    return y[row].magnitude > radius
  }

  /// Rows whose multipliers may move: two-sided ones, and one-sided ones that are active.
  private func candidates(without forbidden: Set<Int>) -> [Int] {
    kernel.program.rows.indices.filter { row in
      let range = kernel.program.rows[row]
      let isTwoSided = range.lower.isFinite && range.upper.isFinite
      return !forbidden.contains(row) && (isTwoSided || y[row] != 0)
    }
  }
}
