import Networks

/// Reports progress between the questions whether to give up.
final class ProgressMeter {
  private let costs: [Double]
  private let stages: Int
  private let report: ((ProofProgress) -> Void)?
  private let began = ContinuousClock.now
  private var doneBefore = 0.0
  private var done = 0.0
  private var current = 0.0
  private var stage = 0
  private var currentBegan = ContinuousClock.now
  private var lastReport: ContinuousClock.Instant?

  init(_ network: LoweredNetwork, resumedAt next: Int, report: ((ProofProgress) -> Void)?) {
    self.report = report
    costs = report == nil ? [] : CostEstimate(of: network).nodeMultiplications
    stages = network.activationNodes.count
    stage = network.activationNodes.count { $0 > next }
    doneBefore = costs.indices.filter { $0 > next }.reduce(0) { $0 + costs[$1] }
    done = doneBefore
  }

  /// A node's turn begins.
  func begin(_ index: Int) {
    guard report != nil else { return }
    done += current
    current = costs[index]
    currentBegan = .now
  }

  /// An activation node is done.
  func finishStage() { stage += 1 }

  /// Reports, if the last report is a while ago.
  func tick() {
    guard let report else { return }
    let now = ContinuousClock.now
    if let lastReport, lastReport.duration(to: now) < .milliseconds(100) { return }
    lastReport = now
    let total = costs.reduce(0, +)
    let before = began.duration(to: currentBegan) / .seconds(1)
    let pace = before > 0.5 && done > doneBefore ? (done - doneBefore) / before : nil
    let inside = min(0.99 * current, (pace ?? 0) * (currentBegan.duration(to: now) / .seconds(1)))
    let fraction = total > 0 ? min(1, (done + inside) / total) : 1
    report(
      ProofProgress(stage: stage, stages: stages, fraction: fraction, remaining: pace.map { max(0, (total - done - inside) / $0) }))
  }
}
