import Certificates
import CommandLineSupport
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Reports
import Synchronization

/// `bound` for many functions of the outputs in one pass.
struct TargetsRun {
  let model: LoadedModel
  let problem: LipschitzProblem
  let targets: TargetSet
  let method: any LipschitzEstimator
  let budget: Budget
  let showsProgress: Bool

  /// Bounds every target.
  func results() throws -> (rows: [TargetsReport.Row], seconds: Double) {
    let began = ContinuousClock.now
    let selections = try model.naming { try targets.selections(outputCount: problem.lowered.outputCount) }
    let results = try TargetEstimator(method: method).estimate(problem, targets: selections, budget: budget) { done, result in
      guard showsProgress else { return }
      Console.shared.draw { "\(done) of \(selections.count) targets  \(StatementWords.name(result.target))" }
    }
    Console.shared.eraseProgress()
    return (results.map(TargetsReport.Row.init), began.duration(to: .now) / .seconds(1))
  }

  /// Writes one certificate for each certified target and, unless told otherwise, reads each back and checks it.
  ///
  /// - Throws: ``CommandError`` or `FileWriteError`, after everything that could be written was.
  func keep(_ rows: inout [TargetsReport.Row], folder: String, isChecked: Bool) throws {
    try OutputPlace.require(folder: folder)
    let entries = rows
    let outcomes = Mutex<[(facts: CertificateFacts?, failure: (any Error)?)]>(Array(repeating: (nil, nil), count: rows.count))
    ParallelFor.run(entries.count) { index in
      guard entries[index].estimate.isCertified, entries[index].estimate.certificate != nil else { return }
      let path = (folder as NSString).appendingPathComponent(Self.fileName(entries[index].target))
      do {
        let facts = try CertificateWriter(path: path, isChecked: isChecked).write(
          entries[index].estimate, modelName: URL(fileURLWithPath: model.path).lastPathComponent, problem: problem)
        outcomes.withLock { $0[index].facts = facts }
      } catch {
        outcomes.withLock { $0[index].failure = error }
      }
    }
    let all = outcomes.withLock { $0 }
    for index in rows.indices { rows[index].certificate = all[index].facts }
    if let failure = all.compactMap(\.failure).first { throw failure }
  }

  private static func fileName(_ target: OutputSelection) -> String {
    switch target {
    case .all: "all.lipcert"
    case .output(let i): "output-\(i).lipcert"
    case .difference(let i, let j): "output-\(i)-minus-\(j).lipcert"
    }
  }
}
