import Foundation
import NetworkFormats
import Testing

/// The help texts of the program.
enum Help {
  /// What `lipcert COMMAND --help` prints.
  static func text(_ command: String, in folder: TemporaryFolder) throws -> String {
    let run = try Tool.run("\(command) --help", in: folder)
    #expect(run.status == 0)
    return run.output
  }

  /// The commands that the program says it has, and the program itself, whose name is empty.
  static let commands: [String] = {
    guard Tool.isBuilt, let folder = try? TemporaryFolder(), let text = try? text("", in: folder) else { return [""] }
    let list = text.split(separator: "\n", omittingEmptySubsequences: false).drop { $0 != "SUBCOMMANDS:" }.dropFirst().prefix {
      !$0.isEmpty
    }
    return [""] + list.filter { !$0.hasPrefix("   ") }.compactMap { $0.split(separator: " ").first.map(String.init) }
  }()

  /// The lines under "Example:" or "Examples:".
  static func examples(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    return Array(lines.drop { !$0.hasPrefix("Example") }.dropFirst(2).prefix { !$0.isEmpty })
  }
}

@Suite("Help", .needsTool)
struct HelpTests {
  /// What an example gives: its exit status, and something of what it prints.
  private typealias Outcome = (status: Int32, output: String)

  /// Every example of every help text. One that is not here fails its test.
  private static let outcomes: [String: Outcome] = [
    "generate net.onnx --widths 10,20,20,5": (0, "10 inputs, 5 outputs, 40 units"),
    "bound net.onnx --certificate net.lipcert": (0, "Certified: "),
    "check net.lipcert net.onnx": (0, "PROVED in"),
    "bound net.onnx": (0, "Certified: "),
    "bound net.onnx --method all --certificate net.lipcert": (0, "Certified: "),
    "bound net.onnx --method all --report report": (0, "Report: report/index.html"),
    "bound net.onnx --method lipsdp,lipsdp-layer --tolerance 1e-5": (0, "lipsdp-layer"),
    "bound net.onnx --norm linf --target 3,1 --time-limit 10 --json": (0, "\"linf\""),
    "bound weights.npz --activation tanh --tolerance 1e-2": (0, "Certified: "),
    "bound net.onnx --center image.npy --radius 0.5": (0, "0.5"),
    "bound --list-methods": (0, "lipsdp"),
    "radius net.onnx --inputs x.npy --labels y.npy": (0, "Answers "),
    "radius net.onnx --inputs mnist/ --limit 100 --domain 0,1": (0, "values from 0.0 to 1.0"),
    "radius net.onnx --inputs test.csv --scale 1/255 --norm linf": (0, "Norm     linf"),
    "radius net.onnx --inputs x.npy --out radii.jsonl --certificates radii": (0, "Results  radii.jsonl"),
    "radius net.onnx --inputs x.npz --method all --report report": (0, "report/index.html"),
    "radius --list-methods": (0, "crown"),
    "verify net.onnx robust.vnnlib --timeout 60": (0, "unsat\n"),
    "verify net.onnx robust.vnnlib.gz --witness counterexample.txt": (1, "sat\n"),
    "verify --instances benchmark/instances.csv --results results.csv": (0, ""),
    "check small.lipcert small.onnx --exact": (0, "exact check: agrees"),
    "check input-7.radius net.onnx": (0, "PROVED in"),
    "train recipe.yaml --out trained": (0, "trained/network.onnx"),
    "evaluate trained/network.onnx --data glyphs-14 --epsilon 0.1": (0, "ifgsm20"),
    "prune recipe.yaml --out pruned": (0, "pruned/network.onnx"),
    "compare dense/network.onnx pruned/network.onnx --data glyphs-14": (0, "Lipschitz bounds"),
    "evaluate net.onnx --data glyphs-14": (0, "natural"),
    "evaluate net.onnx --data mnist/ --attack fgsm,pgd20 --epsilon 0.1,0.2": (0, "pgd20"),
    "evaluate net.onnx --data test.csv --scale 1/255 --limit 1000": (0, "natural"),
    "evaluate net.onnx --data test.npz --norm l2 --attack pgd50,nearest": (0, "nearest"),
    "compare dense.onnx sparse.onnx": (0, "Lipschitz bounds"),
    "compare dense.onnx sparse.onnx --data glyphs-14 --limit 100": (0, "ifgsm20"),
    "compare dense.onnx sparse.onnx --names all,few --out comparison": (0, "comparison/index.html"),
    "inspect net.onnx": (0, "10 inputs"),
    "inspect net.lipcert": (0, "statement"),
    "inspect weights.npz --activation tanh --json": (0, "\"arrays\""),
    "convert net.onnx copy.npz": (0, "same network bit for bit"),
    "convert net.onnx net.onnx.gz": (0, "same network bit for bit"),
    "generate tanh.npz --widths 4,16,2 --activation tanh --seed 7": (0, "seed 7"),
    "generate deep.onnx --widths 10,20x25,5": (0, "500 units"),
    "generate maxmin.onnx --widths 10,20,20,5 --activation groupSort:2": (0, "10 inputs"),
    "generate images.onnx --convolutional": (0, "64 inputs"),
    "generate blocks.onnx --residual 1,4,8": (0, "192 inputs"),
    "generate residual.onnx.gz --resnet20": (0, "3,072 inputs"),
    "generate block.onnx --convolutions 16,16,16 --image 3x32x32": (0, "3,072 inputs"),
    "run study.yaml --explain": (0, "m"),
    "run study.yaml": (0, "reports/study/index.html"),
    "run study.yaml --out results --resume": (0, "results/index.html"),
    "run study.yaml --out results --no-resume": (0, "results/index.html"),
    "run --schema": (0, "draft-07"),
    "solve problem.dat-s": (0, "solved"),
    "solve problem.dat-s --prove": (0, "proved"),
    "solve problem.dat-s --log --solution solution.json": (0, "solved"),
    "solve problem.dat-s problem.mps --time-limit 60": (0, "optimal"),
    "solve problem.dat-s --report report": (0, "Report: report/index.html"),
    "solve problem.mps --method primal --json": (0, "\"optimal\""),
    "solve problem.mps --write copy.lp": (0, "same program"),
    "export-sdp net.onnx net.dat-s": (0, "squared bound = "),
    "export-sdp net.onnx net.dat-s --mode layer --norm linf": (0, "squared bound = "),
    "export-sdp net.onnx net.dat-s --target 3,1 --scaled": (0, "squared bound = "),
  ]

