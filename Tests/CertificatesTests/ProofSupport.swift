import LinearAlgebra
import Networks

@testable import Certificates

/// A bound proved with simple multipliers: those of the largest row sums.
struct ProvedBound {
  let network: LoweredNetwork
  let sectors: [UnitSectors]
  let proof: GainProof
  /// d for every input coordinate.
  let inputWeights: [Double]
  let bound: Double

  /// Multipliers of the row sums of |Q_hh| at every node, times `factor`.
  static func proof(_ network: LoweredNetwork, sectors: [UnitSectors], factor: Double = 1.1) throws -> GainProof {
    try GainProof(network: network, sectors: sectors) { position, stage in
      let gain = stage.units
      return (0..<gain.rows).map { i in
        let sector = sectors[position]
        let (c, d) = (0.5 * (sector.lower[i] + sector.upper[i]), 0.5 * (sector.upper[i] - sector.lower[i]))
        let sum = (0..<gain.rows).reduce(0.0) { $0 + gain[i, $1].magnitude }
        return d > 0 ? Self.shortened(max(2, 1 + c.magnitude / d) * factor * sum) : 0
      }
    }
  }

  /// A number with ten significant bits, within 0.1 %.
  static func shortened(_ value: Double) -> Double {
    guard value > 0, value.isFinite else { return value }
    return (value.significand * 0x1p9).rounded() * 0x1p-9 * Double(sign: .plus, exponent: Int(value.exponent), significand: 1)
  }

  init(_ lowered: LoweredNetwork, output: OutputSelection = .all, norm: InputNorm = .l2, sectors: [UnitSectors]? = nil) throws {
    network = try lowered.selecting(output)
    self.sectors = sectors ?? network.globalSectors
    proof = try Self.proof(network, sectors: self.sectors)
    let q = proof.inputGain
    switch norm {
    case .l2:
      let rho = max(1e-30, try q.largestSymmetricEigenpair().value) * (1 + 1e-10)
      inputWeights = Array(repeating: rho, count: q.rows)
      bound = ErrorBounds.sqrtUp(rho)
    case .lInfinity:
      inputWeights = (0..<q.rows).map { i in (0..<q.rows).reduce(1e-30) { $0 + q[i, $1].magnitude } * (1 + 1e-10) }
      bound = ErrorBounds.sqrtUp(inputWeights.reduce(0) { ErrorBounds.addUp($0, $1) })
    case .l1:
      inputWeights = [proof.columnGains.max() ?? 0]
      bound = ErrorBounds.sqrtUp(inputWeights[0])
      return
    }
    try proof.prove(inputWeights: inputWeights)
  }

  /// The exact decision about the same multipliers with the input weights scaled.
  func exact(scale: Double) throws -> Bool {
    try ExactCheck.isPositiveDefinite(
      network, sectors: sectors, multipliers: proof.multipliers, inputWeights: inputWeights.map { $0 * scale })
  }
}
