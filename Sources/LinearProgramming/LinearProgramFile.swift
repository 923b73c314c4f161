import CGLPKSupport
import FileSupport
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Linear programs in files: MPS and CPLEX-LP, read by GLPK's readers.
///
/// What differs between programs, and what is done here:
/// - *A right-hand side of the objective row* in MPS files is minus the constant, as in most solvers. (GLPK by itself takes it for plus the
///   constant.) So e226 of Netlib, with −7.113 there, has c'x = −18.751929066 and, with the constant, −11.638929066.
/// - *Fixed or free MPS*: when it is not said, the file is read as fixed MPS, where names may hold blanks or be left out; if that fails, as
///   free MPS. A file that is valid in both is thus read as fixed.
/// - *OBJSENSE* sections, an extension GLPK lacks, are understood before the ROWS section.
/// - *Rows without bounds* (type N other than the objective) are dropped by GLPK.
/// - *A negative upper bound* with a lower bound of zero is an error: some programs would move the lower bound.
/// - *Numbers*: ``write(_:format:)`` is exact for free MPS, and readers restore every bit, with one exception: where a row has two finite
///   bounds the format keeps one and the difference, so the other bound can be off by a unit in the last place. Fixed MPS has room for about
///   7 to 12 digits, and GLPK writes 15 in the LP format.
/// - *Constants in the LP format* are lost by GLPK; they are written as a variable fixed at one. Rows with two bounds become equations with a
///   bounded variable there.
public enum LinearProgramFile {
  /// The forms of text.
  public enum Format: String, Sendable, CaseIterable {
    /// MPS with fields at fixed places.
    case fixedMPS
    /// MPS with fields separated by blanks.
    case freeMPS
    /// CPLEX-LP.
    case lp

    var glpk: cglpk_format {
      switch self {
      case .fixedMPS: CGLPK_FIXED_MPS
      case .freeMPS: CGLPK_FREE_MPS
      case .lp: CGLPK_LP
      }
    }
  }

  /// Whether a path ends like a linear program's: `.mps` or `.lp`.
  public static func isRecognised(path: String) -> Bool { ["mps", "lp"].contains(suffix(path)) }

  /// Reads a file; `.lp` is CPLEX-LP, everything else MPS, unless the format is given.
  ///
  /// - Throws: ``LinearProgramError/inaccessible(path:reason:)`` and ``LinearProgramError/malformed(path:line:reason:)``.
  public static func read(path: String, format: Format? = nil) throws(LinearProgramError) -> LinearProgram {
    let data: Data
    do {
      data = try FileContents.read(path: path)
    } catch {
      throw .inaccessible(path: path, reason: error.reason)
    }
    return try read(data, format: format ?? (suffix(path) == "lp" ? .lp : nil), path: path)
  }

  /// Reads text from memory; MPS, fixed or free, unless the format is given.
  ///
  /// Any bytes give a program or an error.
  ///
  /// - Parameters:
  ///   - data: the text.
  ///   - format: how to read it.
  ///   - path: the name errors call it by.
  /// - Throws: ``LinearProgramError/malformed(path:line:reason:)``.
  public static func read(_ data: Data, format: Format? = nil, path: String = "input") throws(LinearProgramError) -> LinearProgram {
    // A zero byte would end GLPK's strings early.
    if data.contains(0) { throw .malformed(path: path, line: nil, reason: "not a text file: it holds a zero byte") }
    if format == .lp { return try parse(data, .lp, path) }
    let (text, sense) = MPSSense.extract(data)
    var program: LinearProgram
    if let format {
      program = try parse(text, format, path)
    } else {
      do {
        program = try parse(text, .fixedMPS, path)
      } catch {
        guard case .malformed(_, let fixedLine, _) = error else { throw error }
        do {
          program = try parse(text, .freeMPS, path)
        } catch let second {
          // The reading that got further is the one that was meant.
          if case .malformed(_, let freeLine, _) = second, freeLine ?? 0 >= fixedLine ?? 0 { throw second }
          throw error
        }
      }
    }
    program.sense = sense ?? .minimise
    return program
  }

