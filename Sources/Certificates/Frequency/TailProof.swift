import LinearAlgebra
import Networks

/// Proves a gain G per pixel for the network behind a convolutional part: |dy|² ≤ Σ over pixels dz′G dz, z having one value per channel.
public struct TailProof: Sendable {
  /// |dy|² ≤ dz′Q dz over the flat vector z, channel by channel.
  public let gain: Matrix<Double>
  private let channels: Int
  private let pixels: Int

  /// Runs the recursion over the tail.
  ///
  /// - Throws: ``NotProved``.
  public init(part: ConvolutionalPart, multipliers: [[Double]], isCancelled: () -> Bool = { false }) throws {
    guard let tail = part.tail, let boundary = part.nodes.last?.map else { throw NotProved("nothing follows the convolutional part") }
    gain = try GainProof(network: tail, sectors: tail.globalSectors, multipliers: multipliers, isCancelled: isCancelled).inputGain
    (channels, pixels) = (boundary.channels, boundary.pixels)
  }

  /// Proves G > 0 and G ⊗ I − Q > 0, of which the lower triangle of G is read.
  ///
  /// - Throws: ``NotProved``.
  public func prove(boundaryGain g: Matrix<Double>, isCancelled: () -> Bool = { false }) throws {
    guard g.rows == channels, g.columns == channels, g.elements.allSatisfy(\.isFinite) else {
      throw NotProved("the gain at the boundary must be a finite matrix of order \(channels)")
    }
    var own = g
    do { try VerifiedElimination.provePositive(&own, isCancelled: isCancelled) } catch let error as NotProved
      where error != Interruptible.cancelled
    {
      throw NotProved("the gain at the boundary: \(error)")
    }
    var difference = gain
    difference.negate()
    var slack = [Double](repeating: 0, count: channels * pixels)
    for i in 0..<channels {
      for j in 0...i {
        for pixel in 0..<pixels {
          let (row, column) = (i * pixels + pixel, j * pixels + pixel)
          let entry = g[i, j] + difference[row, column]
          difference[row, column] = entry
          // One rounding of an entry and its mirror image, each dominated by the diagonal.
          let rounding = entry.magnitude * 0x1p-52
          slack[row] = ErrorBounds.addUp(slack[row], rounding)
          if i != j { slack[column] = ErrorBounds.addUp(slack[column], rounding) }
        }
      }
    }
    do { try VerifiedElimination.provePositive(&difference, slack: slack, isCancelled: isCancelled) } catch let error as NotProved
      where error != Interruptible.cancelled
    {
      throw NotProved("the gain at the boundary does not dominate what follows: \(error)")
    }
  }
}
