import LinearAlgebra

/// A symmetric matrix of sums of products.
struct CompensatedMatrix {
  private let order: Int
  private var high: Matrix<Double>
  private var low: Matrix<Double>
  private var spread: Matrix<Double>
  private var count = 0

  init(order: Int) {
    self.order = order
    high = Matrix(rows: order, columns: order)
    low = high
    spread = high
  }

  /// Adds a·b to entry (row, column) with row ≥ column.
  mutating func add(_ a: Double, _ b: Double, row: Int, column: Int) {
    let k = row * order + column
    CompensatedSum.add(a, b, high: &high.elements[k], low: &low.elements[k], spread: &spread.elements[k])
    count += 1
  }

  /// The matrix, and a diagonal that dominates its error.
  consuming func enclosure() -> SymmetricEnclosure {
    var (midpoint, radius) = (high, spread)
    for i in 0..<order {
      for j in 0...i {
        let k = i * order + j
        let sum = CompensatedSum.value(
          high: high.elements[k], low: low.elements[k], spread: spread.elements[k], count: count)
        midpoint.elements[k] = sum.value
        midpoint.elements[j * order + i] = sum.value
        radius.elements[k] = sum.radius
        radius.elements[j * order + i] = sum.radius
      }
    }
    return SymmetricEnclosure(midpoint, radius: radius)
  }
}