  /// The text of a program.
  ///
  /// - Throws: ``LinearProgramError/notExpressible(_:)`` when the format cannot say it: maximisation in fixed MPS; rows without bounds in MPS
  ///   and in LP; ``LinearProgramError/invalidName(_:_:)`` for repeated names; ``LinearProgramError/solverAborted(_:)`` for what GLPK's
  ///   writers do not manage.
  public static func write(_ program: LinearProgram, format: Format) throws(LinearProgramError) -> Data {
    try checkNames(program)
    if let row = program.rows.firstIndex(where: { $0.lower.isInfinite && $0.upper.isInfinite }) {
      throw .notExpressible("row \(row) has no bounds; readers would drop it")
    }
    if format == .freeMPS { return Data(try MPSWriter(program).text().utf8) }
    if format == .fixedMPS, program.sense == .maximise { throw .notExpressible("fixed MPS knows no maximisation; choose free MPS") }
    // GLPK aborts where twelve characters cannot hold six digits and the exponent.
    if format == .fixedMPS, !program.isWithin(1e-90...1e90) { throw .notExpressible("fixed MPS has no room for numbers beyond 1e±90") }
    var written = program
    if format == .lp, program.objectiveConstant != 0 {
      var name = "objective_constant"
      while program.columns.contains(where: { $0.name == name }) { name += "_" }
      try written.addColumn(lower: 1, upper: 1, cost: program.objectiveConstant, name: name)
    }
    let arena = GLPKArena()
    var input = try written.glpk(arena, negatesConstant: format == .fixedMPS, names: true)
    let file = try MemoryFile()
    let observer = GLPKObserver(log: nil, isCancelled: nil, keepsLines: true)
    let end = observer.observe { cglpk_write(&input, format.glpk, file.path, $0) }
    if let error = LinearProgramError(end, observer) { throw error }
    guard end == CGLPK_RETURNED else { throw .inaccessible(path: "output", reason: observer.lines.last ?? "cannot be written") }
    return try file.contents()
  }

  /// Writes a program to a file; `.lp` is CPLEX-LP, everything else free MPS, unless the format is given.
  ///
  /// - Throws: as ``write(_:format:)``, and ``LinearProgramError/inaccessible(path:reason:)``.
  public static func write(_ program: LinearProgram, path: String, format: Format? = nil) throws(LinearProgramError) {
    let data = try write(program, format: format ?? standardFormat(path: path))
    do {
      try AtomicFile.write(data, path: path)
    } catch {
      throw .inaccessible(path: path, reason: "cannot be written: \((error as? FileWriteError)?.reason ?? error.localizedDescription)")
    }
  }

  /// What a file of this name is written as.
  public static func standardFormat(path: String) -> Format { suffix(path) == "lp" ? .lp : .freeMPS }

  private static func suffix(_ path: String) -> String { URL(fileURLWithPath: path).pathExtension.lowercased() }

  private static func parse(_ data: Data, _ format: Format, _ path: String) throws(LinearProgramError) -> LinearProgram {
    let file = try MemoryFile()
    try file.write(data)
    let observer = GLPKObserver(log: nil, isCancelled: nil, keepsLines: true)
    var contents = cglpk_contents()
    let end = observer.observe { cglpk_read(file.path, format.glpk, $0, &contents) }
    defer { cglpk_contents_free(&contents) }
    switch end {
    case CGLPK_RETURNED: break
    case CGLPK_BAD_FILE:
      let (line, reason) = diagnosis(observer.lines, file.path)
      throw .malformed(path: path, line: line, reason: reason)
    case CGLPK_ABORTED: throw .malformed(path: path, line: nil, reason: "GLPK gave up: \(observer.tail)")
    default: throw LinearProgramError(end, observer) ?? .outOfResources
    }
    do {
      return try LinearProgram(contents, negatesConstant: format != .lp)
    } catch {
      throw .malformed(path: path, line: nil, reason: "\(error)")
    }
  }

