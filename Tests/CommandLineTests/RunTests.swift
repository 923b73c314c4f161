import Foundation
import Testing

@Suite("lipcert run", .needsTool)
struct RunTests {
  private let folder: TemporaryFolder
  private static let study = """
    title: Small
    methods: [product, closed-form, attained]
    models:
      - {name: first, generate: {widths: [3, 6, 2], seed: 1}}
      - {name: second, path: net.onnx, methods: [product, lifted, attained]}
    """

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 4,8,2", in: folder).status == 0)
    try folder.write(Data(Self.study.utf8), to: "small.yaml")
  }

  @Test("A study goes to reports/NAME, and its certificates stand up to the checker")
  func runs() throws {
    let run = try Tool.run("run small.yaml", in: folder)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.hasSuffix("Report: reports/small/index.html\n"))
    #expect(run.output.contains("2 of 2 comparisons with a certified bound"))
    #expect(run.errors.contains("first: ") && run.errors.contains("second: "))
    #expect(try Tool.run("check reports/small/models/first/certificate.json reports/small/models/first/first.onnx", in: folder).status == 0)
    #expect(try Tool.run("check reports/small/models/second/certificate.json net.onnx", in: folder).status == 0)
  }

  @Test("The printed object is the written one; a second run keeps what is there")
  func resumes() throws {
    let run = try Tool.run("run small.yaml --out out --json --quiet", in: folder)
    #expect(run.status == 0 && run.errors.isEmpty)
    #expect(try folder.read("out/results.json") == Data(run.output.utf8))
    let again = try Tool.run("run small.yaml --out out --resume", in: folder)
    #expect(again.status == 0 && again.errors.contains("first: kept") && again.errors.contains("second: kept"))
  }

  @Test("Mistakes in the file: the line, the key, exit code 2")
  func mistakes() throws {
    try folder.write(Data("title: T\nmodles: []\n".utf8), to: "bad.yaml")
    let run = try Tool.run("run bad.yaml", in: folder)
    #expect(run.status == 2)
    #expect(run.errors.contains("bad.yaml: line 2: unknown key 'modles'") && run.errors.contains("did you mean 'models'?"))
    #expect(try Tool.run("run missing.yaml", in: folder).status == 2)
    #expect(try Tool.run("run .", in: folder).status == 2)
    #expect(!FileManager.default.fileExists(atPath: folder.path("reports")))
  }

  @Test("Folders that cannot be had: exit code 3 and the reason", arguments: ["/proc/study", "small.yaml", "/dev/null/x"])
  func unwritable(path: String) throws {
    let run = try Tool.run("run small.yaml --out \(path)", in: folder)
    #expect(run.status == 3)
    #expect(run.errors.contains("error: \(path): the folder cannot be created"))
  }

  @Test("A signal keeps what is done")
  func interrupted() throws {
    let text = """
      title: Long
      methods: [product, lifted, attained]
      budget: {tolerance: 1e-15}
      models:
        - {name: quick, generate: {widths: [3, 4, 2]}, methods: [product, attained]}
        - {name: slow, generate: {widths: [40, 80x5, 10]}}
        - {name: never, generate: {widths: [40, 80x5, 10]}}
      """
    try folder.write(Data(text.utf8), to: "long.yaml")
    let running = try Tool.start("run long.yaml --out out", in: folder)
    try #require(running.waits(for: "quick: "))
    Thread.sleep(forTimeInterval: 1)
    running.send(SIGINT)
    let run = try running.result()
    #expect(run.status == 3)
    #expect(run.errors.contains("the same command goes on from there"))
    #expect(run.output.contains("not run: interrupted"))
    let page = try String(decoding: folder.read("out/report.md"), as: UTF8.self)
    #expect(page.contains("models/quick/report.md") && page.contains("not run: interrupted"))
  }

  @Test("Methods are listed with where they come from")
  func methods() throws {
    let run = try Tool.run("bound --list-methods", in: folder)
    #expect(run.status == 0 && run.output.contains("arXiv 1906.04893"))
    let json = try Tool.run("bound --list-methods --json", in: folder).output
    let list = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
    #expect(list.count >= 6 && list.allSatisfy { $0["summary"] is String && $0["reference"] is String })
    #expect(try Tool.run("bound --list-methods net.onnx", in: folder).status == 2)
    #expect(try Tool.run("bound", in: folder).status == 2)
  }

  @Test("Sorted, deep and residual networks can be generated")
  func generates() throws {
    for (options, shape) in [
      ("--widths 4,6x3,2 --activation groupSort:2", "4 inputs, 2 outputs, "), ("--widths 4,5x10,2", "4 inputs, 2 outputs, 50 units"),
      ("--residual 1,2,4", "48 inputs, 10 outputs, "),
    ] {
      let run = try Tool.run("generate made.onnx \(options)", in: folder)
      #expect(run.status == 0 && run.output.contains(shape), "\(run.output)\(run.errors)")
      #expect(try Tool.run("inspect made.onnx", in: folder).status == 0)
    }
    for options in [
      "--widths 4,5,2 --activation groupSort:2", "--residual 1,2", "--residual 1,2,4 --activation tanh",
      "--convolutional --activation groupSort:2",
      "--widths 4,0x3", "--widths 4,3x0",
    ] {
      #expect(try Tool.run("generate made.onnx \(options)", in: folder).status == 2, "\(options)")
    }
  }
}
