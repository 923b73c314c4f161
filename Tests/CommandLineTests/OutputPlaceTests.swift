import Foundation
import NetworkFormats
import Testing

/// A place that a command writes to.
struct CommandOutput: Sendable, CustomTestStringConvertible {
  /// The command; `{}` stands for the place.
  let command: String
  /// How the name has to end.
  var ending = ""
  /// Whether it is a folder.
  var isFolder = false
  /// Whether the file grows line by line, and so can be no device.
  var grows = false

  var testDescription: String { command }

  func words(_ path: String) -> String { command.replacingOccurrences(of: "{}", with: path) }

  /// Every place that every command writes to.
  static let all = [
    CommandOutput(command: "generate {} --widths 3,4,2", ending: ".onnx"),
    CommandOutput(command: "generate {} --widths 3,4,2", ending: ".onnx.gz"),
    CommandOutput(command: "generate {} --widths 3,4,2 --activation tanh", ending: ".npz"),
    CommandOutput(command: "convert net.onnx {}", ending: ".npz"),
    CommandOutput(command: "export-sdp net.onnx {}", ending: ".dat-s"), CommandOutput(command: "bound net.onnx --certificate {}"),
    CommandOutput(command: "bound net.onnx --target each --certificates {}", isFolder: true),
    CommandOutput(command: "bound net.onnx --report {}", isFolder: true),
    CommandOutput(command: "bound net.onnx --work {}", isFolder: true),
    CommandOutput(command: "check net.lipcert net.onnx --work {}", isFolder: true),
    CommandOutput(command: "radius net.onnx --inputs x.npy --quiet --out {}", grows: true),
    CommandOutput(command: "radius net.onnx --inputs x.npy --quiet --report {}", isFolder: true),
    CommandOutput(command: "radius net.onnx --inputs x.npy --quiet --certificates {}", isFolder: true),
    CommandOutput(command: "verify net.onnx p.vnnlib --quiet --witness {}"),
    CommandOutput(command: "verify --instances list.csv --quiet --results {}", grows: true),
    CommandOutput(command: "train recipe.yaml --out {}", isFolder: true),
    CommandOutput(command: "prune prune.yaml --out {}", isFolder: true),
    CommandOutput(command: "run study.yaml --quiet --out {}", isFolder: true),
    CommandOutput(command: "compare net.onnx net.onnx --no-timing --out {}", isFolder: true),
    CommandOutput(command: "solve p.dat-s --solution {}"),
    CommandOutput(command: "solve p.dat-s --write {}", ending: ".dat-s"), CommandOutput(command: "solve p.mps --write {}", ending: ".lp"),
    CommandOutput(command: "solve p.dat-s --report {}", isFolder: true),
  ]
}