  /// GLPK's message `path:line: text`: the last one that is no warning.
  private static func diagnosis(_ lines: [String], _ file: String) -> (line: Int?, reason: String) {
    for text in lines.reversed() where text.hasPrefix(file + ":") {
      let rest = text.dropFirst(file.utf8.count + 1)
      guard let colon = rest.firstIndex(of: ":"), let line = Int(rest[..<colon]) else { continue }
      let reason = rest[rest.index(after: colon)...].drop { $0 == " " }
      if !reason.hasPrefix("warning") { return (line, String(reason)) }
    }
    return (nil, lines.last { !$0.isEmpty }?.replacing(file, with: "the file") ?? "cannot be read")
  }

  private static func checkNames(_ program: LinearProgram) throws(LinearProgramError) {
    var seen = Set<String>()
    for (index, row) in program.rows.enumerated() where !row.name.isEmpty && !seen.insert(row.name).inserted {
      throw .invalidName(.row(index), row.name)
    }
    seen.removeAll()
    for (index, column) in program.columns.enumerated() where !column.name.isEmpty && !seen.insert(column.name).inserted {
      throw .invalidName(.column(index), column.name)
    }
  }
}

/// A file in memory with a path, for GLPK, which opens files by name.
private final class MemoryFile {
  let path: String
  private let handle: FileHandle

  init() throws(LinearProgramError) {
    var buffer = [CChar](repeating: 0, count: 64)
    let descriptor = cglpk_memory_file(&buffer, buffer.count)
    guard descriptor >= 0 else { throw .outOfResources }
    path = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  func write(_ data: Data) throws(LinearProgramError) {
    do { try handle.write(contentsOf: data) } catch { throw .outOfResources }
  }

  func contents() throws(LinearProgramError) -> Data {
    do {
      try handle.seek(toOffset: 0)
      return try handle.readToEnd() ?? Data()
    } catch {
      throw .outOfResources
    }
  }
}

extension LinearProgram {
  /// Whether all finite numbers other than zero have sizes in the range.
  fileprivate func isWithin(_ range: ClosedRange<Double>) -> Bool {
    func fits(_ value: Double) -> Bool { value == 0 || value.isInfinite || range ~= value.magnitude }
    return entryValues.allSatisfy(fits) && rows.allSatisfy { fits($0.lower) && fits($0.upper) } && fits(objectiveConstant)
      && columns.allSatisfy { fits($0.lower) && fits($0.upper) && fits($0.cost) }
  }

  /// The program that C read.
  fileprivate init(_ contents: cglpk_contents, negatesConstant: Bool) throws(LinearProgramError) {
    self.init(contents.program.is_maximisation != 0 ? .maximise : .minimise)
    let input = contents.program
    let (rowCount, columnCount) = (Int(input.row_count), Int(input.column_count))
    guard let names = input.names, let costs = input.objective, let integers = input.is_integer, let lowers = input.column_lower,
      let uppers = input.column_upper, let rowLowers = input.row_lower, let rowUppers = input.row_upper,
      let entryRows = input.entry_rows, let entryColumns = input.entry_columns, let values = input.entry_values
    else { throw .outOfResources }
    let bytes = UnsafeBufferPointer(start: names, count: contents.name_bytes).map { UInt8(bitPattern: $0) }
    let texts = bytes.split(separator: 0, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    guard texts.count >= 2 + rowCount + columnCount else { throw .outOfResources }
    try setNames(program: texts[0], objective: texts[1])
    try setObjectiveConstant(negatesConstant && input.constant != 0 ? -input.constant : input.constant)
    for j in 0..<columnCount {
      try addColumn(
        lower: lowers[j], upper: uppers[j], cost: costs[j], isInteger: integers[j] != 0, name: texts[2 + rowCount + j])
    }
    var entry = 1
    for i in 0..<rowCount {
      var entries: [(column: Int, value: Double)] = []
      while entry <= Int(input.entry_count), Int(entryRows[entry]) == i + 1 {
        entries.append((Int(entryColumns[entry]) - 1, values[entry]))
        entry += 1
      }
      try addRow(lower: rowLowers[i], upper: rowUppers[i], entries, name: texts[2 + i])
    }
  }
}
