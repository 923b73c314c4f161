import Certificates
import LinearAlgebra
import Lipschitz
import Networks

/// Certified Lipschitz constants, over all inputs, of the margins of a classifier: one for every two classes.
public struct GlobalConstants: Sendable {
  /// How a constant was found, for people.
  public enum Source: String, Sendable {
    /// By the lifted solver, in the norm asked for.
    case lifted
    /// From a certificate on disk, checked anew.
    case stored
    /// From the constant in l₂: |x|₂ ≤ √n |x|_∞.
    case euclidean
    /// By the product of the layers' norms.
    case product
  }

  /// `NetworkDigest` of the network.
  public let modelDigest: String
  /// The norm of the inputs.
  public let norm: InputNorm
  /// The number of classes.
  public let classCount: Int
  /// Whether the sign of a single output decides between two classes.
  private let hasOneOutput: Bool
  private var constants: [Int: (value: Double, source: Source)] = [:]

  /// L with |m(x) − m(x′)| ≤ L |x − x′| for the margin m of one class over another, rounded up; `nil` when none was certified.
  public func constant(_ label: Int, _ rival: Int) -> Double? { constants[key(label, rival)]?.value }

  /// The number of pairs from each source.
  public var sources: [Source: Int] { Dictionary(constants.values.map { ($0.source, 1) }, uniquingKeysWith: +) }

  /// Whether every two classes have a constant.
  public var isComplete: Bool { constants.count == classCount * (classCount - 1) / 2 }

  private func key(_ i: Int, _ j: Int) -> Int { max(i, j) * classCount + min(i, j) }

  /// Bounds all pairs, each from the best source that there is.
  ///
  /// Certificates in the folder are proved anew and used, whatever their gap; what is missing is bounded by the lifted solver and stored
  /// there. In l_∞ a constant that the solver did not bring to the tolerance competes with √n times the one in l₂. Pairs without certificate
  /// get the product of norms.
  ///
  /// - Parameters:
  ///   - classifier: the network.
  ///   - norm: l₂ or l_∞.
  ///   - budget: `tolerance` is the relative gap of each constant, the time limit that of all together.
  ///   - folder: where certificates are kept, or `nil`.
  ///   - progress: told how many of how many pairs are done, from any thread.
  /// - Throws: `NetworkError`.
  public init(
    _ classifier: Classifier, norm: InputNorm, budget: Budget = Budget(), folder: CertificateFolder? = nil,
    progress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    modelDigest = classifier.digest
    self.norm = norm
    classCount = classifier.classCount
    hasOneOutput = classifier.lowered.outputCount == 1
    let targets = hasOneOutput ? [.output(0)] : try TargetSet.pairs.selections(outputCount: classCount)
    let problem = try LipschitzProblem(lowered: classifier.lowered, inputNorm: norm)

    for certificate in folder?.certificates(of: classifier, norm: norm) ?? [] {
      enter(certificate.statement.output, certificate.statement.bound, .stored)
    }
    var loose: [OutputSelection] = []
    let missing = targets.filter { self[$0] == nil }
    if !missing.isEmpty {
      let done = targets.count - missing.count
      let results = try TargetEstimator().estimate(problem, targets: missing, budget: budget) { count, _ in
        progress(done + count, targets.count)
      }
      for result in results {
        guard result.estimate.isCertified, let certificate = result.estimate.certificate else { continue }
        enter(result.target, certificate.statement.bound, .lifted)
        if [.timeLimit, .cancelled].contains(result.estimate.stopReason) {
          loose.append(result.target)
        } else {
          try folder?.keep(certificate)
        }
      }
    }
    loose += targets.filter { self[$0] == nil }
    if norm == .lInfinity, !loose.isEmpty, !budget.isCancelled() {
      let euclidean = try GlobalConstants(classifier, norm: .l2, budget: budget, folder: folder, progress: progress)
      let factor = ErrorBounds.sqrtUp(Double(classifier.lowered.inputCount))
      for target in loose {
        guard let bound = euclidean[target] else { continue }
        enter(target, ErrorBounds.multiplyUp(factor, bound), .euclidean)
      }
    } else if !loose.isEmpty, !budget.isCancelled() {
      for result in try TargetEstimator(method: ProductEstimator()).estimate(problem, targets: loose, budget: budget) {
        guard result.estimate.isCertified, let bound = result.estimate.upper else { continue }
        enter(result.target, bound, .product)
      }
    }
  }

  private subscript(_ target: OutputSelection) -> Double? {
    switch target {
    case .all: nil
    case .output: hasOneOutput ? constant(1, 0) : nil
    case .difference(let i, let j): constant(i, j)
    }
  }

  private mutating func enter(_ target: OutputSelection, _ bound: Double, _ source: Source) {
    let key: Int
    switch target {
    case .all: return
    case .output:
      // Of several outputs, one by itself is no margin.
      guard hasOneOutput else { return }
      key = self.key(1, 0)
    case .difference(let i, let j): key = self.key(i, j)
    }
    // What is not a number bounds nothing.
    guard bound >= 0, bound < constants[key]?.value ?? .infinity else { return }
    constants[key] = (bound, source)
  }
}
