import Certificates
import Compression
import Foundation
import Training

@testable import Reports

/// Trainings that never happened.
enum TrainingSamples {
  static func sparsity(_ zeros: [(name: String, zero: Int, of: Int)]) throws -> Sparsity {
    let layers = zeros.map {
      "{\"name\":\"\($0.name)\",\"weights\":\($0.of),\"zeroWeights\":\($0.zero),\"inputChannels\":4,\"zeroInputChannels\":1,\"filters\":4,\"zeroFilters\":0}"
    }
    return try JSONDecoder().decode(Sparsity.self, from: Data("{\"layers\":[\(layers.joined(separator: ","))]}".utf8))
  }

  static func record(seed: UInt64 = 1, accuracy: Double = 0.9, zeros: [(name: String, zero: Int, of: Int)] = []) throws -> TrainedRecord {
    let accuracies = try JSONDecoder().decode(
      TrainedRecord.Accuracies.self,
      from: Data(
        "{\"natural\":\(accuracy),\"attacked\":[{\"name\":\"fgsm\",\"epsilon\":0.1,\"norm\":\"linf\",\"accuracy\":\(accuracy / 2)}]}".utf8))
    let epochs = try (0..<3).map { epoch in
      let share = 0.5 + 0.1 * Double(epoch)
      return try JSONDecoder().decode(
        EpochRecord.self,
        from: Data("{\"epoch\":\(epoch),\"rate\":0.1,\"loss\":1,\"penalty\":0,\"accuracy\":\(share),\"seconds\":1}".utf8))
    }
    var pruning: PruningRecord?
    if !zeros.isEmpty {
      let sparsity = try sparsity(zeros)
      let size = try ModelComparisonReportTests.model("m").size
      pruning = PruningRecord(method: "m", phases: [], sparsity: sparsity, masked: size, compact: size, deviation: 0)
    }
    return TrainedRecord(
      title: "t", recipe: "0f", settings: [:], data: "d", dataDigest: "0f", samples: [10, 2, 4], seed: seed, version: "1",
      parameterCount: 99,
      epoch: 3, threads: 1, trainingSeconds: 1, evaluationSeconds: 1, deployed: accuracies, noisy: nil, curve: epochs, network: "0f",
      pruning: pruning)
  }

  /// Two pruned variants of one architecture, one of another, a dense one; all certified.
  static func study() throws -> TrainingReport {
    func variant(_ name: String, zeros: [[(name: String, zero: Int, of: Int)]], scale: Double) throws -> TrainingReport.Variant {
      let runs = try zeros.enumerated().map { index, zeros in
        TrainingReport.Run(
          try record(seed: UInt64(index + 1), accuracy: 0.9 / scale, zeros: zeros),
          measurement: try ModelComparisonReportTests.model("\(name)-\(index)", scale: scale))
      }
      return .init(name: name, title: "Network \(name)", runs: runs)
    }
    return TrainingReport(
      title: "A study", summary: "What it is about.",
      variants: [
        try variant("a", zeros: [[("one.weight", 1, 4), ("two.weight", 0, 8)], [("one.weight", 3, 4), ("two.weight", 8, 8)]], scale: 1),
        try variant("b", zeros: [[("one.weight", 4, 4), ("two.weight", 2, 8)]], scale: 1.5),
        try variant("c", zeros: [[("dense.weight", 5, 10)]], scale: 2), try variant("d", zeros: [[], []], scale: 1.2),
      ], claims: [])
  }
}
