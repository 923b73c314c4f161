import Foundation
import NetworkFormats
import Testing

@Suite("lipcert compare", .needsTool)
struct CompareTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, widths, seed) in [("a", "6,9,3", 1), ("b", "6,9,3", 2), ("wide", "7,9,3", 1), ("many", "6,9,4", 1)] {
      #expect(try Tool.run("generate \(name).onnx --widths \(widths) --seed \(seed)", in: folder).status == 0)
    }
    let values = (0..<30 * 6).map { Double($0 * 37 % 101) / 100 }
    try NumPyArray(dimensions: [30, 6], elements: .double(values)).write(path: folder.path("x.npy"))
    try NumPyArray(dimensions: [30], elements: .int64((0..<30).map { Int64($0 % 3) })).write(path: folder.path("y.npy"))
  }

  @Test("Its numbers are those of evaluate and bound; the report is written; all but timings is the same again")
  func numbers() throws {
    let command = "compare a.onnx b.onnx --data x.npy --labels y.npy --epsilon 0.05 --radius-count 3 --difference-count 2"
    let run = try Tool.run("\(command) --json --out report", in: folder)
    try #require(run.status == 0, "\(run.errors)")
    let json = try run.json()
    let models = try #require(json["models"] as? [[String: Any]])
    #expect(models.map { $0["name"] as? String } == ["a", "b"])
    for (model, name) in zip(models, ["a", "b"]) {
      let evaluated = try Tool.run("evaluate \(name).onnx --data x.npy --labels y.npy --epsilon 0.05 --json", in: folder).json()
      let accuracy = try #require(model["accuracy"] as? [String: Any])
      #expect(accuracy["correct"] as? Int == evaluated["correct"] as? Int)
      let attacks = try #require(accuracy["attacks"] as? [[String: Any]])
      #expect(attacks.map { $0["correct"] as? Int } == (evaluated["attacks"] as? [[String: Any]])?.map { $0["correct"] as? Int })
      let bounds = try #require(model["bounds"] as? [[String: Any]])
      let product = try Tool.run("bound \(name).onnx --method product --json", in: folder).method("product")
      #expect(bounds.first { $0["method"] as? String == "product" }?["upper"] as? Double == product["upper"] as? Double)
      #expect(bounds.filter { $0["method"] as? String != "attained" }.allSatisfy { $0["certified"] as? Bool == true })
    }
    let difference = try #require((json["differences"] as? [[String: Any]])?.first)
    #expect(try #require(difference["bound"] as? Double) >= #require(difference["attained"] as? Double))
    for file in ["index.html", "report.md", "results.json", "results.csv"] { #expect(!(try folder.read("report/\(file)").isEmpty)) }

    let again = try Tool.run("\(command) --json --threads 1 --no-timing", in: folder).json()
    #expect(
      NSDictionary(dictionary: json.filter { $0.key != "timings" }) == NSDictionary(dictionary: again.filter { $0.key != "timings" }))
  }

  @Test("Without data there are sizes, bounds and the difference on a box; parts can be left out")
  func withoutData() throws {
    let run = try Tool.run("compare a.onnx b.onnx --domain=-1,1 --method product --names dense,sparse --no-timing", in: folder)
    #expect(run.status == 0 && run.output.contains("sparse keeps") && !run.output.contains("Accuracy:"), "\(run.errors)")
    #expect(run.output.contains("Difference to the reference:") && run.output.contains("-1...1") == false)
    let less = try Tool.run("compare a.onnx b.onnx --method none --difference-count 0 --no-timing --json", in: folder).json()
    let models = try #require(less["models"] as? [[String: Any]])
    #expect(models.allSatisfy { ($0["bounds"] as? [Any])?.isEmpty == true } && (less["differences"] as? [Any])?.isEmpty == true)
  }

  @Test(
    "What is wrong is said in a sentence",
    arguments: [
      ("a.onnx", "two models"), ("a.onnx none.onnx", "none.onnx: there is no such file"), ("a.onnx wide.onnx", "7 inputs"),
      ("a.onnx many.onnx", "4 outputs"), ("a.onnx b.onnx --names one", "1 names for 2"), ("a.onnx b.onnx --names one,one", "different"),
      ("a.onnx b.onnx --data x.npy", "labels"), ("a.onnx b.onnx --data nowhere", "nowhere"),
      ("a.onnx b.onnx --data glyphs-8", "model takes 6"),
      ("a.onnx b.onnx --labels y.npy", "--data"), ("a.onnx b.onnx --attack nearest", "no radius"), ("a.onnx x.npy", "x.npy"),
      ("a.onnx b.onnx --radius-norm l1", "l2 or linf"), ("a.onnx b.onnx --difference-radius 0", "positive"),
    ])
  func mistakes(arguments: String, words: String) throws {
    let result = try Tool.run("compare \(arguments)", in: folder)
    #expect(result.status == 2 && result.output.isEmpty)
    #expect(result.errors.contains(words), "\(result.errors)")
  }
}
