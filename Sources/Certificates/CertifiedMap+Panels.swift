import CKernels
import LinearAlgebra

extension CertifiedMap {
  /// A matrix X with as many rows as A, given as it is held.
  enum Factor {
    /// X itself, a full matrix.
    case matrix(Panels)
    /// X′, a full matrix; or X = X′, symmetric.
    case transpose(Panels)

    fileprivate var columnCount: Int {
      switch self {
      case .matrix(let x): x.columns
      case .transpose(let x): x.rows
      }
    }
  }

  /// T ← T + A′X, or T ← T + X′A.
  ///
  /// Each entry is one plain sum of products, in some order, added once to what was there.
  ///
  /// - Parameters:
  ///   - x: X.
  ///   - target: T.
  ///   - isTransposed: whether T + X′A is wanted.
  ///   - isTriangle: whether T is symmetric; then only its lower triangle, and some entries beside it, are computed.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved`` when cancelled.
  func accumulate(
    _ x: Factor, into target: Panels, isTransposed: Bool = false, isTriangle: Bool = false, isCancelled: () -> Bool
  ) throws {
    let (panel, height, count) = (Int(LIPCERT_COMBINED), PanelMatrix.height, x.columnCount)
    precondition(
      target.rows == (isTransposed ? count : inputCount) && target.columns == (isTransposed ? inputCount : count), "sizes must fit")
    let length = outputCount
    let isPacked = wantsPackedColumns
    let blocks = (inputCount + height - 1) / height
    try Interruptible.run((count + panel - 1) / panel, cost: Double(panel) * Double(entryCount), isCancelled: isCancelled) { index in
      let first = index * panel
      let width = min(panel, count - first)
      withUnsafeTemporaryAllocation(of: Double.self, capacity: (isPacked ? 1 : 2) * length * panel + height * panel) { scratch in
        guard let scratch = scratch.baseAddress else { return }
        let packed = scratch + height * panel
        x.pack(first, width, length: length, into: packed)
        let separate = packed + length * panel
        if !isPacked { for i in 0..<width { for k in 0..<length { separate[i &* length &+ k] = packed[k &* panel &+ i] } } }
        let columns = Columns(count: width, separate: separate, stride: length, packed: packed)
        // The tile on the diagonal that these columns, or rows, of T meet.
        let own = first / height
        for block in (isTriangle && !isTransposed ? own : 0)..<(isTriangle && isTransposed ? own + 1 : blocks) {
          let rows = block * height..<min(inputCount, (block + 1) * height)
          guard isTransposed else {
            let (row, stride) = target[block]
            adjointProduct(rows: rows, columns, to: row + first, stride: stride, accumulating: true)
            continue
          }
          adjointProduct(rows: rows, columns, to: scratch, stride: panel, accumulating: false)
          let (row, stride) = target[own]
          for q in 0..<width {
            let to = row + ((first % height + q) * stride + rows.lowerBound)
            for i in 0..<rows.count { to[i] += scratch[i &* panel &+ q] }
          }
        }
      }
    }
  }
}

extension CertifiedMap.Factor {
  /// Writes `width` columns of X, `LIPCERT_COMBINED` numbers for each of its rows; the rest is zero.
  fileprivate func pack(_ first: Int, _ width: Int, length: Int, into packed: UnsafeMutablePointer<Double>) {
    let (panel, height) = (Int(LIPCERT_COMBINED), PanelMatrix.height)
    if width < panel { packed.update(repeating: 0, count: length * panel) }
    switch self {
    case .matrix(let x):
      copy(x, panels: 0..<x.count, first, width, to: packed)
    case .transpose(let x):
      let own = first / height
      let (row, stride) = x[own]
      let held = x.end(own)
      let rows = row + first % height * stride
      // Eight columns at a time: one cache line of each row.
      for begin in Swift.stride(from: 0, to: held, by: 8) {
        let end = min(held, begin + 8)
        for i in 0..<width {
          let from = rows + i &* stride
          for k in begin..<end { packed[k &* panel &+ i] = from[k] }
        }
      }
      if x.shape == .lower { copy(x, panels: own + 1..<max(own + 1, x.count), first, width, to: packed) }
    }
  }

  private func copy(_ x: Panels, panels: Range<Int>, _ first: Int, _ width: Int, to packed: UnsafeMutablePointer<Double>) {
    let (panel, height) = (Int(LIPCERT_COMBINED), PanelMatrix.height)
    for p in panels {
      let (row, stride) = x[p]
      for i in 0..<x.rowCount(p) { (packed + (p &* height &+ i) &* panel).update(from: row + (i &* stride &+ first), count: width) }
    }
  }
}
