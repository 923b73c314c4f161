import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks
import Synchronization

/// Radii of many inputs of one network: methods and an attack on each, inputs in parallel.
public struct RadiusRun: Sendable {
  /// What is computed.
  public struct Settings: Sendable {
    /// The norm of all distances: l₂ or l_∞.
    public var norm: InputNorm
    /// The values that an input can have at all, or `nil` for any.
    public var domain: ClosedRange<Double>?
    /// The methods, in the order of tables.
    public var methods: [any RadiusMethod]
    /// The attack, or `nil` for none.
    public var attack: (any Attack)?
    /// Whether records keep the adversarial inputs.
    public var keepsAdversaries = false
    /// Where the certificates of radii are kept, for methods that make them; `nil` keeps none.
    public var certificates: CertificateFolder?
    /// Whether methods are not told what the attack found: slower, but then that no radius reaches an attacked one says something.
    public var isIndependent = false
    /// The relative precision of radii.
    public var tolerance = 1e-2
    /// Seconds for each method, and for the attack, on each input.
    public var timeLimit: Double?
    /// Bytes of memory a proof may take.
    public var memoryLimit = Budget().memoryLimit
    /// The seed of random choices.
    public var seed: UInt64 = 0
    /// Asked often; when it says true the run ends with the records there are.
    public var isCancelled: @Sendable () -> Bool = { false }

    /// Methods and an attack, none unless given; the other settings have their defaults.
    public init(norm: InputNorm = .l2, methods: [any RadiusMethod] = [], attack: (any Attack)? = nil) {
      (self.norm, self.methods, self.attack) = (norm, methods, attack)
    }
  }

  /// What happens, for progress lines; on any thread, one at a time.
  public enum Event: Sendable {
    /// A method does what all inputs share.
    case preparing(method: String, done: Int, total: Int)
    /// It is done; a remark for people.
    case prepared(method: String, note: String?)
    /// A record is there: the number of those of this run so far, of how many.
    case finished(RadiusRecord, done: Int, total: Int)
  }

  /// The network.
  public let classifier: Classifier
  /// The inputs.
  public let inputs: LabelledInputs
  /// What is computed.
  public let settings: Settings

  /// A run.
  ///
  /// - Throws: ``RobustnessError`` when the inputs do not fit the network, or for the norm l₁.
  public init(_ classifier: Classifier, _ inputs: LabelledInputs, settings: Settings) throws {
    let width = classifier.lowered.inputCount
    guard inputs.inputs.columns == width else { throw RobustnessError.wrongInputLength(expected: width, found: inputs.inputs.columns) }
    guard settings.norm != .l1 else { throw RobustnessError.unsupportedNorm("l1") }
    if let label = inputs.labels?.first(where: { !(0..<classifier.classCount).contains($0) }) {
      throw RobustnessError.wrongLabel(label, classCount: classifier.classCount)
    }
    self.classifier = classifier
    self.inputs = inputs
    self.settings = settings
  }

  /// What the records are about.
  public var header: RadiusRunHeader {
    var sha = SHA256()
    for length in inputs.shape { sha.update(UInt64(length)) }
    sha.update(inputs.inputs.elements)
    for label in inputs.labels ?? [] { sha.update(UInt64(bitPattern: Int64(label))) }
    return RadiusRunHeader(
      model: classifier.digest, inputs: sha.finish(), inputCount: inputs.count, isSelfLabelled: inputs.labels == nil, norm: settings.norm,
      domain: settings.domain, methods: settings.methods.map(\.name), attack: settings.attack?.name, isIndependent: settings.isIndependent,
      tolerance: settings.tolerance, timeLimit: settings.timeLimit, seed: settings.seed)
  }

