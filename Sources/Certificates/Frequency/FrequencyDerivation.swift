import LinearAlgebra
import Networks

/// The data of a proof by frequencies: a multiplier for each channel of the convolutional part and what is needed behind it.
///
/// Nothing here is trusted; see the article on the frequency proof.
public struct FrequencyDerivation: Codable, Sendable, Equatable {
  /// The squared bound.
  public var rho: Double
  /// For each activation node of the convolutional part one multiplier for each channel.
  public var channelMultipliers: [[Double]]
  /// For each activation node behind it one multiplier for each unit.
  public var unitMultipliers: [[Double]]
  /// The gain per pixel between the two, row by row; empty when nothing follows.
  public var boundaryGain: [Double]
  /// Rows and columns of the torus, in coarse steps; empty for a proof of all frequencies, which holds for images of any size.
  public var torus: [Int]

  /// Collects the parts. Nothing is proved.
  public init(rho: Double, channelMultipliers: [[Double]], unitMultipliers: [[Double]], boundaryGain: Matrix<Double>?, torus: [Int]) {
    self.rho = rho
    self.channelMultipliers = channelMultipliers
    self.unitMultipliers = unitMultipliers
    self.boundaryGain = boundaryGain?.elements ?? []
    self.torus = torus
  }

  /// The most frequencies of a torus that are proved one by one.
  static let largestTorus = 1 << 20

  /// Proves the bound √ρ for the network's selected outputs in the l₂ norm, and returns it, rounded up.
  ///
  /// - Throws: ``NotProved``.
  func prove(_ network: LoweredNetwork, statement: Statement, memoryLimit: Int, isCancelled: () -> Bool) throws -> Double {
    guard statement.inputNorm == .l2 else { throw NotProved("frequencies prove bounds for the l2 norm only") }
    guard rho > 0, rho.isFinite else { throw NotProved("ρ must be positive and finite") }
    try FloatingPointEnvironment.requireStandard()
    let part = try ConvolutionalPart(network.selecting(statement.output))
    var gain: Matrix<Double>?
    try part.requireMemory(memoryLimit)
    if let tail = part.tail {
      try CostEstimate(of: tail).require(memoryLimit: memoryLimit)
      let channels = part.nodes[part.nodes.count - 1].map.channels
      guard boundaryGain.count == channels * channels else { throw NotProved("the gain at the boundary must be of order \(channels)") }
      let own = Matrix(rows: channels, columns: channels, elements: boundaryGain)
      try TailProof(part: part, multipliers: unitMultipliers, isCancelled: isCancelled).prove(boundaryGain: own, isCancelled: isCancelled)
      gain = own
    } else {
      guard boundaryGain.isEmpty, unitMultipliers.isEmpty else { throw NotProved("nothing follows the convolutional part") }
    }
    if torus.isEmpty {
      // Few bits, so that products with the factors of the cells are exact.
      let short = channelMultipliers.map { $0.map(FrequencyCells.shortened) }
      let proof = try FrequencyProof(part: part, multipliers: short, boundaryGain: gain, startingAtZero: true)
      try FrequencyCells.prove(proof, rho: rho, isCancelled: isCancelled)
    } else {
      guard torus.count == 2, torus[0] >= part.leastRows, torus[1] >= part.leastColumns else {
        throw NotProved("the torus is too small: it needs \(part.leastRows) × \(part.leastColumns) coarse steps")
      }
      guard torus[0] <= 1 << 15, torus[1] <= 1 << 15, torus[0] * torus[1] <= Self.largestTorus else {
        throw NotProved("the torus is too large")
      }
      let proof = try FrequencyProof(part: part, multipliers: channelMultipliers, boundaryGain: gain)
      let frequencies = Frequency.torus(rows: torus[0], columns: torus[1])
      // In portions, so that a false claim fails soon.
      let portion = 256
      for first in stride(from: 0, to: frequencies.count, by: portion) {
        let own = Array(frequencies[first..<min(first + portion, frequencies.count)])
        for (frequency, failure) in zip(own, try proof.attempt(rho: rho, at: own, isCancelled: isCancelled)) {
          guard let failure else { continue }
          throw NotProved(
            "at frequency (\(frequency.row)/\(frequency.rowCount), \(frequency.column)/\(frequency.columnCount)): \(failure)")
        }
      }
    }
    return ErrorBounds.sqrtUp(rho)
  }

  func digest(into sha: inout SHA256) {
    sha.update([rho])
    for lists in [channelMultipliers, unitMultipliers] { sha.update(lists: lists) }
    sha.update(list: boundaryGain)
    sha.update(integer: torus.count)
    for size in torus { sha.update(integer: size) }
  }
}

extension ConvolutionalPart {
  /// Refuses proofs that would take more memory: on every thread the gain at one frequency, with all nodes live at most, and its elimination.
  ///
  /// - Throws: ``NotProved``.
  fileprivate func requireMemory(_ limit: Int) throws {
    let order = nodes.indices.reduce(0.0) { $0 + Double(self.order(of: $1)) }
    let bytes = 16 * order * order * Double(Threads.count)
    guard bytes <= Double(limit) else { throw NotProved("the proof needs \(Int(min(bytes, 0x1p60)) >> 20) MiB of memory") }
  }
}
