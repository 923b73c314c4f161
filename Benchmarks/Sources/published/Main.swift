import Foundation
import LinearAlgebra
import Lipschitz
import Reports

/// `published DATA OUTDIR`: the networks of the literature by every method, beside what is reported for them.
@main
enum Main {
  private static let usage = """
    usage: published DATA OUTDIR [--time-limit SECONDS] [--methods a,b] [--only TEXT] [--tolerance GAP]
      [--threads N] [--memory-limit GIB]

    DATA is the folder with one folder of networks for each source. Measurements are kept in OUTDIR/measurements.csv as they come, and a
    second run measures only what is missing; the report is written at the end.
    """

  static func main() {
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      try? FileHandle.standardError.write(contentsOf: Data("published: \(error)\n".utf8))
      exit(2)
    }
  }

  private static func run(_ arguments: [String]) throws {
    var options: [String: String] = [:]
    var places: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument.hasPrefix("--"), let value = rest.popFirst() { options[argument] = value } else { places.append(argument) }
    }
    let known: Set = ["--time-limit", "--tolerance", "--methods", "--only", "--threads", "--memory-limit"]
    guard places.count == 2, known.isSuperset(of: options.keys), let limit = Double(options["--time-limit"] ?? "60"), limit > 0,
      let tolerance = Double(options["--tolerance"] ?? "1e-3"), tolerance > 0, tolerance < 1,
      let threads = Int(options["--threads"] ?? "1"), threads > 0, let memory = Double(options["--memory-limit"] ?? "3"), memory > 0
    else {
      print(usage)
      exit(2)
    }
    let methods = options["--methods"]?.split(separator: ",").map(String.init) ?? Estimators.names
    for name in methods where !Estimators.names.contains(name) { throw MethodError.unknown(name) }
    Threads.count = threads
    var networks = try Catalogue(folder: URL(fileURLWithPath: places[0])).networks()
    let all = networks
    if let only = options["--only"] { networks = networks.filter { $0.name.contains(only) } }
    let out = URL(fileURLWithPath: places[1])
    try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
    var store = try ResultStore(path: out.appendingPathComponent("measurements.csv").path)
    let campaign = Campaign(
      networks: networks, methods: methods, timeLimit: limit, tolerance: tolerance, memoryLimit: Int(memory * 0x1p30))
    try campaign.run(&store)
    let measured = all.filter { network in Estimators.names.contains { store[network.name, $0] != nil } }
    let comparison = Comparison(networks: measured, methods: Estimators.names, store: store)
    if let figure = comparison.figure {
      let place = out.appendingPathComponent(figure.path)
      try FileManager.default.createDirectory(at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
      try figure.svg.write(to: place, atomically: true, encoding: .utf8)
    }
    try comparison.csv.write(to: out.appendingPathComponent("comparison.csv"), atomically: true, encoding: .utf8)
    try comparison.markdown(command: "make published", timeLimit: limit, version: Version.current)
      .write(to: out.appendingPathComponent("report.md"), atomically: true, encoding: .utf8)
  }
}
