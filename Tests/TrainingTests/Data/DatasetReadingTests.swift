import Foundation
import LinearAlgebra
import NetworkFormats
import TestSupport
import Testing

@testable import Training

@Suite("Reading data sets") struct DatasetReadingTests {
  private func folder() throws -> URL {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("dataset-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    return url
  }

  private func idx(_ dimensions: [Int], _ body: [UInt8]) -> Data {
    Data([0, 0, 8, UInt8(dimensions.count)] + dimensions.flatMap { withUnsafeBytes(of: UInt32($0).bigEndian, Array.init) } + body)
  }

  @Test("A folder of IDX pairs, with a limit and mean pooling") func idxFolder() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let bytes = (0..<3 * 4 * 4).map { UInt8(5 * $0) }
    try idx([3, 4, 4], bytes).write(to: folder.appendingPathComponent("train-images-idx3-ubyte"))
    try idx([3], [2, 0, 1]).write(to: folder.appendingPathComponent("train-labels-idx1-ubyte"))
    try Data("words".utf8).write(to: folder.appendingPathComponent("README.md"))
    let set = try DatasetFolder(folder.path)
    let data = try set.read(.training)
    #expect(data.shape == FeatureShape(height: 4, width: 4, channels: 1) && data.labels == [2, 0, 1] && data.classCount == 3)
    #expect(
      data.samples == bytes.map { Float(Double($0) / 255) } || zip(data.samples, bytes).allSatisfy { abs($0 - Float($1) / 255) < 1e-7 })
    #expect(throws: FormatError.self) { try set.read(.test) }

