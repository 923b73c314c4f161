import CKernels
import Networks

/// The coefficients of up to 32 rows at the nodes of a network that a backward pass has reached, and what they have gathered.
///
/// Rows of convolutions and pools depend on few units. So every node has a list of the units that some row has reached; the coefficients of
/// all others are zero and are never looked at, and a pass leaves zeros behind for the next.
///
/// Not for two threads at once: see ``RowBlockPool``.
final class RowBlock: @unchecked Sendable {
  /// The rows: 32 or half as many.
  private(set) var width = Int(LIPCERT_ROW_BLOCK)
  /// The constants gathered.
  let sums: UnsafeMutablePointer<Double>
  /// The slacks gathered.
  let slacks: UnsafeMutablePointer<Double>
  private let counts: [Int]
  private var nodes: [CoefficientRows?]
  private let active: UnsafeMutablePointer<Int>

  /// A block without rows.
  init(_ network: LoweredNetwork) {
    counts = network.nodes.map(\.count)
    nodes = Array(repeating: nil, count: counts.count)
    sums = .allocate(capacity: width)
    slacks = .allocate(capacity: width)
    active = .allocate(capacity: max(1, counts.max() ?? 0))
  }

  deinit {
    sums.deallocate()
    slacks.deallocate()
    active.deallocate()
  }

  /// Begins new rows, with sums and slacks of zero.
  func begin(width: Int) {
    self.width = width
    sums.initialize(repeating: 0, count: width)
    slacks.initialize(repeating: 0, count: width)
  }

  /// The coefficients of a node, zero at first.
  subscript(node: Int) -> CoefficientRows {
    if let present = nodes[node] { return present }
    let fresh = CoefficientRows(counts[node])
    nodes[node] = fresh
    return fresh
  }

  /// Calls `body` with the units of a node that have coefficients, if there are some, and then sets these to zero.
  func withActive(_ node: Int, _ body: (UnsafeBufferPointer<Int>, UnsafePointer<Double>) -> Void) {
    guard let own = nodes[node] else { return }
    let count = own.active(width: width, active)
    if count > 0 { body(UnsafeBufferPointer(start: active, count: count), own.values) }
    own.clear(width: width)
  }
}

/// Coefficients of a block of rows over the units of one node.
final class CoefficientRows {
  /// Unit by unit, padded for dense products; zero but for the units listed.
  let values: UnsafeMutablePointer<Double>
  /// The units reached so far.
  private let units: UnsafeMutablePointer<Int>
  private var unitCount = 0
  /// Whether a unit is in the list.
  private let marks: UnsafeMutablePointer<UInt8>
  private let count: Int

  fileprivate init(_ count: Int) {
    self.count = count
    let size = PropagationMap.padded(count) * Int(LIPCERT_ROW_BLOCK)
    values = .allocate(capacity: max(1, size))
    values.initialize(repeating: 0, count: size)
    marks = .allocate(capacity: max(1, count))
    marks.initialize(repeating: 0, count: count)
    units = .allocate(capacity: max(1, count))
  }

  deinit {
    values.deallocate()
    marks.deallocate()
    units.deallocate()
  }

  /// Lists a unit.
  func touch(_ unit: Int) {
    if marks[unit] != 0 { return }
    marks[unit] = 1
    units[unitCount] = unit
    unitCount += 1
  }

  /// Lists some units.
  func touch(_ units: UnsafeBufferPointer<Int>) { for unit in units { touch(unit) } }

  /// Lists the columns that some rows of a sparse matrix read.
  func touch(_ columns: UnsafePointer<Int>, starts: UnsafePointer<Int>, rows: UnsafeBufferPointer<Int>) {
    if unitCount == count { return }
    unitCount = lipcert_rows_touch(rows.count, rows.baseAddress, starts, columns, marks, unitCount, units)
  }

  /// Lists all units.
  func touchAll() {
    if unitCount == count { return }
    for unit in 0..<count { units[unit] = unit }
    marks.update(repeating: 1, count: count)
    unitCount = count
  }

  /// Lists the units with a coefficient that is not zero; returns how many there are.
  fileprivate func active(width: Int, _ active: UnsafeMutablePointer<Int>) -> Int {
    lipcert_rows_active(unitCount, units, width, values, active)
  }

  /// Sets all coefficients to zero.
  ///
  /// Products of whole matrices write to the padding as well: infinity times the zeros there is not a number, and other units' place when
  /// the next rows are of another width.
  fileprivate func clear(width: Int) {
    if unitCount == count {
      values.update(repeating: 0, count: PropagationMap.padded(count) * width)
      marks.update(repeating: 0, count: count)
    } else {
      lipcert_rows_clear(unitCount, units, width, values, marks)
    }
    unitCount = 0
  }
}
