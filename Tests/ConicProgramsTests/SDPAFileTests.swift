import ConicPrograms
import Foundation
import LinearAlgebra
import Testing

typealias Block = LinearMatrixInequality.Block
typealias Entry = LinearMatrixInequality.Entry

func parse(_ text: String) throws -> SDPAFile { try SDPAFile.parse(Array(text.utf8)) }

@Suite struct SDPAFileTests {
  /// The example of the format's description.
  static let sample = """
    "A sample problem.
    *another remark
    2 =mdim
    2 =nblocks
    {2, 2}
    10.0 20.0
    0 1 1 1 1.0
    0 1 2 2 2.0
    0 2 1 1 3.0
    0 2 2 2 4.0
    1 1 1 1 1.0
    1 1 2 2 1.0
    2 1 2 2 1.0
    2 2 1 1 5.0
    2 2 1 2 2.0
    2 2 2 2 6.0

    """

  @Test func sampleMeansWhatTheFormatSays() throws {
    let file = try parse(Self.sample)
    #expect(file.comments == ["\"A sample problem.", "*another remark"])
    #expect(file.duplicateCount == 0)
    let problem = file.inequality
    #expect(problem.blocks == [.symmetric(2), .symmetric(2)])
    #expect(problem.objective == [10, 20])
    // X(x) = x₁F₁ + x₂F₂ − F₀ through the program's slack b − Ax.
    let program = try problem.program()
    let ax = program.coefficients.multiplied(by: [7, 11])
    let x = zip(program.constants, ax).map { $0 - $1 }
    let (first, second) = (SymmetricVector.matrix(x[0..<3], order: 2), SymmetricVector.matrix(x[3..<6], order: 2))
    #expect(first.elements == [6, 0, 0, 16])
    #expect(zip(second.elements, [52, 22, 22, 62]).allSatisfy { abs($0 - $1) < 1e-13 })
  }

