import Certificates
import Foundation
import Lipschitz
import NetworkFormats
import Networks
import Testing
import Training

@testable import Studies

@Suite("Study files")
struct StudyReadingTests {
  private static let head = "title: T\nmodels:\n"

  @Test("Everything a study may say")
  func full() throws {
    let study = try BoundStudy(
      text: """
        title: "A study"
        description: >
          Two lines
          of text.
        norms: [l2, linf]
        targets: [all, 3, [3, 1]]
        methods: [attained, product]
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
            generate: {channels: [4, 8], strides: [1, 2], image: [2, 9, 9], outputs: 3}
          - name: chain
            generate: {convolutions: [4, 2], image: [2, 6, 5], activation: tanh, seed: 3}
          - name: blocks
            generate: {residual-blocks: 1, channels: 4, size: 8, seed: 18446744073709551615}
        """, file: "folder/a.yaml")
    #expect(study.title == "A study" && study.summary == "Two lines of text." && study.file == "a.yaml")
    #expect(
      study.budget.tolerance == 1e-2 && study.budget.timeLimit == 2.5 && study.budget.memoryLimit == 1 << 29 && study.budget.seed == 7)
    let forms = study.models.compactMap { model -> NetworkRecipe? in if case .recipe(let recipe) = model.source { recipe } else { nil } }
    #expect(
      forms == [
        NetworkRecipe(.perceptron(widths: [10, 20, 20, 20, 5], activation: .tanh), seed: 1),
        NetworkRecipe(.sortingPerceptron(widths: [10, 20, 5], groupSize: 2)),
        NetworkRecipe(.convolutional(inputChannels: 2, size: 9, channels: [4, 8], strides: [1, 2], outputs: 3, activation: .relu)),
        NetworkRecipe(.convolutionChain(image: [2, 6, 5], channels: [4, 2], activation: .tanh), seed: 3),
        NetworkRecipe(.residual(blocks: 1, channels: 4, size: 8), seed: .max),
      ])
    #expect(study.models[0].methods == ["product", "attained"] && study.models[1].methods == Estimators.names)
    #expect(study.models.map(\.partitionFactors) == [[], [1, 2], [], [], []])
    #expect(study.models[0].targets == [.all, .output(3), .difference(3, 1)])
    let ids = study.comparisons.map(\.id)
    #expect(ids.count == 6 + 1 + 6 + 6 + 6 && Set(ids).count == ids.count)
    #expect(ids.contains("small-linf-margin3-1") && ids.contains("sorted"))
    for recipe in forms { #expect(try recipe.network().outputCount > 0) }
  }

  @Test(
    "Mistakes are named with their line and key",
    arguments: [
      ("", "the file is empty"), ("title: T\n", "the key 'models' is missing"), ("- 1\n", "expected keys and values"),
      ("models: []\ntitle: T\n", "line 1: 'models': expected a list of at least one"),
      ("title: T\ntitle: U\nmodels: []\n", "line 1: 'title': a key occurs twice"),
      ("title: T\ntolerence: 1\nmodels: []\n", "line 2: unknown key 'tolerence'"),
      ("title: T\nmethod: all\nmodels: []\n", "did you mean 'methods'?"), ("title: [a]\nmodels: []\n", "line 1: 'title': expected text"),
      ("title: T\nmodels: {a: 1}\n", "line 2: 'models': expected a list"),
      ("title: T\nnorms: [l7]\nmodels: []\n", "line 2: 'norms': unknown norm, found 'l7'; choose from l2"),
      ("title: T\nmethods: [lift]\nmodels: []\n", "line 2: 'methods': unknown method, found 'lift'; choose from product"),
      ("title: T\ntargets: [none]\nmodels: []\n", "line 2: 'targets': expected all, an output such as 3"),
      ("title: T\ntargets: [[1, 1]]\nmodels: []\n", "line 2: 'targets': 1 occurs twice"),
      ("title: T\nseed: -1\nmodels: []\n", "line 2: 'seed': expected a whole number that is not negative"),
      ("title: T\nbudget:\n  tolerance: 2\nmodels: []\n", "line 3: 'tolerance': 2.0 is not a positive number below 1.0"),
      ("title: T\nbudget:\n  time-limit: soon\nmodels: []\n", "line 3: 'time-limit': expected a number, found 'soon'"),
      ("title: T\nbudget: 3\nmodels: []\n", "line 2: 'budget': expected keys and values"),
      (head + "  - x\n", "line 3: a model: expected keys"),
      (head + "  - name: a/b\n    path: x\n", "line 3: 'name': up to 64 letters"),
      (head + "  - name: a\n", "line 3: a model: needs 'generate' or 'path'"),
      (head + "  - name: a\n    path: missing.onnx\n", "line 4: 'path': there is no file"),
      (head + "  - name: a\n    generate: {}\n", "line 4: 'generate': needs 'widths', 'residual-blocks', 'convolutions' or 'channels'"),
      (head + "  - name: a\n    generate: {widths: [3]}\n", "line 4: 'widths': expected at least two widths"),
      (head + "  - name: a\n    generate: {widths: [3, 0]}\n", "line 4: 'widths': expected at least two widths"),
      (head + "  - name: a\n    generate: {widths: [100000, 100000]}\n", "line 4: 'widths': a layer has more than"),
      (head + "  - name: a\n    generate: {widths: [3, 3, 2], activation: groupSort:2}\n", "groups of 2 units do not divide"),
      (head + "  - name: a\n    generate: {widths: [3, 2], size: 3}\n", "line 4: 'size': does not go with 'widths'"),
      (head + "  - name: a\n    generate: {widths: [3, 2], activation: softmax}\n", "line 4: 'activation': unknown activation"),
      (head + "  - name: a\n    generate: {convolutions: [3], image: [1, 2]}\n", "line 4: 'image': expected [channels, height, width]"),
      (head + "  - name: a\n    generate: {convolutions: [3], outputs: 2}\n", "line 4: 'outputs': does not go with 'convolutions'"),
      (
        head + "  - name: a\n    generate: {convolutions: [3], activation: groupSort:2}\n",
        "line 4: 'activation': groupSort is for 'widths'"
      ),
      (head + "  - name: a\n    generate: {channels: [3], strides: [1, 2]}\n", "line 4: 'strides': 2 strides for 1 convolution"),
      (head + "  - name: a\n    generate: {channels: [3], image: [1, 2, 3]}\n", "line 4: 'image': expected [channels, size, size]"),
      (head + "  - name: a\n    generate: {residual-blocks: 0}\n", "line 4: 'residual-blocks': 0 does not lie between 1 and 64"),
      (head + "  - name: a\n    generate: {widths: [3, 2]}\n    activation: relu\n", "line 5: 'activation': does not go with 'generate'"),
      (head + "  - name: a\n    generate: {widths: [3, 2]}\n  - name: A\n    generate: {widths: [3, 2]}\n", "the name 'A' occurs twice"),
      ("title: &a T\nmodels: [*a]\n", "anchors and aliases"), ("title: [\n", "line 2: not YAML"), ("\u{0}", ":"),
    ])
  func mistakes(text: String, message: String) throws {
    let error = #expect(throws: FormatError.self) { try BoundStudy(text: text, file: "folder/s.yaml") }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("folder/s.yaml: "))
    #expect(description.contains(message), "\(description)")
  }

  @Test(
    "A file that is no study says so",
    arguments: [
      ("title: T\n", "line 1: the study: needs 'models', 'variants' or 'steps'"),
      ("title: T\nmodles: []\n", "line 2: unknown key 'modles'"),
      ("title: T\nstep: []\n", "did you mean 'steps'?"), ("- 1\n", "line 1: the study: expected keys and values"),
      ("title: T\nmodel: lenet5\ntraining: {epochs: 1, learning-rate: 0.1}\n", "this is a recipe, for 'lipcert train'"),
    ])
  func kinds(text: String, message: String) throws {
    let error = #expect(throws: FormatError.self) { try StudyFile.kind(of: YAMLValue(text: text)) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }

  @Test("A study that is given as a recipe says so")
  func study() {
    let error = #expect(throws: FormatError.self) { try TrainingRecipe(text: "title: T\nmodels: []\n", file: "r.yaml") }
    #expect(error?.description == "r.yaml: line 2: 'models' makes this a study, for 'lipcert run'; a recipe has none")
  }

  @Test("Files that are none are named")
  func files() throws {
    #expect(throws: FormatError.self) { try BoundStudy.read(path: "/no/such/study.yaml") }
    #expect(throws: FormatError.self) { try BoundStudy.read(path: "/") }
  }

  @Test("The studies of the repository are sound, and make their own networks")
  func repository() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent("problems")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }
    #expect(names.contains("estimators.yaml"))
    for name in names {
      let path = folder.appendingPathComponent(name).path
      if name.hasSuffix("-glyphs.yaml") {
        let recipe = try TrainingRecipe.read(path: path)
        #expect(recipe.settings.adversary != nil && (recipe.pruning != nil) == name.hasPrefix("pruned"))
        continue
      }
      let content = try StudyFile.read(path: path)
      // Every step comes after those whose results it reads.
      var known: Set<String> = []
      for step in content.steps {
        #expect(step.needs.allSatisfy { known.contains($0.step) } && known.insert(step.id).inserted, "\(name): \(step.id)")
      }
      guard let study = content as? BoundStudy else {
        if let training = content as? TrainingStudy { #expect(!training.claims.isEmpty) }
        continue
      }
      for model in study.models {
        guard case .recipe(let recipe) = model.source else { continue }
        #expect(try recipe.network().outputCount > 0, "\(model.name)")
      }
    }
  }
}
