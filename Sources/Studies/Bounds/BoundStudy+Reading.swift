import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import NetworkFormats
import Networks

extension BoundStudy {
  /// Reads a study file.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String) throws -> BoundStudy { try BoundStudy(text: StudyText.read(path: path), file: path) }

  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    let url = URL(fileURLWithPath: file)
    let field = Self.field(folder: url.deletingLastPathComponent())
    self = try FormatError.naming(file) { try field.read(YAMLMapping(YAMLValue(text: text), name: "the study", keys: field.names)) }
    self.file = url.lastPathComponent
    sha256 = SHA256.digest(of: text.utf8)
  }

  /// The keys of a study of bounds.
  static func field(folder: URL) -> Field<BoundStudy> {
    .group(
      Field(required: "title", .text, "The heading of the report."),
      Field("description", .prose, "What the study is about; it stands below the heading."),
      Choices.field,
      Field("budget", Budget.notation, default: Budget(), "What each method may spend on each network."),
      Field("seed", .seed, default: 0, "The seed of searches; the networks have seeds of their own."),
      Field(required: "models", .list(of: Model.notation(folder: folder)), "The networks that are bounded.")
    ) { mapping, title, summary, choices, budget, seed, models in
      var (budget, seen) = (budget, Set<String>())
      budget.seed = seed
      let defaults = choices.completed(by: Choices(norms: [.l2], targets: [.all], methods: Estimators.names, partitionFactors: []))
      let models = try models.map { model in
        guard seen.insert(model.name.lowercased()).inserted else { throw model.place.failure("the name '\(model.name)' occurs twice") }
        return model.completed(by: defaults)
      }
      return BoundStudy(title: title, summary: summary ?? "", file: "", budget: budget, models: models)
    }
  }
}

/// What may be chosen for all networks of a study and differ for one.
struct Choices: Sendable {
  var norms: [InputNorm]?
  var targets: [OutputSelection]?
  var methods: [String]?
  var partitionFactors: [Int]?

  static let field = Field<Choices>.group(
    Field("norms", .parts(of: .word(kind: "norm"), isUnique: true), "The norms in which inputs are measured; l2 unless given."),
    Field(
      "targets", .list(of: .target, isUnique: true).examples("[all, 3, [3, 1]]"),
      "What is bounded: all outputs together, one output such as 3, or the margin of one output over another such as [3, 1]; all unless given."
    ),
    Field(
      "methods", .methods.examples("all", "[product, lifted, attained]"),
      "The methods that bound the Lipschitz constant, or all (which is meant when none is given). product is quick and loose, lifted is this project's solver, attained is a lower bound."
    ),
    Field(
      "partition-factors", .list(of: .integer(in: 1...4096), isUnique: true).examples("[1, 2, 4]"),
      "The method partition is run with these factors, too, for a figure of its time against its tightness; none unless given.")
  ) { Choices(norms: $1, targets: $2, methods: $3, partitionFactors: $4) }

  /// The same with the choices of another where there are none.
  func completed(by other: Choices) -> Choices {
    Choices(
      norms: norms ?? other.norms, targets: targets ?? other.targets, methods: methods ?? other.methods,
      partitionFactors: partitionFactors ?? other.partitionFactors)
  }
}

extension BoundStudy.Model {
  /// A network as it stands in the file: what is not chosen for it is chosen for all.
  struct Description: Sendable {
    let name: String
    let title: String
    let source: BoundStudy.Source
    let choices: Choices
    /// Where its name stands.
    let place: YAMLEntry

    func completed(by defaults: Choices) -> BoundStudy.Model {
      let all = choices.completed(by: defaults)
      return BoundStudy.Model(
        name: name, title: title, source: source, norms: all.norms ?? [], targets: all.targets ?? [], methods: all.methods ?? [],
        partitionFactors: all.partitionFactors ?? [])
    }
  }

