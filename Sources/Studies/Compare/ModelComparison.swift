import Certificates
import CommandLineSupport
import Compression
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Reports
import Robustness
import Training

/// Measures models with the same yardstick: sizes, accuracies, Lipschitz bounds, certified radii, speed, and how far their outputs can be apart.
///
/// ``measure(_:observe:)`` is about one model, so that its result can be kept; ``run(_:observe:)`` does all of it for several.
public struct ModelComparison: Sendable {
  /// What is going on; on any thread, one at a time.
  public enum Event: Sendable {
    /// So many samples were judged, under all attacks.
    case accuracy(model: String, done: Int, total: Int)
    /// A method of Lipschitz bounds is at work.
    case bound(model: String, method: String, LipschitzEstimate.Progress?)
    /// So many samples have radii.
    case radii(model: String, done: Int, total: Int)
    /// Inference is being timed.
    case inference(model: String)
    /// So many regions were bounded.
    case difference(model: String, done: Int, total: Int)
  }

  /// What is asked of a model, in the order in which ``run(_:observe:)`` answers for all.
  enum Part: CaseIterable {
    case accuracy, bounds, radii, inference
  }

  /// The samples; `nil` leaves out everything that needs some.
  public let data: Dataset?
  /// What is measured.
  public let settings: Settings
  /// SHA-256 of ``data`` and ``settings``.
  public let question: String
  private let isCancelled: @Sendable () -> Bool

  /// A yardstick.
  ///
  /// - Parameters:
  ///   - data: the samples, images rather than vectors where some model takes images.
  ///   - settings: what is measured.
  ///   - isCancelled: asked often; when it says true what there is is returned.
  public init(data: Dataset?, settings: Settings = Settings(), isCancelled: @escaping @Sendable () -> Bool = { false }) {
    (self.data, self.settings, self.isCancelled) = (data, settings, isCancelled)
    var words = settings.words.map { "\($0.name): \($0.value)" }
    words += [String(reflecting: settings.attacks), String(reflecting: settings.estimators), Version.current, data?.digest ?? "none"]
    question = SHA256.digest(ofWords: words)
  }

  // MARK: - One model

  /// Everything about one model.
  ///
  /// - Returns: the measurement; `isComplete` is false when it was cancelled.
  /// - Throws: ``StudyError`` or `TrainingError` when the model cannot be lowered or does not fit the samples.
  public func measure(_ model: ComparedModel, observe: @escaping @Sendable (Event) -> Void = { _ in }) throws -> ModelMeasurement {
    var result = try sized(model)
    for part in Part.allCases where !isCancelled() { try measure(part, of: model, into: &result, observe) }
    result.isComplete = !isCancelled()
    return result
  }

  /// The sizes only.
  ///
  /// - Throws: ``StudyError`` when the model cannot be lowered.
  public func sized(_ model: ComparedModel) throws -> ModelMeasurement {
    let lowered = try model.naming { try model.network.lowered() }
    return ModelMeasurement(
      name: model.name, path: model.path, sha256: model.sha256, bytes: model.bytes, inputs: lowered.inputCount,
      outputs: lowered.outputCount, units: lowered.unitCount, size: NetworkSize(model.network), question: question)
  }

  private func measure(
    _ part: Part, of model: ComparedModel, into result: inout ModelMeasurement, _ observe: @escaping @Sendable (Event) -> Void
  ) throws {
    switch part {
    case .accuracy: try measureAccuracy(of: model, into: &result, observe)
    case .bounds: try measureBounds(of: model, into: &result, observe)
    case .radii: try measureRadii(of: model, into: &result, observe)
    case .inference:
      guard !settings.inferenceBatches.isEmpty else { return }
      observe(.inference(model: model.name))
      result.timings.inference = try model.naming {
        try InferenceTiming.measure(model.network, batches: settings.inferenceBatches, isCancelled: isCancelled)
      }
    }
  }

