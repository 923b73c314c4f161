import Foundation
import NetworkFormats
import Testing

@Suite("lipcert radius", .needsTool)
struct RadiusTests {
  private let folder: TemporaryFolder
  private let count = 40

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 6,12,12,4", in: folder).status == 0)
    let values = (0..<count * 6).map { (Double($0 * 37 % 101) - 50) / 50 }
    try NumPyArray(dimensions: [count, 6], elements: .double(values)).write(path: folder.path("x.npy"))
    try NumPyArray(dimensions: [count], elements: .int64((0..<count).map { Int64($0 % 4) })).write(path: folder.path("y.npy"))
  }

  /// The lines of a file of results.
  private func lines(_ name: String = "r.jsonl") -> [Substring] {
    let text = (try? folder.read(name)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
  }

  /// The inputs that have records, in the file's order.
  private func indices() throws -> [Int] {
    try lines().dropFirst().map { line in
      try #require((try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["index"] as? Int)
    }
  }

  @Test("Counts, accuracies and medians are those of the records")
  func summary() throws {
    let json = try Tool.run("radius net.onnx --inputs x.npy --labels y.npy --attack fgsm --radii 1/100,0.05 --json", in: folder).json()
    let records = try #require(json["results"] as? [[String: Any]])
    #expect(records.count == count)
    let right = records.filter { $0["correct"] as? Bool == true }
    #expect(json["correct"] as? Int == right.count && !right.isEmpty && right.count < count)
    let accuracy = try #require(json["accuracies"] as? [[String: Double]])
    for point in accuracy {
      let radius = try #require(point["radius"])
      #expect(point["certified"] == Double(right.count { $0["certified"] as? Double ?? 0 >= radius }) / Double(count))
      #expect(point["attacked"] == Double(right.count { $0["attacked"] as? Double ?? .infinity > radius }) / Double(count))
    }
    #expect(accuracy.map { $0["radius"] } == [0.01, 0.05])
    #expect((json["contradictions"] as? [Int])?.isEmpty == true)
    let text = try Tool.run("radius net.onnx --inputs x.npy --attack none", in: folder)
    #expect(text.status == 0 && text.output.contains("the network's own answers") && text.output.contains("100.00 %"))
  }

  @Test("Killed in the middle and started again, nothing is lost or twice", arguments: [SIGKILL, SIGINT])
  func killed(signal: Int32) throws {
    let command = "radius net.onnx --inputs x.npy --attack best --threads 2 --out r.jsonl"
    var runs = 0
    var before: [Substring] = []
    while runs < 40 {
      let running = try Tool.start(command, in: folder)
      let target = lines().count + 3
      while running.isRunning, lines().count < target { Thread.sleep(forTimeInterval: 0.005) }
      running.send(signal)
      let result = try running.result()
      runs += 1
      let now = lines()
      #expect(Array(now.prefix(before.count)) == before)
      before = now
      let found = try indices()
      #expect(Set(found).count == found.count)
      if result.status == 0 { break }
      #expect(result.status == (signal == SIGKILL ? -SIGKILL : 3))
      if signal == SIGINT { #expect(result.errors.contains("goes on from there")) }
    }
    #expect(try indices().sorted() == Array(0..<count))
    #expect(runs > 1)
    let again = try Tool.run(command, in: folder)
    #expect(again.status == 0 && again.errors.contains("\(count) of \(count) results are there already"))
    #expect(lines() == before)
  }

  @Test("A torn line is dropped, other settings are refused, and more inputs extend a file")
  func resumed() throws {
    let command = "radius net.onnx --inputs x.npy --attack none --out r.jsonl"
    #expect(try Tool.run(command + " --limit 5", in: folder).status == 0)
    let first = lines()
    var data = try folder.read("r.jsonl")
    data.removeLast(9)
    try folder.write(data, to: "r.jsonl")
    #expect(try Tool.run(command + " --range 0..9", in: folder).status == 0)
    #expect(try indices().sorted() == Array(0..<9))
    #expect(Array(lines().prefix(5)) == Array(first.prefix(5)))

    let kept = lines()
    let refused = try Tool.run(command + " --norm linf", in: folder)
    #expect(refused.status == 2 && refused.errors.contains("the norm (l2 there, linf here)"))
    #expect(lines() == kept)
    #expect(try Tool.run(command + " --norm linf --overwrite --limit 2", in: folder).status == 0)
    #expect(lines().count == 3)
  }

  @Test("Certificates are kept and used again")
  func certificates() throws {
    let command = "radius net.onnx --inputs x.npy --attack none --json --certificates c"
    let first = try Tool.run(command, in: folder)
    #expect(first.errors.contains("6 lifted"))
    let second = try Tool.run(command, in: folder)
    #expect(second.errors.contains("6 stored"))
    #expect(try first.json()["medianCertified"] as? Double == second.json()["medianCertified"] as? Double)
    // Those that `bound` writes are as good.
    #expect(try Tool.run("bound net.onnx --target pairs --certificates d", in: folder).status == 0)
    #expect(try Tool.run("radius net.onnx --inputs x.npy --attack none --certificates d", in: folder).errors.contains("6 stored"))
  }

  @Test("A folder of certificates that cannot be is told before the work")
  func certificatesWithoutFolder() throws {
    for place in ["x.npy", "/proc/none"] {
      let run = try Tool.run("radius net.onnx --inputs x.npy --attack none --method crown --certificates \(place)", in: folder)
      #expect(run.status == 3 && run.errors.contains("\(place): ") && run.output.isEmpty, "\(run.errors)")
    }
  }

  @Test(
    "Mistakes are told in one line",
    arguments: [
      ("radius net.onnx", "--inputs"), ("radius net.onnx --inputs none.npy", "none.npy: there is no such file"),
      ("radius net.onnx --inputs x.npy --labels short.npy", "3 labels for 40 inputs"),
      ("radius net.onnx --inputs nan.npy", "input 1 has nan at coordinate 2"), ("radius net.onnx --inputs y.npy", "has 6"),
      ("radius net.onnx --inputs x.npy --labels wide.npy", "is 4, not one of 4 classes"),
      ("radius net.onnx --inputs x.npy --norm l1", "l2 or linf"),
      ("radius net.onnx --inputs x.npy --method mystery", "unknown method"),
      ("radius net.onnx --inputs x.npy --attack mystery", "unknown attack"),
      ("radius net.onnx --inputs x.npy --range 50..60", "--range selects none"),
      ("radius net.onnx --inputs x.npy --domain 1,0", "no interval"),
      ("radius net.onnx --inputs x.npy --overwrite", "--out"), ("radius net.onnx --inputs x.npy --out x.npy", "no file of radii"),
    ])
  func mistakes(command: String, message: String) throws {
    try NumPyArray(dimensions: [3], elements: .int64([0, 1, 2])).write(path: folder.path("short.npy"))
    try NumPyArray(dimensions: [count], elements: .int64(Array(repeating: 4, count: count))).write(path: folder.path("wide.npy"))
    try NumPyArray(dimensions: [2, 6], elements: .double([0, 0, 0, 0, 0, 0, 0, 0, .nan, 0, 0, 0])).write(path: folder.path("nan.npy"))
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 2 && run.errors.contains(message), "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test("A report comes with the results it is made of")
  func report() throws {
    let run = try Tool.run("radius net.onnx --inputs x.npy --labels y.npy --attack fgsm --report r", in: folder)
    #expect(run.status == 0 && run.output.contains("r/index.html"))
    for name in ["index.html", "report.md", "results.json", "results.csv", "radii.jsonl"] {
      #expect(FileManager.default.fileExists(atPath: folder.path("r/" + name)), "\(name)")
    }
    #expect(lines("r/radii.jsonl").count == count + 1)
  }

  @Test("Whole numbers without a scale are remarked on; methods are listed")
  func remarks() throws {
    try NumPyArray(dimensions: [1, 6], elements: .uint8([0, 10, 255, 3, 4, 5])).write(path: folder.path("bytes.npy"))
    #expect(try Tool.run("radius net.onnx --inputs bytes.npy --attack none", in: folder).errors.contains("--scale 1/255 is missing"))
    #expect(try !Tool.run("radius net.onnx --inputs bytes.npy --scale 1/255 --attack none", in: folder).errors.contains("missing"))
    #expect(try Tool.run("radius --list-methods", in: folder).output.contains("global\n"))
  }
}