  /// Computes the records of some inputs.
  ///
  /// - Parameters:
  ///   - indices: the inputs, which are taken in this order; all of them unless given.
  ///   - observe: told what happens.
  ///   - keep: given every record as it is complete, one at a time, from any thread; an error it throws ends the run.
  /// - Returns: the records, in the order of `indices`; fewer when the run was cancelled.
  /// - Throws: what `keep` throws, or what the shared work of a method fails with.
  public func run(
    _ indices: [Int]? = nil, observe: @escaping @Sendable (Event) -> Void = { _ in },
    keep: @escaping @Sendable (RadiusRecord) throws -> Void = { _ in }
  ) throws -> [RadiusRecord] {
    let indices = indices ?? Array(0..<inputs.count)
    guard !indices.isEmpty else { return [] }
    let outputs = outputs(of: indices)
    if indices.indices.contains(where: { blank(indices[$0], output: outputs.row($0)).isCorrect }) { try prepare(observe) }

    struct State {
      var records: [(position: Int, record: RadiusRecord)] = []
      var failure: (any Error)?
    }
    let state = Mutex(State())
    let hasFailed = Atomic<Bool>(false)
    ParallelFor.run(indices.count) { position in
      guard !settings.isCancelled(), !hasFailed.load(ordering: .relaxed) else { return }
      let record = record(indices[position], output: outputs.row(position))
      // What was cut short is not a result.
      guard !settings.isCancelled() else { return }
      state.withLock { state in
        guard state.failure == nil else { return }
        do {
          try keep(record)
          state.records.append((position, record))
          observe(.finished(record, done: state.records.count, total: indices.count))
        } catch {
          state.failure = error
          hasFailed.store(true, ordering: .relaxed)
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.records.sorted { $0.position < $1.position }.map(\.record)
    }
  }

  // MARK: - Parts of a run

  private func prepare(_ observe: @escaping @Sendable (Event) -> Void) throws {
    for method in settings.methods {
      guard let shared = method as? any SharedRadiusMethod, !settings.isCancelled() else { continue }
      let name = method.name
      let note = try shared.prepare(classifier, norm: settings.norm, budget: budget(for: 0)) { done, total in
        observe(.preparing(method: name, done: done, total: total))
      }
      observe(.prepared(method: name, note: note))
    }
  }

  /// The network's outputs for some inputs, in batches.
  private func outputs(of indices: [Int]) -> Matrix<Double> {
    let (width, height) = (inputs.inputs.columns, classifier.lowered.outputCount)
    let size = 128
    let batches = Mutex([Int: [Double]]())
    ParallelFor.run((indices.count + size - 1) / size) { batch in
      let rows = indices[batch * size..<min(indices.count, (batch + 1) * size)]
      let points = Matrix(rows: rows.count, columns: width, elements: rows.flatMap { inputs[$0] })
      let values = classifier.evaluator.forward(points).elements
      batches.withLock { $0[batch] = values }
    }
    let elements = batches.withLock { batches in batches.keys.sorted().flatMap { batches[$0] ?? [] } }
    return Matrix(rows: indices.count, columns: height, elements: elements)
  }

  private func budget(for index: Int) -> Budget {
    var budget = Budget()
    budget.tolerance = settings.tolerance
    budget.timeLimit = settings.timeLimit
    budget.memoryLimit = settings.memoryLimit
    // Every input has random numbers of its own, whatever thread it comes to.
    budget.seed = settings.seed &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15
    budget.isCancelled = settings.isCancelled
    return budget
  }

  /// The record of an input before anything was tried on it.
  private func blank(_ index: Int, output y: [Double]) -> RadiusRecord {
    let scores = y.count > 1 ? y : [-(y.first ?? 0), y.first ?? 0]
    let answer = scores.indices.max { scores[$0] < scores[$1] } ?? 0
    let label = inputs.labels?[index] ?? answer
    // For a single output its own magnitude is the margin, as in `Classifier.marginRows(_:)`.
    let margins = y.count > 1 ? scores.indices.filter { $0 != label }.map { scores[label] - scores[$0] } : [scores[label]]
    let isNumber = scores.allSatisfy { !$0.isNaN }
    let margin = isNumber ? margins.min() ?? 0 : -.infinity
    let largest = Double.greatestFiniteMagnitude
    return RadiusRecord(
      index: index, label: label, answer: answer, margin: margin.isNaN ? -largest : min(max(margin, -largest), largest), norm: settings.norm
    )
  }

  private func record(_ index: Int, output: [Double]) -> RadiusRecord {
    var record = blank(index, output: output)
    guard record.isCorrect else { return record }
    let problem: RadiusProblem
    do {
      problem = try RadiusProblem(
        classifier, input: inputs[index], label: record.label, norm: settings.norm, domain: settings.domain)
    } catch {
      record.certified = settings.methods.map { .init(method: $0.name, radius: 0, seconds: 0, note: "\(error)") }
      return record
    }
    let budget = budget(for: index)
    if let attack = settings.attack { record.attack = attacked(problem, attack, budget) }
    let ceiling = settings.isIndependent ? nil : record.attack?.radius
    for method in settings.methods where !settings.isCancelled() {
      record.certified.append(certified(index, problem, method, ceiling, budget))
    }
    return record
  }

  private func attacked(_ problem: RadiusProblem, _ attack: any Attack, _ budget: Budget) -> RadiusRecord.Attacked {
    let clock = budget.start()
    do {
      guard let found = try attack.search(problem, budget: budget), found.distance.isFinite else {
        return .init(attack: attack.name, seconds: clock.seconds)
      }
      return .init(
        attack: attack.name, finder: found.attack == attack.name ? nil : found.attack, radius: found.distance, rival: found.rival,
        seconds: clock.seconds, input: settings.keepsAdversaries ? found.input : nil)
    } catch {
      return .init(attack: attack.name, seconds: clock.seconds, note: "\(error)")
    }
  }

  private func certified(
    _ index: Int, _ problem: RadiusProblem, _ method: any RadiusMethod, _ ceiling: Double?, _ budget: Budget
  ) -> RadiusRecord.Certified {
    let clock = budget.start()
    do {
      let estimate = try method.radius(of: problem, ceiling: ceiling, budget: budget)
      // What is not a number proves nothing; JSON knows no infinity.
      let radius = estimate.radius > 0 ? min(estimate.radius, .greatestFiniteMagnitude) : 0
      var result = RadiusRecord.Certified(
        method: method.name, radius: radius, isExact: estimate.isExact, seconds: clock.seconds, note: estimate.note)
      if let folder = settings.certificates, let certificate = estimate.certificate, radius > 0 {
        do {
          result.certificate = try folder.keep(certificate, input: index, method: method.name)
        } catch {
          result.note = "its certificate is not kept: \(error)"
        }
      }
      return result
    } catch {
      return .init(method: method.name, radius: 0, seconds: clock.seconds, note: "\(error)")
    }
  }
}
