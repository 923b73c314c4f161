import Certificates
import LinearAlgebra
import Networks

/// Multipliers for a network with a convolutional part, made feasible on the way from the output to the input.
struct FrequencyBound {
  /// The recursion over the convolutional part.
  let proof: FrequencyProof
  /// Multipliers of the units behind it.
  let unitMultipliers: [[Double]]

  /// The tail's part of the search: its gain per pixel, with the recursion that dominates it.
  struct Tail {
    var multipliers: [[Double]]
    var gain: Matrix<Double>
    /// What the iteration's own gain had to be multiplied with.
    var factor: Double
  }

  /// Candidates for the boundary's gain from the iteration's: its multipliers inflated until the tail's recursion runs, and G + ε diag G
  /// scaled until it dominates, for several ε.
  static func tails(_ part: ConvolutionalPart, _ iteration: TailIteration, isCancelled: () -> Bool) throws -> [Tail] {
    guard let network = part.tail, let boundary = part.nodes.last?.map else { return [] }
    let inflate = UniformInflation(network)
    for inflation in [0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1, 10] {
      let multipliers = inflate(iteration.multipliers, by: inflation)
      let tail: TailProof
      do { tail = try TailProof(part: part, multipliers: multipliers, isCancelled: isCancelled) } catch {
        if isCancelled() { throw error }
        continue
      }
      let channels = boundary.channels
      let trace = (0..<channels).reduce(0) { $0 + iteration.gain[$1, $1] }
      return [1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2].compactMap { shift in
        var gain = iteration.gain
        for i in 0..<channels { gain[i, i] += shift * gain[i, i] + 1e-14 * trace / Double(channels) }
        guard let factor = dominating(gain, tail.gain, pixels: boundary.pixels), factor.isFinite, factor > 0 else { return nil }
        let safe = factor * (1 + 1e-8)
        gain.scale(by: safe)
        return Tail(multipliers: multipliers, gain: gain, factor: safe)
      }
    }
    return []
  }

  /// λ_max of (G ⊗ I)^{−1/2} Q (G ⊗ I)^{−1/2}: the least factor with which G ⊗ I dominates Q.
  private static func dominating(_ g: Matrix<Double>, _ q: Matrix<Double>, pixels: Int) -> Double? {
    guard let lower = try? g.cholesky() else { return nil }
    let channels = g.rows
    // (L⁻¹ ⊗ I) x, or its transpose, the pixels being columns.
    func solve(_ x: [Double], transposing: Bool) -> [Double] {
      var m = Matrix(rows: channels, columns: pixels, elements: x)
      for step in 0..<channels {
        let i = transposing ? channels - 1 - step : step
        let others = transposing ? i + 1..<channels : 0..<i
        for k in others {
          let factor = transposing ? lower[k, i] : lower[i, k]
          if factor != 0 { for p in 0..<pixels { m[i, p] -= factor * m[k, p] } }
        }
        for p in 0..<pixels { m[i, p] /= lower[i, i] }
      }
      return m.elements
    }
    let pairs = try? Lanczos(tolerance: 1e-10).largestEigenpairs(1, order: q.rows) { x in
      solve(q.multiplied(by: solve(x, transposing: true)), transposing: false)
    }
    return pairs?.first?.value
  }

  /// ρ at each frequency, an estimate from above by rounding only; infinite where the recursion fails.
  func rhos(at frequencies: [Frequency]) -> [Double] {
    var result = [Double](repeating: .infinity, count: frequencies.count)
    result.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return }
      ParallelFor.run(frequencies.count) { index in
        if let gain = try? proof.inputGain(at: frequencies[index]), let rho = try? gain.largestEigenvalueEstimate() {
          shared.base[index] = max(0, rho)
        }
      }
    }
    return result
  }

  /// The best of several inflations and gains, by the greatest ρ at some frequencies; `nil` when all fail.
  static func best(
    _ iteration: FrequencyIteration, tails: [Tail], startingAtZero: Bool, isCancelled: () -> Bool
  ) -> (bound: FrequencyBound, rho: Double)? {
    let part = iteration.part
    var best: (bound: FrequencyBound, rho: Double)?
    let depth = Double(max(1, iteration.multipliers.count))
    for tail in part.tail == nil ? [nil] : tails.map(Optional.some) {
      for inflation in [0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1] {
        if isCancelled() && best != nil { return best }
        let multipliers = iteration.multipliers.enumerated().map { position, own in
          let power = iteration.multipliers.count - position
          let factor = (0..<power).reduce(tail?.factor ?? 1) { product, _ in product * (1 + inflation / depth) }
          // Few bits, so that products with the factors of cells are exact.
          return own.map { FrequencyCells.shortened($0 * factor) }
        }
        guard
          let proof = try? FrequencyProof(
            part: part, multipliers: multipliers, boundaryGain: tail?.gain, startingAtZero: startingAtZero)
        else { continue }
        let bound = FrequencyBound(proof: proof, unitMultipliers: tail?.multipliers ?? [])
        let rho = bound.rhos(at: iteration.frequencies).max() ?? .infinity
        if rho < best?.rho ?? .infinity {
          best = (bound, rho)
        } else if rho.isFinite {
          break
        }
      }
    }
    return best
  }
}
