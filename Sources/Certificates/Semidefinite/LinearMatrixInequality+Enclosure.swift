import ConicPrograms
import LinearAlgebra

extension LinearMatrixInequality {
  /// The blocks of X(x) = Σ xᵢ Fᵢ − F₀ for x as given, with all rounding errors enclosed; without F₀ those of Σ xᵢ Fᵢ.
  func enclosure(at x: [Double], withConstant: Bool = true) throws -> [SymmetricEnclosure] {
    precondition(x.count == variableCount, "the point has an element for each variable")
    try FloatingPointEnvironment.requireStandard()
    let terms = zip(x, coefficients).filter { $0.0 != 0 } + (withConstant ? [(-1, constant)] : [])
    guard terms.reduce(0, { $0 + $1.1.count }) < 1 << 29 else { throw NotProved("so many entries are not covered") }
    // One block at a time is held in its three parts.
    var entries = [[(factor: Double, entry: Entry)]](repeating: [], count: blocks.count)
    for (factor, matrix) in terms {
      for entry in matrix { entries[entry.block].append((factor, entry)) }
    }
    return zip(blocks, entries).map { block, entries in
      switch block {
      case .symmetric(let order):
        var sums = CompensatedMatrix(order: order)
        for (factor, entry) in entries { sums.add(factor, entry.value, row: entry.column, column: entry.row) }
        return sums.enclosure()
      case .diagonal(let order):
        var (high, low, spread) = (
          [Double](repeating: 0, count: order), [Double](repeating: 0, count: order), [Double](repeating: 0, count: order)
        )
        for (factor, entry) in entries {
          CompensatedSum.add(factor, entry.value, high: &high[entry.row], low: &low[entry.row], spread: &spread[entry.row])
        }
        return SymmetricEnclosure(
          diagonal: (0..<order).map { CompensatedSum.value(high: high[$0], low: low[$0], spread: spread[$0], count: entries.count) })
      }
    }
  }

  /// About Σ xᵢ Fᵢ − F₀, or Σ xᵢ Fᵢ, in floating point.
  func approximateMatrix(at x: [Double], withConstant: Bool = true) -> BlockMatrix {
    var result = BlockMatrix(blocks)
    for (factor, matrix) in zip(x, coefficients) where factor != 0 { result.add(factor, matrix) }
    if withConstant { result.add(-1, constant) }
    return result
  }
}
