import Certificates
import Networks
import Synchronization

/// Certified bounds on the differences of a network's outputs, with their certificates: what a radius of one class against its rivals needs.
public struct PairwiseBounds: Sendable {
  /// Two outputs, the greater first.
  private struct Pair: Hashable {
    let greater: Int
    let less: Int

    init(_ i: Int, _ j: Int) { (greater, less) = (max(i, j), min(i, j)) }
  }

  /// The digest of the network (`NetworkDigest`).
  public let modelDigest: String
  /// The norm of the inputs.
  public let inputNorm: InputNorm
  /// The number of outputs.
  public let outputCount: Int
  private var certificates: [Pair: Certificate] = [:]

  /// The certified ones among the results of a ``TargetEstimator``.
  public init(_ results: [TargetEstimator.Result], of problem: LipschitzProblem) {
    modelDigest = problem.digest ?? NetworkDigest.sha256(of: problem.lowered)
    inputNorm = problem.inputNorm
    outputCount = problem.lowered.outputCount
    for result in results where result.estimate.isCertified {
      if let certificate = result.estimate.certificate { enter(certificate) }
    }
  }

  /// Bounds from certificates of unknown origin, such as a folder of files: each is proved anew.
  ///
  /// - Throws: `NotProved` when one does not prove its statement about this network, is in another norm, or is not about a pair.
  public init(checking certificates: [Certificate], of network: LoweredNetwork, inputNorm: InputNorm) throws {
    modelDigest = NetworkDigest.sha256(of: network)
    self.inputNorm = inputNorm
    outputCount = network.outputCount
    for certificate in certificates {
      guard certificate.statement.inputNorm == inputNorm else { throw NotProved("a certificate is in another norm") }
      guard case .difference = certificate.statement.output else { throw NotProved("a certificate is not about a pair of outputs") }
      try CertificateChecker.check(certificate, of: network)
      enter(certificate)
    }
  }

  private mutating func enter(_ certificate: Certificate) {
    guard case .difference(let i, let j) = certificate.statement.output else { return }
    let pair = Pair(i, j)
    guard certificate.statement.bound < certificates[pair]?.statement.bound ?? .infinity else { return }
    certificates[pair] = certificate
  }

  /// A proved bound L with |(f_i − f_j)(x) − (f_i − f_j)(x′)| ≤ L |x − x′|; 0 for i = j, `nil` when the pair was not bounded.
  public func bound(_ i: Int, _ j: Int) -> Double? { i == j ? 0 : certificates[Pair(i, j)]?.statement.bound }

  /// The certificate of a pair; its statement may name the outputs in either order.
  public func certificate(_ i: Int, _ j: Int) -> Certificate? { certificates[Pair(i, j)] }

  /// Whether every two outputs are bounded.
  public var isComplete: Bool { certificates.count == outputCount * (outputCount - 1) / 2 }
}

/// Pairwise bounds of networks, each computed once.
public final class PairwiseBoundsCache: Sendable {
  private struct Key: Hashable {
    let digest: String
    let norm: InputNorm
    let tolerance: Double
  }

  private let kept = Mutex<[Key: PairwiseBounds]>([:])

  /// An empty cache.
  public init() {}

  /// The bounds of all pairs of outputs, from the cache if the same network, norm and tolerance were asked for and all pairs were bounded.
  ///
  /// - Throws: As ``TargetEstimator/estimate(_:targets:budget:progress:)``.
  public func bounds(
    of problem: LipschitzProblem, budget: Budget = Budget(), estimator: TargetEstimator = TargetEstimator()
  ) throws -> PairwiseBounds {
    let problem = problem.withDigest()
    let key = Key(digest: problem.digest ?? "", norm: problem.inputNorm, tolerance: budget.tolerance)
    if let known = kept.withLock({ $0[key] }) { return known }
    let targets = try TargetSet.pairs.selections(outputCount: problem.lowered.outputCount)
    let bounds = PairwiseBounds(try estimator.estimate(problem, targets: targets, budget: budget), of: problem)
    if bounds.isComplete { kept.withLock { $0[key] = bounds } }
    return bounds
  }
}
