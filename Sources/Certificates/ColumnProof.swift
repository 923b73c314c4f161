import LinearAlgebra
import Networks

/// The proof of a bound in the l₁ norm of the inputs from several sets of multipliers.
///
/// Each set m proves |f(x) − f(x′)|² ≤ z′ Q⁽ᵐ⁾ z for z = x − x′. When x and x′ differ in coordinate j alone this is q⁽ᵐ⁾_jj z_j², for every m, so
/// L_j = min over m of √q⁽ᵐ⁾_jj bounds the gain of that coordinate. Moving the coordinates one after the other,
/// |f(x) − f(x′)| ≤ Σ L_j |z_j| ≤ max L_j |z|₁.
public struct ColumnProof: Codable, Sendable, Equatable {
  /// The sets: for each of them one list for each activation node, one t ≥ 0 for each unit.
  public var multipliers: [[[Double]]]

  /// Collects the sets.
  public init(multipliers: [[[Double]]]) { self.multipliers = multipliers }

  /// The bound, rounded up, for the statement's outputs.
  ///
  /// - Throws: ``NotProved``, when some set proves nothing as well.
  func prove(_ network: LoweredNetwork, statement: Statement, memoryLimit: Int, isCancelled: () -> Bool) throws -> Double {
    guard statement.inputNorm == .l1 else { throw NotProved("bounds by columns are about the l1 norm") }
    guard !multipliers.isEmpty else { throw NotProved("there are no multipliers") }
    let selected = try network.selecting(statement.output)
    try CostEstimate(of: selected).require(memoryLimit: memoryLimit)
    var least = [Double](repeating: .infinity, count: network.inputCount)
    for set in multipliers {
      let proof = try GainProof(network: selected, sectors: network.globalSectors, multipliers: set, isCancelled: isCancelled)
      for (j, gain) in proof.columnGains.enumerated() where gain < least[j] { least[j] = gain }
    }
    return try Self.bound(columnGains: least)
  }

  /// √ of the largest of the gains, rounded up.
  ///
  /// - Throws: ``NotProved`` when a gain is NaN or infinite.
  public static func bound(columnGains gains: [Double]) throws -> Double {
    guard gains.allSatisfy(\.isFinite) else { throw NotProved("the gain of an input is not finite") }
    return ErrorBounds.sqrtUp(gains.reduce(0) { max($0, $1) })
  }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    sha.update(UInt64(multipliers.count))
    for set in multipliers { sha.update(lists: set) }
  }
}