  static func notation(folder: URL) -> Notation<Description> {
    .mapping(
      "a model",
      .group(
        Field(
          required: "name", .identifier,
          "Its name, which is also a folder of the report: up to 64 letters, digits, - and _; none occurs twice."),
        Field("title", .text, "What it is, in a line; its name unless given."),
        BoundStudy.Source.field(folder: folder),
        Choices.field
      ) { mapping, name, title, source, choices in
        Description(name: name, title: title ?? name, source: source, choices: choices, place: try mapping.required("name"))
      }
    ).described("A network of the study.")
  }
}

extension BoundStudy.Source {
  static func field(folder: URL) -> Field<BoundStudy.Source> {
    let generated = Field<BoundStudy.Source>.group(
      Field(required: "generate", NetworkRecipe.notation, "Makes the network with random weights: of which form, and with which seed.")
    ) { .recipe($1) }
    let read = Field<BoundStudy.Source>.group(
      Field(
        required: "path", .file(in: folder).examples("net.onnx"),
        "Reads the network from a file: .onnx, .npz or .nnet; relative to this file."),
      Field(
        "activation", .nonlinearity, "The activation between the layers of an .npz without architecture; other files say it themselves.")
    ) { mapping, path, nonlinearity in
      if nonlinearity != nil, !path.hasSuffix(".npz"), let entry = mapping["activation"] {
        throw entry.failure("is for .npz networks; other formats say it themselves")
      }
      return .file(path: path, nonlinearity: nonlinearity)
    }
    return .one(of: [generated, read])
  }
}

extension Budget {
  /// `budget:` of a study.
  static let notation = Notation<Budget>.mapping(nil, field).named("budget")

  /// The keys of a budget.
  static let field = Field<Budget>.group(
    Field("tolerance", .positive(below: 1), default: Budget().tolerance, "The relative gap at which methods stop."), timeLimitField,
    memoryLimitField
  ) { _, tolerance, timeLimit, memoryLimit in
    var budget = Budget()
    (budget.tolerance, budget.timeLimit, budget.memoryLimit) = (tolerance, timeLimit, memoryLimit)
    return budget
  }

  /// Seconds of a piece of work.
  static let timeLimitField = Field<Double?>(
    "time-limit", .positive(below: 1e9), "Seconds for each method on each network, or on each sample; no limit unless given.")

  /// Bytes of a proof, which the file says in GiB.
  static let memoryLimitField = Field(
    "memory-limit",
    Notation<Double>.positive(below: 1e6).map(written: { .number(Double($0) / 0x1p30) }) { gigabytes, _ in Int(gigabytes * 0x1p30) },
    default: Budget().memoryLimit, "GiB that a proof may take.")
}

extension Notation<OutputSelection> {
  /// What is bounded: `all`, `3` or `[3, 1]`.
  static var target: Notation {
    let output = Notation<Int>.integer(in: 0...1_000_000)
    let pair = Notation<[Int]>.list(of: output, count: 2...2, isUnique: true, expected: "a pair of outputs such as [3, 1]")
    return Notation(.any(of: [.words(["all"]), output.schema, pair.schema])) { entry in
      if entry.value.text == "all" { return .all }
      guard entry.value.list != nil else {
        guard entry.value.text.flatMap({ Double($0) }) != nil else {
          throw entry.failure("expected all, an output such as 3, or a pair of outputs such as [3, 1]\(entry.found)")
        }
        return .output(try output.read(entry))
      }
      let outputs = try pair.read(entry)
      return .difference(outputs[0], outputs[1])
    }
  }
}

extension Notation<[String]> {
  /// Methods of Lipschitz bounds, in the order of tables, or `all`.
  static var methods: Notation {
    let known = Estimators.names
    return .parts(of: .name(among: known + ["all"], kind: "method"), isUnique: true).map { words, _ in
      words.contains("all") ? known : known.filter(words.contains)
    }
  }
}

extension Notation<String> {
  /// The path of a file that is there, relative to a folder.
  static func file(in folder: URL) -> Notation {
    text.map { path, entry in
      let full = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
        throw entry.failure("there is no file \(full)")
      }
      return full
    }
  }

  /// The path of something that is looked for later, relative to a folder.
  static func path(in folder: URL) -> Notation {
    text.map { path, _ in path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardized.path }
  }
}
