import FileSupport
import Foundation

/// A problem in SDPA sparse format (`.dat-s`): min c′x subject to Σ xᵢ Fᵢ − F₀ ⪰ 0.
///
/// The format: comment lines that begin with `"` or `*`; m; the number of blocks; the orders of the blocks, negative for diagonal ones; c;
/// and one line for each entry: matrix (0 for F₀), block, row, column, value. The characters `, ( ) { }` are blanks, words may follow the
/// numbers of the first four parts, and the orders and c may run over several lines.
///
/// What the format leaves open is settled like this:
/// - a block of order 1 is ``LinearMatrixInequality/Block/symmetric(_:)`` as written, and diagonal only with a negative order;
/// - entries may stand in either triangle and are moved to the upper one;
/// - entries listed twice add up, as they do in ``LinearMatrixInequality``; ``duplicateCount`` lets a caller warn. Writing (i, j) and (j, i)
///   is such a duplicate, not a way to write a symmetric matrix;
/// - entries that are zero are kept;
/// - the numbers mean the doubles nearest to them, and what is proved is proved for these;
/// - the sections `*INTEGER` and `*RANK1` of other solvers' files change the problem and are refused.
public struct SDPAFile: Sendable, Equatable {
  /// The largest order of a block that is read.
  public static let largestOrder = (1 << 20) - 1

  /// The problem.
  public var inequality: LinearMatrixInequality
  /// The comment lines with their marks, without line ends.
  public var comments: [String]
  /// How many entries stand at a place of their matrix that has one already.
  public var duplicateCount: Int

  /// Reads a file.
  ///
  /// - Throws: ``SDPAError``.
  public static func read(path: String) throws(SDPAError) -> SDPAFile {
    let data: Data
    do { data = try FileContents.read(path: path) } catch { throw SDPAError(.inaccessible, error.reason) }
    // The typed error cannot pass through the closure of Foundation.
    let result: Result<SDPAFile, SDPAError> = data.withUnsafeBytes { bytes in
      let bytes = bytes.bindMemory(to: UInt8.self)
      do throws(SDPAError) { return .success(try parse(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Reads a text.
  ///
  /// - Throws: ``SDPAError``.
  /// - Complexity: one pass; memory is proportional to the text, whatever sizes it announces.
  public static func parse(_ text: [UInt8]) throws(SDPAError) -> SDPAFile {
    try text.withUnsafeBufferPointer { bytes throws(SDPAError) in try parse(bytes) }
  }

  private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(SDPAError) -> SDPAFile {
    var scanner = SDPAScanner(bytes)
    let variableCount = try count(&scanner, "the number of variables")
    let blockCount = try count(&scanner, "the number of blocks")
    var blocks: [LinearMatrixInequality.Block] = []
    blocks.reserveCapacity(blockCount)
    for index in 0..<blockCount {
      try scanner.require("the order of block \(index + 1)")
      let order = try scanner.integer("the order of block \(index + 1)", words: index + 1 == blockCount)
      guard order.magnitude <= largestOrder else {
        throw SDPAError(.outOfRange, line: scanner.line, "the order of block \(index + 1) is over \(largestOrder)")
      }
      blocks.append(order < 0 ? .diagonal(-order) : .symmetric(order))
    }
    if blockCount > 0 { try scanner.endHeaderLine(after: "the orders of \(blockCount) blocks") }
    var objective: [Double] = []
    objective.reserveCapacity(variableCount)
    for index in 0..<variableCount {
      try scanner.require("element \(index + 1) of the objective")
      objective.append(try scanner.real("element \(index + 1) of the objective"))
    }
    if variableCount > 0 { try scanner.endHeaderLine(after: "the \(variableCount) elements of the objective") }

    var matrices = [[LinearMatrixInequality.Entry]](repeating: [], count: variableCount + 1)
    while try scanner.findToken() {
      let matrix = try scanner.integer("the matrix of an entry")
      guard matrix >= 0, matrix <= variableCount else {
        throw SDPAError(.outOfRange, line: scanner.line, "there is no matrix \(matrix), only 0 to \(variableCount)")
      }
      try scanner.requireOnLine("block")
      let block = try scanner.integer("the block of an entry")
      guard block >= 1, block <= blocks.count else {
        throw SDPAError(.outOfRange, line: scanner.line, "there is no block \(block), only 1 to \(blocks.count)")
      }
      try scanner.requireOnLine("row")
      let row = try scanner.integer("the row of an entry")
      try scanner.requireOnLine("column")
      let column = try scanner.integer("the column of an entry")
      try scanner.requireOnLine("value")
      let value = try scanner.real("the value of an entry")
      let order = blocks[block - 1].order
      guard row >= 1, column >= 1, row <= order, column <= order else {
        throw SDPAError(.outOfRange, line: scanner.line, "entry (\(row), \(column)) is outside block \(block), which has order \(order)")
      }
      if case .diagonal = blocks[block - 1], row != column {
        throw SDPAError(
          .outOfRange, line: scanner.line, "entry (\(row), \(column)) is off the diagonal of block \(block), which is diagonal")
      }
      try scanner.endEntryLine()
      matrices[matrix].append(LinearMatrixInequality.Entry(block: block - 1, row: row - 1, column: column - 1, value: value))
    }
    let duplicates = matrices.reduce(0) { $0 + duplicateCount(in: $1) }
    let constant = matrices.removeFirst()
    do {
      let inequality = try LinearMatrixInequality(blocks: blocks, objective: objective, constant: constant, coefficients: matrices)
      return SDPAFile(inequality: inequality, comments: scanner.comments, duplicateCount: duplicates)
    } catch {
      throw SDPAError(.outOfRange, error.description)
    }
  }

  /// A number of things that are still to come, each of which takes at least two bytes, on a line of its own.
  private static func count(_ scanner: inout SDPAScanner, _ what: String) throws(SDPAError) -> Int {
    try scanner.require(what)
    let count = try scanner.integer(what, words: true)
    guard count >= 0 else { throw SDPAError(.outOfRange, line: scanner.line, "\(what) is negative") }
    guard count <= min(scanner.remaining, 1 << 24) else {
      throw SDPAError(.outOfRange, line: scanner.line, "\(what), \(count), is more than the text could hold")
    }
    try scanner.endHeaderLine(after: what)
    return count
  }

  /// How many entries stand at a place taken by an earlier one.
  private static func duplicateCount(in entries: [LinearMatrixInequality.Entry]) -> Int {
    // Blocks, rows and columns have at most 24, 20 and 20 bits.
    func key(_ entry: LinearMatrixInequality.Entry) -> Int { entry.block << 40 | entry.row << 20 | entry.column }
    func repetitions(_ keys: [Int]) -> Int { zip(keys, keys.dropFirst()).reduce(0) { $0 + ($1.0 == $1.1 ? 1 : 0) } }
    let keys = entries.map(key)
    let ascends = zip(keys, keys.dropFirst()).allSatisfy { $0 <= $1 }
    return repetitions(ascends ? keys : keys.sorted())
  }
}
