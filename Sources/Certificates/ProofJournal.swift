import Networks

/// How far a proof has come.
public struct ProofProgress: Sendable, Codable, Equatable {
  /// Activation nodes that are done.
  public var stage: Int
  /// Activation nodes.
  public var stages: Int
  /// The part of the multiplications that is done, from 0 to 1; within a stage by the time it has taken.
  public var fraction: Double
  /// Seconds that remain, about, at the pace so far; `nil` when nothing is known yet.
  public var remaining: Double?
}

/// What accompanies a long proof: a folder for what it has reached, and somebody who wants to know.
///
/// After each activation node the gain and the multipliers so far are stored. A proof of the same network and multipliers, or the same rule
/// for them, then goes on from there and ends with the same numbers.
public struct ProofJournal {
  /// Where to store, or `nil`.
  public var folder: WorkFolder?
  /// The file's name in it.
  public var name: String
  /// The digest of what chooses the multipliers.
  public var rule: String
  /// Told about the progress on the calling thread, some ten times a second at most.
  public var report: ((ProofProgress) -> Void)?

  /// A journal.
  public init(folder: WorkFolder? = nil, name: String = "proof", rule: String = "", report: ((ProofProgress) -> Void)? = nil) {
    self.folder = folder
    self.name = name
    self.rule = rule
    self.report = report
  }

  /// The digest of numbers that a rule rests on.
  public static func digest(_ lists: [[Double]]) -> String {
    var sha = SHA256()
    for list in lists { sha.update(list: list) }
    return sha.finish()
  }
}

/// What a proof has reached: the gain before some node, and the multipliers of the activation nodes behind it.
struct ProofState {
  /// The node that comes next, going backwards.
  var next: Int
  /// One list for each activation node, empty for those to come.
  var multipliers: [[Double]]
  var value: ValueFunction

  init(next: Int, multipliers: [[Double]], value: ValueFunction) {
    self.next = next
    self.multipliers = multipliers
    self.value = value
  }

  /// The lists to be stored.
  var lists: [[Double]] {
    let gain = value.gain
    let nodes = gain.nodes
    let head =
      [Double(next), Double(multipliers.count), Double(nodes.count)] + nodes.flatMap { [Double($0), Double(gain.counts[$0] ?? 0)] }
    let diagonal = nodes.map { gain.diagonal[$0]?.elements ?? [] }
    let couplings = Self.pairs(nodes).map { gain.coupling[$0]?.elements ?? [] }
    return [head] + multipliers + diagonal + couplings
  }

  /// Reads stored lists; `nil` when they do not fit the network.
  init?(_ lists: [[Double]], network: LoweredNetwork) {
    var rest = lists[...]
    guard let head = rest.popFirst(), head.count >= 3, head.allSatisfy({ $0 >= 0 && $0 < 0x1p40 && $0 == $0.rounded() }) else { return nil }
    let numbers = head.map { Int($0) }
    let (activations, live) = (network.activationNodes, numbers[2])
    guard numbers[0] < network.nodes.count, numbers[1] == activations.count, live <= network.nodes.count, numbers.count == 3 + 2 * live,
      rest.count == activations.count + live + live * (live - 1) / 2
    else { return nil }
    next = numbers[0]
    multipliers = []
    for index in activations {
      guard let list = rest.popFirst(), list.count == (index > next ? network.nodes[index].count : 0) else { return nil }
      multipliers.append(list)
    }
    var gain = GainBlocks()
    let nodes = (0..<live).map { numbers[3 + 2 * $0] }
    guard zip(nodes, nodes.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    for (position, node) in nodes.enumerated() {
      let count = numbers[4 + 2 * position]
      guard node <= next, network.nodes[node].count == count, let elements = rest.popFirst(),
        elements.count == PanelMatrix.count(count, count, .lower)
      else { return nil }
      gain.add(node, count: count)
      gain.diagonal[node] = PanelMatrix(rows: count, columns: count, shape: .lower, elements: elements)
    }
    for pair in Self.pairs(nodes) {
      guard let rows = gain.counts[pair.row], let columns = gain.counts[pair.column], let elements = rest.popFirst(),
        elements.count == rows * columns
      else { return nil }
      gain.coupling[pair] = PanelMatrix(rows: rows, columns: columns, shape: .full, elements: elements)
    }
    value = ValueFunction(gain: gain)
  }

  private static func pairs(_ nodes: [Int]) -> [GainBlocks.Pair] {
    nodes.flatMap { column in nodes.filter { $0 < column }.map { GainBlocks.Pair(row: $0, column: column) } }
  }
}

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