  @Test("The program names its commands")
  func commands() {
    #expect(Help.commands.count > 10)
    for name in ["bound", "radius", "verify", "check", "run"] { #expect(Help.commands.contains(name)) }
  }

  @Test("Every example in every help text runs as written and can be copied from one line", arguments: Help.commands)
  func examples(command: String) throws {
    let folder = try TemporaryFolder()
    try Self.prepare(folder, for: command)
    let examples = Help.examples(try Help.text(command, in: folder))
    #expect(!examples.isEmpty, "no example")
    for example in examples {
      try #require(example.hasPrefix("  lipcert "), "broken into lines: \(example)")
      let words = String(example.dropFirst("  lipcert ".count))
      let outcome = try #require(Self.outcomes[words], "what does '\(words)' give?")
      let run = try Tool.run(words, in: folder)
      #expect(run.status == outcome.status, "\(words): \(run.errors)")
      #expect(outcome.output.isEmpty || run.output.contains(outcome.output), "\(words): \(run.output)")
    }
    if command == "verify" {
      #expect(String(decoding: try folder.read("results.csv"), as: UTF8.self).contains(",unsat,"))
      #expect(try folder.read("counterexample.txt").isEmpty == false)
    }
    if command == "radius" { #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path("radii")).isEmpty) }
  }

  /// Makes the files that a command's examples name.
  private static func prepare(_ folder: TemporaryFolder, for command: String) throws {
    func run(_ words: String) throws { try #require(try Tool.run(words, in: folder).status == 0, "\(words)") }
    let wide = ["radius", "evaluate"].contains(command)
    try run("generate net.onnx --widths \(wide ? "196,8,10" : command == "verify" ? "3,4,2" : "10,20,20,5")")
    switch command {
    case "bound":
      try run("generate weights.npz --widths 3,4,2")
      try ExampleFiles.array([10]).write(path: folder.path("image.npy"))
    case "inspect":
      try run("generate weights.npz --widths 3,4,2")
      try run("bound net.onnx --certificate net.lipcert")
    case "radius", "evaluate":
      try ExampleFiles.array([4, 196]).write(path: folder.path("x.npy"))
      try ExampleFiles.labels(4).write(path: folder.path("y.npy"))
      for name in ["x.npz", "test.npz"] { try ExampleFiles.archive([4, 196]).write(path: folder.path(name)) }
      try folder.write(Data(ExampleFiles.table(rows: 4, columns: 196).utf8), to: "test.csv")
      try ExampleFiles.images(in: folder, named: "mnist", count: 4, size: 14)
    case "verify":
      try FileManager.default.createDirectory(atPath: folder.path("benchmark"), withIntermediateDirectories: true)
      let property = Data(ExampleFiles.property("(<= Y_0 -1000)").utf8)
      for name in ["robust.vnnlib", "benchmark/robust.vnnlib"] { try folder.write(property, to: name) }
      try folder.write(Data(ExampleFiles.property("(<= Y_0 1000)").utf8), to: "reached")
      try #require(try Tool.shell("gzip -c reached > robust.vnnlib.gz", in: folder).status == 0)
      try folder.write(try folder.read("net.onnx"), to: "benchmark/net.onnx")
      try folder.write(Data("net.onnx,robust.vnnlib,60\n".utf8), to: "benchmark/instances.csv")
    case "check":
      try run("bound net.onnx --certificate net.lipcert")
      try run("generate small.onnx --widths 3,4,2")
      try run("bound small.onnx --certificate small.lipcert")
      try ExampleFiles.array([1, 10]).write(path: folder.path("image.npy"))
      try run("radius net.onnx --inputs image.npy --method crown --attack none --certificates radii")
      let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path("radii")).first)
      try FileManager.default.moveItem(atPath: folder.path("radii/" + name), toPath: folder.path("input-7.radius"))
    case "train": try folder.write(Data(ExampleFiles.recipe.utf8), to: "recipe.yaml")
    case "prune":
      try folder.write(Data(ExampleFiles.recipe.utf8), to: "dense.yaml")
      try run("train dense.yaml --out dense")
      try folder.write(Data(ExampleFiles.pruningRecipe.utf8), to: "recipe.yaml")
    case "compare": for name in ["dense", "sparse"] { try run("generate \(name).onnx --widths 196,8,10") }
    case "run": try folder.write(Data(ExampleFiles.study.utf8), to: "study.yaml")
    case "solve":
      try folder.write(Data(SmallPrograms.linear.utf8), to: "problem.mps")
      try folder.write(Data(SmallPrograms.corner.utf8), to: "problem.dat-s")
    default: break
    }
  }

  @Test("Version, help and mistyped words")
  func words() throws {
    let folder = try TemporaryFolder()
    #expect(try Tool.run("--version", in: folder).output.hasPrefix("lipcert "))
    #expect(try Tool.run("help bound", in: folder).output == Tool.run("bound --help", in: folder).output)
    #expect(try Tool.run("", in: folder).output == Tool.run("--help", in: folder).output)
    for (words, hint) in [
      ("boud net.onnx", "there is no command 'boud'; did you mean 'bound'?"), ("help verfy", "did you mean 'verify'?"),
      ("frobnicate", "'lipcert --help' lists them"), ("bound net.onnx --tolerence 1", "Did you mean '--tolerance'?"),
      ("bound net.onnx --method lfted", "did you mean 'lifted'?"), ("radius n.onnx --inputs x.npy --method crwn", "did you mean 'crown'?"),
    ] {
      let run = try Tool.run(words, in: folder)
      #expect(run.status == 2 && run.output.isEmpty, "\(words)")
      #expect(run.errors.hasPrefix("lipcert: error: ") && run.errors.contains(hint), "\(words): \(run.errors)")
    }
  }

  @Test("Completion scripts are ones that their shells take, and know the commands", arguments: ["bash", "zsh", "fish"])
  func completion(shell: String) throws {
    let folder = try TemporaryFolder()
    let run = try Tool.run("--generate-completion-script \(shell)", in: folder)
    #expect(run.status == 0)
    for command in Help.commands.dropFirst() { #expect(run.output.contains(command)) }
    guard shell == "bash" else { return }
    try folder.write(Data(run.output.utf8), to: "lipcert.bash")
    // What pressing the tabulator after `lipcert b` offers.
    let ask = "source ./lipcert.bash; COMP_WORDS=(lipcert b); COMP_CWORD=1; COMP_LINE='lipcert b'; COMP_POINT=9; "
    let offer = try Tool.shell(ask + "_lipcert lipcert b lipcert; echo \"${COMPREPLY[*]}\"", in: folder)
    #expect(offer.status == 0 && offer.output.split(separator: "\n").contains { $0.contains("bound") }, "\(offer.errors)")
  }
}
