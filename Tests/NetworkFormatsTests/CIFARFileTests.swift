import Foundation
import LinearAlgebra
import NetworkFormats
import TestSupport
import Testing

@Suite("CIFAR's binary files")
struct CIFARFileTests {
  /// Records of random images with these labels.
  private func records(_ labels: [[UInt8]], side: Int, _ random: inout SplitMix64) -> Data {
    var data = Data()
    for label in labels { data += label + (0..<3 * side * side).map { _ in UInt8.random(in: .min ... .max, using: &random) } }
    return data
  }

  @Test("Records of each form", arguments: [CIFARFile.Record.cifar10, .cifar100, .halfSize])
  func forms(record: CIFARFile.Record) throws {
    var random = SplitMix64(seed: 1)
    let labels: [[UInt8]] = record.labelBytes == 1 ? [[3], [9], [0]] : [[3, 99], [19, 0], [0, 50]]
    let data = records(labels, side: record.side, &random)
    #expect(data.count == 3 * record.size)
    let contents = try CIFARFile.read(data)
    #expect(contents.record == record && contents.images.dimensions == [3, 3, record.side, record.side])
    #expect(contents.labels == labels.compactMap(\.last))
    #expect(contents.coarseLabels == (record.labelBytes == 2 ? [3, 19, 0] : nil))
    let length = 3 * record.side * record.side
    let bodies = (0..<3).flatMap { Array(data[$0 * record.size + record.labelBytes..<($0 + 1) * record.size]) }
    #expect(contents.images.elements == .uint8(bodies) && bodies.count == 3 * length)
  }

  @Test("As arrays of a file, also compressed ones from elsewhere")
  func arrays() throws {
    var random = SplitMix64(seed: 2)
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).bin").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try records([[1, 2], [3, 4]], side: 32, &random).write(to: URL(fileURLWithPath: path))
    let arrays = try DataFile.read(path: path)
    #expect(arrays.map(\.name) == ["images", "labels", "coarse-labels"])
    #expect(arrays.map(\.array.dimensions) == [[2, 3, 32, 32], [2], [2]])
    #expect(arrays[1].array.integers == [2, 4])
  }

  @Test("Lengths and labels that do not fit")
  func malformed() throws {
    var random = SplitMix64(seed: 3)
    let whole = records([[1], [2]], side: 32, &random)
    for length in [0, 1, 3072, 3074 + 3073, 6145] {
      #expect(throws: FormatError.self, "\(length) bytes") {
        try CIFARFile.read(length <= whole.count ? whole.prefix(length) : whole + [0])
      }
    }
    let error = #expect(throws: FormatError.self) { try CIFARFile.read(records([[1], [10]], side: 32, &random)) }
    #expect(error?.place == .byte(3073))
    let coarse = #expect(throws: FormatError.self) { try CIFARFile.read(records([[20, 1]], side: 32, &random)) }
    #expect(coarse?.place == .byte(0))
    #expect(throws: FormatError.self) { try CIFARFile.read(records([[19, 100]], side: 32, &random)) }
  }

  @Test(
    "The files of the subset", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"),
    arguments: [("cifar10-subset/cifar10_test_1000.bin.gz", 1000, 32), ("cifar10-16x16-jpeg/cifar10_16x16_test.bin.gz", 5000, 16)])
  func subset(name: String, count: Int, side: Int) throws {
    let path = SharedData.path("datasets/\(name)")
    guard FileManager.default.fileExists(atPath: path) else { return }
    let contents = try CIFARFile.read(path: path)
    #expect(contents.labels.count == count && contents.record.side == side)
    #expect(Set(contents.labels) == Set(0...9))
  }
}
