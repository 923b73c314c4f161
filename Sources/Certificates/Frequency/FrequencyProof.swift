import Foundation
import LinearAlgebra
import Networks

/// The backward recursion of a convolutional part, one frequency at a time.
///
/// With one multiplier for each channel the quadratic form of the proof commutes with translations, so it splits into one Hermitian form for
/// each frequency, which is proved like the form of a small network of complex matrices; see the article on the frequency proof.
public struct FrequencyProof: Sendable {
  /// The network's convolutional part.
  public let part: ConvolutionalPart
  /// For each of its activation nodes one multiplier for each channel.
  public let multipliers: [[Double]]
  /// G with |dy|² ≤ Σ over pixels dz′G dz for the boundary z, channels × channels; `nil` when the boundary is the output.
  public let boundaryGain: Matrix<Double>?

  private let sectors: [UnitSectors]

  /// A recursion with given multipliers and gain, neither trusted nor proved yet.
  ///
  /// - Parameters:
  ///   - part: the convolutional part.
  ///   - multipliers: for each activation node of it, in order, one t ≥ 0 for each channel.
  ///   - boundaryGain: G, as ``TailProof`` proves it.
  ///   - startingAtZero: whether the sectors are widened to begin at 0, as ``FrequencyCells`` needs them.
  /// - Throws: ``NotProved`` when the data do not fit the network, or when matrices of its orders would not fit into the machine's memory.
  public init(part: ConvolutionalPart, multipliers: [[Double]], boundaryGain: Matrix<Double>?, startingAtZero: Bool = false) throws {
    let activations = part.activationNodes
    guard multipliers.count == activations.count else {
      throw NotProved("there are \(activations.count) convolutional activations, but multipliers for \(multipliers.count)")
    }
    for (index, own) in zip(activations, multipliers) {
      guard own.count == part.nodes[index].map.channels, own.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
        throw NotProved("'\(part.nodes[index].name)' needs one finite, non-negative multiplier for each channel")
      }
    }
    let channels = part.nodes[part.nodes.count - 1].map.channels
    if let boundaryGain {
      guard boundaryGain.rows == channels, boundaryGain.columns == channels, boundaryGain.elements.allSatisfy(\.isFinite) else {
        throw NotProved("the gain at the boundary must be a finite matrix of order \(channels)")
      }
    }
    guard (boundaryGain == nil) == (part.tail == nil) else { throw NotProved("a gain at the boundary goes with a network behind it") }
    // A few matrices over a node's coordinates and their sources', on every thread.
    let order = Double(part.nodes.indices.map { part.order(of: $0) }.max() ?? 0)
    guard 64 * order * order * Double(Threads.count) <= Double(ProcessInfo.processInfo.physicalMemory) else {
      throw NotProved("matrices of order \(Int(order)) at every frequency do not fit into memory")
    }
    self.part = part
    self.multipliers = multipliers
    self.boundaryGain = boundaryGain
    sectors = try activations.map { index in
      let own = part.sectors(of: index)
      guard startingAtZero else { return own }
      guard own.lower.allSatisfy({ $0 >= 0 }) else {
        throw NotProved("'\(part.nodes[index].name)' has negative slopes: the proof for all frequencies does not cover them")
      }
      // The factor of the cells multiplies what activations give, and does so in the affine maps that read them: one must stand between.
      if case .activation(let source, _) = part.nodes[index].kind, case .activation = part.nodes[source].kind {
        throw NotProved(
          "'\(part.nodes[index].name)' reads an activation without a map between: the proof for all frequencies does not cover it")
      }
      return UnitSectors(lower: own.lower.map { _ in 0 }, upper: own.upper)
    }
  }

  /// Q at a frequency with |ŷ|² ≤ x̂*Qx̂, as a real symmetric matrix over the phases and channels of the input.
  ///
  /// - Parameters:
  ///   - frequency: θ.
  ///   - g: a factor of at least 1 that multiplies what every activation gives, and √g the output; with multipliers of at most 28 bits and
  ///     a factor of at most 25 the products t·g are exact.
  ///   - isCancelled: asked now and then; a cancelled proof throws.
  /// - Throws: ``NotProved``.
  public func inputGain(at frequency: Frequency, factor g: Double = 1, isCancelled: () -> Bool = { false }) throws -> Matrix<Double> {
    guard frequency.isValid else { throw NotProved("a frequency is not a fraction of small numbers") }
    let last = part.nodes.count - 1
    var value = ValueFunction(node: last, gain: outputGain(factor: g))
    var position = multipliers.count
    for index in stride(from: last, through: 1, by: -1) {
      let node = part.nodes[index]
      if case .activation = node.kind { position -= 1 }
      guard value.isLive(index) else { continue }
      do {
        switch node.kind {
        case .input: break
        case .affine(let terms):
          let maps = terms.map { source, map in
            let isActivation = if case .activation = part.nodes[source].kind { true } else { false }
            let response = part.response(of: map, to: index, at: frequency, factor: isActivation ? g : 1)
            return (key: source, map: CertifiedMap(sparse: response))
          }
          try value.substitute(index, by: maps, isCancelled: isCancelled)
        case .activation(let source, _):
          let order = part.order(of: index)
          let channels = node.map.channels
          let (own, t) = (sectors[position], multipliers[position])
          let spread = UnitSectors(
            lower: (0..<order).map { own.lower[$0 % channels] }, upper: (0..<order).map { own.upper[$0 % channels] })
          try value.eliminate(
            index, preactivation: source, count: order, sectors: spread, multipliers: (0..<order).map { t[$0 % channels] * g },
            isCancelled: isCancelled)
        }
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("at '\(node.name)': \(error)")
      }
    }
    let order = part.order(of: 0)
    return value.isLive(0) ? value.q : Matrix(rows: order, columns: order)
  }

  /// Proves |ŷ|² ≤ ρ |x̂|² at a frequency.
  ///
  /// - Parameters:
  ///   - rho: ρ.
  ///   - frequency: θ.
  ///   - g: as for ``inputGain(at:factor:isCancelled:)``; then ρ/g is what is proved there.
  ///   - isCancelled: asked now and then; a cancelled proof throws.
  /// - Throws: ``NotProved``.
  public func prove(rho: Double, at frequency: Frequency, factor g: Double = 1, isCancelled: () -> Bool = { false }) throws {
    var difference = try inputGain(at: frequency, factor: g, isCancelled: isCancelled)
    let least = g == 1 ? rho : ErrorBounds.divideDown(rho, g)
    difference.negate()
    for i in 0..<difference.rows { difference[i, i] = (least + difference[i, i]).nextDown }
    do {
      try VerifiedElimination.provePositive(&difference, isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("at the input: \(error)")
    }
  }

  /// Proves |ŷ|² ≤ ρ |x̂|² at many frequencies, in parallel.
  ///
  /// - Returns: for every frequency why it was not proved, or `nil`.
  /// - Throws: ``NotProved`` when cancelled.
  func attempt(rho: Double, at frequencies: [Frequency], factor: Double = 1, isCancelled: () -> Bool) throws -> [NotProved?] {
    var results = [NotProved?](repeating: nil, count: frequencies.count)
    try results.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      let cost = part.nodes.indices.reduce(0x1p16) { sum, index in
        let order = Double(part.order(of: index))
        return sum + order * order * order
      }
      try Interruptible.run(frequencies.count, cost: cost, isCancelled: isCancelled) { index in
        do {
          try prove(rho: rho, at: frequencies[index], factor: factor)
        } catch {
          shared.base[index] = error as? NotProved ?? NotProved("\(error)")
        }
      }
    }
    return results
  }

  /// The gain of the boundary at a frequency: at least G for every phase and both parts, times g, and times g² more when the boundary is an
  /// activation, whose values are multiplied by g.
  private func outputGain(factor: Double) -> Matrix<Double> {
    let last = part.nodes.count - 1
    let isActivation = if case .activation = part.nodes[last].kind { true } else { false }
    let g = factor > 1 && isActivation ? ErrorBounds.multiplyUp(factor * factor, factor) : factor
    let order = part.order(of: last)
    guard let gain = boundaryGain else {
      var result = Matrix<Double>.identity(order)
      for i in 0..<order { result[i, i] = g }
      return result
    }
    let channels = gain.rows
    var result = Matrix<Double>(rows: order, columns: order)
    for block in stride(from: 0, to: order, by: channels) {
      for i in 0..<channels {
        var rounding = 0.0
        for j in 0..<channels {
          // The lower triangle is what was proved; the upper one mirrors it.
          let entry = gain[max(i, j), min(i, j)] * g
          result[block + i, block + j] = entry
          rounding = ErrorBounds.addUp(rounding, entry.magnitude * 0x1p-52 + 0x1p-1000)
        }
        result[block + i, block + i] = ErrorBounds.addUp(result[block + i, block + i], rounding)
      }
    }
    return result
  }
}
