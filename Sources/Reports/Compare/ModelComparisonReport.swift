import CommandLineSupport
import Compression
import Foundation
import Lipschitz

/// Models side by side, dense and sparse: sizes, accuracies, Lipschitz bounds, certified radii, speed, and how far each can be from the first.
public struct ModelComparisonReport: Report, Sendable {
  /// The samples that accuracies and radii are about.
  public struct Samples: Sendable, Equatable {
    /// Where they were read.
    public var path: String
    /// What they are called.
    public var name: String
    /// How many there are.
    public var count: Int
    /// The number of classes.
    public var classCount: Int
    /// The shape of one, such as `28x28x1`.
    public var shape: String
    /// Their digest.
    public var digest: String

    /// Collects the parts.
    public init(path: String, name: String, count: Int, classCount: Int, shape: String, digest: String) {
      (self.path, self.name, self.count) = (path, name, count)
      (self.classCount, self.shape, self.digest) = (classCount, shape, digest)
    }
  }

  /// Significant digits of bounds.
  static let digits = 5

  /// The heading.
  public var title: String
  /// The models; the first one is the reference that the others are compared with.
  public var models: [ModelMeasurement]
  /// How far models are from the reference.
  public var differences: [ModelDifference]
  /// The samples, or `nil`.
  public var samples: Samples?
  /// The radii at which certified accuracies are stated.
  public var radii: [Double]
  /// What was asked for, in words.
  public var settings: [(name: String, value: String)]
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()

  /// Collects the parts.
  ///
  /// - Parameters:
  ///   - title: the heading.
  ///   - models: the models, the reference first.
  ///   - differences: how far models are from the reference, where that was asked for.
  ///   - samples: what accuracies and radii are about.
  ///   - radii: where certified accuracies are stated; round numbers that suit the curves when empty.
  ///   - settings: what was asked for, in words.
  ///   - machine: the machine.
  public init(
    title: String, models: [ModelMeasurement], differences: [ModelDifference] = [], samples: Samples? = nil, radii: [Double] = [],
    settings: [(name: String, value: String)] = [], machine: Machine = .current
  ) {
    (self.title, self.models, self.differences, self.samples) = (title, models, differences, samples)
    (self.settings, self.machine) = (settings, machine)
    self.radii = radii.isEmpty ? Self.roundRadii(models) : radii.filter { $0 >= 0 && $0.isFinite }.sorted()
  }

  /// About five round numbers up to the greatest certified radius.
  private static func roundRadii(_ models: [ModelMeasurement]) -> [Double] {
    let greatest = models.flatMap { $0.radii?.samples.map(\.certified) ?? [] }.filter(\.isFinite).max() ?? 0
    guard greatest > 0 else { return [] }
    return AxisScale(0, greatest, logarithmic: false, count: 5).ticks.map(\.value).filter { $0 > 0 && $0 <= greatest }
  }

  /// The model that the others are compared with.
  public var reference: ModelMeasurement? { models.first }

  /// Whether everything that was asked for is there.
  public var isComplete: Bool { models.allSatisfy(\.isComplete) }

  /// A model's non-zero parameters over the reference's.
  public func share(of model: ModelMeasurement) -> Double? {
    guard let reference, reference.size.nonZeroParameters > 0 else { return nil }
    return Double(model.size.nonZeroParameters) / Double(reference.size.nonZeroParameters)
  }

  /// How far a model is from the reference, `nil` where it was not asked for.
  public func difference(of model: ModelMeasurement) -> ModelDifference? { differences.first { $0.model == model.name } }

  /// The methods of all models' bounds in the order of tables, `attained` last.
  var boundMethods: [String] {
    var names: [String] = []
    for bound in models.flatMap(\.bounds) where !names.contains(bound.method) { names.append(bound.method) }
    return names.filter { $0 != "attained" } + names.filter { $0 == "attained" }
  }

  /// The attacks of all models' accuracies.
  var attacks: [MeasuredAccuracy.Attacked] {
    var result: [MeasuredAccuracy.Attacked] = []
    for attack in models.flatMap({ $0.accuracy?.attacks ?? [] }) where !result.contains(where: { $0.isSameAttack(as: attack) }) {
      result.append(attack)
    }
    return result
  }
}

extension MeasuredAccuracy.Attacked {
  /// Whether both are about the same attack.
  func isSameAttack(as other: Self) -> Bool { name == other.name && norm == other.norm && epsilon == other.epsilon }
}
