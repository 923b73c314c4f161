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

  @Test(
    "Mistakes are one clear sentence",
    arguments: [
      ("train missing.yaml", "missing.yaml"), ("train recipe.yaml --out recipe.yaml", "recipe.yaml"),
      ("train bad.yaml", "line 3: unknown key 'epoch'"), ("train nodata.yaml", "no such folder"),
    ])
  func mistakes(_ command: String, _ words: String) throws {
    let bad = "title: T\nmodel: lenet5\ntraining: {epoch: 1, learning-rate: 0.1}\n"
    try folder.write(Data(bad.utf8), to: "bad.yaml")
    let without = "title: T\nmodel: lenet5\ndata: {folder: nowhere}\ntraining: {epochs: 1, learning-rate: 0.1}\n"
    try folder.write(Data(without.utf8), to: "nodata.yaml")
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 2 || run.status == 3)
    #expect(run.errors.contains(words), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count <= 2, "\(run.errors)")
    #expect(try folder.read("recipe.yaml") == Data(Self.recipe.utf8))
  }
}
