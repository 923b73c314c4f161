import Certificates
import Foundation
import NetworkFormats

extension PipelineStudy {
  /// Reads a study file.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String) throws -> PipelineStudy { try PipelineStudy(text: StudyText.read(path: path), file: path) }

  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    let url = URL(fileURLWithPath: file)
    let field = Self.field(folder: url.deletingLastPathComponent())
    self = try FormatError.naming(file) {
      let parts = try field.read(YAMLMapping(YAMLValue(text: text), name: "the study", keys: field.names))
      return PipelineStudy(
        title: parts.title, summary: parts.summary, file: url.lastPathComponent, sha256: SHA256.digest(of: text.utf8),
        entries: parts.entries)
    }
  }

  /// What the file says.
  struct Parts: Sendable {
    let title: String
    let summary: String
    let entries: [Entry]
  }

  /// The keys of a study of steps.
  static func field(folder: URL) -> Field<Parts> {
    .group(
      Field(required: "title", .text, "The heading of the report."),
      Field("description", .prose, "What the study is about; it stands below the heading."),
      Field("seed", .seed, default: 0, "The seed of searches; networks and recipes have seeds of their own."),
      Field(
        required: "steps", .list(of: StepDescription.notation(folder: folder)),
        "What is done, step by step: later steps take the networks and certificates of earlier ones by their names.")
    ) { _, title, summary, seed, steps in
      var reading = StepReading(folder: folder, seed: seed)
      return Parts(title: title, summary: summary ?? "", entries: try steps.map { try reading.entry($0) })
    }
  }
}

/// A step as it stands in the file.
struct StepDescription: Sendable {
  /// Makes the step, of which the names of earlier steps must be known.
  typealias Action = @Sendable (inout StepReading, _ id: String, _ title: String) throws -> any StudyStep

  let name: String
  let title: String
  let action: Action
  /// Where its name stands.
  let place: YAMLEntry

  static func notation(folder: URL) -> Notation<StepDescription> {
    .mapping(
      "a step",
      .group(
        Field(
          required: "name", .identifier,
          "Its name, by which later steps refer to it, and its folder: up to 64 letters, digits, - and _; none occurs twice."),
        Field("title", .text, "What it is, in a line; its name unless given."),
        .one(of: [
          Field(
            required: "generate", GenerateStep.notation, "Makes a network with random weights: of which form, and with which seed."),
          Field(required: "bound", BoundStep.notation, "Bounds the Lipschitz constant of a network, with a certificate."),
          Field(
            required: "train", TrainingStep.notation(folder: folder, prunes: false),
            "Trains a network: a recipe, or the path of a file with one, relative to this file."),
          Field(
            required: "prune", TrainingStep.notation(folder: folder, prunes: true),
            "Trains and prunes a network: a recipe with 'pruning', or the path of a file with one, relative to this file."),
          Field(
            required: "radius", RadiusStep.notation(folder: folder),
            "Certifies for test samples how far each can move before the answer changes, and looks for adversarial samples."),
          Field(
            required: "check", CheckStep.notation.examples("[bounds, radii]"),
            "Gives the certificates of earlier steps, which bound or radius made, to the independent checker."),
          Field(
            required: "compare", CompareStep.notation(folder: folder), "Puts models side by side; the first is the reference."),
        ])
      ) { mapping, name, title, action in
        StepDescription(name: name, title: title ?? name, action: action, place: try mapping.required("name"))
      }
    ).described("A step of the study: its name, and one of generate, bound, train, prune, radius, check and compare.")
  }
}

/// Makes steps one after the other, and knows which came before.
struct StepReading {
  /// The folder that paths are relative to.
  let folder: URL
  /// The seed of searches.
  let seed: UInt64
  /// The earlier steps that made a network.
  var makers: Set<String> = []
  /// The earlier steps that left certificates, and the networks these are about.
  var certified: [String: ModelReference] = [:]
  private var names: Set<String> = []

  init(folder: URL, seed: UInt64) { (self.folder, self.seed) = (folder, seed) }

  /// Makes a step.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  mutating func entry(_ step: StepDescription) throws -> PipelineStudy.Entry {
    guard names.insert(step.name.lowercased()).inserted else { throw step.place.failure("the name '\(step.name)' occurs twice") }
    return PipelineStudy.Entry(title: step.title, step: try step.action(&self, step.name, step.title))
  }

  /// The network of an earlier step, or of a file.
  func model(_ place: YAMLEntry) throws -> ModelReference {
    let word = try place.text()
    if makers.contains(word) { return .step(word) }
    guard word.contains(".") || word.contains("/") else {
      throw place.failure(
        "no earlier step '\(word)' makes a network"
          + (makers.isEmpty ? "" : "; choose from \(makers.sorted().joined(separator: ", ")), or a file"))
    }
    return .file(try Notation<String>.file(in: folder).read(place))
  }

  /// The network whose certificates an earlier step left.
  func subject(_ place: YAMLEntry) throws -> CheckStep.Subject {
    let step = try place.text()
    guard let model = certified[step] else {
      throw place.failure("no earlier step '\(step)' leaves certificates; such steps are 'bound' and 'radius'")
    }
    return CheckStep.Subject(step: step, model: model)
  }
}

extension Notation<YAMLEntry> {
  /// The name of something, which is looked up later.
  static var reference: Notation { Notation<String>.text.map { $1 } }
}
