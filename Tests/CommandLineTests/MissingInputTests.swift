import Foundation
import NetworkFormats
import Testing

/// A file that a command reads.
struct CommandInput: Sendable, CustomTestStringConvertible {
  /// The command; `{}` stands for the file.
  var command: String
  /// How the file's name ends.
  var ending: String
  /// Whether the beginning of a good file can be a good file.
  var hasGoodPrefixes = false
  /// Makes a good one, and what else the command needs.
  var good: @Sendable (TemporaryFolder) throws -> Data

  var testDescription: String { command }

  func words(_ path: String) -> String { command.replacingOccurrences(of: "{}", with: path) }

  /// A file made by the program itself.
  static func made(_ command: String, _ ending: String, by words: String...) -> CommandInput {
    CommandInput(command: command, ending: ending) { folder in
      for words in words { try #require(try Tool.run(words, in: folder).status == 0, "\(words)") }
      return try folder.read("good" + ending)
    }
  }

  /// An array.
  static func array(_ command: String, _ array: NumPyArray) -> CommandInput {
    CommandInput(command: command, ending: ".npy") { folder in
      try array.write(path: folder.path("good.npy"))
      return try folder.read("good.npy")
    }
  }

  /// Inputs with labels.
  static func archive(_ command: String) -> CommandInput {
    CommandInput(command: command, ending: ".npz") { folder in
      try ExampleFiles.archive([4, 3]).write(path: folder.path("good.npz"))
      return try folder.read("good.npz")
    }
  }

  /// Text, of which a beginning may do.
  static func text(_ command: String, _ ending: String, _ text: String) -> CommandInput {
    CommandInput(command: command, ending: ending, hasGoodPrefixes: true) { _ in Data(text.utf8) }
  }

  /// What stands between the arrays of an archive.
  private static var architecture: CommandInput {
    var input = made("bound weights.npz --architecture {}", ".yaml", by: "generate good.npz --widths 3,4,2 --activation tanh")
    input.hasGoodPrefixes = true
    return input
  }

  private static let model = "generate good.onnx --widths 3,4,2"
  private static let bound = "bound net.onnx --certificate good.lipcert"
  /// Every file that every command reads.
  static let all: [CommandInput] =
    [
      "bound {}", "radius {} --inputs x.npy", "verify {} p.vnnlib", "check net.lipcert {}", "evaluate {} --features --data x.npz",
      "compare net.onnx {}", "inspect {}", "convert {} copy.npz", "export-sdp {} out.dat-s", "bound {} --target each --certificates out",
    ].map { made($0, ".onnx", by: model) } + [
      made("bound {}", ".onnx.gz", by: "generate good.onnx.gz --widths 3,4,2"),
      made("bound {}", ".npz", by: "generate good.npz --widths 3,4,2"),
      architecture,
      made("check {} net.onnx", ".lipcert", by: bound), made("inspect {}", ".lipcert", by: bound),
      array("bound net.onnx --radius 1 --center {}", ExampleFiles.array([3])), array("inspect {}", ExampleFiles.array([3])),
      array("radius net.onnx --attack none --method crown --inputs {}", ExampleFiles.array([4, 3])),
      array("radius net.onnx --inputs x.npy --labels {}", ExampleFiles.labels(4)),
      archive("radius net.onnx --attack none --method crown --inputs {}"), archive("evaluate net.onnx --features --data {}"),
      archive("compare net.onnx net.onnx --features --data {}"), archive("inspect {}"),
      array("evaluate net.onnx --features --data x.npy --labels {}", ExampleFiles.labels(4)),
      text("radius net.onnx --attack none --method crown --inputs {}", ".csv", ExampleFiles.table(rows: 4, columns: 3)),
      text("evaluate net.onnx --data {} --scale 1/255", ".csv", ExampleFiles.table(rows: 4, columns: 3)),
      text("verify net.onnx {} --timeout 5", ".vnnlib", ExampleFiles.property("(<= Y_0 -1000)")),
      text("verify --instances {} --quiet", ".csv", "net.onnx,p.vnnlib,10\n"),
      text("train {} --out out", ".yaml", ExampleFiles.recipe), text("prune {} --out out", ".yaml", ExampleFiles.pruningRecipe),
      text("run {} --out out --quiet", ".yaml", ExampleFiles.study), text("run {} --explain", ".yaml", ExampleFiles.study),
      text("solve {}", ".dat-s", SmallPrograms.corner), text("solve {}", ".mps", SmallPrograms.linear),
      text("solve {}", ".lp", "Minimize\n obj: x + 2 y\nSubject To\n c1: x + y >= 3\nBounds\n x <= 4\nEnd\n"),
      text("solve problem.mps --peers {}", ".csv", "instance,solver,status\nproblem,other,optimal\n"),
    ]
}

@Suite("Missing and damaged input", .needsTool)
struct MissingInputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ExampleFiles.putModels(in: folder)
    try ExampleFiles.array([4, 3]).write(path: folder.path("x.npy"))
    try ExampleFiles.archive([4, 3]).write(path: folder.path("x.npz"))
    try folder.write(Data(ExampleFiles.property("(<= Y_0 -1000)").utf8), to: "p.vnnlib")
    try folder.write(Data(SmallPrograms.linear.utf8), to: "problem.mps")
  }

  @Test("The good files are good: a test of the tests", arguments: CommandInput.all)
  func good(input: CommandInput) throws {
    let data = try input.good(folder)
    try folder.write(data, to: "whole" + input.ending)
    let run = try Tool.run(input.words("whole" + input.ending), in: folder)
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test("Files that are not there, are something else or lead nowhere", arguments: CommandInput.all)
  func absent(input: CommandInput) throws {
    _ = try input.good(folder)
    let ending = input.ending
    try FileManager.default.createDirectory(atPath: folder.path("place" + ending), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(atPath: folder.path("circle" + ending), withDestinationPath: "circle" + ending)
    try FileManager.default.createSymbolicLink(atPath: folder.path("device" + ending), withDestinationPath: "/dev/zero")
    let before = try folder.files()
    // Folders are data, too, for commands that take data sets.
    let takesFolders = ["--data {}", "--inputs {}"].contains(where: input.command.contains)
    for (name, reason) in [
      ("missing", "there is no such file"), ("place", takesFolders ? "no data" : "is a folder, not a file"),
      ("net.onnx/below", "a part of its path is a file, not a folder"),
      ("circle", "symbolic links lead in a circle"), ("device", "is a device, not a file"),
    ] {
      let path = name + ending
      let run = try Tool.run(input.words(path), in: folder)
      Refusal.expect(run, status: 2, about: path, name)
      #expect(run.errors.contains(reason), "\(run.errors)")
    }
    #expect(try folder.files() == before)
  }

  @Test("Files that are empty, cut off or full of something else", arguments: CommandInput.all)
  func damaged(input: CommandInput) throws {
    let good = try input.good(folder)
    var state: UInt64 = 11
    let noise = (0..<700).map { _ -> UInt8 in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(state >> 56)
    }
    var contents: [(name: String, data: Data)] = [("empty", Data()), ("noise", Data(noise)), ("zeros", Data(count: 300))]
    contents += [1, good.count / 4, good.count / 2, good.count * 3 / 4, good.count - 4].map { ("cut\($0)", good.prefix($0)) }
    for (name, data) in contents { try folder.write(data, to: name + input.ending) }
    let before = try folder.files()
    for (name, data) in contents {
      let path = name + input.ending
      let run = try Tool.run(input.words(path), in: folder)
      let isPrefix = input.hasGoodPrefixes && (name.hasPrefix("cut") || name == "empty")
      if isPrefix, run.status != 2 || !run.output.isEmpty {
        Refusal.isPlain(run.errors, "\(name): \(run.errors)")
        #expect(0...3 ~= run.status, "\(name): \(run.errors)")
      } else {
        Refusal.expect(run, status: 2, about: path, name)
      }
      #expect(try folder.read(path) == data)
    }
    if !input.hasGoodPrefixes { #expect(try folder.files() == before) }
  }

  @Test("Files that may not be read", .needsPermissions, arguments: CommandInput.all)
  func forbidden(input: CommandInput) throws {
    let path = "secret" + input.ending
    try folder.write(try input.good(folder), to: path)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder.path(path))
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: folder.path(path)) }
    let run = try Unprivileged.run(input.words(path), in: folder)
    Refusal.expect(run, status: 2, about: path, "forbidden")
    #expect(run.errors.contains("permission is denied"), "\(run.errors)")
  }

  @Test("Numbers that are none, and shapes that do not fit")
  func numbers() throws {
    func array(_ dimensions: [Int], _ values: [Double], _ name: String) throws {
      try NumPyArray(dimensions: dimensions, elements: .double(values)).write(path: folder.path(name))
    }
    try array([1, 3], [0, .nan, 0], "nan.npy")
    try array([3], [0, .infinity, 0], "infinite.npy")
    try array([2, 7], Array(repeating: 0, count: 14), "wide.npy")
    try array([0, 3], [], "none.npy")
    try array([], [1], "one.npy")
    try array([2], [0, 1], "few.npy")
    try array([4], [0, 1, 0, 9], "class.npy")
    try array([4], [0, 1, 0, 0.5], "half.npy")
    var archive = NumPyArchive()
    archive.set(NumPyArray(dimensions: [2, 3], elements: .double([1, 2, .nan, 4, 5, 6])), for: "W0")
    try archive.write(path: folder.path("nan.npz"))
    archive.set(ExampleFiles.array([2, 3]), for: "W0")
    archive.set(ExampleFiles.array([2, 7]), for: "W1")
    try archive.write(path: folder.path("shapes.npz"))
    for (name, text) in [
      ("nan.csv", "0,0.1,nan,0.3\n"), ("text.csv", "label,x,y,z\n0,a,b,c\n"), ("ragged.csv", "0,1,2,3\n0,1\n"),
      ("wide.csv", "0,1,2,3,4,5,6,7\n"),
      ("nan.vnnlib", ExampleFiles.property("(<= Y_0 nan)")), ("huge.vnnlib", ExampleFiles.property("(<= Y_0 1e999)")),
      (
        "wide.vnnlib",
        ExampleFiles.property("(<= Y_0 1)").replacingOccurrences(
          of: "(declare-const Y_0", with: "(declare-const X_3 Real)\n(declare-const Y_0")
      ),
      ("rate.yaml", ExampleFiles.recipe.replacingOccurrences(of: "0.1", with: ".nan")),
      ("nan.dat-s", SmallPrograms.corner.replacingOccurrences(of: "-1", with: "nan")),
      ("nan.mps", SmallPrograms.linear.replacingOccurrences(of: "2", with: "nan")), ("list.yaml", "- 1\n- 2\n"),
      ("tab.yaml", "title: T\n\t- x\n"),
      ("twice.yaml", "title: a\ntitle: b\n"), ("zero.csv", "net.onnx,p.vnnlib,0\n"),
    ] { try folder.write(Data(text.utf8), to: name) }
    let before = try folder.files()
    for (words, place, reason) in [
      ("bound nan.npz", "nan.npz", "NaN"), ("bound shapes.npz", "shapes.npz", "shapes do not fit"),
      ("bound net.onnx --radius 1 --center infinite.npy", "infinite.npy", "not finite"),
      ("radius net.onnx --inputs nan.npy", "nan.npy", "input 0 has nan at coordinate 1"),
      ("radius net.onnx --inputs wide.npy", "wide.npy", "an array of 2x7 numbers"),
      ("radius net.onnx --inputs none.npy", "none.npy", "no inputs"),
      ("radius net.onnx --inputs one.npy", "one.npy", "one number"),
      ("radius net.onnx --inputs x.npy --labels few.npy", "few.npy", "2 labels for 4"),
      ("radius net.onnx --inputs x.npy --labels class.npy", "class.npy", "is 9"),
      ("radius net.onnx --inputs x.npy --labels half.npy", "half.npy", "0.5"),
      ("radius net.onnx --inputs ragged.csv", "ragged.csv", "line 2"),
      ("evaluate net.onnx --features --data nan.csv", "nan.csv", "not a finite number"),
      ("evaluate net.onnx --features --data text.csv", "text.csv", "line 2"),
      ("evaluate net.onnx --features --data wide.csv", "wide.csv", "7"),
      ("evaluate net.onnx --features --data x.npy", "x.npy", "labels"),
      ("evaluate net.onnx --features --data x.npy --labels few.npy", "few.npy", "2 labels"),
      ("verify net.onnx nan.vnnlib", "nan.vnnlib", "line"), ("verify net.onnx huge.vnnlib", "huge.vnnlib", "too large"),
      ("verify net.onnx wide.vnnlib", "wide.vnnlib", "4 inputs"), ("verify --instances zero.csv", "zero.csv", "line 1"),
      ("train rate.yaml", "rate.yaml", "line 4: 'learning-rate'"), ("train list.yaml", "list.yaml", "keys and values"),
      ("run tab.yaml", "tab.yaml", "line 2: not YAML"), ("prune twice.yaml", "twice.yaml", "twice"),
      ("solve nan.dat-s", "nan.dat-s", "line 6"),
      ("solve nan.mps", "nan.mps", "line"), ("solve net.onnx", "net.onnx", ".dat-s"), ("inspect problem.mps", "problem.mps", ".onnx"),
    ] {
      let run = try Tool.run(words, in: folder)
      Refusal.expect(run, status: 2, about: place, words)
      #expect(run.errors.contains(reason), "\(words): \(run.errors)")
      let json = try Tool.run(words + " --json", in: folder)
      #expect(json.status == 2 && json.output.isEmpty, "\(words)")
    }
    #expect(try folder.files() == before)
  }

  @Test("Folders of data: missing, empty, and with damaged files")
  func dataFolders() throws {
    try ExampleFiles.images(in: folder, named: "images", count: 4, size: 14)
    try ExampleFiles.images(in: folder, named: "cut", count: 4, size: 14)
    try folder.write(try folder.read("cut/t10k-images-idx3-ubyte").prefix(100), to: "cut/t10k-images-idx3-ubyte")
    try ExampleFiles.images(in: folder, named: "bare", count: 4, size: 14)
    try FileManager.default.removeItem(atPath: folder.path("bare/t10k-labels-idx1-ubyte"))
    try FileManager.default.createDirectory(atPath: folder.path("empty"), withIntermediateDirectories: false)
    try #require(try Tool.run("generate image.onnx --widths 196,8,10", in: folder).status == 0)
    #expect(try Tool.run("evaluate image.onnx --data images", in: folder).status == 0)
    for command in ["evaluate image.onnx --data", "radius image.onnx --inputs", "compare image.onnx image.onnx --data"] {
      Refusal.expect(try Tool.run("\(command) none", in: folder), status: 2, about: "none", command)
      Refusal.expect(try Tool.run("\(command) empty", in: folder), status: 2, about: "empty", command)
      Refusal.expect(try Tool.run("\(command) cut", in: folder), status: 2, about: "cut/t10k-images-idx3-ubyte", command)
      let bare = try Tool.run("\(command) bare", in: folder)
      #expect(bare.status == 2 && bare.output.isEmpty && bare.errors.contains("labels"), "\(bare.errors)")
    }
    for (name, data, place) in [("none", "folder: none", "none"), ("file", "folder: net.onnx", "net.onnx"), ("cut", "folder: cut", "cut")] {
      let recipe = ExampleFiles.recipe.replacingOccurrences(of: "glyphs: 14, training-count: 100, test-count: 20", with: data)
      try folder.write(Data(recipe.utf8), to: name + ".yaml")
      let run = try Tool.run("train \(name).yaml --out out", in: folder)
      #expect(run.status == 2 && run.output.isEmpty && run.errors.contains(place), "\(run.errors)")
      #expect(run.errors.count(where: \.isNewline) == 1)
      Refusal.isPlain(run.errors, "\(run.errors)")
    }
  }
}