@Suite("Places that cannot be written", .needsTool)
struct OutputPlaceTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ExampleFiles.putModels(in: folder)
    try ExampleFiles.array([4, 3]).write(path: folder.path("x.npy"))
    for (name, text) in [
      ("p.vnnlib", ExampleFiles.property("(<= Y_0 1000)")), ("list.csv", "net.onnx,p.vnnlib,10\n"), ("recipe.yaml", ExampleFiles.recipe),
      ("prune.yaml", ExampleFiles.pruningRecipe), ("study.yaml", ExampleFiles.study), ("p.dat-s", SmallPrograms.corner),
      ("p.mps", SmallPrograms.linear),
    ] { try folder.write(Data(text.utf8), to: name) }
  }

  @Test("Places that are something else, or nowhere, end the run before the work", arguments: CommandOutput.all)
  func impossible(output: CommandOutput) throws {
    try folder.write(Data("mine".utf8), to: "file" + output.ending)
    try FileManager.default.createDirectory(atPath: folder.path("folder" + output.ending), withIntermediateDirectories: false)
    let before = try folder.files()
    var places = [("net.onnx/below", "a part of its path is a file, not a folder"), ("/proc/nowhere", "can be made there")]
    places +=
      output.isFolder
      ? [("file", "there is a file of this name")] : [("folder", "it is a folder"), ("none/file", "its folder does not exist")]
    for (name, reason) in places {
      let path = name + output.ending
      let run = try Tool.run(output.words(path), in: folder)
      // That the system's folders take no files shows only when one is made.
      if name.hasPrefix("/proc") {
        #expect(run.status == 3 && run.errors.hasPrefix("lipcert: error: \(name)"), "\(run.errors)")
        Refusal.isPlain(run.errors, "\(run.errors)")
      } else {
        Refusal.expect(run, status: 3, about: path, name)
      }
      #expect(run.errors.contains(reason), "\(run.errors)")
    }
    #expect(try folder.files() == before)
    #expect(try folder.read("file" + output.ending) == Data("mine".utf8))
  }

  @Test("Folders without permission", .needsPermissions, arguments: CommandOutput.all)
  func forbidden(output: CommandOutput) throws {
    try FileManager.default.createDirectory(atPath: folder.path("closed"), withIntermediateDirectories: false)
    for path in ["closed/new", "new"].map({ $0 + output.ending }) {
      let run = try Unprivileged.run(output.words(path), in: folder)
      Refusal.expect(run, status: 3, about: path, path)
      #expect(run.errors.contains("permission is denied"), "\(run.errors)")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("closed")).isEmpty)
  }

  @Test("A disk without room: one sentence, no half-written file, and earlier files are what they were", arguments: CommandOutput.all)
  func full(output: CommandOutput) throws {
    let old = Data("old".utf8)
    let path = "place" + output.ending
    if output.isFolder {
      try FileManager.default.createDirectory(atPath: folder.path(path), withIntermediateDirectories: false)
      for name in ["index.html", "results.json", "network.onnx"] { try folder.write(old, to: path + "/" + name) }
    } else if !output.grows {
      try folder.write(old, to: path)
    }
    let before = try folder.files()
    // Files may not grow at all; what is printed goes through pipes to a program that may write.
    let script = "set -o pipefail; { { (ulimit -f 0; exec \"$@\") 2>&3 | cat; } 3>&1 1>&4 | cat >&2; } 4>&1"
    let run = try Tool.shell(script, output.words(path), in: folder)
    // A proof that takes no time writes no work file.
    let isUnused = output.command.contains("--work")
    #expect(run.status == 3 || isUnused && run.status == 0, "\(run.status) \(run.errors)")
    if run.status == 3 {
      // GLPK writes to a file in memory first.
      let reason = output.ending == ".lp" ? "no memory" : "it would be larger than the system allows"
      #expect(run.errors.hasPrefix("lipcert: error: ") && run.errors.contains(reason), "\(run.errors)")
      #expect(run.errors.count(where: \.isNewline) == 1, "\(run.errors)")
      Refusal.isPlain(run.errors, "\(run.errors)")
    }
    if output.isFolder {
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.path(path)) {
        #expect(!name.hasPrefix(".") && !name.hasSuffix(".tmp"), "\(name)")
      }
      for name in ["index.html", "results.json", "network.onnx"] { #expect(try folder.read(path + "/" + name) == old, "\(name)") }
    } else if output.grows {
      #expect(try folder.read(path).isEmpty)
    } else {
      #expect(try folder.files() == before)
      #expect(try folder.read(path) == old)
    }
  }

  @Test("Standard output on a full disk, and readers that go away")
  func standardOutput() throws {
    for words in [
      "bound net.onnx", "bound net.onnx --json", "bound --list-methods", "radius net.onnx --inputs x.npy --quiet",
      "verify net.onnx p.vnnlib --quiet",
      "verify --instances list.csv --quiet", "check net.lipcert net.onnx", "train recipe.yaml --out trained", "inspect net.onnx",
      "convert net.onnx copy.npz",
      "generate new.onnx", "run study.yaml --explain", "solve p.mps", "export-sdp net.onnx out.dat-s", "--help", "bound --help",
      "--version",
    ] {
      let full = try Tool.shell("exec \"$@\" > /dev/full", words, in: folder)
      Refusal.expect(full, status: 3, about: "standard output", words)
      for ignored in ["", "trap '' PIPE; "] {
        let gone = try Tool.shell(ignored + "(sleep 0.05; exec \"$@\") | true; exit ${PIPESTATUS[0]}", words, in: folder)
        #expect(gone.status == 141 && gone.errors.isEmpty, "\(words): \(gone.status) \(gone.errors)")
      }
    }
  }

  @Test("Files of results that are not ours are left as they are")
  func strangers() throws {
    for content in ["", "something else\n", "{\"format\": \"other\"}\n", "a,b,c\n"] {
      for (words, status) in [("radius net.onnx --inputs x.npy --quiet --out", 0), ("verify --instances list.csv --quiet --results", 0)] {
        try folder.write(Data(content.utf8), to: "kept")
        let run = try Tool.run(words + " kept", in: folder)
        if content.isEmpty {
          #expect(Int(run.status) == status, "\(run.errors)")
        } else {
          Refusal.expect(run, status: 2, about: "kept", words)
          #expect(try folder.read("kept") == Data(content.utf8))
        }
      }
    }
  }
}
