import Certificates
import LinearAlgebra
import Lipschitz
import Networks
import Synchronization

/// Radii from Lipschitz constants over all inputs: r = minⱼ mⱼ(x₀) / Lⱼ for the margins mⱼ over the rivals j.
///
/// |mⱼ(x) − mⱼ(x₀)| ≤ Lⱼ |x − x₀|, so no margin reaches zero within r. The constants of all pairs are certified once for a network and a norm;
/// an input then costs an enclosure of its outputs. Tsuzuku, Sato, Sugiyama: Lipschitz-margin training, NeurIPS 2018, arXiv 1802.04034, with
/// a constant for each pair in place of √2 times one for all outputs.
public final class GlobalRadius: SharedRadiusMethod {
  private struct Key: Hashable {
    let digest: String
    let norm: InputNorm
  }

  /// `global`.
  public let name = "global"
  private let folder: CertificateFolder?
  private let tolerance: Double
  private let kept = Mutex<[Key: GlobalConstants]>([:])

  /// The method.
  ///
  /// - Parameters:
  ///   - folder: where the certificates of the constants are kept between runs, or `nil`.
  ///   - tolerance: the relative gap of the constants, and so what radii can gain from more work on them.
  public init(folder: CertificateFolder? = nil, tolerance: Double = 1e-2) {
    self.folder = folder
    self.tolerance = tolerance
  }

  /// Bounds all pairs, if that has not been done.
  ///
  /// - Throws: `NetworkError`, or `FileWriteError` when certificates cannot be kept.
  public func prepare(
    _ classifier: Classifier, norm: InputNorm, budget: Budget, progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void
  ) throws -> String? {
    let constants = try constants(of: classifier, norm: norm, budget: budget, progress: progress)
    let words = constants.sources.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key.rawValue)" }
    return "constants of pairs of classes: " + (words.isEmpty ? "none" : words.joined(separator: ", "))
  }

  /// The certified constants, computed once for each network and norm.
  ///
  /// - Throws: As ``prepare(_:norm:budget:progress:)``.
  public func constants(
    of classifier: Classifier, norm: InputNorm, budget: Budget = Budget(),
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> GlobalConstants {
    let key = Key(digest: classifier.digest, norm: norm)
    if let known = kept.withLock({ $0[key] }) { return known }
    var own = budget
    own.tolerance = tolerance
    own.timeLimit = nil
    let constants = try GlobalConstants(classifier, norm: norm, budget: own, folder: folder, progress: progress)
    if !budget.isCancelled() { kept.withLock { $0[key] = constants } }
    return constants
  }

  /// The radius of one input.
  public func radius(of problem: RadiusProblem, ceiling: Double?, budget: Budget) throws -> RadiusEstimate {
    let constants = try constants(of: problem.classifier, norm: problem.norm, budget: budget)
    let clock = budget.start()
    let rows = problem.classifier.marginRows(problem.label)
    let margins = try MarginEnclosure(of: rows, at: problem.input, in: problem.classifier.propagation()).lower
    let rivals = problem.classifier.rivals(of: problem.label)
    var radius = Double.greatestFiniteMagnitude
    var note: String?
    for (margin, rival) in zip(margins, rivals) {
      guard margin > 0 else {
        radius = 0
        note = "the margin at the input itself is not proved to be positive"
        continue
      }
      guard let constant = constants.constant(problem.label, rival) else {
        throw NotProved("the margin of class \(problem.label) over \(rival) has no certified constant")
      }
      if constant > 0 { radius = min(radius, ErrorBounds.divideDown(margin, constant)) }
    }
    return RadiusEstimate(method: name, radius: max(0, radius), seconds: clock.seconds, note: note)
  }
}
