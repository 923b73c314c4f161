import Foundation
import NetworkFormats
import Networks

/// Models to files and back.
enum FormatBenchmarks {
  static let topic = Topic(
    id: "formats", title: "Model files",
    note: "Write and read a network; files in the folder for temporary ones.",
    columns: ["network", "format", "MB", "write", "written MB/s", "read", "read MB/s", "n"],
    cases: ["onnx", "npz"].map { format in
      Topic.Case(name: "784-1000-1000-10 \(format)") { harness in
        let network = try NetworkBuilders.multilayerPerceptron(widths: [784, 1000, 1000, 10], seed: 1)
        return [try row("784-1000-1000-10", network, format, harness)]
      }
    })

  private static func row(_ name: String, _ network: Network, _ format: String, _ harness: Harness) throws -> [Cell] {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-benchmark-\(UUID().uuidString).\(format)")
    defer { try? FileManager.default.removeItem(at: file) }
    let write = try harness.measure(5) { try ModelFile.write(network, to: file.path) }
    let read = try harness.measure(5) { _ = try ModelFile.read(path: file.path) }
    let megabytes = Double(try Data(contentsOf: file).count) * 1e-6
    return [
      .text(name), .text(format), .rate(megabytes), .seconds(write.best), .rate(megabytes / write.best), .seconds(read.best),
      .rate(megabytes / read.best), .count(read.count),
    ]
  }
}