  @Test func odditiesOfOldFiles() throws {
    let text =
      "\"title\r\n \t3=mDIM\r\n  (3)  = nBLOCK\r\n2,\r\n -3 \r\n{ 1 } = bLOCKsTRUCT\r\n+1.0,-0.0\r\n(1D+2)  objective\r\n"
      + "\"remark between\r\n0 1 2 1 +1\r\n{1, 2, 3, 3} 1e+0\r\n3,3,1,1,-2.5d-1\r\n2 1 1 1 0.0\r\n\r\n  1 1 1 2 .5\r\n1 1 2 2 5.\r\n"
    let problem = try parse(text).inequality
    #expect(problem.blocks == [.symmetric(2), .diagonal(3), .symmetric(1)])
    #expect(problem.objective.map(\.bitPattern) == [1.0, -0.0, 100].map(\.bitPattern))
    #expect(problem.constant == [Entry(block: 0, row: 0, column: 1, value: 1)])
    #expect(
      problem.coefficients == [
        [
          Entry(block: 1, row: 2, column: 2, value: 1), Entry(block: 0, row: 0, column: 1, value: 0.5),
          Entry(block: 0, row: 1, column: 1, value: 5),
        ], [Entry(block: 0, row: 0, column: 0, value: 0)], [Entry(block: 2, row: 0, column: 0, value: -0.25)],
      ])
  }

  @Test func lastLineMayLackItsEnd() throws {
    #expect(try parse("1\n1\n1\n1\n1 1 1 1 2").inequality.coefficients == [[Entry(block: 0, row: 0, column: 0, value: 2)]])
    #expect(try parse("1\n1\n1\n1").inequality.coefficients == [[]])
  }

  @Test func duplicatesAddUpAndAreCounted() throws {
    let file = try parse("1\n1\n2\n1\n1 1 1 2 1\n1 1 1 1 1\n1 1 2 1 0.5\n1 1 1 2 4\n0 1 1 1 1\n")
    #expect(file.duplicateCount == 2)
    let program = try file.inequality.program()
    #expect(abs(program.coefficients.transposedMultiplied(by: [0, 1, 0])[0] + 5.5 * 2.0.squareRoot()) < 1e-14)
  }

  @Test(
    arguments: [
      // bad blocks: too few, too many, not integers, none
      ("2\n3\n2 2\n1 2\n0 1 1 1 1\n", 4, SDPAError.Kind.malformed), ("2\n1\n2 2\n1 2\n", 3, .malformed),
      ("2\n1\n2.0\n1 2\n", 3, .malformed),
      ("2\n1\n2 x\n1 2\n1 1 1 x 1\n", 5, .malformed), ("2\n0\n1 2\n1 1 1 1 1\n", 4, .outOfRange), ("1\n1\n2e0\n1\n", 3, .malformed),
      // bad variables: too few elements of c swallow the entries, too many, words
      ("3\n1\n2\n1 2\n0 1 1 1 1\n", 5, .malformed), ("1\n1\n2\n1 2\n0 1 1 1 1\n", 4, .malformed),
      ("2\n1\n2\n1 two\n0 1 1 1 1\n", 4, .malformed),
      ("-1\n1\n2\n1\n", 1, .outOfRange), ("x\n1\n2\n1\n", 1, .malformed), ("1 1\n2\n1\n1 1 1 1 1\n", 1, .malformed),
      ("1\n1.5\n2\n1\n", 2, .malformed),
      // bad entries
      ("2\n2\n2 2\n1.0 1.0\n0 1 2 2\n", 5, .malformed), ("1\n1\n2\n1\n1 1 1 1 1 1\n", 5, .malformed),
      ("1\n1\n2\n1\n2 1 1 1 1\n", 5, .outOfRange),
      ("1\n1\n2\n1\n-1 1 1 1 1\n", 5, .outOfRange), ("1\n1\n2\n1\n1 2 1 1 1\n", 5, .outOfRange),
      ("1\n1\n2\n1\n1 0 1 1 1\n", 5, .outOfRange),
      ("1\n1\n2\n1\n\n1 1 1 3 1\n", 6, .outOfRange), ("1\n1\n2\n1\n1 1 0 1 1\n", 5, .outOfRange),
      ("1\n1\n2\n1\n1 1 1 1 1.0.0\n", 5, .malformed),
      ("1\n1\n2\n1\n1 1 1 1 1e\n", 5, .malformed), ("1\n1\n2\n1\n1 1 1 1 nan\n", 5, .malformed),
      ("1\n1\n2\n1\n1 1 1 1 inf\n", 5, .malformed),
      ("1\n1\n2\n1\n1 1 1 1 1e400\n", 5, .outOfRange), ("1\n1\n2\n1\n1 1 1 1 0x10\n", 5, .malformed),
      ("1\n1\n2\n1\n1 1 1 1 -\n", 5, .malformed),
      ("1\n1\n2\n1\n1 1 1 1 .\n", 5, .malformed), ("1\n1\n2\n1\n1 1 1 1 1_0\n", 5, .malformed), ("1\n1\n2\n1\n1 1 1 1", 5, .incomplete),
      // off the diagonal of a diagonal block
      ("1\n1\n-2\n1\n1 1 1 1 1\n1 1 1 2 1\n", 6, .outOfRange), ("1\n1\n-2\n1\n\"x\n1 1 2 1 0\n", 6, .outOfRange),
      // the end comes too early
      ("", 1, .incomplete), ("\"only a remark", 1, .incomplete), ("1\n", 2, .incomplete), ("1\n1\n", 3, .incomplete),
      ("1\n1\n2\n", 4, .incomplete),
      // extended formats
      ("1\n1\n1\n1\n1 1 1 1 1\n*INTEGER\n*1\n", 6, .unsupported), ("1\n1\n1\n1\n1 1 1 1 1\r\n*RANK1\r\n*1\r\n", 6, .unsupported),
      // announced sizes that the text cannot hold
      ("1000000000\n1\n2\n1\n", 1, .outOfRange), ("1\n1000000000\n2\n1\n", 2, .outOfRange), ("1\n1\n1000000000\n1\n", 3, .outOfRange),
      ("1\n1\n-1000000000\n1\n", 3, .outOfRange), ("99999999999999999999999\n1\n1\n1\n", 1, .outOfRange),
    ] as [(String, Int, SDPAError.Kind)]) func errorsNameTheLine(text: String, line: Int, kind: SDPAError.Kind)
  {
    do {
      let file = try parse(text)
      Issue.record("read as \(file)")
    } catch let error as SDPAError {
      #expect(error.line == line && error.kind == kind, "\(error.kind), \(error)")
      #expect(error.description.hasPrefix("line \(line): "))
    } catch {
      Issue.record(error)
    }
  }

  @Test func missingFileIsAnError() {
    #expect(throws: SDPAError.self) { try SDPAFile.read(path: "/nowhere/at all.dat-s") }
    let problem = try? parse(Self.sample)
    #expect(throws: SDPAError.self) { try problem?.write(path: "/nowhere/at all.dat-s") }
    #expect(throws: SDPAError.self) { try problem?.write(path: "/dev/full") }
    #expect((try? FileManager.default.attributesOfItem(atPath: "/dev/full"))?[.type] as? FileAttributeType == .typeCharacterSpecial)
  }

  @Test func hugeBlocksAreNotAllocated() throws {
    // The reader holds entries only; the program refuses to hold the rows.
    let problem = try parse("1\n2\n1048575 -1000000\n1\n1 1 1 1048575 1\n").inequality
    #expect(problem.blocks[0] == .symmetric(1_048_575))
    #expect(throws: ConicProgramError.self) { try problem.program() }
  }

  @Test func numbersAreReadToTheNearestDouble() throws {
    var generator = SplitMix64(seed: 17)
    var tokens = [
      "0", "-0", "1e22", "1e23", "9007199254740993", "9007199254740992e22", "0.1", "1e-22", "1e-23", "123456789012345678901234567890",
      "4.9e-324",
      "2.2250738585072011e-308", "1.7976931348623157e308", "1e-400", "00000000000000000000000000001", "0.000000000000000000000000000000001",
      "5764607523034234879", "5764607523034234880", "57646075230342348800000", "8.5e15", "1E+05", "3.e2", ".5E-1",
      "2.791150185404152495e+01", "0e999999999999999999999",
    ]
    for _ in 0..<2000 {
      let value = Double(bitPattern: generator.next())
      if value.isFinite { tokens.append("\(value)") }
      tokens.append("\(Int.random(in: -1_000_000...1_000_000, using: &generator)).\(UInt32.random(in: 0 ... .max, using: &generator))")
      tokens.append("\(UInt64.random(in: 0 ... .max, using: &generator))e\(Int.random(in: -340...280, using: &generator))")
    }
    let read = try parse("\(tokens.count)\n0\n\(tokens.joined(separator: "\n"))\n").inequality.objective
    for (token, value) in zip(tokens, read) {
      let expected = try #require(Double(token))
      #expect(value.bitPattern == expected.bitPattern, "\(token)")
    }
  }

  /// A problem with values of all magnitudes.
  static func random(_ generator: inout SplitMix64) throws -> LinearMatrixInequality {
    let blocks: [Block] = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
      let order = Int.random(in: 1...6, using: &generator)
      return Bool.random(using: &generator) ? .symmetric(order) : .diagonal(order)
    }
    func value(_ generator: inout SplitMix64) -> Double {
      while true {
        let value = Double(bitPattern: generator.next())
        if value.isFinite { return Bool.random(using: &generator) ? value : value.significand }
      }
    }
    func matrix(_ generator: inout SplitMix64) -> [Entry] {
      (0..<Int.random(in: 0...8, using: &generator)).map { _ in
        let block = Int.random(in: 0..<blocks.count, using: &generator)
        let row = Int.random(in: 0..<blocks[block].order, using: &generator)
        var column = Int.random(in: 0..<blocks[block].order, using: &generator)
        if case .diagonal = blocks[block] { column = row }
        return Entry(block: block, row: row, column: column, value: value(&generator))
      }
    }
    let m = Int.random(in: 0...5, using: &generator)
    return try LinearMatrixInequality(
      blocks: blocks, objective: (0..<m).map { _ in value(&generator) }, constant: matrix(&generator),
      coefficients: (0..<m).map { _ in matrix(&generator) })
  }

  @Test func writingAndReadingIsTheIdentity() throws {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let problem = try Self.random(&generator)
      let text = SDPAFile(problem, comments: ["two\nlines", "*INTEGER", "* starred"]).text()
      let file = try SDPAFile.parse(text)
      #expect(file.inequality == problem)
      #expect(file.comments == ["\"two", "\"lines", "\"*INTEGER", "* starred"])
      // Equality takes −0 for 0; the bits are equal as well.
      #expect(file.inequality.objective.map(\.bitPattern) == problem.objective.map(\.bitPattern))
      #expect(file.text() == text)
    }
  }

  @Test func filesAreWrittenAndRead() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-\(UUID().uuidString).dat-s").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let file = try parse(Self.sample)
    try file.write(path: path)
    #expect(try SDPAFile.read(path: path) == file)
  }
}

