import CommandLineSupport
import Foundation
import NetworkFormats
import Testing

@testable import Studies

/// Studies and recipes: those of the repository, those that documentation shows, and some that have every key.
enum StudyExamples {
  struct Example {
    let name: String
    let text: String
    /// Where it stands, or might.
    let file: String
  }

  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let folder = root.appendingPathComponent("problems")

  /// Files and examples.
  static func all() throws -> [Example] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
    let files = try names.map { name in
      let path = folder.appendingPathComponent(name).path
      return Example(name: path, text: try String(contentsOfFile: path, encoding: .utf8), file: path)
    }
    return try files + documented()
  }

  /// The YAML of the read-me file and of the documentation of Studies; the files it names are there.
  private static func documented() throws -> [Example] {
    let place = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-examples")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    for name in ["net.onnx", "other.onnx"] { try Data().write(to: place.appendingPathComponent(name)) }
    let recipe = "title: T\nmodel: lenet5\ntraining: {epochs: 1, learning-rate: 0.1}\n"
    try Data(recipe.utf8).write(to: place.appendingPathComponent("recipe.yaml"))
    var sources = [root.appendingPathComponent("README.md")]
    let studies = root.appendingPathComponent("Sources/Studies")
    for case let url as URL in FileManager.default.enumerator(at: studies, includingPropertiesForKeys: nil) ?? .init()
    where ["swift", "md"].contains(url.pathExtension) { sources.append(url) }
    return try sources.flatMap { source in
      try blocks(of: String(contentsOf: source, encoding: .utf8)).enumerated().map { index, text in
        // A part of a recipe stands for a whole one.
        let head = "title: T\nmodel: {perceptron: {widths: [8]}}\ntraining: {epochs: 1, learning-rate: 0.1}\n"
        let isPart = try json(text)["title"] == nil
        return Example(
          name: "\(source.lastPathComponent) \(index + 1)", text: isPart ? head + text : text,
          file: place.appendingPathComponent("example.yaml").path)
      }
    }
  }

  private static func blocks(of text: String) -> [String] {
    var (blocks, open): ([String], [Substring]?) = ([], nil)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let trimmed = line.drop { $0 == " " }
      let content = trimmed.hasPrefix("///") ? trimmed.dropFirst(trimmed.hasPrefix("/// ") ? 4 : 3) : line
      switch (open, content) {
      case (nil, "```yaml"): open = []
      case (let lines?, "```"): (blocks, open) = (blocks + [lines.joined(separator: "\n") + "\n"], nil)
      case (let lines?, _): open = lines + [content]
      default: break
      }
    }
    return blocks
  }

  /// What a text says, in JSON.
  static func json(_ text: String) throws -> JSONValue { try JSONValue(YAMLValue(text: text)) }

  /// Whether it is a recipe rather than a study.
  static func isRecipe(_ text: String) throws -> Bool { try json(text)["training"] != nil && json(text)["variants"] == nil }

  /// Reads a text.
  static func read(_ text: String, file: String, isRecipe: Bool) throws {
    guard !isRecipe else {
      _ = try TrainingRecipe(text: text, file: file)
      return
    }
    switch try FormatError.naming(file, { try StudyFile.kind(of: YAMLValue(text: text)) }) {
    case .bounds: _ = try BoundStudy(text: text, file: file)
    case .training: _ = try TrainingStudy(text: text, file: file)
    case .steps: _ = try PipelineStudy(text: text, file: file)
    }
  }

  /// A complaint is one line that names the file, the line and a key.
  static func expectSentence(_ error: FormatError) {
    #expect(error.file.hasSuffix(".yaml"), "\(error)")
    #expect(!error.reason.contains("\n") && error.reason.count < 600 && !error.reason.hasSuffix("."), "\(error)")
    if case .line(let line) = error.place { #expect(line > 0, "\(error)") } else { Issue.record("no line: \(error)") }
    #expect(error.reason.contains("'") || error.reason.hasSuffix(": expected keys and values"), "\(error)")
  }

  /// Whether a complaint is about a rule between fields, or about other files, which no schema can say.
  static func isRuleBetweenFields(_ error: FormatError) -> Bool {
    [
      // Names.
      "the name '", "there is no variant", "no earlier step '", "two models have the same name", "is not measured by", "there is no file",
      "is for .npz networks",
      // Numbers that fit each other.
      "expected at least two widths", "expected widths such as", "a layer has more than", "do not divide the hidden widths",
      "expected [channels, size, size]", "stride for", "strides for", "is none of 8, 14, 20", "does not keep from one weight",
      // Settings that want or exclude others.
      "the key 'epsilon' is missing, which", "wants an adversary", "it takes no adversary", "wants an adversary for validation",
      "are not two weights", "it wants a momentum", "goes with 'penalty: transformed-l1'", "goes with 'group-lasso: automatic'",
      "only single weights are compared across layers", "groupSort is for 'widths'", "unknown activation",
      "the recipe has no 'pruning'", "the recipe has 'pruning'",
      // What a variant may say in place of its study.
      "the study: the key 'model' is missing", "the study: the key 'training' is missing", "'training': the key 'epochs' is missing",
      "'training': the key 'learning-rate' is missing",
    ].contains { error.reason.contains($0) }
  }

  /// Studies and recipes that together have every key.
  static let full = [
    """
    title: A study
    description: Every key of a study of bounds.
    norms: [l2, linf]
    targets: [all, 3, [3, 1]]
    methods: [attained, product]
    partition-factors: [1, 2]
    budget: {tolerance: 1e-2, time-limit: 2.5, memory-limit: 0.5}
    seed: 7
    models:
      - name: small
        title: A small one
        generate: {widths: [10, 20x3, 5], activation: tanh, seed: 1}
      - name: sorted
        generate: {widths: [10, 20, 5], activation: groupSort:2}
        norms: l2
        partition-factors: [1, 2]
        targets: [all]
        methods: all
      - name: images
        generate: {channels: [4, 8], strides: [1, 2], image: [2, 9, 9], outputs: 3, activation: leakyReLU:0.1}
      - name: chain
        generate: {convolutions: [4, 2], image: [2, 6, 5], activation: tanh, seed: 3}
      - name: blocks
        generate: {residual-blocks: 1, channels: 4, size: 8, seed: 5}
    """,
    """
    title: A study of training
    description: Most keys of a study of training.
    seeds: [1, 2]
    data: {glyphs: 14, training-count: 300, test-count: 40, seed: 3, validation: 0.1}
    model: {residual: {depth: 14, channels: [4, 8], members: 3, noise: 0.2}}
    training: {epochs: 7, batch: 50, optimiser: adam, learning-rate: 0.01}
    evaluation: {norm: l2, epsilon: 0.5, attacks: [fgsm, pgd7, nearest], draws: 2}
    certification: {methods: [lifted], tolerance: 0.01, time-limit: 3, radii: 5, radius-methods: [crown, local], radius-attack: none, norm: l2, bounded: false}
    variants:
      - {name: plain, title: Plain, description: D, model: {perceptron: {widths: [8, 4x2], activation: maxmin}}}
      - {name: rgsm, pruning: {rgsm: {lambda: 0.3, beta: 1, scope: all, groups: filters, lambda-start: 1, lambda-ramp: 0.5, group-lasso: automatic, group-lasso-factor: 2}}}
      - {name: rvsm, pruning: {rvsm: {penalty: transformed-l1, a: 2, group-lasso: 0.1, group-lasso-start: 1, group-lasso-ramp: 0.1, overwriting: false}}}
      - {name: magnitude, pruning: {magnitude: {sparsity: 0.8, scope: convolutions, per-layer: true}}, retraining: {epochs: 2}}
      - {name: filters, pruning: {filter-norm: {share: 0.5, groups: filters, norm: l1, scope: hidden, per-layer: true}}}
      - {name: pattern, pruning: {pattern: {keep: 2, of: 4, scope: all, refinement: 0.1}}, retraining: none}
      - {name: slimming, model: lenet5, pruning: {slimming: {share: 0.5, strength: 1e-3}}, certification: {radii: 3}}
      - {name: ticket, pruning: {lottery-ticket: {rounds: 3, share: 0.2, scope: all, per-layer: false, rewinding: 1}}}
      - {name: admm, pruning: {admm: {sparsity: 0.8, groups: entries, scope: convolutions, per-layer: true, penalty: 0.1, growth: 1.3, interval: 2, epochs: 8, learning-rate: 0.02}}}
      - {name: dense, training: {epochs: 3, schedule: cosine}, pruning: none, data: {glyphs: 8}, evaluation: {attacks: nearest}}
    claims:
      - {id: T1, statement: S, better: plain, than: 30, measure: natural, by: 3, with-noise: true}
      - {id: T2, statement: S, order: [rgsm, rvsm, plain], measure: radius}
    """,
    """
    title: A study of steps
    description: Every key of steps.
    seed: 3
    steps:
      - {name: random, title: Random, generate: {widths: [4, 8, 3], seed: 1}}
      - {name: bounds, bound: {model: random, methods: [product, lifted], norm: linf, target: [2, 0], tolerance: 0.01, time-limit: 3, memory-limit: 1, partition-factors: [1, 2]}}
      - {name: dense, train: {title: Dense, model: lenet5, training: {epochs: 1, learning-rate: 0.1}}}
      - {name: sparse, prune: {title: Sparse, model: lenet5, training: {epochs: 1, learning-rate: 0.1}, pruning: {magnitude: {sparsity: 0.5}}}}
      - {name: glyphs, train: robust-glyphs.yaml}
      - name: radii
        radius: {model: dense, data: {glyphs: 14}, limit: 3, methods: [global, crown], norm: l2, bounded: true, attack: none, independent: true, radii: [0.1, 0.2], tolerance: 0.1, time-limit: 2, memory-limit: 2}
      - {name: proofs, check: [bounds, radii]}
      - name: comparison
        compare:
          models: [dense, sparse]
          data: {glyphs: 14}
          limit: 20
          evaluation: {epsilon: 0.1, attacks: fgsm}
          certification: {methods: lifted, radii: 2}
          difference: {samples: 2, radius: 0.1, norm: linf}
          timing: true
          radii: [0.1]
          bounded: false
    """,
    """
    title: A recipe
    description: Many keys of a recipe.
    seed: 9
    data:
      training: train.csv
      training-labels: a.csv
      test: test.csv
      test-labels: b.csv
      scale: 0.5
      images: false
      shape: [3, 8, 8]
      channels-last: true
      label-column: -1
      classes: 10
      limit: 100
      test-limit: 20
      pooling: 2
    model: {convolutional: {convolutions: [{channels: 12, kernel: 4, stride: 2, padding: 1}, {channels: 4}], widths: [32], activation: elu:1, normalized: true}}
    training:
      epochs: 7
      batch: 50
      optimiser: {adam: {first-decay: 0.8, second-decay: 0.9, stabiliser: 1e-7}}
      learning-rate: 0.01
      warm-up: 2
      schedule: {exponential: 0.01, from: 3}
      weight-decay: 1e-4
      decayed: weights
      clip-norm: 3
      loss: {trade-off: [1, 8]}
      augmentation: {crop: 2, flip: true, cutout: 3, fill: 0.5}
      adversary: {norm: l2, epsilon: 0.5, steps: 4, step: 0.2, random-start: false, bounded: true, noise-draws: 2}
      validation-adversary: {epsilon: 0.1, steps: 1}
      select: best-attacked-accuracy
    evaluation: {norm: l2, epsilon: 0.5, attacks: [fgsm, pgd7, nearest], draws: 2, bounded: false}
    """,
    """
    title: A margin
    data: {folder: mnist, limit: 100}
    model: {residual-perceptron: {width: 16, blocks: 2, members: 2, noise: 0.1}}
    training:
      epochs: 7
      optimiser: {sgd: {momentum: 0.9, dampening: 0, nesterov: true}}
      learning-rate: 0.01
      schedule: {one-cycle: 0.3, begin: 0.1, end: 0.01}
      clip-value: 2
      loss: {margin: {loss: gloro, radius: 0.3, start: 0.2, ramp: 0.4, power-steps: 3}}
      augmentation: none
      adversary: none
    """,
    """
    title: A saved network
    model: {file: net.onnx}
    training: {epochs: 2, learning-rate: 1e-3, optimiser: {nadam: {}}, schedule: {milestones: [3, 5], factor: 0.5}, loss: {smoothing: 0.1}}
    """,
    """
    title: Steps
    model: lenet5
    training:
      epochs: 2
      learning-rate: 1e-3
      optimiser: {adamw: {first-decay: 0.5}}
      schedule: {every: 3}
      loss: {trades: 6}
      adversary: {epsilon: 0.1}
    """,
  ]
}
