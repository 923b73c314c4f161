import Foundation
import LinearAlgebra
import Testing

@Suite("Studies that are killed", .needsTool)
struct StudyResumptionTests {
  private static let study = """
    title: All kinds of steps
    seed: 5
    steps:
      - {name: random, generate: {widths: [12, 16x3, 4], seed: 2}}
      - {name: bounds, bound: {model: random, methods: [product, closed-form, lip-lt, lifted, lipsdp-layer, attained]}}
      - name: dense
        train:
          title: Dense
          seed: 3
          data: {glyphs: 8, training-count: 600, test-count: 60}
          model: {convolutional: {convolutions: [{channels: 4, kernel: 3}], widths: [16]}}
          training: {epochs: 6, batch: 20, learning-rate: 0.05, adversary: {epsilon: 0.05, steps: 2}}
          evaluation: {epsilon: 0.05, attacks: [fgsm, ifgsm5]}
      - {name: radii, radius: {model: dense, data: {glyphs: 8, test-count: 60}, limit: 8, methods: [global, crown, local]}}
      - name: sparse
        prune:
          title: Sparse
          seed: 3
          data: {glyphs: 8, training-count: 600, test-count: 60}
          model: {convolutional: {convolutions: [{channels: 4, kernel: 3}], widths: [16]}}
          training: {epochs: 4, batch: 20, learning-rate: 0.05}
          pruning: {filter-norm: {share: 0.25, groups: input-channels, scope: hidden}}
          retraining: {epochs: 2}
          evaluation: {epsilon: 0.05, attacks: [fgsm]}
      - {name: proofs, check: [bounds, radii]}
      - name: comparison
        compare:
          models: [dense, sparse]
          data: {glyphs: 8, test-count: 60}
          evaluation: {epsilon: 0.05, attacks: [fgsm]}
          certification: {methods: [product, lifted, attained], radii: 4, radius-methods: [crown]}
          difference: {samples: 4, radius: 0.05}
    """

  /// Everything in a document but seconds, memory, dates, and digests of files that have such numbers in them.
  private static func untimed(_ value: Any) -> Any {
    if let list = value as? [Any] { return list.map(untimed) }
    guard let object = value as? [String: Any] else { return value }
    let kept = object.filter { key, _ in
      !key.lowercased().contains("seconds") && !["timings", "date", "peakMemoryBytes", "files", "outputs"].contains(key)
    }
    return kept.mapValues(untimed)
  }

  /// The results of a study by file: networks, certificates and masks as they are, documents without timings.
  private static func results(_ folder: TemporaryFolder, _ name: String) throws -> [String: Data] {
    var results: [String: Data] = [:]
    for file in try FileManager.default.subpathsOfDirectory(atPath: folder.path(name)).sorted() {
      let data = try? folder.read("\(name)/\(file)")
      guard let data else { continue }
      switch (file as NSString).pathExtension {
      case "onnx", "lipcert": results[file] = data
      case "json" where file.hasSuffix("certificate.json"): results[file] = data
      case "json":
        results[file] = try JSONSerialization.data(
          withJSONObject: untimed(JSONSerialization.jsonObject(with: data)), options: [.sortedKeys])
      // Of pages and tables there must be as many; what they say, the documents say.
      default: if !file.hasPrefix("phases/") { results[file] = Data() }
      }
    }
    return results
  }

  @Test("A study that is killed at ten random moments and started again gives the results of an undisturbed one, byte for byte")
  func killed() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(Self.study.utf8), to: "all.yaml")
    let whole = try Tool.run("run all.yaml --out whole", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    let expected = try Self.results(folder, "whole")
    #expect(expected.keys.filter { $0.hasSuffix(".lipcert") }.count > 45 && expected["sparse/masked.onnx"] != nil)

    var random = SplitMix64(seed: 20)
    var kills = 0
    while kills < 10 {
      let running = try Tool.start("run all.yaml --out broken", in: folder)
      // Mostly within a step or two of where the last one ended, so that the ten kills spread over the whole study.
      Thread.sleep(forTimeInterval: whole.seconds * Double.random(in: 0.02...0.3, using: &random))
      guard running.isRunning else {
        // It came to its end: the rest of the kills begin anew.
        #expect(try running.result().status == 0)
        #expect(try Self.results(folder, "broken") == expected)
        try FileManager.default.removeItem(atPath: folder.path("broken"))
        continue
      }
      running.send(SIGKILL)
      _ = try running.result()
      kills += 1
    }
    let last = try Tool.run("run all.yaml --out broken", in: folder)
    #expect(last.status == 0, "\(last.errors)")
    let found = try Self.results(folder, "broken")
    let differing = Set(expected.keys).union(found.keys).filter { expected[$0] != found[$0] }.sorted()
    #expect(differing.isEmpty, "\(differing)")
  }
}
