import CKernels
import LinearAlgebra

/// The gain Q as the recursion reaches an activation node: what a rule for multipliers may look at.
public struct StageGain {
  let value: ValueFunction
  let key: Int

  /// Q_hh over the node's units, as a whole matrix: twice the memory that the recursion itself takes for it.
  public var units: Matrix<Double> { value.gain.diagonal[key]?.whole ?? Matrix(rows: 0, columns: 0) }

  /// The diagonal of Q_hh.
  public var unitDiagonal: [Double] { value.gain.diagonalEntries(key) }

  /// The other live nodes.
  public var otherNodes: [Int] { value.liveNodes.filter { $0 != key } }

  /// H Q_hh for a matrix H with a column for each unit.
  public func unitProduct(_ h: Matrix<Double>) -> Matrix<Double> {
    var result = Matrix<Double>(rows: h.rows, columns: h.columns)
    value.gain.diagonal[key]?.addProduct(h, to: &result)
    return result
  }

  /// Σ V_o Q_oh over the other live nodes o, for matrices with as many columns as o has coordinates.
  ///
  /// - Parameters:
  ///   - rows: the rows of each V_o.
  ///   - values: V_o.
  public func couplingProduct(rows: Int, _ values: (_ node: Int) -> Matrix<Double>) -> Matrix<Double> {
    var result = Matrix<Double>(rows: rows, columns: value.gain.counts[key] ?? 0)
    for node in otherNodes { value.gain.coupling[.init(row: node, column: key)]?.addProduct(values(node), to: &result) }
    return result
  }
}

extension PanelMatrix {
  /// T ← T + V M for a full or symmetric matrix M.
  fileprivate func addProduct(_ v: Matrix<Double>, to target: inout Matrix<Double>) {
    precondition(v.columns == rows && target.columns == columns && v.rows == target.rows && shape != .upper, "sizes must fit")
    let (height, count, length, width) = (Self.height, v.rows, rows, columns)
    readingPanels { panels in
      v.elements.withUnsafeBufferPointer { v in
        target.elements.withUnsafeMutableBufferPointer { target in
          guard let v = SharedInput(v), let target = SharedBuffer(target) else { return }
          ParallelFor.run((width + height - 1) / height) { own in
            let first = own * height
            let columns = min(height, width - first)
            var next = 0
            if panels.shape == .lower {
              let (row, stride) = panels[own]
              lipcert_dots(count, columns, panels.end(own), 1, v.base, length, row, stride, target.base + first, width)
              next = own + 1
            }
            withUnsafeTemporaryAllocation(of: Double.self, capacity: height * height) { tile in
              guard let tile = tile.baseAddress else { return }
              for p in next..<max(next, panels.count) {
                let (row, stride) = panels[p]
                let depth = panels.rowCount(p)
                for i in 0..<depth { for j in 0..<columns { tile[j &* height &+ i] = row[i &* stride &+ first &+ j] } }
                lipcert_dots(count, columns, depth, 1, v.base + p * height, length, tile, height, target.base + first, width)
              }
            }
          }
        }
      }
    }
  }
}
