import Foundation
import NetworkFormats
import Testing

@Suite("lipcert evaluate", .needsTool)
struct EvaluateTests {
  private let folder: TemporaryFolder

  /// A network with random weights and samples that it answers itself, on which accuracies are known to be 1.
  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 6,12,4", in: folder).status == 0)
    let values = (0..<40 * 6).map { Double($0 * 37 % 101) / 100 }
    try NumPyArray(dimensions: [40, 6], elements: .double(values)).write(path: folder.path("x.npy"))
    try NumPyArray(dimensions: [40], elements: .int64((0..<40).map { Int64($0 % 4) })).write(path: folder.path("y.npy"))
  }

  @Test("Accuracies fall with the radius, and natural accuracy is that of radius")
  func accuracies() throws {
    let command = "evaluate net.onnx --data x.npy --labels y.npy --json"
    let json = try Tool.run("\(command) --attack fgsm,pgd5,nearest --epsilon 0.01,1/4 --radii 0,0.1,10", in: folder).json()
    let radius = try Tool.run("radius net.onnx --inputs x.npy --labels y.npy --attack none --method product --json", in: folder).json()
    let correct = try #require(json["correct"] as? Int)
    #expect(correct == radius["correct"] as? Int && correct > 0 && correct < 40)
    #expect(json["natural"] as? Double == Double(correct) / 40)
    let attacks = try #require(json["attacks"] as? [[String: Any]])
    #expect(attacks.map { $0["attack"] as? String } == ["fgsm", "pgd5", "fgsm", "pgd5"])
    let counts = attacks.compactMap { $0["correct"] as? Int }
    #expect(counts.count == 4 && counts[0] <= correct && counts[2] <= counts[0] && counts[3] <= counts[1])
    #expect(attacks[2]["epsilon"] as? Double == 0.25)
    let nearest = try #require(json["nearest"] as? [String: Any])
    let points = try #require(nearest["accuracies"] as? [[String: Double]])
    #expect(points[0]["accuracy"] == json["natural"] as? Double && points[2]["accuracy"] == 0)
    let again = try Tool.run("\(command) --attack fgsm,pgd5,nearest --epsilon 0.01,1/4 --threads 1", in: folder).json()
    #expect((again["attacks"] as? [[String: Any]])?.compactMap { $0["correct"] as? Int } == counts)
  }

  @Test("Glyphs need no files; a table is for people")
  func glyphs() throws {
    #expect(try Tool.run("generate glyphs.onnx --widths 196,10", in: folder).status == 0)
    let result = try Tool.run("evaluate glyphs.onnx --data glyphs-14 --limit 50 --attack none", in: folder)
    #expect(result.status == 0 && result.output.contains("natural") && result.output.contains("50 samples of 196, 10 classes"))
    let small = try Tool.run("evaluate glyphs.onnx --data glyphs-28 --pooling 2 --limit 50 --attack none", in: folder)
    #expect(small.status == 0)
  }

  @Test(
    "What is wrong is said",
    arguments: [
      ("--data none.npz", "no such file"), ("--data x.npy", "labels"), ("--data x.npy --labels x.npy", "labels"),
      ("--data glyphs-14", "the model takes 6"), ("--data glyphs-4", "from 8 to 256"), ("--data .", "no data"),
      ("--data x.npy --labels y.npy --scale 2", "[0, 1]"), ("--data x.npy --labels y.npy --attack cw", "unknown attack"),
      ("--data x.npy --labels y.npy --attack fgsm,fgsm", "twice"), ("--data x.npy --labels y.npy --epsilon -1", "positive"),
      ("--data x.npy --labels y.npy --training", "folder"), ("--data . --labels y.npy", "folder"), ("--data bad.csv", "line 2"),
      ("--data far.csv", "label 4"), ("--data nan.csv", "finite"), ("--data cut.bin", "cut off"),
    ])
  func mistakes(arguments: String, words: String) throws {
    for (name, text) in [
      ("bad.csv", "1,0,0,0,0,0,0\n1,0,x,0,0,0,0\n"), ("far.csv", "4,0,0,0,0,0,0\n"), ("nan.csv", "1,0,nan,0,0,0,0\n"),
      ("cut.bin", String(repeating: "a", count: 1000)),
    ] { try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path(name))) }
    let result = try Tool.run("evaluate net.onnx \(arguments)", in: folder)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains(words), "\(result.errors)")
  }
}
