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
  public static func read(path: String) throws -> BoundStudy {
    var study = try BoundStudy(text: StudyText.read(path: path), file: path)
    study.sha256 = try FileDigest.sha256(path: path)
    return study
  }

  /// Parses the text of a study file; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String) throws {
    self = try FormatError.naming(file) { try BoundStudy(YAMLValue(text: text), file: file) }
  }

  private init(_ root: YAMLValue, file: String) throws {
    let keys = ["title", "description", "norms", "targets", "methods", "partition-factors", "budget", "seed", "models"]
    let mapping = try YAMLMapping(root, name: "the study", keys: keys)
    title = try mapping.required("title").text()
    summary = try mapping["description"]?.text().trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    self.file = URL(fileURLWithPath: file).lastPathComponent
    budget = try Self.budget(mapping["budget"])
    budget.seed = try mapping["seed"]?.seed() ?? 0
    let defaults = try Choices(mapping, before: Choices(norms: [.l2], targets: [.all], methods: Estimators.names))
    let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    models = try mapping.required("models").list().map { try Self.model($0, defaults: defaults, folder: folder) }
    var seen: Set<String> = []
    for (model, value) in zip(models, try mapping.required("models").list()) where !seen.insert(model.name.lowercased()).inserted {
      throw value.failure("the name '\(model.name)' occurs twice")
    }
  }

  /// What may be chosen for all models and differ for one.
  private struct Choices {
    var norms: [InputNorm]
    var targets: [OutputSelection]
    var methods: [String]
    var partitionFactors: [Int] = []

    init(norms: [InputNorm], targets: [OutputSelection], methods: [String]) {
      (self.norms, self.targets, self.methods) = (norms, targets, methods)
    }

    init(_ mapping: YAMLMapping, before: Choices) throws {
      self = before
      if let value = mapping["norms"] {
        norms = try value.words().map { word in
          guard let norm = InputNorm(rawValue: word) else {
            throw value.failure("unknown norm '\(word)'; choose from \(InputNorm.allCases.map(\.rawValue).joined(separator: ", "))")
          }
          return norm
        }
      }
      if let value = mapping["targets"] { targets = try BoundStudy.targets(value) }
      if let value = mapping["methods"] { methods = try BoundStudy.methods(value) }
      if let value = mapping["partition-factors"] { partitionFactors = try value.list().map { try $0.integer(in: 1...4096) } }
    }
  }

  static func methods(_ value: YAMLEntry) throws -> [String] {
    let (words, known) = (try value.words(), Estimators.names)
    if words == ["all"] { return known }
    for word in words where !known.contains(word) {
      throw value.failure("unknown method '\(word)'; choose from \(known.joined(separator: ", ")) or all")
    }
    return known.filter(words.contains)
  }

  static func targets(_ value: YAMLEntry) throws -> [OutputSelection] {
    try value.list().map { part in
      if part.value.text == "all" { return .all }
      let outputs = try part.parts().map { try $0.integer(in: 0...1_000_000) }
      switch outputs.count {
      case 1: return .output(outputs[0])
      case 2 where outputs[0] != outputs[1]: return .difference(outputs[0], outputs[1])
      default: throw part.failure("expected all, an output such as 3, or a pair of outputs such as [3, 1]")
      }
    }
  }

  static func budget(_ value: YAMLEntry?) throws -> Budget {
    var budget = Budget()
    guard let value else { return budget }
    let mapping = try YAMLMapping(value.value, name: "budget", keys: ["tolerance", "time-limit", "memory-limit"])
    if let tolerance = mapping["tolerance"] { budget.tolerance = try tolerance.positive(below: 1) }
    budget.timeLimit = try mapping["time-limit"]?.positive(below: 1e9)
    if let memory = mapping["memory-limit"] { budget.memoryLimit = Int(try memory.positive(below: 1e6) * 0x1p30) }
    return budget
  }

  private static func model(_ value: YAMLEntry, defaults: Choices, folder: URL) throws -> Model {
    let keys = ["name", "title", "generate", "path", "activation", "norms", "targets", "methods", "partition-factors"]
    let mapping = try YAMLMapping(value.value, name: "a model", keys: keys)
    let name = try mapping.required("name")
    _ = try name.identifier()
    let choices = try Choices(mapping, before: defaults)
    let source: Source
    switch (mapping["generate"], mapping["path"]) {
    case (let recipe?, nil):
      if let activation = mapping["activation"] { throw activation.failure("belongs into 'generate'") }
      source = .recipe(try self.recipe(recipe))
    case (nil, let path?): source = try self.file(path, activation: mapping["activation"], folder: folder)
    default: throw mapping.failure("the model '\(try name.text())' needs either 'generate' or 'path'")
    }
    return Model(
      name: try name.text(), title: try mapping["title"]?.text() ?? name.text(), source: source, norms: choices.norms,
      targets: choices.targets, methods: choices.methods, partitionFactors: choices.partitionFactors)
  }

  static func file(_ value: YAMLEntry, activation: YAMLEntry?, folder: URL) throws -> Source {
    let path = try value.text()
    let full = path.hasPrefix("/") ? path : folder.appendingPathComponent(path).path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: full, isDirectory: &isFolder), !isFolder.boolValue else {
      throw value.failure("there is no file \(full)")
    }
    guard let activation else { return .file(path: full, nonlinearity: nil) }
    guard full.hasSuffix(".npz") else { throw activation.failure("is for .npz networks; other formats say it themselves") }
    return .file(path: full, nonlinearity: try nonlinearity(activation))
  }

  private static func nonlinearity(_ value: YAMLEntry) throws -> NPZNonlinearity {
    guard let nonlinearity = NonlinearityName.parse(try value.text()) else {
      throw value.failure("unknown activation\(value.found); choose from \(NonlinearityName.choices.joined(separator: ", "))")
    }
    return nonlinearity
  }

  // MARK: - Recipes

  static func recipe(_ value: YAMLEntry) throws -> NetworkRecipe {
    let keys = ["widths", "channels", "strides", "image", "outputs", "convolutions", "residual-blocks", "size", "activation", "seed"]
    let mapping = try YAMLMapping(value.value, name: "generate", keys: keys)
    let seed = try mapping["seed"]?.seed() ?? 0
    func allowed(_ keys: Set<String>, for form: String) throws {
      if let key = mapping.keys.subtracting(keys).subtracting(["seed"]).min(), let value = mapping[key] {
        throw value.failure("does not apply to a network with '\(form)'")
      }
    }
    if let widths = mapping["widths"] {
      try allowed(["widths", "activation"], for: "widths")
      return NetworkRecipe(try perceptron(widths, mapping["activation"]), seed: seed)
    }
    if let blocks = mapping["residual-blocks"] {
      try allowed(["residual-blocks", "channels", "size"], for: "residual-blocks")
      return NetworkRecipe(
        .residual(
          blocks: try blocks.integer(in: 1...64), channels: try mapping["channels"]?.integer(in: 1...512) ?? 16,
          size: try mapping["size"]?.integer(in: 1...512) ?? 32), seed: seed)
    }
    if let convolutions = mapping["convolutions"] {
      try allowed(["convolutions", "image", "activation"], for: "convolutions")
      return NetworkRecipe(try convolutionChain(convolutions, mapping), seed: seed)
    }
    if let channels = mapping["channels"] {
      try allowed(["channels", "strides", "image", "outputs", "activation"], for: "channels")
      return NetworkRecipe(try convolutional(channels, mapping), seed: seed)
    }
    throw mapping.failure("needs 'widths', 'channels', 'convolutions' or 'residual-blocks'")
  }

  private static func perceptron(_ value: YAMLEntry, _ activation: YAMLEntry?) throws -> NetworkRecipe.Form {
    guard let widths = WidthList.widths(try value.list().map { try $0.text() }) else {
      throw value.failure("expected at least two widths such as [10, 20, 5] or [10, 20x3, 5]")
    }
    guard zip(widths, widths.dropFirst()).allSatisfy({ $0 * $1 <= 1 << 26 }) else {
      throw value.failure("a layer has more than \(Quantity.count(1 << 26)) weights")
    }
    switch try activation.map(nonlinearity) ?? .activation(.relu) {
    case .activation(let activation): return .perceptron(widths: widths, activation: activation)
    case .groupSort(let size):
      guard widths.dropFirst().dropLast().allSatisfy({ $0 % size == 0 }) else {
        throw value.failure("groups of \(size) units do not divide the hidden widths")
      }
      return .sortingPerceptron(widths: widths, groupSize: size)
    }
  }

  private static func convolutional(_ value: YAMLEntry, _ mapping: YAMLMapping) throws -> NetworkRecipe.Form {
    let channels = try value.parts().map { try $0.integer(in: 1...512) }
    let image = try mapping["image"]?.parts().map { try $0.integer(in: 1...512) } ?? [1, 8, 8]
    guard image.count == 3, image[1] == image[2] else { throw (mapping["image"] ?? value).failure("expected [channels, size, size]") }
    let strides = try mapping["strides"]?.parts().map { try $0.integer(in: 1...8) }
    if let strides, strides.count != channels.count {
      throw (mapping["strides"] ?? value).failure("\(strides.count) strides for \(channels.count) convolutions")
    }
    return .convolutional(
      inputChannels: image[0], size: image[1], channels: channels, strides: strides,
      outputs: try mapping["outputs"]?.integer(in: 1...100_000) ?? 10, activation: try activation(mapping))
  }

  private static func convolutionChain(_ value: YAMLEntry, _ mapping: YAMLMapping) throws -> NetworkRecipe.Form {
    let channels = try value.list().map { try $0.integer(in: 1...4096) }
    let image = try mapping["image"]?.parts().map { try $0.integer(in: 1...4096) } ?? [3, 32, 32]
    guard image.count == 3 else { throw (mapping["image"] ?? value).failure("expected [channels, height, width]") }
    return .convolutionChain(image: image, channels: channels, activation: try activation(mapping))
  }

  /// The activation function of convolutions, which sorting is none of.
  private static func activation(_ mapping: YAMLMapping) throws -> Activation {
    guard let value = mapping["activation"] else { return .relu }
    guard case .activation(let activation) = try nonlinearity(value) else { throw value.failure("groupSort is for 'widths'") }
    return activation
  }
}
