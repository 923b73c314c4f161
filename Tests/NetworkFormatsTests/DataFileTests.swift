import Foundation
import LinearAlgebra
import NetworkFormats
import TestSupport
import Testing

@Suite("IDX files and tables of numbers")
struct DataFileTests {
  /// An IDX file.
  private func idx(_ type: UInt8, _ dimensions: [UInt32], _ body: [UInt8]) -> Data {
    Data([0, 0, type, UInt8(dimensions.count)] + dimensions.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) } + body)
  }

  private func bigEndian(_ values: [some FixedWidthInteger]) -> [UInt8] { values.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) } }

  @Test("Elements of every type")
  func types() throws {
    let doubles = [1.5, -2, .pi]
    #expect(try IDXFile.read(idx(0x08, [3], [0, 128, 255])).doubles == [0, 128, 255])
    #expect(try IDXFile.read(idx(0x09, [3], [0, 128, 255])).doubles == [0, -128, -1])
    #expect(try IDXFile.read(idx(0x0B, [2], bigEndian([Int16(-300), 7]))).integers == [-300, 7])
    #expect(try IDXFile.read(idx(0x0C, [1, 2], bigEndian([Int32.min, 9]))).integers == [Int(Int32.min), 9])
    #expect(try IDXFile.read(idx(0x0D, [3], bigEndian(doubles.map { Float($0).bitPattern }))).doubles == doubles.map { Double(Float($0)) })
    #expect(try IDXFile.read(idx(0x0E, [3], bigEndian(doubles.map(\.bitPattern)))).doubles == doubles)
    #expect(try IDXFile.read(idx(0x08, [2, 1, 3], [1, 2, 3, 4, 5, 6])).dimensions == [2, 1, 3])
  }

  @Test("Shapes that do not fit, types and axes that do not exist")
  func malformed() {
    let whole = idx(0x08, [2, 3], [1, 2, 3, 4, 5, 6])
    for length in 0..<whole.count { #expect(throws: FormatError.self, "\(length) bytes") { try IDXFile.read(whole.prefix(length)) } }
    #expect(throws: FormatError.self) { try IDXFile.read(whole + [0]) }
    #expect(throws: FormatError.self) { try IDXFile.read(idx(0x0A, [1], [1])) }
    #expect(throws: FormatError.self) { try IDXFile.read(idx(0x08, [], [1])) }
    #expect(throws: FormatError.self) { try IDXFile.read(idx(0x0E, [.max, .max, .max, .max, .max, .max, .max, .max], [])) }
    #expect(throws: FormatError.self) { try IDXFile.read(Data([1, 0, 8, 1, 0, 0, 0, 1, 5])) }
  }

  @Test("Damaged files give arrays of the right size or typed errors")
  func fuzz() {
    var random = SplitMix64(seed: FuzzTests.seed)
    let table = Data("label,a,b\n1, 2.5,-3e-2\n\n# remark\n4;5;6\n".utf8)
    for _ in 0..<FuzzTests.iterations {
      for (isTable, original) in [(true, table), (false, idx(0x0D, [2, 2], Array(repeating: 7, count: 16)))] {
        var bytes = [UInt8](original)
        for _ in 0...Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
          let position = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
          case 1: bytes.removeLast(bytes.count - position)
          default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
          }
        }
        do {
          let array = try isTable ? NumberTable.read(Data(bytes)) : IDXFile.read(Data(bytes))
          #expect(array.count == array.dimensions.reduce(1, *))
        } catch is FormatError {
        } catch { Issue.record("\(error)") }
      }
    }
  }

  @Test("Tables with any separator, titles, remarks and empty lines")
  func tables() throws {
    #expect(try NumberTable.read(Data("x,y\n1,2\n3,4\n".utf8)).doubles == [1, 2, 3, 4])
    #expect(try NumberTable.read(Data("1 2\t3\r\n-4  5e1 .5\r\n".utf8)).dimensions == [2, 3])
    #expect(try NumberTable.read(Data("# labels\n7\n2\n\n1".utf8)) == NumPyArray(dimensions: [3], elements: .double([7, 2, 1])))
    #expect(try NumberTable.read(Data("1,2,\n3,4,\n".utf8)).dimensions == [2, 2])
    #expect(try NumberTable.read(Data("123456789,1234567890\n".utf8)).doubles == [123_456_789, 1_234_567_890])
  }

  @Test("Errors name the line", arguments: [("1,2\n3\n", 2), ("1\nx\n", 2), ("a,b\nc,d\n", 2), ("1,,2\n", 1), ("1 2\n\n3 4 5\n", 3)])
  func lines(text: String, line: Int) {
    let error = #expect(throws: FormatError.self) { try NumberTable.read(Data(text.utf8)) }
    #expect(error?.place == .line(line))
  }

  @Test("Nothing is no table")
  func empty() {
    #expect(throws: FormatError.self) { try NumberTable.read(Data()) }
    #expect(throws: FormatError.self) { try NumberTable.read(Data("a,b\n".utf8)) }
  }

  @Test("MNIST as published", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
  func mnist() throws {
    let images = try IDXFile.read(path: SharedData.path("datasets/mnist/t10k-images-idx3-ubyte.gz"))
    let labels = try #require(try IDXFile.read(path: SharedData.path("datasets/mnist/t10k-labels-idx1-ubyte.gz")).integers)
    #expect(images.dimensions == [10_000, 28, 28])
    // The digits of the first hundred test images, counted from another copy of them.
    let other = try #require(try NumberTable.read(path: SharedData.path("verification/inputs/mnist_test_100_eran.csv")).doubles)
    #expect(labels.prefix(100).map(Double.init) == (0..<100).map { other[785 * $0] })
    let pixels = try #require(images.doubles)
    for i in 0..<100 { #expect(Array(pixels[784 * i..<784 * (i + 1)]) == Array(other[785 * i + 1..<785 * (i + 1)])) }
  }
}