  private func measureAccuracy(
    of model: ComparedModel, into result: inout ModelMeasurement, _ observe: @escaping @Sendable (Event) -> Void
  ) throws {
    guard let data else { return }
    let (classifier, _) = try model.naming { try SavedClassifier.make(model.network, capacity: min(100, data.count)) }
    var evaluation = AccuracyEvaluation()
    evaluation.attacks = settings.attacks
    evaluation.seed = settings.seed
    evaluation.isCancelled = isCancelled
    let fitted: Dataset
    do {
      fitted = try data.fitted(to: classifier.input.shape)
    } catch {
      throw StudyError("\(model.path): \(error)")
    }
    let found = try evaluation.run(classifier, on: fitted) {
      observe(.accuracy(model: model.name, done: $0.count, total: $0.total))
    }
    result.accuracy = MeasuredAccuracy(found)
    result.timings.natural = found.naturalSeconds
    result.timings.attacks = found.attacks.map(\.seconds)
  }

  private func measureBounds(
    of model: ComparedModel, into result: inout ModelMeasurement, _ observe: @escaping @Sendable (Event) -> Void
  ) throws {
    guard !settings.methods.isEmpty else { return }
    let problem = try model.naming { try LipschitzProblem(model.network, inputNorm: settings.boundNorm) }
    var budget = budget
    budget.tolerance = settings.tolerance
    var observer = MethodRunner.Observer()
    observer.starts = { observe(.bound(model: model.name, method: $0, nil)) }
    observer.progresses = { observe(.bound(model: model.name, method: $0, $1)) }
    let runner = MethodRunner(
      problem: problem, budget: budget, timeLimit: settings.timeLimit.map { .each($0) } ?? .none, settings: settings.estimators,
      observer: observer)
    let outcomes = runner.run(settings.methods)
    result.boundNorm = settings.boundNorm
    result.bounds = outcomes.map(MeasuredBound.init)
    for outcome in outcomes { result.timings.bounds[outcome.estimate.method] = outcome.estimate.seconds }
  }

  private func measureRadii(
    of model: ComparedModel, into result: inout ModelMeasurement, _ observe: @escaping @Sendable (Event) -> Void
  ) throws {
    guard let data, settings.radiusCount > 0, !settings.radiusMethods.isEmpty || settings.radiusAttack != nil else { return }
    let classifier = try model.naming { try Classifier(model.network) }
    var choices = RadiusRun.Settings()
    choices.norm = settings.radiusNorm
    choices.domain = settings.domain
    choices.methods = RadiusMethods.named(settings.radiusMethods)
    choices.attack = settings.radiusAttack.flatMap { Attacks.named($0) }
    choices.tolerance = settings.radiusTolerance
    choices.timeLimit = settings.timeLimit
    choices.memoryLimit = settings.memoryLimit
    choices.seed = settings.seed
    choices.isCancelled = isCancelled
    let began = ContinuousClock.now
    let run = try RadiusRun(classifier, LabelledInputs(data.first(settings.radiusCount)), settings: choices)
    let records = try run.run(Array(0..<run.inputs.count)) { event in
      if case .finished(_, let done, let total) = event { observe(.radii(model: model.name, done: done, total: total)) }
    }
    result.radii = MeasuredRadii(
      norm: settings.radiusNorm, methods: choices.methods.map(\.name), attack: choices.attack?.name,
      samples: records.map(MeasuredRadii.Sample.init))
    result.timings.radii = began.duration(to: .now) / .seconds(1)
  }

  /// What a single proof may spend.
  private var budget: Budget {
    var budget = Budget()
    budget.timeLimit = settings.timeLimit
    budget.memoryLimit = settings.memoryLimit
    budget.seed = settings.seed
    budget.isCancelled = isCancelled
    return budget
  }

  // MARK: - Two models

