import Foundation
import Testing

@Suite("lipcert train", .needsTool)
struct TrainTests {
  private let folder: TemporaryFolder
  private static let recipe = """
    title: A small one
    data: {glyphs: 8, training-count: 600, test-count: 60}
    model: {residual: {depth: 8, channels: [4, 8], members: 2, noise: 0.1}}
    training: {epochs: 4, batch: 20, learning-rate: 0.05, adversary: {epsilon: 0.05, steps: 2}}
    evaluation: {epsilon: 0.05, attacks: [fgsm]}

    """

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(Data(Self.recipe.utf8), to: "recipe.yaml")
  }

  @Test("A run that is killed and started again saves the same network as an undisturbed one, on any number of threads")
  func killed() throws {
    let whole = try Tool.run("train recipe.yaml --out whole --threads 1 --json", in: folder)
    try #require(whole.status == 0, "\(whole.errors)")
    let variants = try #require(try whole.json()["variants"] as? [[String: Any]])
    #expect(variants.count == 1)

    for signal in [SIGKILL, SIGINT] {
      let running = try Tool.start("train recipe.yaml --out parts --threads 2", in: folder)
      // The curve gets its header when training begins and a line at the end of each epoch.
      while running.isRunning, (try? folder.read("parts/curve.csv"))?.split(separator: UInt8(ascii: "\n")).count ?? 0 < 2 {
        Thread.sleep(forTimeInterval: 0.005)
      }
      running.send(signal)
      let run = try running.result()
      if signal == SIGINT { #expect(run.status == 0 || (run.status == 3 && run.errors.contains("goes on from there")), "\(run.errors)") }
    }
    let last = try Tool.run("train recipe.yaml --out parts", in: folder)
    #expect(last.status == 0, "\(last.errors)")
    #expect(try folder.read("parts/network.onnx") == folder.read("whole/network.onnx"))

    let evaluated = try Tool.run("evaluate parts/network.onnx --data glyphs-8 --limit 60 --epsilon 0.05 --json", in: folder)
    #expect(evaluated.status == 0, "\(evaluated.errors)")
    #expect(try Tool.run("bound parts/network.onnx --method product", in: folder).status == 0)
  }

  @Test("A pruned network is saved without its channels, and compared with the one it came from")
  func pruned() throws {
    let recipe = """
      title: Pruned
      data: {glyphs: 8, training-count: 200, test-count: 60}
      model: {residual: {depth: 8, channels: [3, 4]}}
      training: {epochs: 2, batch: 40, learning-rate: 0.05}
      pruning: {filter-norm: {share: 0.5, groups: input-channels, scope: convolutions}}
      retraining: {epochs: 1}

      """
    try folder.write(Data(recipe.utf8), to: "pruned.yaml")
    let run = try Tool.run("prune pruned.yaml --out pruned --json", in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let variants = try #require(try run.json()["variants"] as? [[String: Any]])
    let record = try #require((variants.first?["runs"] as? [[String: Any]])?.first?["pruning"] as? [String: Any])
    func parameters(_ key: String) throws -> Int { try #require((record[key] as? [String: Any])?["parameters"] as? Int) }
    #expect(try parameters("compact") < parameters("masked"))
    let compared = try Tool.run(
      "compare pruned/masked.onnx pruned/network.onnx --data glyphs-8 --limit 20 --method product --radius-method none --json", in: folder)
    #expect(compared.status == 0, "\(compared.errors)")
  }

  @Test(
    "Mistakes are one clear sentence",
    arguments: [
      ("train missing.yaml", "missing.yaml"), ("train recipe.yaml --out recipe.yaml", "recipe.yaml"),
      ("train bad.yaml", "line 3: unknown key 'epoch'"), ("train nodata.yaml", "no such folder"),
      ("prune recipe.yaml", "there is no 'pruning'"), ("train pruned.yaml", "lipcert prune"),
      ("prune pruned.yaml", "all of its channels are pruned"),
    ])
  func mistakes(_ command: String, _ words: String) throws {
    let bad = "title: T\nmodel: lenet5\ntraining: {epoch: 1, learning-rate: 0.1}\n"
    try folder.write(Data(bad.utf8), to: "bad.yaml")
    let without = "title: T\nmodel: lenet5\ndata: {folder: nowhere}\ntraining: {epochs: 1, learning-rate: 0.1}\n"
    try folder.write(Data(without.utf8), to: "nodata.yaml")
    let pruned = """
      title: T
      data: {glyphs: 8, training-count: 60, test-count: 20}
      model: {perceptron: {widths: [12]}}
      training: {epochs: 1, batch: 20, learning-rate: 0.1}
      pruning: {filter-norm: {share: 0.99, per-layer: false}}

      """
    try folder.write(Data(pruned.utf8), to: "pruned.yaml")
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 2 || run.status == 3)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count <= 2, "\(run.errors)")
    #expect(try folder.read("recipe.yaml") == Data(Self.recipe.utf8))
  }
}
