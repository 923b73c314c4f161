import Foundation
import NetworkFormats

/// Reads properties in VNN-LIB, versions 1.0 and 2.0.
///
/// Version 1.0 is the language as benchmarks write it: `(declare-const X_i Real)`, `(declare-const Y_j Real)` and assertions with `<=`, `>=`,
/// `<`, `>`, `=`, `and`, `or`, `+`, `-`, `*` in any order and nesting. Version 2.0 begins with `(vnnlib-version <2.0>)`; one network with any
/// number of inputs and outputs is supported. All assertions together are the unsafe set.
public struct VNNLIBReader {
  /// Limits against hostile files.
  public struct Limits: Sendable {
    /// The greatest number of bytes, also after decompression.
    public var bytes = 1 << 30
    /// How deep expressions may be nested.
    public var depth = 100
    /// The greatest number of comparisons when the formula is multiplied out to a union of conjunctions.
    public var comparisons = 1 << 23
    /// The greatest number of inputs or outputs.
    public var variables = 1 << 24
    /// The greatest number of bounds in the boxes of all disjuncts together.
    public var bounds = 1 << 26

    /// The defaults.
    public init() {}
  }

  var scanner: VNNLIBScanner
  let limits: Limits
  var declarations = VNNLIBDeclarations()
  private var assertions: [Formula] = []

  /// Reads a file, `.vnnlib` or `.vnnlib.gz`.
  ///
  /// - Throws: ``VNNLIBError`` that names line and column, or `FormatError` when the file cannot be read or expanded.
  public static func read(path: String, limits: Limits = Limits()) throws -> Property {
    let data = try PossiblyCompressedFile.read(path: path, limit: limits.bytes)
    do {
      return try read([UInt8](data), limits: limits)
    } catch var error as VNNLIBError {
      error.file = path
      throw error
    }
  }

  /// Reads text.
  ///
  /// - Throws: ``VNNLIBError``.
  public static func read(_ bytes: [UInt8], limits: Limits = Limits()) throws -> Property {
    var reader = VNNLIBReader(scanner: try VNNLIBScanner(bytes), limits: limits)
    try reader.readItems()
    return try reader.property()
  }

  private init(scanner: VNNLIBScanner, limits: Limits) {
    self.scanner = scanner
    self.limits = limits
  }

  private mutating func readItems() throws {
    while scanner.next.kind != .end {
      _ = try scanner.take(.open, "'('")
      let keyword = try scanner.take(.word, "a command")
      switch scanner.text(of: keyword) {
      case "assert":
        let formula = try readFormula(depth: 0)
        assertions.append(formula)
      case "declare-const", "declare-fun":
        try requireVersion1(keyword)
        try declareScalar(isFunction: scanner.isWord(keyword, "declare-fun"))
      case "vnnlib-version": try readVersion(keyword, isFirst: assertions.isEmpty)
      case "declare-network":
        guard declarations.version != nil else {
          throw scanner.failure(at: keyword, "networks are declared after '(vnnlib-version <2.0>)' only")
        }
        guard assertions.isEmpty else { throw scanner.failure(at: keyword, "a network is declared after an assertion") }
        try declareNetwork(keyword)
      case "set-logic", "set-info", "set-option", "check-sat", "get-model", "exit":
        try requireVersion1(keyword)
        while scanner.next.kind == .word || scanner.next.kind == .string { _ = try scanner.take() }
      case let other: throw scanner.failure(.unsupported, at: keyword, "the command '\(VNNLIBScanner.shortened(other))' is not known")
      }
      _ = try scanner.take(.close, "')'")
    }
    try declarations.finish(&scanner)
  }

  private func requireVersion1(_ keyword: VNNLIBScanner.Token) throws {
    guard declarations.version == nil else {
      throw scanner.failure(at: keyword, "'\(scanner.text(of: keyword))' is no command of version \(declarations.version ?? "2.0")")
    }
  }

  // MARK: - The property

  private func property() throws -> Property {
    guard let whole = Formula.all(assertions).alternatives(limit: limits.comparisons) else {
      throw VNNLIBError(.tooLarge, reason: "multiplied out, the formula has more than \(limits.comparisons) comparisons")
    }
    let (inputs, outputs) = (declarations.inputs, declarations.outputs)
    let count = inputs.reduce(0) { $0 + $1.count }
    var base = Property.Box(unbounded: count)
    var (common, strict): ([LinearConstraint], [LinearConstraint]) = ([], [])
    for constraint in whole.common {
      if !base.absorb(constraint) { common.append(constraint) } else if constraint.isStrict { strict.append(constraint) }
    }
    var disjuncts: [Property.Disjunct] = []
    var bounds = 0
    for choice in whole.choices {
      var disjunct = Property.Disjunct(box: base, constraints: common)
      var hasOwnBox = false
      var open = strict
      for constraint in choice {
        guard disjunct.box.absorb(constraint) else {
          disjunct.constraints.append(constraint)
          continue
        }
        hasOwnBox = true
        if constraint.isStrict { open.append(constraint) }
      }
      if disjunct.box.isEmpty { continue }
      // Where no double is surely inside, the box alone does not tell x < 0.1 from x <= 0.1.
      disjunct.constraints += open.filter { $0.inputs.contains { disjunct.box.isWithoutDoubles($0.index) } }
      if disjunct.constraints.contains(where: { $0.isImpossible(in: disjunct.box) }) { continue }
      disjunct.constraints.removeAll(where: \.isTrivial)
      bounds += hasOwnBox ? count : 0
      guard bounds <= limits.bounds else {
        throw VNNLIBError(.tooLarge, reason: "the disjuncts have more than \(limits.bounds) bounds of their own")
      }
      disjuncts.append(disjunct)
    }
    return Property(version: declarations.version ?? "1.0", inputs: inputs, outputs: outputs, disjuncts: disjuncts)
  }
}

extension LinearConstraint {
  /// Whether it is about no output and cannot hold in a box that is not empty.
  fileprivate func isImpossible(in box: Property.Box) -> Bool {
    guard outputs.isEmpty else { return false }
    let least = value(inputs: { Enclosure(box.lower[$0], box.upper[$0]) }, outputs: { _ in Enclosure(0) }).lower
    return isStrict ? least >= 0 : least > 0
  }

  /// Whether it has no variables and holds.
  fileprivate var isTrivial: Bool {
    inputs.isEmpty && outputs.isEmpty && (isStrict ? constant.upper < 0 : constant.upper <= 0)
  }
}