  /// How far a model's outputs can be from those of a reference: around the first samples, or without samples on the box of all inputs.
  ///
  /// - Returns: the difference, with fewer regions when it was cancelled; `nil` when none was asked for or there is neither a sample nor a domain.
  /// - Throws: ``StudyError`` when the two do not fit each other.
  public func difference(
    of model: ComparedModel, from reference: ComparedModel, observe: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> ModelDifference? {
    guard settings.differenceCount > 0 else { return nil }
    let regions: [(sample: Int?, region: Region)]
    if let data {
      let inputs = try LabelledInputs(data.first(settings.differenceCount))
      regions = (0..<inputs.count).map {
        ($0, .around(inputs[$0], radius: settings.differenceRadius, norm: settings.differenceNorm, domain: settings.domain))
      }
    } else if let domain = settings.domain {
      let count = model.network.inputCount
      regions = [
        (
          nil,
          .box(lower: [Double](repeating: domain.lowerBound, count: count), upper: [Double](repeating: domain.upperBound, count: count))
        )
      ]
    } else {
      return nil
    }
    try requireFit([reference, model])
    let began = ContinuousClock.now
    let places = try places(regions, of: model, from: reference, observe)
    let isCut = data == nil || settings.differenceNorm == .lInfinity
    return ModelDifference(
      model: model.name, reference: reference.name, norm: data == nil ? .lInfinity : settings.differenceNorm,
      radius: data == nil ? nil : settings.differenceRadius, domain: isCut ? settings.domain : nil, places: places,
      seconds: began.duration(to: .now) / .seconds(1))
  }

  private func places(
    _ regions: [(sample: Int?, region: Region)], of model: ComparedModel, from reference: ComparedModel,
    _ observe: @escaping @Sendable (Event) -> Void
  ) throws -> [ModelDifference.Place] {
    let problem: DifferenceProblem
    do {
      problem = try model.naming { try DifferenceProblem(reference.network, model.network) }
    } catch let error as NotProved {
      return regions.map { ModelDifference.Place(sample: $0.sample, bound: nil, attained: nil, note: "\(error)") }
    }
    var places: [ModelDifference.Place] = []
    for (sample, region) in regions where !isCancelled() {
      var place = ModelDifference.Place(sample: sample, bound: nil, attained: nil)
      do {
        let bound = try problem.bound(on: region, budget: budget)
        (place.bound, place.method) = (bound.largest.isFinite ? bound.largest : nil, bound.method)
      } catch let error as NotProved {
        place.note = "\(error)"
      }
      guard !isCancelled() else { break }
      let found = try problem.attained(on: region, seed: settings.seed &+ UInt64(places.count)).difference
      place.attained = found.isFinite ? found : nil
      places.append(place)
      observe(.difference(model: model.name, done: places.count, total: regions.count))
    }
    return places
  }

  // MARK: - All of them

  /// Measures all models, part by part, and compares them with the first.
  ///
  /// - Throws: As ``measure(_:observe:)``; ``StudyError`` when models do not fit each other.
  public func run(
    _ models: [ComparedModel], observe: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> (models: [ModelMeasurement], differences: [ModelDifference]) {
    try requireFit(models)
    var results = try models.map(sized)
    for part in Part.allCases {
      for (index, model) in models.enumerated() where !isCancelled() { try measure(part, of: model, into: &results[index], observe) }
    }
    var differences: [ModelDifference] = []
    for model in models.dropFirst() where !isCancelled() {
      if let difference = try difference(of: model, from: models[0], observe: observe) { differences.append(difference) }
    }
    let isComplete = !isCancelled()
    for index in results.indices { results[index].isComplete = isComplete }
    return (results, differences)
  }

  /// A report on measurements by this yardstick.
  ///
  /// - Parameters:
  ///   - title: the heading.
  ///   - models: the measurements, the reference first.
  ///   - differences: of the others from it.
  ///   - path: where the samples were read.
  ///   - radii: where certified accuracies are stated; round numbers that suit the curves when empty.
  public func report(
    title: String, _ models: [ModelMeasurement], _ differences: [ModelDifference], path: String? = nil, radii: [Double] = []
  ) -> ModelComparisonReport {
    ModelComparisonReport(
      title: title, models: models, differences: differences,
      samples: data.map {
        .init(
          path: path ?? $0.name, name: $0.name, count: $0.count, classCount: $0.classCount, shape: "\($0.shape)", digest: $0.digest)
      }, radii: radii, settings: settings.words)
  }

  /// Requires as many inputs and outputs of each model as of the first.
  ///
  /// - Throws: ``StudyError``.
  private func requireFit(_ models: [ComparedModel]) throws {
    guard let first = models.first else { return }
    for model in models.dropFirst() {
      for (what, own, other) in [
        ("inputs", model.network.inputCount, first.network.inputCount), ("outputs", model.network.outputCount, first.network.outputCount),
      ] where own != other {
        throw StudyError("\(model.path): \(own) \(what), but \(first.path) has \(other)")
      }
    }
    if Set(models.map(\.name)).count < models.count { throw StudyError("two models have the same name") }
  }
}
