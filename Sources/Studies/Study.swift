import Certificates
import Lipschitz
import NetworkFormats
import Networks

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
public struct Study: Sendable {
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

  /// Everything that is to be done, in order.
  public var comparisons: [ComparisonStep] {
    models.flatMap { model in
      model.norms.flatMap { norm in
        model.targets.map { target in
          let words = [model.name, model.norms.count > 1 ? norm.rawValue : nil, model.targets.count > 1 ? Self.word(target) : nil]
          return ComparisonStep(
            id: words.compactMap { $0 }.joined(separator: "-"), model: model, inputNorm: norm, output: target, budget: budget)
        }
      }
    }
  }

  private static func word(_ target: OutputSelection) -> String {
    switch target {
    case .all: "all"
    case .output(let i): "output\(i)"
    case .difference(let i, let j): "margin\(i)-\(j)"
    }
  }
}
