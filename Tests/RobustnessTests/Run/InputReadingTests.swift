import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import Robustness
import Testing

@Suite("Reading inputs")
final class InputReadingTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("inputs-\(UUID().uuidString)")
  private let network: Network

  init() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    network = try NetworkBuilders.multilayerPerceptron(widths: [4, 3, 3], seed: 1)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }
  private func text(_ text: String, _ name: String) throws -> String {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
    return path(name)
  }

  @Test("Tables with and without a column of labels")
  func tables() throws {
    let plain = try InputReading().read(inputs: text("1,2,3,4\n5,6,7,8\n", "a.csv"), labels: nil, for: network)
    #expect(plain.count == 2 && plain.labels == nil && plain[1] == [5, 6, 7, 8])
    let labelled = try InputReading().read(inputs: text("2,1,2,3,4\n0,5,6,7,8\n", "b.csv"), labels: nil, for: network)
    #expect(labelled.inputs == plain.inputs && labelled.labels == [2, 0])
    let other = try InputReading().read(inputs: path("b.csv"), labels: text("1\n1\n", "c.csv"), for: network)
    #expect(other.inputs == plain.inputs && other.labels == [1, 1])
  }

  @Test("Arrays: batches, one input, archives")
  func arrays() throws {
    let values = (0..<8).map(Double.init)
    try NumPyArray(dimensions: [2, 1, 2, 2], elements: .double(values)).write(path: path("x.npy"))
    #expect(try InputReading().read(inputs: path("x.npy"), labels: nil, for: network).count == 2)
    try NumPyArray(dimensions: [2, 2], elements: .float([1, 2, 3, 4])).write(path: path("one.npy"))
    #expect(try InputReading().read(inputs: path("one.npy"), labels: nil, for: network)[0] == [1, 2, 3, 4])
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 4], elements: .double(values)), for: "x")
    archive.set(NumPyArray(dimensions: [2], elements: .int64([1, 2])), for: "labels")
    archive.set(NumPyArray(dimensions: [1, 4], elements: .double([9, 9, 9, 9])), for: "z")
    try archive.write(path: path("all.npz"))
    let inputs = try InputReading().read(inputs: path("all.npz"), labels: nil, for: network)
    #expect(inputs.labels == [1, 2] && inputs[0] == [0, 1, 2, 3])
    #expect(try InputReading().read(inputs: path("all.npz") + ":z", labels: text("0\n", "l.csv"), for: network)[0] == [9, 9, 9, 9])
  }

  @Test("Scaling, means of channels and the order of axes")
  func normalisation() throws {
    let images = try NetworkBuilders.convolutional(inputChannels: 2, size: 4, channels: [2], outputs: 3, seed: 1)
    // Pixel p of channel c is 10 p + c, channels last.
    let values = (0..<16).flatMap { p in (0..<2).map { c in Double(10 * p + c) } }
    try NumPyArray(dimensions: [1, 4, 4, 2], elements: .double(values)).write(path: path("x.npy"))
    var reading = InputReading()
    reading.isChannelsLast = true
    reading.scale = (1, 255)
    reading.mean = [0.5, 0.25]
    reading.deviation = [2]
    let x = try reading.read(inputs: path("x.npy"), labels: nil, for: images)
    #expect(x.shape == [2, 4, 4])
    for c in 0..<2 { for p in 0..<16 { #expect(x[0][16 * c + p] == (Double(10 * p + c) / 255 - [0.5, 0.25][c]) / 2) } }
    reading.mean = [1, 2, 3]
    #expect(throws: FormatError.self) { try reading.read(inputs: self.path("x.npy"), labels: nil, for: images) }
  }

  @Test(
    "What does not fit is refused",
    arguments: [
      ("1,2,3\n", nil), ("1,2,3,nan\n", nil), ("1,2,3,inf\n", nil), ("1,2,3,4\n", "1\n2\n"), ("1,2,3,4\n", "3\n"), ("1,2,3,4\n", "-1\n"),
      ("1,2,3,4\n", "0.5\n"), ("9,1,2,3,4\n", nil), ("1,2,3,4\n", "1,0,0\n"), ("1,2,3,4\n", "nan\n"), ("1,2,3,4\n", "1e300\n"),
    ])
  func refused(inputs: String, labels: String?) throws {
    let (x, y) = (try text(inputs, "x.csv"), try labels.map { try text($0, "y.csv") })
    let error = #expect(throws: FormatError.self) { try InputReading().read(inputs: x, labels: y, for: self.network) }
    #expect(error?.file.hasSuffix(".csv") == true)
  }
}