@Suite struct SDPAFuzzTests {
  /// Reads what may be anything: an error or a problem that can be written and read again, never a trap.
  private func feed(_ bytes: [UInt8]) throws {
    let file: SDPAFile
    do throws(SDPAError) { file = try SDPAFile.parse(bytes) } catch {
      #expect(!error.detail.isEmpty)
      return
    }
    #expect(try SDPAFile.parse(file.text()).inequality.coefficients == file.inequality.coefficients)
  }

  @Test func truncations() throws {
    let bytes = Array(SDPAFileTests.sample.utf8)
    for length in 0...bytes.count { try feed(Array(bytes[..<length])) }
  }

  @Test func randomBytes() throws {
    var generator = SplitMix64(seed: 1)
    let alphabet = Array("0123456789  \n\n-+.eEdD,(){}\"*=x\t\r\0".utf8)
    for round in 0..<3000 {
      let length = Int.random(in: 0...120, using: &generator)
      try feed(
        (0..<length).map { _ in
          round % 3 == 0 ? UInt8.random(in: 0...255, using: &generator) : alphabet.randomElement(using: &generator) ?? 0
        })
    }
  }

  @Test func mutations() throws {
    var generator = SplitMix64(seed: 2)
    let alphabet = Array("0123456789 \n-+.eD,{\"*=x".utf8)
    for _ in 0..<3000 {
      var bytes = Array(SDPAFileTests.sample.utf8)
      for _ in 0...Int.random(in: 0...4, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes[place] = alphabet.randomElement(using: &generator) ?? 0
        case 1: bytes.insert(alphabet.randomElement(using: &generator) ?? 0, at: place)
        case 2: bytes.remove(at: place)
        default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 10)], at: place)
        }
      }
      try feed(bytes)
    }
  }
}
