import Certificates
import CommandLineSupport
import Lipschitz
import NetworkFormats
import Networks
import Reports

/// What a study file asks for: networks, and how they are to be bounded.
///
/// ```yaml
/// title: Estimators compared
/// description: Every method on networks of every kind.
/// norms: [l2]                        # l2 unless given; the others as for --norm
/// targets: [all, 3, [3, 1]]          # all outputs, output 3, the margin of output 3 over output 1; all unless given
/// methods: all                       # or a list
/// partition-factors: [1, 2, 4]       # also partitions of these factors, as a figure; none unless given
/// budget:
///   tolerance: 1e-3                  # relative gap at which methods stop
///   time-limit: 30                   # seconds for each method on each model; none unless given
///   memory-limit: 4                  # GiB a proof may take, 8 unless given
/// seed: 0                            # of searches, not of networks
/// models:
///   - name: small                    # also a folder of the report: letters, digits, - and _
///     title: A small perceptron
///     generate: {widths: [10, 20x3, 5], activation: relu, seed: 1}
///   - name: sorted
///     generate: {widths: [10, 20, 5], activation: groupSort:2}
///   - name: images
///     generate: {channels: [4, 8], strides: [1, 2], image: [1, 8, 8], outputs: 10}
///   - name: block
///     generate: {convolutions: [16, 16], image: [3, 32, 32]}    # 3×3, padded by 1; the last image is the output
///   - name: blocks
///     generate: {residual-blocks: 1, channels: 4, size: 8}
///   - name: mine
///     path: net.onnx                 # relative to the study file; activation: tanh for .npz without architecture
///     methods: [lifted, attained]    # norms, targets, methods and partition-factors may differ
/// ```
///
/// An unknown key, a value of the wrong kind and a missing file are errors that name the line and the key.
public struct BoundStudy: Study {
  /// A network of the study.
  public struct Model: Sendable {
    /// Its name, which is also a folder of the report.
    public var name: String
    /// What it is, in a line.
    public var title: String
    /// Where it comes from.
    public var source: Source
    /// The norms of the inputs.
    public var norms: [InputNorm]
    /// The outputs considered.
    public var targets: [OutputSelection]
    /// The methods, in the order of tables.
    public var methods: [String]
    /// Factors by which `partition` is run besides, for its trade-off of time against tightness.
    public var partitionFactors: [Int]
  }

  /// Where a network comes from.
  public enum Source: Sendable, Equatable {
    /// It is made.
    case recipe(NetworkRecipe)
    /// It is read; `nonlinearity` is for weights without architecture.
    case file(path: String, nonlinearity: NPZNonlinearity?)
    /// An earlier step made it.
    case step(String)
  }

  /// The heading.
  public var title: String
  /// What it is about.
  public var summary: String
  /// The study file's name, for reports.
  public var file: String
  /// Tolerance, memory and seed; its time limit is that of each method.
  public var budget: Budget
  /// The networks.
  public var models: [Model]

  /// SHA-256 of the study file.
  public var sha256 = ""

  /// One comparison of methods for each network, norm and target.
  public var comparisons: [BoundStep] {
    models.flatMap { model in
      model.norms.flatMap { norm in
        model.targets.map { target in
          let words = [model.name, model.norms.count > 1 ? norm.rawValue : nil, model.targets.count > 1 ? Self.word(target) : nil]
          let id = words.compactMap { $0 }.joined(separator: "-")
          return BoundStep(id: id, folder: "models/\(id)", model: model, inputNorm: norm, output: target, budget: budget)
        }
      }
    }
  }

  /// The steps, each after those whose results it reads.
  public var steps: [any StudyStep] { comparisons }
  /// The seconds that a method may take.
  public var workLimit: Double? { budget.timeLimit }

  /// The report on all steps, as far as they are done.
  public func overview(_ results: StudyResults) throws -> any StudyOverview {
    let comparisons = comparisons.map { step in
      let status = results[step.id]
      var comparison = StudyReport.Comparison(id: step.id, title: step.model.title, folder: step.folder, summary: nil)
      if status != .missing { comparison.summary = step.summary(in: ReportFolder(path: results.folder.file(step.folder))) }
      if comparison.summary == nil { comparison.absence = results.isInterrupted ? "not run: interrupted" : "not run yet" }
      return comparison
    }
    let settings: [(String, String)] = [
      ("Tolerance", "\(budget.tolerance) (relative gap)"),
      ("Time limit", budget.timeLimit.map { "\(Quantity.seconds($0)) s for each method on each network" } ?? "none"),
      ("Memory limit", "\(Quantity.bytes(budget.memoryLimit)) for a proof"), ("Seed", "\(budget.seed)"),
    ]
    return StudyReport(title: title, summary: summary, file: file, sha256: sha256, settings: settings, comparisons: comparisons)
  }

  private static func word(_ target: OutputSelection) -> String {
    switch target {
    case .all: "all"
    case .output(let i): "output\(i)"
    case .difference(let i, let j): "margin\(i)-\(j)"
    }
  }
}
