import Foundation
import Lipschitz

/// Runs every method on every network that is not measured yet.
struct Campaign {
  let networks: [PublishedNetwork]
  let methods: [String]
  let timeLimit: Double
  let tolerance: Double
  let memoryLimit: Int

  /// Measures what is missing, and stores each row as soon as it is known.
  func run(_ store: inout ResultStore) throws {
    for (position, network) in networks.enumerated() {
      let missing = methods.filter { store[network.name, $0] == nil }
      if missing.isEmpty { continue }
      log("\(position + 1)/\(networks.count) \(network.name)")
      let problem: LipschitzProblem
      do {
        problem = try network.problem()
      } catch {
        log("  unreadable: \(error)")
        continue
      }
      for method in missing {
        let row = try measure(problem, network: network.name, method: method)
        try store.add(row)
        let value = row.upper ?? row.lower
        log("  \(method)  \(value.map { "\($0)" } ?? "-")  \(String(format: "%.2f", row.seconds)) s  \(row.stop)  \(row.note)")
      }
    }
  }

  private func measure(_ problem: LipschitzProblem, network: String, method: String) throws -> Measurement {
    var budget = Budget()
    budget.timeLimit = timeLimit
    budget.tolerance = tolerance
    budget.memoryLimit = memoryLimit
    guard let estimator = Estimators.named(method) else { throw MethodError.unknown(method) }
    let estimate = estimator.outcome(problem, budget: budget)
    return Measurement(
      network: network, method: method, upper: estimate.upper, lower: estimate.lower, isCertified: estimate.isCertified,
      seconds: estimate.seconds, stop: estimate.stopReason.rawValue, note: estimate.note ?? "")
  }

  private func log(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }
}

/// What is wrong with the methods asked for.
enum MethodError: Error, CustomStringConvertible {
  /// There is no such method.
  case unknown(String)

  var description: String {
    switch self {
    case .unknown(let name): "there is no method '\(name)'; methods are \(Estimators.names.joined(separator: ", "))"
    }
  }
}