    var reading = DatasetReading()
    reading.limit = 2
    reading.pooling = 2
    let small = try set.read(.training, reading)
    #expect(small.count == 2 && small.shape == FeatureShape(height: 2, width: 2, channels: 1))
    let firstMean = Float(bytes[0]) + Float(bytes[1]) + Float(bytes[4]) + Float(bytes[5])
    #expect(abs(small.samples[0] - firstMean / 4 / 255) < 1e-6)
    let last = Float(bytes[26]) + Float(bytes[27]) + Float(bytes[30]) + Float(bytes[31])
    #expect(abs(small.samples[7] - last / 4 / 255) < 1e-6)
    reading.pooling = 3
    #expect(throws: TrainingError.self) { try set.read(.training, reading) }
  }

  @Test("CIFAR's planes become pixels") func cifar() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var random = SplitMix64(seed: 1)
    let records = (0..<3).map { label in [UInt8(label)] + (0..<3072).map { _ in UInt8.random(in: .min ... .max, using: &random) } }
    try Data(records[0] + records[1]).write(to: folder.appendingPathComponent("data_batch_1.bin"))
    try Data(records[2]).write(to: folder.appendingPathComponent("data_batch_2.bin"))
    let data = try DatasetFolder(folder.path).read(.training)
    #expect(data.shape == FeatureShape(height: 32, width: 32, channels: 3) && data.labels == [0, 1, 2] && data.classCount == 10)
    for sample in 0..<3 {
      for pixel in [0, 1, 33, 1023] {
        for c in 0..<3 {
          let value = Array(data[sample])[pixel * 3 + c]
          #expect(abs(value - Float(records[sample][1 + c * 1024 + pixel]) / 255) < 1e-7)
        }
      }
    }
    var reading = DatasetReading()
    reading.limit = 1
    #expect(try DatasetFolder(folder.path).read(.training, reading).count == 1)
    // Cut off, and with a label that is no class.
    let path = folder.appendingPathComponent("data_batch_2.bin")
    try Data(records[2].dropLast()).write(to: path)
    let cut = #expect(throws: FormatError.self) { try DatasetFolder(folder.path).read(.training) }
    #expect(cut?.file.hasSuffix("data_batch_2.bin") == true)
    try Data([10] + records[2].dropFirst()).write(to: path)
    #expect(throws: FormatError.self) { try DatasetFolder(folder.path).read(.training) }
  }

  @Test("Tables and archives, their label columns, scales and shapes") func tables() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let csv = folder.appendingPathComponent("train.csv").path
    try Data("label,a,b,c,d\n1,0,51,102,255\n0,255,0,0,0\n".utf8).write(to: URL(fileURLWithPath: csv))
    var reading = DatasetReading()
    let complaint = #expect(throws: FormatError.self) { try reading.read(csv) }
    #expect(complaint?.file == csv && complaint?.reason.contains("1/255") == true)
    reading.scale = 1 / 255.0
    reading.shape = FeatureShape(height: 2, width: 2, channels: 1)
    let data = try reading.read(csv)
    #expect(data.labels == [1, 0] && data.classCount == 2 && data.shape == reading.shape)
    #expect(zip(data.samples, [0, 0.2, 0.4, 1, 1, 0, 0, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
    reading.labelColumn = -1
    reading.scale = 1
    reading.areImages = false
    #expect(try reading.read(csv, name: "last").labels == [255, 0])
    reading.labelColumn = 5
    #expect(throws: FormatError.self) { try reading.read(csv) }
    reading.labelColumn = nil
    reading.shape = .vector(5)
    #expect(throws: FormatError.self) { try reading.read(csv) }

    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 2, 1, 2], elements: .float([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])), for: "x")
    archive.set(NumPyArray(dimensions: [2], elements: .int64([1, 0])), for: "y")
    let npz = folder.appendingPathComponent("test.npz").path
    try archive.write(path: npz)
    let first = try DatasetReading().read(npz)
    #expect(first.shape == FeatureShape(height: 1, width: 2, channels: 2) && first.labels == [1, 0])
    #expect(first.samples == [0, 0.2, 0.1, 0.3, 0.4, 0.6, 0.5, 0.7])
    var last = DatasetReading()
    last.isChannelsLast = true
    #expect(try last.read(npz).shape == FeatureShape(height: 2, width: 1, channels: 2))
    #expect(try last.read(npz).samples == [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    archive.set(NumPyArray(dimensions: [3], elements: .int64([1, 0, 1])), for: "y")
    try archive.write(path: npz)
    #expect(throws: FormatError.self) { try DatasetReading().read(npz) }
    archive.set(NumPyArray(dimensions: [2], elements: .double([1, 0.5])), for: "y")
    try archive.write(path: npz)
    #expect(throws: FormatError.self) { try DatasetReading().read(npz) }
    archive.set(NumPyArray(dimensions: [2], elements: .int64([1, -1])), for: "y")
    try archive.write(path: npz)
    #expect(throws: FormatError.self) { try DatasetReading().read(npz) }
    archive.set(NumPyArray(dimensions: [2, 1], elements: .float([.nan, 0])), for: "x")
    archive.set(NumPyArray(dimensions: [2], elements: .int64([1, 0])), for: "y")
    try archive.write(path: npz)
    let bad = #expect(throws: FormatError.self) { try DatasetReading().read(npz) }
    #expect(bad?.file == npz && bad?.reason.contains("finite") == true)
    #expect(throws: FormatError.self) { try DatasetReading().read(folder.appendingPathComponent("none.npz").path) }
    #expect(throws: FormatError.self) { try DatasetFolder(folder.appendingPathComponent("none").path) }
  }

  @Test("Damaged files give data of the right form or errors that name the file") func fuzz() throws {
    let folder = try folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var random = SplitMix64(seed: 7)
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 3], elements: .float([0, 0.1, 0.2, 0.3, 0.4, 0.5])), for: "x")
    archive.set(NumPyArray(dimensions: [2], elements: .int64([1, 0])), for: "y")
    let originals: [(String, Data)] = [
      ("train.npz", try archive.npzData()), ("train.csv", Data("1,0.5,0.25\n0,1,0\n".utf8)),
      ("train-half.bin", Data((0..<2).flatMap { [UInt8($0)] + [UInt8](repeating: 9, count: 768) })),
    ]
    for (name, original) in originals {
      for _ in 0..<60 {
        var bytes = [UInt8](original)
        for _ in 0...Int.random(in: 0...2, using: &random) where !bytes.isEmpty {
          let position = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: bytes[position] = UInt8.random(in: .min ... .max, using: &random)
          case 1: bytes.removeLast(bytes.count - position)
          default: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: position)
          }
        }
        let path = folder.appendingPathComponent(name).path
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        do {
          let data = try DatasetReading().read(path)
          #expect(data.samples.allSatisfy { 0...1 ~= $0 } && data.samples.count == data.count * data.shape.count)
        } catch let error as FormatError {
          #expect(error.file == path)
        } catch { Issue.record("\(error)") }
      }
    }
  }

  @Test("Parts of a data set cover it, keep their order and are always the same") func split() throws {
    let data = try Dataset(
      name: "numbers", shape: .vector(1), samples: (0..<50).map(Float.init), labels: (0..<50).map { $0 % 5 }, classCount: 5)
    let (first, second) = try data.split(secondShare: 0.2)
    #expect(first.count == 40 && second.count == 10)
    #expect((first.samples + second.samples).sorted() == data.samples)
    #expect(first.samples == first.samples.sorted() && second.samples == second.samples.sorted())
    #expect(zip(second.samples, second.labels).allSatisfy { Int($0) % 5 == $1 })
    #expect(try data.split(secondShare: 0.2).second.samples == second.samples)
    #expect(throws: TrainingError.self) { try data.split(secondShare: 0.001) }
  }

  @Test("A description says all there is to load") func description() throws {
    var description = DataDescription.glyphs(size: 8, seed: 2)
    description.reading.limit = 40
    description.testLimit = 20
    description.validationShare = 0.25
    let parts = try description.load()
    #expect(parts.training.count == 30 && parts.validation?.count == 10 && parts.test?.count == 20)
    #expect(try description.load().digest == parts.digest)
    description.source = .glyphs(size: 8, training: 10_000, test: 2_000, seed: 3)
    #expect(try description.load().digest != parts.digest)
    #expect(try JSONDecoder().decode(DataDescription.self, from: JSONEncoder().encode(description)) == description)
    description.validationShare = 1
    #expect(throws: TrainingError.self) { try description.load() }
  }

  @Test(
    "The public data sets", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"),
    arguments: [
      ("mnist", 28, 1, [7, 2, 1, 0]), ("fashion-mnist", 28, 1, [9, 2, 1, 1]), ("cifar10-subset", 32, 3, [3, 8, 8, 0]),
      ("optdigits-8x8", 8, 1, [0, 1, 2, 3]),
    ] as [(String, Int, Int, [Int])])
  func publicSets(name: String, side: Int, channels: Int, labels: [Int]) throws {
    let folder = SharedData.path("datasets/\(name)")
    guard FileManager.default.fileExists(atPath: folder) else { return }
    var reading = DatasetReading()
    reading.limit = 4
    let data = try DatasetFolder(folder).read(.test, reading)
    #expect(data.shape == FeatureShape(height: side, width: side, channels: channels) && data.labels == labels && data.name == name)
    #expect((data.samples.max() ?? 0) > 0.9 && (data.samples.min() ?? 1) == 0)
    if name == "optdigits-8x8" { #expect(data.samples[2] == 5.0 / 16 && data.samples[3] == 13.0 / 16) }
  }
}
