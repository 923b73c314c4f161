import FileSupport
import Foundation

extension SDPAFile {
  /// A problem that was not read from a file.
  ///
  /// - Parameters:
  ///   - inequality: the problem.
  ///   - comments: lines for the head of the file; those that do not begin with `"` or `*` get a `"`.
  public init(_ inequality: LinearMatrixInequality, comments: [String] = []) {
    self.init(inequality: inequality, comments: comments, duplicateCount: 0)
  }

  /// The text of the file.
  ///
  /// Numbers have as many digits as it takes, at most 17, for reading them back to give the same doubles. Entries keep their order in each
  /// matrix. Reading the text gives the same problem (but for the kind of blocks of order 0).
  public func text() -> [UInt8] {
    var text: [UInt8] = []
    func put(_ string: String) { text.append(contentsOf: string.utf8) }
    for comment in comments {
      for line in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
        // A comment must not turn into a section of the extended formats.
        let isMarked = line.hasPrefix("\"") || (line.hasPrefix("*") && !line.hasPrefix("*INTEGER") && !line.hasPrefix("*RANK1"))
        put((isMarked ? "" : "\"") + line + "\n")
      }
    }
    put("\(inequality.variableCount) = m\n\(inequality.blocks.count) = number of blocks\n")
    let orders = inequality.blocks.map { block in
      switch block {
      case .symmetric(let order): "\(order)"
      case .diagonal(let order): "\(-order)"
      }
    }
    put(orders.joined(separator: " ") + "\n")
    put(inequality.objective.map { "\($0)" }.joined(separator: " ") + "\n")
    for (index, matrix) in ([inequality.constant] + inequality.coefficients).enumerated() {
      for entry in matrix { put("\(index) \(entry.block + 1) \(entry.row + 1) \(entry.column + 1) \(entry.value)\n") }
    }
    return text
  }

  /// Writes the file, replacing one that is there.
  ///
  /// - Throws: ``SDPAError`` of kind ``SDPAError/Kind/inaccessible``.
  public func write(path: String) throws(SDPAError) {
    do { try AtomicFile.write(Data(text()), path: path) } catch { throw SDPAError(.inaccessible, "\(error)") }
  }
}
